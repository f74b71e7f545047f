"""What the pipeline's functions hand from task to task: references, small enough for Airflow to carry."""

from __future__ import annotations

from dataclasses import dataclass

from airtight.domain.bundle import BundleRef
from airtight.domain.collection import StagedFile
from airtight.domain.register import Register
from airtight.wire import Json, to_json


@dataclass(frozen=True)
class StagedOutcome:
    """What one source gave for one day, by reference.

    Attributes:
        outcome: the staged ``SourceOutcome``; None where the day was sealed before and nothing was pulled.
        rows: rows collected, over all populations.
        trouble: what the source owes and why, one sentence; None where it gave everything.
    """

    source: str
    outcome: StagedFile | None
    rows: int
    trouble: str | None

    def reference(self) -> Json:
        """A JSON value small enough to travel between tasks."""
        return to_json(self)


@dataclass(frozen=True)
class Checked:
    """The outcomes of a collection and their quality reports, by reference."""

    outcomes: tuple[StagedFile, ...]
    reports: StagedFile | None

    def reference(self) -> Json:
        """A JSON value small enough to travel between tasks."""
        return to_json(self)


@dataclass(frozen=True)
class Published:
    """A published bundle.

    Attributes:
        judge_again: this run sealed it for a day whose results do not rest on it: the day has to be judged again.
    """

    bundle: BundleRef
    judge_again: bool = False

    def reference(self) -> dict[str, Json]:
        """A JSON value small enough to travel between tasks."""
        slot = self.bundle.slot
        return {
            "digest": self.bundle.digest,
            "key": self.bundle.key,
            "revision": slot.revision,
            "supersedes": self.bundle.supersedes,
            "bytes": self.bundle.size,
            "judge_again": self.judge_again,
        }


@dataclass(frozen=True)
class Coverage:
    """A day's register, published; ``day_due`` where its controls still have to be judged."""

    register: Register
    bundle: BundleRef
    day_due: bool
