"""Connector sql against a real PostgreSQL server and a real SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import psycopg2
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from airtight.collect.connector import CollectionRequest, Pulled
from airtight.collect.sql import SqlConnector, _engine
from airtight.collect.sql_rows import ROWS
from airtight.collect.station import collect_source
from airtight.domain.collection import Completeness, SourceOutcome
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.domain.source import Credentials, Source
from airtight.errors import DefinitionError, SourceChanged, SourceIncomplete, SourceRefused, SourceUnreachable
from airtight.publish.staging import FolderStaging

pytestmark = pytest.mark.server

DAY = date(2026, 9, 14)
IN_WINDOW = "SELECT id, at, who FROM logins WHERE at >= :window_start AND at < :window_end"
COUNT = "SELECT count(*) FROM logins WHERE at >= :window_start AND at < :window_end"
LOGINS = PopulationSchema(
    name="logins",
    title="Logins",
    kind=PopulationKind.EVENT,
    sensitivity="internal",
    key=("login_id",),
    columns=(
        Column("login_id", ColumnType.ID),
        Column("occurred_at", ColumnType.TS),
        Column("person", ColumnType.STR, nullable=True),
    ),
    event_time="occurred_at",
)
MAPPING = 'SELECT id AS login_id, "at" AS occurred_at, who AS person FROM raw'


def source(**options: object) -> Source:
    return Source(
        id="crm",
        collection="audit_logs",
        system="crm/acme",
        connector="sql",
        connection="crm_db",
        options=options,  # type: ignore[arg-type]
        settles_after=timedelta(hours=6),
        max_lag=timedelta(hours=6),
        populations={"logins": "logins.sql"},
    )


@pytest.fixture(params=["postgresql", "sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with 50,000 logins over three days, as a URL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/crm.db"
        fill = (
            "INSERT INTO logins WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49999)"
            " SELECT i, datetime('2026-09-13', '+' || (i * 5) || ' seconds'), 'user' || (i % 7) FROM n"
        )
        time = "TEXT"
    else:
        url = request.getfixturevalue("postgresql_url").replace("postgresql:", "postgresql+psycopg2:")
        fill = (
            "INSERT INTO logins SELECT i, timestamptz '2026-09-13 00:00Z' + i * interval '5 seconds', 'user' || (i % 7)"
            " FROM generate_series(0, 49999) AS i"
        )
        time = "TIMESTAMPTZ"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE logins (id BIGINT PRIMARY KEY, at {time}, who TEXT)"))
        connection.execute(sa.text(fill))
    engine.dispose()
    return url.replace("+psycopg2", "")


@pytest.fixture
def execute(postgresql_url: str) -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(postgresql_url)
    connection.autocommit = True
    yield connection.cursor()
    connection.close()


def pull(url: str, folder: Path, **options: object) -> Pulled:
    connector, declared = SqlConnector(), source(**options)
    connector.check(declared)
    folder.mkdir()
    return connector.pull(request(url, folder, declared))


def request(url: str, folder: Path, declared: Source) -> CollectionRequest:
    return CollectionRequest(declared, day_window(DAY), DAY.isoformat(), folder, folder, Credentials(uri=url))


def collect(url: str, folder: Path, **options: object) -> SourceOutcome:
    return collect_source(
        source(**options),
        schemas={"logins": LOGINS},
        mappings={"logins.sql": MAPPING},
        window=day_window(DAY),
        partition=DAY.isoformat(),
        credentials=Credentials(uri=url),
        staging=FolderStaging(folder / "staging", "test"),
        pseudonym_key=None,
        clock=lambda: datetime(2026, 9, 15, 1, tzinfo=UTC),
        code_version="test",
        base=folder,
    )


def test_the_window_is_bound_and_the_count_proves_it(database: str, tmp_path: Path) -> None:
    outcome = collect(database, tmp_path, query=IN_WINDOW, count=COUNT)
    assert not outcome.missing, outcome.missing
    [population] = outcome.collected
    rows = pd.read_sql(
        "SELECT id, at FROM logins", sa.create_engine(database.replace("postgresql:", "postgresql+psycopg2:"))
    )
    at = pd.to_datetime(rows["at"], utc=True)
    assert population.rows == ((at >= "2026-09-14T00:00Z") & (at < "2026-09-15T00:00Z")).sum() == 17_280
    assert population.completeness is Completeness.PROVEN
    assert outcome.provenance
    assert outcome.provenance.source_count == outcome.provenance.received == 17_280
    assert "window_start=2026-09-14 00:00:00" in outcome.provenance.query


def test_a_count_that_differs_is_told(database: str, tmp_path: Path) -> None:
    [population] = collect(database, tmp_path, query=IN_WINDOW, count="SELECT count(*) FROM logins").collected
    assert population.completeness is Completeness.UNPROVEN
    assert population.discrepancy == "the source counts 50000 records, 17280 were received"


def test_rows_arrive_in_row_groups_of_fixed_size_and_equal_bytes(database: str, tmp_path: Path) -> None:
    everything = "SELECT * FROM logins ORDER BY id"
    [first] = pull(database, tmp_path / "1", query=everything).files
    [second] = pull(database, tmp_path / "2", query=everything).files
    assert first.path.read_bytes() == second.path.read_bytes()
    metadata = pq.ParquetFile(first.path).metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [ROWS, ROWS, 10_000]


def test_several_queries_are_several_streams_and_an_empty_one_is_there(database: str, tmp_path: Path) -> None:
    pulled = pull(
        database,
        tmp_path / "raw",
        queries={"logins": "SELECT id FROM logins", "none": "SELECT id, who FROM logins WHERE id < 0"},
    )
    assert [(file.stream, file.records) for file in pulled.files] == [("logins", 50_000), ("none", 0)]
    assert pq.read_table(pulled.files[1].path).column_names == ["id", "who"]


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM logins",
        "SELECT 1; DELETE FROM logins",
        "WITH gone AS (DELETE FROM logins RETURNING id) SELECT * FROM gone",
        "SELECT * INTO copy FROM logins",
        "SELECT * FROM logins FOR UPDATE",
        "SELECT :secret",
        "CREATE TABLE x (i INT)",
        "not sql at all ((",
    ],
)
def test_only_one_select_that_changes_nothing_is_accepted(query: str) -> None:
    with pytest.raises(DefinitionError, match="the query") as refused:
        SqlConnector().check(source(query=query))
    assert refused.value.where == "sources.yaml: crm.options.query"


def test_the_database_itself_refuses_to_be_changed(database: str, tmp_path: Path) -> None:
    """A function that writes, which no parser can see through."""
    if database.startswith("sqlite"):
        reading = _engine(Credentials(uri=database), source())
        with reading.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
            connection.exec_driver_sql("DELETE FROM logins")
        return
    with psycopg2.connect(database) as connection:
        connection.cursor().execute(
            "CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM logins RETURNING 1'"
        )
    connection.close()
    with pytest.raises(SourceIncomplete):
        pull(database, tmp_path / "raw", query="SELECT wipe()")
    assert pull(database, tmp_path / "again", query="SELECT * FROM logins").files[0].records == 50_000


def test_the_count_and_the_rows_see_one_state(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are written between the count and the cursor do not make them differ."""
    if database.startswith("sqlite"):
        pytest.skip("a reader's transaction keeps writers of this journal mode out")
    from airtight.collect import sql

    counted = sql._count

    def count_then_write(*given: object) -> int | None:
        found = counted(*given)  # type: ignore[arg-type]
        with psycopg2.connect(database) as connection:
            connection.cursor().execute("INSERT INTO logins VALUES (-1, '2026-09-14 12:00Z', 'late')")
        connection.close()
        return found

    monkeypatch.setattr(sql, "_count", count_then_write)
    pulled = pull(database, tmp_path / "raw", query=IN_WINDOW, count=COUNT)
    assert pulled.source_count == sum(file.records or 0 for file in pulled.files) == 17_280


def test_a_probe_logs_in_counts_and_pulls_nothing(database: str, tmp_path: Path) -> None:
    probe = SqlConnector().probe(request(database, tmp_path, source(query=IN_WINDOW, count=COUNT)))
    assert probe.records == 17_280
    assert list(tmp_path.glob("*.parquet")) == []


def test_who_reads_and_whether_they_could_write_is_known(
    execute: psycopg2.extensions.cursor, postgresql_url: str, tmp_path: Path
) -> None:
    execute.execute("CREATE TABLE logins (id INT, at TIMESTAMPTZ, who TEXT); INSERT INTO logins VALUES (1, now(), 'a')")
    execute.execute("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT SELECT ON logins TO reader")
    parts = urlsplit(postgresql_url)
    as_reader = f"postgresql://reader@{parts.hostname}:{parts.port}{parts.path}"
    reading = pull(as_reader, tmp_path / "r", query="SELECT * FROM logins")
    owning = pull(postgresql_url, tmp_path / "o", query="SELECT * FROM logins")
    assert (reading.identity, reading.can_write) == ("reader", False)
    assert (owning.identity, owning.can_write) == ("postgres", True)
    execute.execute("CREATE TABLE salaries (id INT)")
    with pytest.raises(SourceRefused, match="permission denied for table salaries"):
        pull(as_reader, tmp_path / "s", query="SELECT * FROM salaries")
    with pytest.raises(SourceRefused, match="the database refused"):
        pull(as_reader.replace("reader@", "stranger:s3cr3t@"), tmp_path / "t", query="SELECT 1")


def test_columns_of_every_type_survive(
    execute: psycopg2.extensions.cursor, postgresql_url: str, tmp_path: Path
) -> None:
    execute.execute(
        "CREATE TABLE odd AS SELECT 1::int AS i, 9223372036854775807::bigint AS b,"
        " 12345678901234567890.50::numeric AS n,"
        " 1.5::float8 AS f, true AS t, '2026-09-14 12:00+02'::timestamptz AS tz, '2026-09-14 12:00'::timestamp AS ts,"
        " date '2026-09-14' AS d, '{\"a\": [1, null]}'::jsonb AS j, ARRAY['x', NULL] AS l, ARRAY[1, 2] AS li,"
        " '10.0.0.1'::inet AS ip, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid AS u, '\\xff'::bytea AS y,"
        " interval '1 day' AS iv, NULL::text AS nothing"
    )
    [file] = pull(postgresql_url, tmp_path / "raw", query="SELECT * FROM odd").files
    [row] = pq.read_table(file.path).to_pylist()
    assert row == {
        "i": 1,
        "b": 9223372036854775807,
        "n": "12345678901234567890.50",
        "f": 1.5,
        "t": True,
        "tz": pd.Timestamp(2026, 9, 14, 10),
        "ts": pd.Timestamp(2026, 9, 14, 12),
        "d": date(2026, 9, 14),
        "j": '{"a": [1, null]}',
        "l": ["x", None],
        "li": "[1, 2]",
        "ip": "10.0.0.1",
        "u": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "y": b"\xff",
        "iv": "1 day, 0:00:00",
        "nothing": None,
    }


def test_a_type_that_widens_late_loses_nothing(tmp_path: Path) -> None:
    """SQLite lets one column hold anything, and the first rows do not show it."""
    path = tmp_path / "odd.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE odd (id INTEGER PRIMARY KEY, v)")
        connection.executemany("INSERT INTO odd (v) VALUES (?)", [(None,)] * ROWS + [(7,)] * ROWS + [("text",), (2.5,)])
    connection.close()
    pulled = pull(f"sqlite:///{path}", tmp_path / "raw", query="SELECT * FROM odd ORDER BY id")
    values = [value for file in pulled.files for value in pq.read_table(file.path)["v"].to_pylist()]
    assert [file.records for file in pulled.files] == [ROWS, ROWS, 2]
    assert (values[0], values[ROWS], values[-2:]) == (None, 7, ["text", "2.5"])
    outcome = collect_source(
        source(query="SELECT * FROM odd ORDER BY id"),
        schemas={"logins": LOGINS},
        mappings={
            "logins.sql": "SELECT id AS login_id, $window_start AS occurred_at, CAST(v AS VARCHAR) AS person FROM raw"
        },
        window=day_window(DAY),
        partition=DAY.isoformat(),
        credentials=Credentials(uri=f"sqlite:///{path}"),
        staging=FolderStaging(tmp_path / "staging", "test"),
        pseudonym_key=None,
        clock=lambda: datetime(2026, 9, 15, 1, tzinfo=UTC),
        code_version="test",
        base=tmp_path,
    )
    assert [(entry.rows, entry.rejected) for entry in outcome.collected] == [(2 * ROWS + 2, ())]


def test_a_server_that_is_down_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        pull("postgresql://u:s3cr3t@127.0.0.1:1/x", tmp_path / "raw", query="SELECT 1")
    with pytest.raises(SourceUnreachable, match="not there"):
        pull(f"sqlite:///{tmp_path}/none.db", tmp_path / "raw2", query="SELECT 1")
    assert not (tmp_path / "none.db").exists(), "asking does not make a database"


def test_a_column_that_is_gone_is_another_shape(database: str, tmp_path: Path) -> None:
    with pytest.raises(SourceChanged, match="gone"):
        pull(database, tmp_path / "raw", query="SELECT gone FROM logins")
    with pytest.raises(SourceChanged, match="two columns"):
        pull(database, tmp_path / "raw2", query="SELECT id, who AS id FROM logins")


def test_a_connection_that_breaks_midway_is_incomplete(
    execute: psycopg2.extensions.cursor, postgresql_url: str, tmp_path: Path
) -> None:
    execute.execute("CREATE TABLE many AS SELECT i FROM generate_series(1, 100000) AS i")
    terminate = "CASE WHEN i = 90000 THEN pg_terminate_backend(pg_backend_pid()) END AS ended"
    with pytest.raises(SourceIncomplete, match="broke off while reading stream raw"):
        pull(postgresql_url, tmp_path / "raw", query=f"SELECT i, {terminate} FROM many")
