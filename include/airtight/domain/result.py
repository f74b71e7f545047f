"""Results: what a control test found. A deviation is data; an error is not knowing; unknown is never pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from airtight.domain.control import Authorship, CellValue, ParameterValue
from airtight.domain.period import Window


class ResultState(StrEnum):
    """The six states of a result (see docs for how each counts)."""

    PASS = "pass"
    EXCEPTIONS = "exceptions"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_COLLECTED = "not-collected"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True)
class Deviation:
    """One item that departs from its control.

    Attributes:
        key: key column -> value, as text.
        details: the other columns of the row that the test returned (expected, observed, occurred_at ...).
        waiver: id of the waiver in force that covers it.
    """

    key: tuple[tuple[str, str], ...]
    details: tuple[tuple[str, CellValue], ...]
    waiver: str | None = None


@dataclass(frozen=True)
class Untested:
    """An item of the population that was not examined, with the reason."""

    key: tuple[tuple[str, str], ...]
    reason: str


@dataclass(frozen=True)
class Input:
    """A sealed population that a test rested on."""

    population: str
    partition: str
    source: str
    bundle: str
    """Identity (digest of the signed bytes) of the collection bundle."""
    sha256: str
    rows: int


@dataclass(frozen=True)
class TestResult:
    """What one control test found over one window.

    Attributes:
        deviations, untested: in the order of their keys.
        deviations_omitted, untested_omitted: how many more there are than are listed here; the counts and the state
            rest on all of them, and ``reason`` says that the list is cut.
    """

    __test__ = False  # not a pytest class

    control: str
    test: str
    state: ResultState
    reason: str
    window: Window
    population_n: int | None
    tested_n: int | None
    deviations: tuple[Deviation, ...]
    untested: tuple[Untested, ...]
    inputs: tuple[Input, ...]
    parameters: tuple[tuple[str, ParameterValue], ...]
    definition_sha256: str
    no_occurrence: bool = False
    causes: tuple[str, ...] = ()
    """Sources whose trouble kept the test from a verdict."""
    deviations_omitted: int = 0
    untested_omitted: int = 0

    @property
    def deviation_n(self) -> int:
        """All deviations, listed or not."""
        return len(self.deviations) + self.deviations_omitted

    @property
    def waived_n(self) -> int:
        return sum(deviation.waiver is not None for deviation in self.deviations)


@dataclass(frozen=True)
class ControlResult:
    """One result for one control on one due date: the roll-up of its tests."""

    control: str
    title: str
    owner: str
    partition: str
    state: ResultState
    reason: str
    tests: tuple[TestResult, ...]
    definition_sha256: str
    authorship: Authorship
    requirements: tuple[tuple[str, tuple[str, ...]], ...]
    planned: bool = False
    """Not active yet: it stays in the denominator, but opens no finding and sends no alert."""


def roll_up(states: Iterable[ResultState]) -> ResultState:
    """A control's state from its tests' states.

    Any fail is fail; else anything unknown is inconclusive; else any exceptions is exceptions; all
    not-applicable stays so; a control with no test at all is not-collected.
    """
    seen = set(states)
    if not seen:
        return ResultState.NOT_COLLECTED
    if seen == {ResultState.NOT_COLLECTED}:
        return ResultState.NOT_COLLECTED
    if ResultState.FAIL in seen:
        return ResultState.FAIL
    if seen & {ResultState.INCONCLUSIVE, ResultState.NOT_COLLECTED}:
        return ResultState.INCONCLUSIVE
    if ResultState.EXCEPTIONS in seen:
        return ResultState.EXCEPTIONS
    return ResultState.NOT_APPLICABLE if seen == {ResultState.NOT_APPLICABLE} else ResultState.PASS
