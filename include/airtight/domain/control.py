"""Controls and their tests: what the organisation does, and the procedure that examines it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from airtight.domain.period import Frequency, is_due

#: Parameter of every test of a control with a depth: the tiers that are due on the day.
DUE_TIERS = "due_tiers"

ParameterValue = str | int | float | bool | tuple[str, ...]
CellValue = str | int | float | bool | None | list["CellValue"] | dict[str, "CellValue"]
Row = Mapping[str, CellValue]


class LifeCycle(StrEnum):
    """Where a control stands in its life; planned controls stay in the denominator as not-collected."""

    PLANNED = "planned"
    ACTIVE = "active"
    RETIRED = "retired"
    NOT_APPLICABLE = "not-applicable"


class Nature(StrEnum):
    """Whether a control keeps something from happening, finds it, or mends it."""

    PREVENTIVE = "preventive"
    DETECTIVE = "detective"
    CORRECTIVE = "corrective"


class Operation(StrEnum):
    """Who performs a control: a machine, people, or both."""

    AUTOMATED = "automated"
    MANUAL = "manual"
    MIXED = "mixed"


@dataclass(frozen=True)
class Design:
    """How a control is meant to work; judged apart from whether it did.

    Attributes:
        risk: what could go wrong without it.
        precision: how small a departure it is fine enough to stop or to show.
        evaluator: role that judges the design, not the control's owner.
    """

    risk: str
    nature: Nature
    operation: Operation
    precision: str
    evaluator: str


@dataclass(frozen=True)
class Stage:
    """One entry of a control's life: from ``since`` on it is in ``state``, decided by ``approver``."""

    state: LifeCycle
    since: date
    approver: str
    reason: str


@dataclass(frozen=True)
class Case:
    """A worked example of a test: given rows, expected deviations. Run as a test and shown to auditors.

    Attributes:
        given: view -> rows; a column left out is null, a view left out is empty.
        deviations: the keys expected to deviate, each row a mapping of key columns.
        population, tested: expected number of keys; None: not compared.
        day: the last day of the window; the default makes windows end at 2026-07-01T00:00:00Z.
        parameters: values that differ from the test's own for this case.
        inconclusive: the test must refuse to judge, for instance because a population it requires is empty.
    """

    name: str
    given: Mapping[str, tuple[Row, ...]]
    deviations: tuple[Row, ...]
    population: int | None = None
    tested: int | None = None
    day: date = date(2026, 6, 30)
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    inconclusive: bool = False


@dataclass(frozen=True)
class CharterValue:
    """A parameter that the organisation's charter holds.

    Attributes:
        key: where it stands there, ``algorithmic_bias.demographic_parity_difference`` or ``escalation.hours``.
        default: what holds on a day without a charter, or whose charter does not state it.
        versions: value, the first day on which it is in force and the first on which it is not any more (None: it
            still is), in order of first days.
    """

    key: str
    default: ParameterValue
    versions: tuple[tuple[ParameterValue, date, date | None], ...]

    def on(self, day: date) -> ParameterValue:
        """The value in force on a day."""
        held = [value for value, first, until in self.versions if first <= day and (until is None or day < until)]
        return held[-1] if held else self.default


@dataclass(frozen=True)
class ControlTest:
    """One procedure. ``kind`` is ``sql`` or ``attestation``.

    Attributes:
        window: ``day``, ``month``, ``quarter`` or ``P<n>D``.
        populations: views that the SQL may read, and no others: a population's name, or ``<name>_history`` for
            every daily state of a snapshot or register over the window, with its day in ``_day``.
        requires: views that must hold rows; an empty one makes the test inconclusive.
        population: SELECT of the keys of all items that the control covers.
        tested: SELECT of the keys of those examined; None: all of the population. ``untested_reason`` says why
            the rest is not.
        deviations: SELECT of one row per deviation: the key columns, then expected, observed, occurred_at ...
        tolerance: deviations up to this share of the tested items are *exceptions*, above it *fail*.
        empty_ok: no item in the window is ``no_occurrence`` and passes, where completeness is proven.
        awaits: mechanism that a later release brings, with the reason; the result is then not-collected.
        attester: role of those who answer an attestation; never the control's owner. None: nobody is named.
        chartered: parameters whose value is that of the charter in force on the day; ``parameters`` has the default.
    """

    id: str
    title: str
    kind: str
    procedure: str
    window: str
    populations: tuple[str, ...]
    requires: tuple[str, ...]
    population: str
    tested: str | None
    untested_reason: str | None
    deviations: str
    parameters: Mapping[str, ParameterValue]
    tolerance: float
    empty_ok: bool
    cases: tuple[Case, ...]
    awaits: str | None = None
    chartered: Mapping[str, CharterValue] = field(default_factory=dict)
    attester: str | None = None


@dataclass(frozen=True)
class Control:
    """One control: one file.

    Attributes:
        requirements: framework id -> requirement ids that this control answers directly.
        supports: likewise for requirements that it only helps.
        life: stages in force order; empty means planned.
        file: path it was read from.
        digest: SHA-256 of the file's bytes: the version of the definition.
        design: how it is meant to work.
        depth: tier -> how often its systems are examined, where tiers differ; ``frequency`` is the most frequent.
    """

    id: str
    title: str
    objective: str
    owner: str
    frequency: Frequency
    tiers: tuple[str, ...]
    requirements: Mapping[str, tuple[str, ...]]
    supports: Mapping[str, tuple[str, ...]]
    tests: tuple[ControlTest, ...]
    life: tuple[Stage, ...]
    file: str
    digest: str
    design: Design | None = None
    depth: Mapping[str, Frequency] = field(default_factory=dict)

    @property
    def comes_to_life(self) -> bool:
        """Whether some stage of its life is active: a control that is only planned needs nothing yet."""
        return any(stage.state is LifeCycle.ACTIVE for stage in self.life)

    def is_due(self, day: date) -> bool:
        """Whether it is judged, for some tier at least, on the evidence that ends with ``day``."""
        return is_due(self.frequency, day) or bool(self.due_tiers(day))

    def due_tiers(self, day: date) -> tuple[str, ...]:
        """Tiers with a depth of their own whose systems are examined on the evidence that ends with ``day``."""
        return tuple(tier for tier, frequency in self.depth.items() if is_due(frequency, day))

    def stage_on(self, day: date) -> Stage | None:
        """The stage in force on a day, or None before the first."""
        in_force = [stage for stage in self.life if stage.since <= day]
        return in_force[-1] if in_force else None


@dataclass(frozen=True)
class Authorship:
    """Who wrote and who approved the definition in force, from version control.

    ``reviewed`` is False for a definition that is not committed: it is marked *unreviewed* in results.
    """

    commit: str | None
    author: str | None
    committed_at: str | None
    approver: str | None
    reviewed: bool
