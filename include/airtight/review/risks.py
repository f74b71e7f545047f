"""The risk register as it stands: scores against the appetite, what is due for re-assessment, acceptances that end.

Scores are likelihood x impact on a scale from 1 to 5 each (ISO/IEC 42001 fixes no scale; this one is ours). A risk
that does not fit the scale, or whose score is not the product, is named; it has no square in the picture, and is never
moved into one.
A tier that is not known counts as high, a risk of no AI system as medium, as in RM-01.T1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from airtight.review.registers import AiSystem, Risk
from airtight.review.triggers import Trigger

SCALE = 5


@dataclass(frozen=True)
class Limits:
    """Days: between assessments by tier, from a trigger to its assessment, and of notice before something is due."""

    high: int = 92
    medium: int = 184
    low: int = 366
    trigger: int = 30
    notice: int = 30


@dataclass(frozen=True)
class Place:
    """A square of the matrix; both from 1 to 5."""

    likelihood: int
    impact: int

    @property
    def score(self) -> int:
        return self.likelihood * self.impact


@dataclass(frozen=True)
class RiskRow:
    """An open risk: where it stands before and after treatment; ``above`` its appetite or not, None: not known."""

    risk_id: str
    title: str
    category: str
    ai_system_id: str | None
    tier: str
    owner_id: str | None
    treatment: str
    inherent: Place | None
    residual: Place | None
    appetite: int | None
    above: bool | None


@dataclass(frozen=True)
class Due:
    """A re-assessment that is due or soon will be.

    Attributes:
        subject: the risk, or the AI system or obligation whose risks are meant.
        cause: why: the interval of the tier, or what happened; ``ref`` names it.
        since: the last assessment, or the day of the trigger.
        due: the last day for it; None: it never took place, and is due at once.
    """

    subject: str
    cause: str
    ref: str
    since: date | None
    due: date | None
    overdue: bool


class Acceptance(StrEnum):
    """How a residual risk above the appetite is accepted."""

    RUNS = "runs"
    ENDS_SOON = "ends soon"
    EXPIRED = "expired"
    MISSING = "missing"


@dataclass(frozen=True)
class Accepted:
    """Who bears a residual risk, and until when (the last day of it)."""

    risk_id: str
    state: Acceptance
    accepted_by: str | None
    until: date | None


@dataclass(frozen=True)
class RiskReview:
    """The register of a day, looked at; ``problems`` names every risk that does not fit, one sentence each."""

    day: date
    rows: tuple[RiskRow, ...]
    due: tuple[Due, ...]
    acceptances: tuple[Accepted, ...]
    problems: tuple[str, ...]


def review_risks(
    risks: Sequence[Risk],
    systems: Sequence[AiSystem] | None,
    triggers: Iterable[Trigger],
    limits: Limits,
    day: date,
    earlier: Sequence[Risk] = (),
) -> RiskReview:
    """The open risks of a day.

    Args:
        systems: the AI inventory, for tiers; None: not sealed, and every system counts as high.
        triggers: what happened that asks for a new assessment.
        earlier: what the register held on the days since: a later assessment may name another trigger.
    """
    tiers = {system.ai_system_id: system.risk_tier for system in systems or ()}
    open_risks = [risk for risk in risks if risk.closed_at is None]
    rows = [_row(risk, tiers) for risk in open_risks]
    due = [*_by_tier(open_risks, tiers, limits, day), *_by_trigger([*risks, *earlier], triggers, limits, day)]
    return RiskReview(
        day=day,
        rows=tuple(sorted(rows, key=_worst_first)),
        due=tuple(sorted(due, key=lambda each: (each.due or date.min, each.subject, each.cause, each.ref))),
        acceptances=tuple(accepted for risk in open_risks if (accepted := _acceptance(risk, limits, day))),
        problems=tuple(problem for risk in open_risks for problem in _problems(risk)),
    )


def name_of(risk: Risk) -> str:
    """Its id, or words for one without."""
    return risk.risk_id or "a risk without id"


def _row(risk: Risk, tiers: Mapping[str | None, str | None]) -> RiskRow:
    residual = _place(risk.residual_likelihood, risk.residual_impact)
    return RiskRow(
        risk_id=name_of(risk),
        title=risk.title or "",
        category=risk.category or "",
        ai_system_id=risk.ai_system_id,
        tier=_tier(risk, tiers),
        owner_id=risk.owner_id,
        treatment=risk.treatment or "",
        inherent=_place(risk.likelihood, risk.impact),
        residual=residual,
        appetite=risk.appetite,
        above=None if residual is None or risk.appetite is None else residual.score > risk.appetite,
    )


def _place(likelihood: int | None, impact: int | None) -> Place | None:
    on_scale = all(value is not None and 1 <= value <= SCALE for value in (likelihood, impact))
    return Place(likelihood, impact) if on_scale and likelihood and impact else None


def _tier(risk: Risk, tiers: Mapping[str | None, str | None]) -> str:
    if risk.ai_system_id is None:
        return "medium"
    return tiers.get(risk.ai_system_id) or "high"


def _worst_first(row: RiskRow) -> tuple[int, int, str]:
    return (
        -(row.residual.score if row.residual else SCALE * SCALE + 1),
        -(row.inherent.score if row.inherent else SCALE * SCALE + 1),
        row.risk_id,
    )


def _by_tier(risks: Iterable[Risk], tiers: Mapping[str | None, str | None], limits: Limits, day: date) -> Iterator[Due]:
    days = {"medium": limits.medium, "low": limits.low}
    for risk in risks:
        tier = _tier(risk, tiers)
        cause = f"interval of tier {tier}"
        if risk.last_assessed_at is None:
            yield Due(name_of(risk), cause, "never assessed", None, None, overdue=True)
            continue
        # the interval runs to the end of the day, as RM-01.T1 counts it
        due = risk.last_assessed_at + timedelta(days=days.get(tier, limits.high) - 1)
        if due - day <= timedelta(days=limits.notice):
            yield Due(name_of(risk), cause, "", risk.last_assessed_at, due, overdue=due < day)


def _by_trigger(risks: Sequence[Risk], triggers: Iterable[Trigger], limits: Limits, day: date) -> Iterator[Due]:
    for trigger in triggers:
        if trigger.happened <= day and not any(_answers(risk, trigger) for risk in risks):
            due = trigger.happened + timedelta(days=limits.trigger)
            yield Due(trigger.subject, trigger.cause, trigger.ref, trigger.happened, due, overdue=due < day)


def _answers(risk: Risk, trigger: Trigger) -> bool:
    about = trigger.ai_system_id is not None and risk.ai_system_id == trigger.ai_system_id
    named = risk.trigger_ref == trigger.ref
    return (about or named) and risk.last_assessed_at is not None and risk.last_assessed_at >= trigger.happened


def _acceptance(risk: Risk, limits: Limits, day: date) -> Accepted | None:
    """How the residual risk is accepted; None where it needs no acceptance and has none."""
    residual = _place(risk.residual_likelihood, risk.residual_impact)
    within = residual is not None and risk.appetite is not None and residual.score <= risk.appetite
    if risk.accepted_by is None or risk.accepted_until is None:
        return None if within else Accepted(name_of(risk), Acceptance.MISSING, risk.accepted_by, risk.accepted_until)
    left = (risk.accepted_until - day).days
    state = Acceptance.EXPIRED if left < 0 else Acceptance.ENDS_SOON if left <= limits.notice else Acceptance.RUNS
    return Accepted(name_of(risk), state, risk.accepted_by, risk.accepted_until)


def _problems(risk: Risk) -> Iterator[str]:
    name = name_of(risk)
    for measure in ("likelihood", "impact", "residual_likelihood", "residual_impact"):
        value = getattr(risk, measure)
        if value is None:
            yield f"{name} has no {measure.replace('_', ' ')}."
        elif not 1 <= value <= SCALE:
            yield f"{name}: {measure.replace('_', ' ')} {value} is not on the scale from 1 to {SCALE}."
    for kind, stated, place in (
        ("inherent", risk.inherent, _place(risk.likelihood, risk.impact)),
        ("residual", risk.residual, _place(risk.residual_likelihood, risk.residual_impact)),
    ):
        if place and stated != place.score:
            yield f"{name}: the {kind} score is {stated}, and {place.likelihood} x {place.impact} is {place.score}."
    if risk.appetite is None:
        yield f"{name} has no appetite."
