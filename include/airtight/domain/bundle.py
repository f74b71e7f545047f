"""Evidence bundles: the sealed unit that an auditor downloads and verifies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from airtight.domain.collection import Completeness
from airtight.domain.result import ResultState


class BundleKind(StrEnum):
    """One predicate type each."""

    COLLECTION = "collection"
    RESULTS = "results"
    REGISTER = "register"
    DECISION = "decision"
    REVIEW = "review"


class Environment(StrEnum):
    """Sample and production evidence never share a store, a key or an index."""

    SAMPLE = "sample"
    PRODUCTION = "production"


@dataclass(frozen=True, order=True)
class Slot:
    """The one place that a bundle fills: kind, name and partition, and the revision within it.

    Revision 0 is the first bundle; each later one supersedes the one before.
    """

    kind: BundleKind
    name: str
    partition: str
    revision: int = 0


@dataclass(frozen=True)
class RunFacts:
    """Facts about the run that a retry does not change; try number, host and wall clock stay out.

    ``trigger`` is scheduled, manual, backfill or asset; ``triggered_by`` a person, or None.
    """

    dag_id: str | None
    run_id: str | None
    trigger: str
    triggered_by: str | None
    reason: str | None
    code_commit: str
    lock_sha256: str
    catalog_sha256: str


@dataclass(frozen=True)
class Member:
    """A file to be sealed: ``path`` lies under ``data/``; its bytes are in ``content`` or in ``source``.

    ``sha256``, where given, is what the bytes must have; sealing refuses others.
    """

    path: str
    content: bytes | None = None
    source: Path | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class SealedBundle:
    """A bundle as a local file, sealed, not yet published.

    Attributes:
        digest: SHA-256 of the signed bytes (the DSSE pre-authentication encoding): the bundle's identity.
        file: the ZIP.
    """

    digest: str
    slot: Slot
    environment: Environment
    supersedes: str | None
    file: Path
    size: int


@dataclass(frozen=True)
class BundleRef:
    """A published bundle: where it is and what it is. Small enough to travel between tasks."""

    digest: str
    slot: Slot
    environment: Environment
    supersedes: str | None
    key: str
    size: int


@dataclass(frozen=True)
class SealedPopulation:
    """A population inside a published collection bundle, or the record that it is missing there.

    Attributes:
        partition: the day it stands for.
        member: path in the bundle; None when not collected.
        trouble: why it was not collected, or which critical expectation it violated; None when reliable.
    """

    population: str
    source: str
    partition: str
    bundle: str
    key: str
    member: str | None
    sha256: str | None
    rows: int
    completeness: Completeness
    retrospective: bool
    collected: bool
    trouble: str | None


@dataclass(frozen=True)
class ResultLine:
    """One test's result as the index keeps it; ``test`` is empty for the roll-up of its control."""

    control: str
    test: str
    state: ResultState
    reason: str
    population_n: int | None
    tested_n: int | None
    deviation_n: int
    waived_n: int
    owner: str
    title: str
    no_occurrence: bool
    definition_sha256: str
    window_start: str
    window_end: str
    causes: tuple[str, ...] = ()
    """Sources whose trouble kept the test from a verdict."""
    planned: bool = False
    """The control is not active yet: it counts, but opens no finding and sends no alert."""


@dataclass(frozen=True)
class BundleSummary:
    """What the index needs to know of a bundle; read back from the bundle itself, never invented."""

    ref: BundleRef
    facts: RunFacts
    populations: tuple[SealedPopulation, ...] = ()
    results: tuple[ResultLine, ...] = ()
