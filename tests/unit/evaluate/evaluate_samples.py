"""Small populations, controls and sealed records for the tests of the evaluating station."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import Authorship, Control, ControlTest, LifeCycle, Stage
from airtight.domain.period import Frequency
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema

DAY = date(2026, 6, 30)

ACCOUNTS = PopulationSchema(
    name="accounts",
    title="Accounts",
    kind=PopulationKind.SNAPSHOT,
    sensitivity="internal",
    key=("account_id",),
    columns=(
        Column("account_id", ColumnType.ID),
        Column("status", ColumnType.ENUM, values=("active", "off")),
        Column("left_at", ColumnType.TS, nullable=True),
        Column("privileged", ColumnType.BOOL, nullable=True),
    ),
)
LOGINS = PopulationSchema(
    name="logins",
    title="Log-ins",
    kind=PopulationKind.EVENT,
    sensitivity="internal",
    key=("login_id",),
    columns=(
        Column("login_id", ColumnType.ID),
        Column("seen_at", ColumnType.TS),
        Column("mfa", ColumnType.BOOL, nullable=True),
        Column("score", ColumnType.FLOAT, nullable=True),
    ),
    event_time="seen_at",
)
SCHEMAS = {schema.name: schema for schema in (ACCOUNTS, LOGINS)}

TEST = ControlTest(
    id="XX-01.T1",
    title="Log-ins use a second factor",
    kind="sql",
    procedure="Inspect every log-in.",
    window="day",
    populations=("logins",),
    requires=(),
    population="SELECT login_id FROM logins",
    tested=None,
    untested_reason=None,
    deviations="SELECT login_id, mfa AS observed FROM logins WHERE mfa IS DISTINCT FROM TRUE",
    parameters={},
    tolerance=0,
    empty_ok=False,
    cases=(),
)
CONTROL = Control(
    id="XX-01",
    title="Second factor",
    objective="Log-ins use a second factor.",
    owner="Security",
    frequency=Frequency.DAILY,
    tiers=("entity",),
    requirements={"soc2": ("CC6.1",)},
    supports={},
    tests=(TEST,),
    life=(Stage(LifeCycle.ACTIVE, date(2026, 1, 1), "Ada", "in place"),),
    file="XX-01.yaml",
    digest="d" * 64,
)
AUTHORSHIP = Authorship("c" * 40, "Grace", "2026-01-01T00:00:00Z", "Ada", reviewed=True)


def test_like(**changes: object) -> ControlTest:
    """The sample test with some fields changed."""
    return replace(TEST, **changes)  # type: ignore[arg-type]


test_like.__test__ = False  # type: ignore[attr-defined]


def parquet(folder: Path, name: str, select: str) -> Path:
    """A Parquet file that holds the answer of a SELECT."""
    file = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{file}' (FORMAT parquet)")
    return file


def logins(folder: Path, name: str, rows: Sequence[tuple[object, ...]]) -> Path:
    """A ``logins`` population: (login_id, seen_at, mfa, score) each."""
    file = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE t (login_id VARCHAR, seen_at TIMESTAMP, mfa BOOLEAN, score DOUBLE)")
        if rows:
            connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", [list(row) for row in rows])
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")
    return file


def sealed(
    file: Path | None = None, *, population: str = "logins", source: str = "idp", day: date = DAY, **changes: object
) -> SealedPopulation:
    """A sealed record of a file, collected and proven unless said otherwise."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if file else "0" * 64
    rows = 1
    if file:
        with duckdb.connect() as connection:
            (rows,) = connection.read_parquet(str(file)).count("*").fetchall()[0]
    record = SealedPopulation(
        population=population,
        source=source,
        partition=day.isoformat(),
        bundle=f"bundle-{population}-{source}-{day}",
        key="k",
        member=f"data/{population}.parquet",
        sha256=digest,
        rows=rows,
        completeness=Completeness.PROVEN,
        retrospective=False,
        collected=True,
        trouble=None,
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def files_of(pairs: Mapping[SealedPopulation, Path]) -> dict[str, Path]:
    """Digest -> file, as the station wants it."""
    return {record.sha256 or "": file for record, file in pairs.items()}
