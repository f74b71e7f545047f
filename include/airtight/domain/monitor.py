"""Monitors of AI systems: what a set-up pins, and what a run finds.

A *set-up* fixes beforehand how one AI system is watched: columns with method and threshold, the reference by its
digest, sizes, windows, protected attributes, canaries. A *figure* is one thing that a run computed or could not
compute; it holds the counts and bins that it follows from, never a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from airtight.domain.control import CellValue
from airtight.domain.period import Window, midnight

#: The population of figures: what remains of each run, beside the populations that controls read.
FIGURES = "monitor_figures"
#: The populations that a run gives rows for.
POPULATIONS = ("drift_results", "evaluations", "model_metrics", FIGURES)


class Task(StrEnum):
    """What a model predicts."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"


class ColumnKind(StrEnum):
    """How a column's values are read, whatever their type in the file."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


class Method(StrEnum):
    """How two distributions are compared; names as in Evidently."""

    PSI = "psi"
    JENSEN_SHANNON = "jensenshannon"
    KOLMOGOROV_SMIRNOV = "ks"
    WASSERSTEIN = "wasserstein"
    CHI_SQUARE = "chisquare"

    @property
    def label(self) -> str:
        """The name in results; ``p_value`` in it tells that small figures mean drift."""
        return _TITLES[self]

    @property
    def is_p_value(self) -> bool:
        return "p_value" in self.label

    def fits(self, kind: ColumnKind) -> bool:
        return self in _FITTING[kind]


_TITLES = {
    Method.PSI: "PSI",
    Method.JENSEN_SHANNON: "Jensen-Shannon distance",
    Method.KOLMOGOROV_SMIRNOV: "K-S p_value",
    Method.WASSERSTEIN: "Wasserstein distance (normed)",
    Method.CHI_SQUARE: "chi-square p_value",
}
_FITTING = {
    ColumnKind.NUMERIC: {Method.PSI, Method.JENSEN_SHANNON, Method.KOLMOGOROV_SMIRNOV, Method.WASSERSTEIN},
    ColumnKind.CATEGORICAL: {Method.PSI, Method.JENSEN_SHANNON, Method.CHI_SQUARE},
}


class Role(StrEnum):
    """What a watched column is to the model."""

    FEATURE = "feature"
    PREDICTION = "prediction"
    SCORE = "score"
    TARGET = "target"


@dataclass(frozen=True)
class Watched:
    """A column compared with the reference: its kind, and the method and threshold pinned for it."""

    name: str
    role: Role
    kind: ColumnKind
    method: Method
    threshold: float
    critical: bool = False


class Origin(StrEnum):
    """Where the values of a protected attribute come from."""

    REPORTED = "reported"
    PROXY = "proxy"
    ABSENT = "absent"


@dataclass(frozen=True)
class ProtectedAttribute:
    """An attribute that nobody may be treated worse for; ``legal_basis`` says why it may be processed, or may not."""

    name: str
    origin: Origin
    legal_basis: str


@dataclass(frozen=True)
class Reference:
    """What is compared with: a Parquet file pinned by digest.

    Attributes:
        file: path below the organisation's folder; None: ``key`` names an object of the store.
    """

    sha256: str
    file: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class DriftRules:
    """Drift: window, the fewest rows on either side, and the largest rise of missing values that is none."""

    window: timedelta
    every: int
    min_rows: int
    missing_rise: float


@dataclass(frozen=True)
class PerformanceRules:
    """Performance: labels observed in the window, of predictions at most ``label_lag`` older than it.

    Attributes:
        higher_is_better: metric -> its direction; these are measured.
        degradation: the share of the baseline that may be lost.
    """

    window: timedelta
    every: int
    min_labels: int
    label_lag: timedelta
    degradation: float
    higher_is_better: Mapping[str, bool]


@dataclass(frozen=True)
class FairnessRules:
    """Fairness: attributes and intersections, the limit of parity difference, groups judged and groups shown.

    Attributes:
        min_group: people in a group that is judged.
        suppress_below: groups with fewer are named and not counted in what is exported.
    """

    window: timedelta
    every: int
    threshold: float
    min_group: int
    suppress_below: int
    attributes: tuple[ProtectedAttribute, ...]
    intersections: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CanaryRules:
    """A drift put into a copy of the data every so many days; ``share`` of the rows moved by ``shift`` deviations."""

    every: int
    seed: int
    shift: float
    share: float


@dataclass(frozen=True)
class ReportRules:
    """The report for readers: a seeded sample of so many rows, every so many days."""

    every: int
    seed: int
    rows: int


@dataclass(frozen=True)
class MonitorSetup:
    """How one AI system is watched.

    Attributes:
        positive: the prediction that selects a person; None for regression, and where nobody is selected.
        sha256: of the set-up's file.
    """

    ai_system: str
    task: Task
    positive: str | None
    reference: Reference
    watched: tuple[Watched, ...]
    drift: DriftRules
    performance: PerformanceRules
    fairness: FairnessRules | None
    canary: CanaryRules | None
    report: ReportRules | None
    sha256: str

    @property
    def features(self) -> tuple[Watched, ...]:
        return tuple(column for column in self.watched if column.role is Role.FEATURE)

    @property
    def reach(self) -> timedelta:
        """How far back from the end of a day its runs look for predictions and outcomes."""
        fairness = self.fairness.window if self.fairness else timedelta(0)
        labelled = self.performance.window + self.performance.label_lag
        return max(self.drift.window, labelled, fairness)


def ends_with(day: date, length: timedelta) -> Window:
    """The window of a length that ends with a day."""
    end = midnight(day + timedelta(days=1))
    return Window(end - length, end)


def is_turn(day: date, every: int) -> bool:
    """Whether a run that is due every so many days is due after a day; every 7 days is on Mondays."""
    return (day.toordinal() - 1) % every == 0


class Monitor(StrEnum):
    """What a figure is about."""

    DRIFT = "drift"
    PERFORMANCE = "performance"
    FAIRNESS = "fairness"
    CANARY = "canary"


class Outcome(StrEnum):
    """What a figure says; unknown is never well."""

    WELL = "well"
    """Not drifted, not degraded, below the limit; for a canary: found."""
    ALERT = "alert"
    """Drifted, degraded, at or above the limit; for a canary: missed."""
    MEASURED = "measured"
    """A figure that nothing is judged by."""
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Figure:
    """One thing that a run computed, or could not.

    Attributes:
        subject: a column, a metric or a protected attribute.
        reason: a plain sentence, always there where the outcome is inconclusive.
        values: measure -> its value.
        bins: counts and bins that the values follow from; no row, no group below the limit of suppression.
        n_ref, n_cur: rows with a value, in the reference and in the data.
    """

    monitor: Monitor
    subject: str
    outcome: Outcome
    values: Mapping[str, float]
    bins: Mapping[str, CellValue]
    n_cur: int
    n_ref: int | None = None
    reason: str | None = None
