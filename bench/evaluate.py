"""What it costs to run a control test in its locked-down process, against the bare DuckDB query.

    python bench/evaluate.py [--rows 10000000] [--repeats 3] [--folder DIR]

Bare is what one would type into DuckDB: count the population, count the tested items, fetch the deviations, over the
same Parquet file, DuckDB already loaded, with the same threads and memory. The station adds its process, its lock-down,
its check of keys (unique, not null, deviations within tested within population) and the list of what was not tested.
Runs alternate; the median counts. Wanted: at most 1.5 x bare where bare takes over a second, at most 1 GiB, and at most
0.1 s for a test over a few rows.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import ControlTest
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.evaluate.inputs import select
from airtight.evaluate.job import Job, Limits
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import prepare
from airtight.evaluate.values import bindings

DAY = date(2026, 6, 30)
EVENTS = PopulationSchema(
    "events",
    "Events",
    PopulationKind.EVENT,
    "internal",
    ("event_id",),
    (
        Column("event_id", ColumnType.ID),
        Column("event_time", ColumnType.TS),
        Column("stream", ColumnType.STR),
        Column("principal_id", ColumnType.ID),
        Column("action", ColumnType.STR),
        Column("mfa_used", ColumnType.BOOL, nullable=True),
        Column("ip", ColumnType.STR),
    ),
    event_time="event_time",
)
BASE = ControlTest(
    id="",
    title="",
    kind="sql",
    procedure="",
    window="day",
    populations=("events",),
    requires=(),
    population="SELECT event_id FROM events",
    tested=None,
    untested_reason=None,
    deviations="",
    parameters={},
    tolerance=0,
    empty_ok=False,
    cases=(),
)
TESTS = (
    replace(
        BASE,
        id="filter: log-in without a second factor",
        deviations="SELECT event_id, ip AS observed FROM events WHERE action = 'ConsoleLogin' AND NOT mfa_used",
    ),
    replace(
        BASE,
        id="window: silence in a stream",
        parameters={"seconds": 2},
        deviations="""SELECT event_id, event_time AS occurred_at FROM (
            SELECT *, lag(event_time) OVER (PARTITION BY stream ORDER BY event_time, event_id) AS before FROM events)
            WHERE epoch(event_time) - epoch(before) > $seconds""",
    ),
    replace(
        BASE,
        id="group and join: first log-in of a principal without a factor",
        deviations="""SELECT e.event_id, f.first FROM events e
            JOIN (SELECT principal_id, min(event_time) AS first FROM events GROUP BY principal_id) f
              ON e.principal_id = f.principal_id AND e.event_time = f.first
            WHERE NOT e.mfa_used""",
    ),
    replace(
        BASE,
        id="self-join on the key: an event whose record is missing",
        deviations="""SELECT a.event_id FROM events a
            LEFT JOIN (SELECT event_id FROM events WHERE stream <> 'stream0') b ON a.event_id = b.event_id
            WHERE b.event_id IS NULL AND NOT a.mfa_used""",
    ),
    replace(
        BASE,
        id="part tested: log-ins only, the rest listed",
        tested="SELECT event_id FROM events WHERE action = 'ConsoleLogin'",
        deviations="SELECT event_id FROM events WHERE action = 'ConsoleLogin' AND NOT mfa_used AND ip LIKE '10.0.7%'",
    ),
)


@dataclass(frozen=True)
class Measured:
    name: str
    bare: float
    station: float
    memory: float

    @property
    def ratio(self) -> float:
        return self.station / self.bare


def generate(file: Path, rows: int) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (SELECT 'ev-' || md5(i::VARCHAR) AS event_id,
                TIMESTAMP '2026-06-30' + to_microseconds((i * 86400000000 // {rows})::BIGINT) AS event_time,
                'stream' || (i % 5) AS stream, 'p' || (hash(i) % 100000)::VARCHAR AS principal_id,
                CASE WHEN hash(i * 7) % 10 = 0 THEN 'ConsoleLogin' ELSE 'Get' || (i % 50) END AS action,
                hash(i * 13) % 100 < 97 AS mfa_used, '10.0.' || (i % 256) || '.' || (i % 200) AS ip
                FROM range({rows}) t(i)) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"""
        )


def job(test: ControlTest, file: Path, rows: int, limits: Limits) -> Job:
    record = SealedPopulation(
        "events", "s", DAY.isoformat(), "b", "k", "m", "f", rows, Completeness.PROVEN, False, True, None
    )
    selection = select(test, day_window(DAY), {"events": EVENTS}, [record], {("s", "events")})
    return prepare(test, day_window(DAY), selection, {"f": file}, limits)


def bare(test: ControlTest, file: Path, limits: Limits) -> None:
    bound = bindings(test.parameters, day_window(DAY))
    with duckdb.connect(config={"threads": limits.threads}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET memory_limit = '{limits.memory}'")
        connection.execute(f"CREATE VIEW events AS SELECT *, 's' AS _source FROM '{file}'")
        connection.execute(f"SELECT count(*) FROM ({test.population})").fetchall()
        if test.tested:
            connection.execute(f"SELECT count(*) FROM ({test.tested})").fetchall()
        used = connection.extract_statements(test.deviations)[0].named_parameters
        connection.execute(test.deviations, {name: bound[name] for name in used}).fetchall()


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


class Watch:
    """The highest resident memory of a process's children, in MiB, from /proc."""

    def __init__(self, parent: int) -> None:
        self.highest = 0.0
        self._parent = parent
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        children = Path(f"/proc/{self._parent}/task/{self._parent}/children")
        while not self._stop.wait(0.01):
            for child in children.read_text().split():
                try:
                    status = Path(f"/proc/{child}/status").read_text()
                except OSError:
                    continue  # it ended in between
                for line in status.splitlines():
                    if line.startswith("VmHWM:"):
                        self.highest = max(self.highest, int(line.split()[1]) / 1024)


def measure(runner: Runner, test: ControlTest, file: Path, rows: int, repeats: int) -> Measured:
    work = job(test, file, rows, runner.limits)
    server = runner._running().pid
    plain, station = [], []
    with Watch(server) as watch:
        for _ in range(repeats):
            plain.append(timed(lambda: bare(test, file, runner.limits)))
            station.append(timed(lambda: runner.run(work)))
    return Measured(test.id, statistics.median(plain), statistics.median(station), watch.highest)


def main() -> int:
    arguments = argparse.ArgumentParser(description="Control tests against the bare DuckDB query.")
    arguments.add_argument("--rows", type=int, default=10_000_000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--folder", type=Path, default=None, help="where the generated file is kept for another run")
    given = arguments.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="airtight-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    large, small = folder / f"events-{given.rows}.parquet", folder / "events-1000.parquet"
    for file, rows in ((large, given.rows), (small, 1000)):
        if not file.exists():
            generate(file, rows)
    with Runner() as runner:
        work = job(TESTS[0], small, 1000, runner.limits)
        first = timed(lambda: runner.run(work))
        fixed = statistics.median(timed(lambda: runner.run(work)) for _ in range(21))
        print(
            f"small test (1,000 rows): {fixed * 1000:.0f} ms; the first, which starts the server: {first * 1000:.0f} ms"
        )
        measured = [measure(runner, test, large, given.rows, given.repeats) for test in TESTS]
    print(f"{given.rows:,} rows, median of {given.repeats}:")
    for line in measured:
        print(
            f"  {line.name:<60} bare {line.bare:6.2f} s  station {line.station:6.2f} s"
            f"  ratio {line.ratio:4.2f}  {line.memory:5.0f} MiB"
        )
    slow = [line for line in measured if line.bare > 1 and line.ratio > 1.5]
    large_ones = [line for line in measured if line.memory > 1024]
    return 1 if slow or large_ones or fixed > 0.1 else 0


if __name__ == "__main__":
    sys.exit(main())
