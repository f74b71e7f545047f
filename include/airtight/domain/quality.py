"""Quality reports: may a population be relied on?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a violated expectation means: critical makes every test over the population inconclusive."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class ExpectationOutcome:
    """The verdict on one expectation. ``observed`` is a short text without row values."""

    expectation: str
    column: str | None
    severity: Severity
    success: bool
    unexpected: int
    observed: str


@dataclass(frozen=True)
class QualityReport:
    """All verdicts on one population of one source."""

    population: str
    source: str
    suite_sha256: str
    rows: int
    outcomes: tuple[ExpectationOutcome, ...]

    def violated(self, severity: Severity) -> tuple[ExpectationOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.success and outcome.severity is severity)

    @property
    def reliable(self) -> bool:
        return not self.violated(Severity.CRITICAL)
