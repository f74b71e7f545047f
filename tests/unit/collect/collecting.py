"""One collection for a test: a small event population and a small snapshot, real files, a real folder as staging."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from airtight.collect.engine import Resources
from airtight.collect.reidentification import ReidentificationMap
from airtight.collect.station import collect_source
from airtight.domain.collection import SourceOutcome
from airtight.domain.period import Window, day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema, Redaction
from airtight.domain.source import Credentials, OptionValue, Source
from airtight.publish.staging import FolderStaging

DAY = date(2026, 9, 14)
KEY = b"0123456789abcdef0123456789abcdef"

EVENTS = PopulationSchema(
    name="events",
    title="Events",
    kind=PopulationKind.EVENT,
    sensitivity="internal",
    key=("event_id",),
    columns=(
        Column("event_id", ColumnType.ID),
        Column("occurred_at", ColumnType.TS),
        Column("kind", ColumnType.ENUM, values=("login", "logout")),
        Column("note", ColumnType.TEXT, nullable=True),
    ),
    event_time="occurred_at",
)
PEOPLE = PopulationSchema(
    name="people",
    title="People",
    kind=PopulationKind.SNAPSHOT,
    sensitivity="internal-pii",
    key=("person_id",),
    columns=(
        Column("person_id", ColumnType.ID),
        Column("email", ColumnType.STR, nullable=True, personal=True, redaction=Redaction.PSEUDONYM),
        Column("ip", ColumnType.STR, nullable=True, personal=True, redaction=Redaction.MASK),
        Column("phone", ColumnType.STR, nullable=True, personal=True, redaction=Redaction.DROP),
    ),
)
EVENTS_FROM_CSV = 'SELECT id AS event_id, "at" AS occurred_at, kind, note FROM raw'
EVENTS_FROM_JSON = """
SELECT record->>'$.id' AS event_id, record->>'$.at' AS occurred_at, record->>'$.kind' AS kind,
  record->>'$.note' AS note
FROM raw
"""
PEOPLE_FROM_CSV = "SELECT id AS person_id, email, ip, phone FROM raw"


@dataclass
class Collection:
    """What ``collect_source`` is given, with defaults that work; change what the test is about."""

    base: Path
    options: Mapping[str, OptionValue] = field(default_factory=lambda: {"path": "export.csv"})
    populations: Mapping[str, str] = field(default_factory=lambda: {"events": "events.sql"})
    mappings: Mapping[str, str] = field(
        default_factory=lambda: {"events.sql": EVENTS_FROM_CSV, "people.sql": PEOPLE_FROM_CSV}
    )
    schemas: Mapping[str, PopulationSchema] = field(default_factory=lambda: {"events": EVENTS, "people": PEOPLE})
    connector: str = "files"
    credentials: Credentials = field(default_factory=Credentials)
    now: datetime = datetime(2026, 9, 15, 1, tzinfo=UTC)
    backfill: bool = False
    people: ReidentificationMap | None = None
    key: bytes | None = KEY
    resources: Resources | None = None
    window: Window = field(default_factory=lambda: day_window(DAY))
    organisation: Path | None = None

    @property
    def staging(self) -> FolderStaging:
        return FolderStaging(self.base / "staging", "test")

    @property
    def source(self) -> Source:
        return Source(
            id="exports",
            collection="audit_logs",
            system="acme/exports",
            connector=self.connector,
            connection=None,
            options=self.options,
            settles_after=timedelta(hours=6),
            max_lag=timedelta(hours=6),
            populations=self.populations,
        )

    def run(self, **changes: object) -> SourceOutcome:
        given = replace(self, **changes)  # type: ignore[arg-type]
        return collect_source(
            given.source,
            schemas=given.schemas,
            mappings=given.mappings,
            window=given.window,
            partition=DAY.isoformat(),
            credentials=given.credentials,
            staging=given.staging,
            pseudonym_key=given.key,
            clock=lambda: given.now,
            code_version="test",
            base=given.base,
            organisation=given.organisation,
            backfill=given.backfill,
            people=given.people,
            resources=given.resources,
        )

    def rows(self, outcome: SourceOutcome, population: str = "events") -> list[dict[str, object]]:
        return self.table(outcome, population).to_pylist()

    def table(self, outcome: SourceOutcome, population: str = "events") -> pa.Table:
        assert not outcome.missing, outcome.missing
        [found] = [entry for entry in outcome.collected if entry.population == population]
        return pq.read_table(self.staging.fetch(found.file))

    def raw(self, outcome: SourceOutcome) -> list[bytes]:
        assert outcome.provenance
        return [self.staging.fetch(entry.file).read_bytes() for entry in outcome.provenance.raw]


def reason(outcome: SourceOutcome) -> str:
    """Why the only population was not collected."""
    [missing] = outcome.missing
    assert not outcome.collected
    return missing.reason


def event(number: int, **changes: object) -> dict[str, object]:
    return {"id": f"e{number}", "at": f"2026-09-14T{number % 24:02d}:00:00Z", "kind": "login", "note": None} | changes


def write_json_lines(path: Path, records: list[object], pack: Callable[[bytes], bytes] = gzip.compress) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack("".join(json.dumps(record) + "\n" for record in records).encode()))
