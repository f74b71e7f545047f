"""Maturity of each domain of controls on the product's own scale from 0 to 5, beside conformity, never instead of it.

Neither SOC 2 nor ISO/IEC 42001 knows levels of maturity. A domain is a group of controls whose ids begin alike (GV, RM,
AC ...). Each level asks for all below it:

====  ==========  =====================================================================================================
  1   defined     a control of the domain is active
  2   designed    every active control has a design record, judged by another role than its owner
  3   measured    80 percent of the results due in the period are there, and 80 percent of all are conclusive
  4   effective   90 percent of the conclusive results pass, and 80 percent of the tests need no person to attest
  5   sustained   levels 3 and 4 in the period before as well, and no finding of the domain is overdue
====  ==========  =====================================================================================================

The period is 92 days; a year for a domain none of whose controls is due more often than twice a year.

*Conformity* is the share of the domain's active controls whose last result passes. What is waived does not pass;
deviations within a tolerance that was approved beforehand do. What is not known does not count for a level.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from airtight.domain.control import Control
from airtight.review.maturity_steps import Judged, Step, is_active, passes, steps_of
from airtight.review.registers import Finding, MaturityScore

#: What a domain aims at where nobody set a target.
USUAL_TARGET = 3
NAMES = {
    "AC": "Access",
    "AU": "Audit, findings and review",
    "CF": "Classification and retention",
    "CH": "Change",
    "DT": "Data for AI",
    "DV": "Development of AI",
    "EV": "Evidence",
    "GA": "Generative AI in use",
    "GV": "Governance",
    "IA": "Impact assessment",
    "IN": "Inventory and lineage",
    "IR": "Incidents",
    "MO": "Monitoring of AI",
    "OP": "Operations",
    "PO": "Policies and exceptions",
    "PV": "Privacy",
    "RM": "Risk",
    "TN": "Training and competence",
    "TP": "Third parties",
    "TR": "Transparency",
}


@dataclass(frozen=True)
class DomainMaturity:
    """A domain: its level, and beside it how it conforms.

    Attributes:
        level: the highest of which it and all below are reached.
        target: what the register asks for; ``assessed`` what people scored last, None where nothing is sealed.
        passing, controls: active controls whose last result passes, and all active ones: conformity.
        evidence: identities of the results bundles that hold the last results.
    """

    domain: str
    name: str
    level: int
    target: int
    assessed: int | None
    passing: int
    controls: int
    steps: tuple[Step, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Maturity:
    """All domains of a day; ``mean`` and ``lowest`` are of their levels, None where there is no domain."""

    day: date
    domains: tuple[DomainMaturity, ...]

    @property
    def mean(self) -> float | None:
        levels = [each.level for each in self.domains]
        return round(sum(levels) / len(levels), 1) if levels else None

    @property
    def lowest(self) -> int | None:
        return min((each.level for each in self.domains), default=None)


def maturity_of(
    controls: Iterable[Control],
    judged: Sequence[Judged],
    findings: Sequence[Finding] | None,
    scores: Sequence[MaturityScore],
    day: date,
) -> Maturity:
    """The maturity of every domain as of a day.

    Args:
        judged: roll-up and test lines of the last two periods, superseded ones left out, by day.
        findings: None: not sealed, and no domain is known to be free of overdue ones.
        scores: the register of scores, for targets and what people assessed.
    """
    domains: defaultdict[str, list[Control]] = defaultdict(list)
    for control in controls:
        domains[domain_of(control.id)].append(control)
    lines: defaultdict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        lines[domain_of(each.line.control)].append(each)
    register = _Register(scores, day)
    return Maturity(
        day, tuple(_domain(name, domains[name], lines[name], findings, register, day) for name in sorted(domains))
    )


def domain_of(control: str) -> str:
    """The letters that a control's id begins with."""
    return control.partition("-")[0]


@dataclass(frozen=True)
class _Register:
    scores: Sequence[MaturityScore]
    day: date

    def latest(self, domain: str, basis: str | None = None) -> MaturityScore | None:
        known = [s for s in self.scores if s.domain == domain and s.as_of and s.as_of <= self.day]
        kept = [score for score in known if basis in (None, score.basis)]
        return max(kept, key=lambda score: (score.as_of or date.min, score.basis or ""), default=None)


def _domain(
    name: str,
    controls: Sequence[Control],
    judged: Sequence[Judged],
    findings: Sequence[Finding] | None,
    register: _Register,
    day: date,
) -> DomainMaturity:
    active = [control for control in controls if is_active(control, day)]
    steps = tuple(steps_of(active, judged, findings, day))
    last = {each.line.control: each for each in judged if not each.line.test}
    mine = [last[control.id] for control in active if control.id in last]
    target, assessed = register.latest(name), register.latest(name, "assessed")
    return DomainMaturity(
        domain=name,
        name=NAMES.get(name, name),
        level=_level(steps),
        target=target.target if target and target.target is not None else USUAL_TARGET,
        assessed=assessed.score if assessed else None,
        passing=sum(passes(each.line) for each in mine),
        controls=len(active),
        steps=steps,
        evidence=tuple(sorted({each.bundle for each in mine})),
    )


def _level(steps: Iterable[Step]) -> int:
    level = 0
    for step in steps:
        if not step.reached:
            return level
        level = step.level
    return level


def as_rows(maturity: Maturity) -> list[Mapping[str, str | int | list[str] | None]]:
    """The computed scores as rows of the population ``maturity_scores``."""
    return [
        {
            "domain": each.domain,
            "as_of": maturity.day.isoformat(),
            "score": each.level,
            "target": each.target,
            "basis": "computed",
            "evidence_refs": list(each.evidence),
            "assessed_by": None,
        }
        for each in maturity.domains
    ]
