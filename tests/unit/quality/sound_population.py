"""Populations without fault, row by row from their schemas, and a place to check them in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from airtight.domain.collection import CollectedPopulation, Completeness, Provenance, StagedFile
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema

DAY = datetime(2026, 6, 30, tzinfo=UTC)
WINDOW = day_window(DAY.date())
ROWS = 5
TIME = datetime(2026, 6, 30, 21, 0, tzinfo=UTC).replace(tzinfo=None)


PEOPLE = PopulationSchema(
    name="people",
    title="People",
    kind=PopulationKind.SNAPSHOT,
    sensitivity="internal",
    key=("person_id",),
    columns=(Column("person_id", ColumnType.ID),),
)

LOGINS = PopulationSchema(
    name="logins",
    title="Log-ins",
    kind=PopulationKind.EVENT,
    sensitivity="internal",
    key=("event_id", "system"),
    event_time="occurred_at",
    columns=(
        Column("event_id", ColumnType.ID),
        Column("system", ColumnType.STR),
        Column("occurred_at", ColumnType.TS),
        Column("ended_at", ColumnType.TS, nullable=True),
        Column("person_id", ColumnType.ID, nullable=True, references="people.person_id"),
        Column("outcome", ColumnType.ENUM, values=("success", "failure")),
        Column("limit", ColumnType.INT, nullable=True),
        Column("roles", ColumnType.LIST, nullable=True),
        Column("detail", ColumnType.STR, nullable=True),
    ),
)


def sound_rows(schema: PopulationSchema) -> list[dict[str, object]]:
    return [{column.name: _cell(column, number) for column in schema.columns} for number in range(ROWS)]


def _cell(column: Column, number: int) -> object:
    cells: dict[ColumnType, object] = {
        ColumnType.INT: number + 1,
        ColumnType.FLOAT: number / 10,
        ColumnType.BOOL: number % 2 == 0,
        ColumnType.TS: TIME,
        ColumnType.DATE: TIME.date(),
        ColumnType.LIST: ["one", "two"],
        ColumnType.JSON: "[]",
        ColumnType.SHA256: f"{number:064x}",
        ColumnType.ENUM: column.values[0] if column.values else None,
    }
    return cells.get(column.type, f"{column.name}-{number}")


def write(folder: Path, schema: PopulationSchema, rows: Sequence[Mapping[str, object]]) -> Path:
    """A Parquet file of the rows with the schema's types."""
    file = folder / f"{schema.name}.parquet"
    columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in schema.columns)
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE t ({columns})")
        if rows:
            marks = ", ".join("?" for _ in schema.columns)
            database.executemany(
                f"INSERT INTO t VALUES ({marks})", [[row[name] for name in schema.column_names] for row in rows]
            )
        database.execute(f"COPY t TO '{file}' (FORMAT parquet)")
    return file


def collected(
    schema: PopulationSchema, rows: int, completeness: Completeness = Completeness.PROVEN
) -> CollectedPopulation:
    return CollectedPopulation(
        population=schema.name,
        source="okta-users",
        file=StagedFile("file:///x", "0" * 64, 1),
        rows=rows,
        outside_window=0,
        first_key=None,
        last_key=None,
        logical_digest="0" * 64,
        mapping_sha256="0" * 64,
        completeness=completeness,
        retrospective=False,
    )


def provenance(**changes: object) -> Provenance:
    values: dict[str, object] = {
        "source": "okta-users",
        "system": "okta/acme",
        "connector": "files",
        "query": "exports/2026-06-30.csv",
        "identity": "collector",
        "can_write": False,
        "window": WINDOW,
        "started_at": WINDOW.end + timedelta(hours=1),
        "finished_at": WINDOW.end + timedelta(hours=2),
        "pages": 1,
        "source_count": ROWS,
        "count_method": "counts file",
        "received": ROWS,
        "rejected": (),
        "completeness": Completeness.PROVEN,
        "code_version": "0",
        "secrets_masked": 0,
        "raw": (),
    }
    return Provenance(**{**values, **changes})  # type: ignore[arg-type]


def suite(folder: Path, population: str, *expectations: Mapping[str, object]) -> Path:
    file = folder / f"{population}.json"
    file.write_text(json.dumps({"name": population, "expectations": list(expectations)}))
    return file
