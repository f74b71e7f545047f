"""What station 1 hands on: staged files, populations with provenance, and the outcome of each source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from airtight.domain.period import Window


@dataclass(frozen=True, order=True)
class StagedFile:
    """A file in staging, named by its content.

    Attributes:
        uri: where staging keeps it.
        sha256: lower-case hex digest of its bytes.
        size: bytes.
    """

    uri: str
    sha256: str
    size: int


class Completeness(StrEnum):
    """How well it is known that nothing is missing."""

    PROVEN = "proven"
    """A count, a sequence or a digest chain of the source agrees."""
    EXHAUSTED = "exhausted"
    """The pages or files ended; the source gave no count to compare with."""
    UNPROVEN = "unproven"
    """Neither; for instance a file that somebody dropped."""


@dataclass(frozen=True)
class RawObject:
    """Bytes as the source gave them, an object of their own with its own retention."""

    file: StagedFile
    stream: str
    media_type: str
    records: int | None


@dataclass(frozen=True)
class Provenance:
    """How the records were obtained: what an auditor asks of information produced by the entity (AT-C 205).

    Attributes:
        query: the exact query, endpoint or path, with parameters; secrets never.
        identity: who asked; ``can_write`` whether that identity could also change the source, None if unknown.
        source_count: the source's own count and ``count_method`` how it was obtained; None where it has none.
        rejected: reason -> number of records that were refused.
        first_key, last_key: lowest and highest key received, as text.
        secrets_masked: number of values that the secrets scan masked.
        raw: digests of the raw objects, in order received.
        notes: plain sentences about how it went, such as an encoding that had to be assumed.
    """

    source: str
    system: str
    connector: str
    query: str
    identity: str
    can_write: bool | None
    window: Window
    started_at: datetime
    finished_at: datetime
    pages: int
    source_count: int | None
    count_method: str | None
    received: int
    rejected: tuple[tuple[str, int], ...]
    completeness: Completeness
    code_version: str
    secrets_masked: int
    raw: tuple[RawObject, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectedPopulation:
    """One population of one source for one window, mapped, redacted and staged as Parquet.

    Attributes:
        rows: rows in the file.
        outside_window: mapped rows that belong to other windows and were left out.
        first_key, last_key: lowest and highest key, as text; None when empty.
        logical_digest: order-insensitive digest of the rows, to compare re-collections with.
        retrospective: collected by backfill, after the fact.
        rejected: reason -> mapped rows that the schema refused.
        collapsed: rows left out because the same row was there already.
        discrepancy: how the source's own count and the records received differ; the population cannot be relied on.
    """

    population: str
    source: str
    file: StagedFile
    rows: int
    outside_window: int
    first_key: str | None
    last_key: str | None
    logical_digest: str
    mapping_sha256: str
    completeness: Completeness
    retrospective: bool
    rejected: tuple[tuple[str, int], ...] = ()
    collapsed: int = 0
    discrepancy: str | None = None


class CollectionState(StrEnum):
    """Whether a population of a source could be collected."""

    COLLECTED = "collected"
    NOT_COLLECTED = "not-collected"


@dataclass(frozen=True)
class NotCollected:
    """A population that a source owes for the window and did not give, with the plain reason."""

    population: str
    source: str
    reason: str


@dataclass(frozen=True)
class SourceOutcome:
    """Everything that one source gave, or why it gave nothing."""

    source: str
    system: str
    collected: tuple[CollectedPopulation, ...]
    missing: tuple[NotCollected, ...]
    provenance: Provenance | None

    @property
    def failed(self) -> bool:
        return bool(self.missing)
