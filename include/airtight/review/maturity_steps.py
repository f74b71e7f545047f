"""The levels of maturity of one domain, step by step, each with the fact that decides it. See ``maturity``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from airtight.domain.bundle import ResultLine
from airtight.domain.control import Control, LifeCycle
from airtight.domain.period import Frequency
from airtight.domain.result import ResultState
from airtight.review.failures import share
from airtight.review.registers import Finding

PERIOD, YEAR = timedelta(days=92), timedelta(days=366)
#: Controls that are due this seldom ask for results of two years.
SELDOM = (Frequency.SEMI_ANNUAL, Frequency.ANNUAL)
RECEIVED, CONCLUSIVE, PASSING, AUTOMATED = 0.8, 0.8, 0.9, 0.8
_UNKNOWN = (ResultState.INCONCLUSIVE, ResultState.NOT_COLLECTED)


@dataclass(frozen=True)
class Judged:
    """A line of results, with its day and the bundle that holds it."""

    day: date
    bundle: str
    line: ResultLine


@dataclass(frozen=True)
class Step:
    """One level: what it asks for, whether that is so, and the fact."""

    level: int
    name: str
    reached: bool
    fact: str


def is_active(control: Control, day: date) -> bool:
    """Whether a control counts on a day."""
    stage = control.stage_on(day)
    return stage is not None and stage.state is LifeCycle.ACTIVE


def steps_of(
    active: Sequence[Control], judged: Sequence[Judged], findings: Sequence[Finding] | None, day: date
) -> Iterator[Step]:
    """What each level asks for, and whether it is so, from the first to the last.

    Args:
        active: the active controls of the domain.
        judged: results of the domain, by day.
    """
    yield Step(1, "defined", bool(active), f"{len(active)} active controls.")
    designed = sum(bool(each.design and each.design.evaluator.casefold() != each.owner.casefold()) for each in active)
    fact = f"{share(designed, len(active))} have a design record, judged by another role."
    yield Step(2, "designed", bool(active) and designed == len(active), fact)
    names = {control.id for control in active}
    mine = [each for each in judged if each.line.control in names]
    length = YEAR if all(control.frequency in SELDOM for control in active) else PERIOD
    recent, before = _Period(active, mine, day, length), _Period(active, mine, day - length, length)
    yield Step(3, "measured", *_measured(recent))
    kinds = [test.kind for control in active for test in control.tests]
    automated = sum(kind != "attestation" for kind in kinds)
    passing, told = _effective(recent)
    fact = f"{told} {share(automated, len(kinds))} of the tests need no person to attest."
    yield Step(4, "effective", passing and _at_least(automated, len(kinds), AUTOMATED), fact)
    yield Step(5, "sustained", *_sustained(before, names, findings, day))


@dataclass(frozen=True)
class _Period:
    """The results of some controls in the days that end with ``last``."""

    controls: Sequence[Control]
    judged: Sequence[Judged]
    last: date
    length: timedelta

    @property
    def due(self) -> int:
        """How many results the controls owed."""
        days = [self.last - timedelta(days=ago) for ago in range(self.length.days)]
        return sum(is_active(control, day) and control.is_due(day) for control in self.controls for day in days)

    @property
    def received(self) -> int:
        return len({(each.day, each.line.control) for each in self._within() if not each.line.test})

    @property
    def tests(self) -> list[Judged]:
        """Results of tests; what did not apply is left out."""
        left_out = ResultState.NOT_APPLICABLE
        return [each for each in self._within() if each.line.test and each.line.state is not left_out]

    def _within(self) -> list[Judged]:
        return [each for each in self.judged if self.last - self.length < each.day <= self.last]


def _measured(period: _Period) -> tuple[bool, str]:
    due, received = period.due, period.received
    known = sum(each.line.state not in _UNKNOWN for each in period.tests)
    enough = _at_least(received, due, RECEIVED) and _at_least(known, len(period.tests), CONCLUSIVE)
    told = f"{share(received, due)} of the results due in {period.length.days} days are there"
    return enough, f"{told}; {share(known, len(period.tests))} of their tests are conclusive."


def _effective(period: _Period) -> tuple[bool, str]:
    known = [each for each in period.tests if each.line.state not in _UNKNOWN]
    good = sum(passes(each.line) for each in known)
    return _at_least(good, len(known), PASSING), f"{share(good, len(known))} of the conclusive results pass."


def _sustained(before: _Period, names: set[str], findings: Sequence[Finding] | None, day: date) -> tuple[bool, str]:
    held = _measured(before)[0] and _effective(before)[0]
    told = (
        "Measured and effective in the period before." if held else "Not measured and effective in the period before."
    )
    if findings is None:
        return False, f"{told} No findings are sealed, so whether any is overdue is not known."
    late = [each for each in findings if names.intersection(each.control_ids or ()) and _overdue(each, day)]
    return held and not late, f"{told} {len(late)} findings are overdue."


def _overdue(finding: Finding, day: date) -> bool:
    closed = finding.closed_at is not None and finding.closed_at.date() <= day
    return not closed and (finding.due_at is None or finding.due_at < day)


def _at_least(part: int, whole: int, least: float) -> bool:
    return whole > 0 and part / whole >= least


def passes(line: ResultLine) -> bool:
    """Passed, or deviated within the tolerance; a result that only waivers hold up does not pass."""
    if line.state is ResultState.EXCEPTIONS:
        return line.deviation_n > line.waived_n
    return line.state is ResultState.PASS
