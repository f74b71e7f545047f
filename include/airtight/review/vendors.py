"""Third-party risk: a score from 0 to 100 for each supplier, from vendor records, with every point explained.

    score = exposure (0 to 50) + weakness of assurance (0 to 50)

*Exposure* is what the supplier could do to us: tier (critical 25, high 18, medium 10, low 3, not known 25), provides
AI 10, subprocessor 5, sensitive data (personal, customer, confidential, secret, restricted, financial, health) 10.
*Weakness* is how little we know that it does well: latest assessment (rejected or none 20, conditional 8, older than
its date for review 10), assurance report (none 10, older than a year without a bridge letter 6), its exceptions not
evaluated 5, our part of the controls (CUECs) not mapped 5, a supplier of AI that left questions open 10. What is not
known counts as the worst. 60 and more is high, 35 and more medium, else low. No body fixes such a formula: this one
is ours, and the register's own verdict (``assessment_result``) stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from airtight.review.registers import Vendor

TIERS = {"critical": 25, "high": 18, "medium": 10, "low": 3}
WORST_TIER = 25
RESULTS = {"approved": 0, "conditional": 8, "rejected": 20, "none": 20}
WORST_RESULT = 20
SENSITIVE = frozenset(
    {"personal", "customer", "confidential", "secret", "restricted", "financial", "health", "special-category"}
)
QUESTIONS = frozenset({"training-on-our-data", "sub-processors", "evaluation", "change-notice"})
REPORT_DAYS = 365
HIGH, MEDIUM = 60, 35


@dataclass(frozen=True)
class Points:
    """Points and what they are for."""

    points: int
    reason: str


@dataclass(frozen=True)
class VendorScore:
    """The score of a supplier, its band, and the points that make it up."""

    vendor_id: str
    name: str
    tier: str
    score: int
    band: str
    exposure: int
    weakness: int
    points: tuple[Points, ...]
    assessment_result: str


def score_vendors(vendors: Iterable[Vendor], day: date) -> tuple[VendorScore, ...]:
    """Every supplier that is not offboarded, the highest score first."""
    scored = [_score(vendor, day) for vendor in vendors if vendor.status != "offboarded"]
    return tuple(sorted(scored, key=lambda each: (-each.score, each.vendor_id)))


def _score(vendor: Vendor, day: date) -> VendorScore:
    exposure, weakness = _given(_exposure(vendor)), _given(_weakness(vendor, day))
    parts = sum(each.points for each in exposure), sum(each.points for each in weakness)
    score = sum(parts)
    return VendorScore(
        vendor_id=vendor.vendor_id or "a supplier without id",
        name=vendor.name or "",
        tier=vendor.tier or "unknown",
        score=score,
        band="high" if score >= HIGH else "medium" if score >= MEDIUM else "low",
        exposure=parts[0],
        weakness=parts[1],
        points=(*exposure, *weakness),
        assessment_result=vendor.assessment_result or "unknown",
    )


def _given(points: Iterable[Points]) -> Sequence[Points]:
    return tuple(each for each in points if each.points)


def _exposure(vendor: Vendor) -> Iterator[Points]:
    yield Points(TIERS.get(vendor.tier or "", WORST_TIER), f"tier {vendor.tier or 'not known'}")
    yield Points(0 if vendor.provides_ai is False else 10, _known(vendor.provides_ai, "provides AI"))
    yield Points(0 if vendor.subprocessor is False else 5, _known(vendor.subprocessor, "subprocessor"))
    sensitive = sorted(SENSITIVE.intersection(vendor.data_classes or ()))
    unknown = vendor.data_classes is None
    told = "data classes are not known" if unknown else f"holds {', '.join(sensitive)} data"
    yield Points(10 if sensitive or unknown else 0, told)


def _known(value: bool | None, fact: str) -> str:
    return f"{fact}, as far as known" if value is None else fact


def _weakness(vendor: Vendor, day: date) -> Iterator[Points]:
    result = vendor.assessment_result or "unknown"
    judged = RESULTS.get(result, WORST_RESULT) if vendor.last_assessed_at else WORST_RESULT
    yield Points(judged, f"assessed: {result}" if vendor.last_assessed_at else "never assessed")
    late = judged < WORST_RESULT and (vendor.next_review_at is None or vendor.next_review_at < day)
    yield Points(10 if late else 0, f"review was due {vendor.next_review_at or 'on a day not known'}")
    yield _report(vendor, day)
    if vendor.assurance_report:
        yield Points(0 if vendor.exceptions_evaluated else 5, "exceptions of the report are not evaluated")
        yield Points(0 if vendor.cuecs_mapped else 5, "our part of its controls is not mapped")
    else:
        yield Points(10, "without a report, neither its exceptions nor our part of its controls are known")
    open_questions = sorted(QUESTIONS - set(vendor.ai_answers or ()))
    asked = vendor.provides_ai is not False and bool(open_questions)
    yield Points(10 if asked else 0, f"questions about AI left open: {', '.join(open_questions)}")


def _report(vendor: Vendor, day: date) -> Points:
    if not vendor.assurance_report:
        return Points(10, "no assurance report")
    spoken = [until for until in (vendor.report_period_end, vendor.bridge_letter_until) if until]
    if not spoken:
        return Points(6, "the period of the assurance report is not known")
    stale = vendor.report_period_end is None or (day - vendor.report_period_end).days > REPORT_DAYS
    bridged = vendor.bridge_letter_until is not None and vendor.bridge_letter_until >= day
    return Points(6 if stale and not bridged else 0, f"the assurance report speaks until {max(spoken)} only")
