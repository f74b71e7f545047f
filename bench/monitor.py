"""What drift and fairness of many rows cost, against Evidently on the same rows.

    python bench/monitor.py [--rows 1000000] [--many 10000000] [--evidently 100000] [--repeats 3] [--folder DIR]

- *large*: drift of 20 columns (16 numeric, 4 categorical; the reference as long as the data) and fairness of two
  attributes and their intersection over ``--rows`` rows: at most 10 s and 1 GiB on two idle cores;
- *many*: the same over ``--many`` rows: at most 1 GiB, so the rows are not held in memory;
- *packed*: the whole station over ``--rows`` rows in the shape of the population ``predictions``, features in JSON,
  with their outcomes: at most 1 GiB;
- *ratio*: the same drift over ``--evidently`` rows, ours and by Evidently's preset with the same methods pinned, its
  rows in memory already: Evidently's time over ours, at least 1.

Each figure is taken in a process of its own, whose peak memory is the kernel's; of the repeats the median counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

from airtight.domain.monitor import (
    ColumnKind,
    DriftRules,
    FairnessRules,
    Method,
    MonitorSetup,
    Origin,
    PerformanceRules,
    ProtectedAttribute,
    Reference,
    ReportRules,
    Role,
    Task,
    Watched,
)
from airtight.monitor.drift import Sides, compare, profile
from airtight.monitor.engine import Resources, engine, quoted
from airtight.monitor.evidently_report import make_report
from airtight.monitor.fairness import Cohorts, fairness_of
from airtight.monitor.prepared import Rows
from airtight.monitor.station import Subject, monitor
from airtight.monitor.tables import Table, table_of

MOST_SECONDS, MOST_MIB, LEAST_RATIO = 10.0, 1024.0, 1.0
NUMERIC, CATEGORICAL = 16, 4
DAY = timedelta(days=1)
DAY_OF_ROWS = date(2026, 6, 1)
WATCHED = (
    *(Watched(f"n{i}", Role.FEATURE, ColumnKind.NUMERIC, Method.WASSERSTEIN, 0.1) for i in range(NUMERIC)),
    *(Watched(f"c{i}", Role.FEATURE, ColumnKind.CATEGORICAL, Method.JENSEN_SHANNON, 0.1) for i in range(CATEGORICAL)),
)
RULES = DriftRules(DAY, 1, 500, 0.1)
SETUP = MonitorSetup(
    ai_system="bench",
    task=Task.BINARY,
    positive="yes",
    reference=Reference("0" * 64, "reference.parquet"),
    watched=WATCHED,
    drift=RULES,
    performance=PerformanceRules(DAY, 1, 200, DAY, 0.05, {"accuracy": True}),
    fairness=FairnessRules(
        DAY,
        1,
        0.05,
        100,
        10,
        tuple(ProtectedAttribute(name, Origin.REPORTED, "bench") for name in ("sex", "age")),
        (("sex", "age"),),
    ),
    canary=None,
    report=None,
    sha256="0" * 64,
)


def generate(file: Path, rows: int, seed: int) -> None:
    """A wide table: normal, skewed and few-valued numbers, words, a decision, its outcome, two attributes."""
    shapes = (
        "sqrt(-2 * ln(u)) * cos(6.2831853 * v)",
        "-ln(u)",
        "round(40 * u)",
        "exp(sqrt(-2 * ln(v)) * cos(6.28 * u))",
    )
    numbers = [
        f"(SELECT {shapes[i % 4]} FROM (SELECT {_even(seed, 2 * i)} AS u, {_even(seed, 2 * i + 1)} AS v)) AS n{i}"
        for i in range(NUMERIC)
    ]
    words = [f"'w' || CAST(floor(pow({_even(seed, 50 + i)}, 2) * 12) AS INTEGER) AS c{i}" for i in range(CATEGORICAL)]
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"""COPY (SELECT {", ".join(numbers)}, {", ".join(words)},
                CASE WHEN {_even(seed, 60)} < 0.4 THEN 'yes' ELSE 'no' END AS prediction,
                CASE WHEN {_even(seed, 61)} < 0.4 THEN 'yes' ELSE 'no' END AS _actual,
                CASE WHEN {_even(seed, 62)} < 0.5 THEN 'female' ELSE 'male' END AS sex,
                'band ' || CAST(floor({_even(seed, 63)} * 6) AS INTEGER) AS age
                FROM range({rows}) t(i)) TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)"""
        )


def _even(seed: int, salt: int) -> str:
    """SQL of a number above 0 and below 1 that follows from row, seed and salt."""
    return f"((hash(i, {seed}, {salt}) % 1000003 + 0.5) / 1000003)"


def table(connection: duckdb.DuckDBPyConnection, file: Path) -> Table:
    whole = f"(SELECT *, file_row_number AS _row FROM read_parquet({quoted(file)}, file_row_number => true))"
    return table_of(connection, whole, WATCHED)


def ours(folder: Path, *, fairness: bool) -> float:
    """Seconds of drift, and of fairness where asked."""
    files = [folder / "reference.parquet", folder / "current.parquet"]
    start = time.perf_counter()
    with engine(folder, files, Resources()) as connection:
        sides = Sides(*(table(connection, file) for file in files))
        figures = compare(connection, sides, profile(connection, sides.reference, WATCHED), WATCHED, RULES)
        if fairness:
            columns = {"sex": "sex", "age": "age"}
            figures += tuple(fairness_of(connection, Cohorts(sides.current, sides.current), columns, SETUP))
    assert all(figure.values for figure in figures), [figure for figure in figures if not figure.values]
    return time.perf_counter() - start


def pack(folder: Path) -> None:
    """The current rows in the shape of ``predictions`` and ``actuals``, a row every twentieth of a second."""
    source = f"read_parquet({quoted(folder / 'current.parquet')}, file_row_number => true)"
    features = ", ".join(f"'{column.name}', {column.name}" for column in WATCHED)
    made = f"TIMESTAMP '{DAY_OF_ROWS} 00:00:00' + to_milliseconds(file_row_number % 1700000 * 50)"
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            f"""COPY (SELECT 'p' || file_row_number AS prediction_id, 'bench' AS ai_system_id, 'v1' AS model_version_id,
                {made} AS ts, CAST(json_object({features}) AS VARCHAR) AS features, prediction, 0.5 AS score,
                CAST(json_object('sex', sex, 'age', age) AS VARCHAR) AS group_attrs FROM {source})
                TO {quoted(folder / "predictions.parquet")} (FORMAT parquet, COMPRESSION zstd)"""
        )
        connection.execute(
            f"""COPY (SELECT 'p' || file_row_number AS prediction_id, _actual AS actual, {made} AS observed_at
                FROM {source}) TO {quoted(folder / "actuals.parquet")} (FORMAT parquet, COMPRESSION zstd)"""
        )


def packed(folder: Path) -> float:
    """Seconds of the whole station on packed rows."""
    reference = folder / "reference.parquet"
    digest = hashlib.sha256(reference.read_bytes()).hexdigest()
    setup = replace(SETUP, reference=Reference(digest, reference.name))
    rows = Rows([folder / "predictions.parquet"], [folder / "actuals.parquet"])
    with tempfile.TemporaryDirectory(dir=folder) as work:
        start = time.perf_counter()
        found = monitor(Subject(setup, DAY_OF_ROWS, rows, reference), Path(work))
    assert len(found.records["drift_results"]) == len(WATCHED)
    return time.perf_counter() - start


def evidently(folder: Path, rows: int) -> float:
    """Seconds of Evidently's report; the first, small one takes the import and the warming up."""
    files = [folder / "reference.parquet", folder / "current.parquet"]
    with engine(folder, files, Resources(2000)) as connection:
        sides = Sides(*(table(connection, file) for file in files))
        make_report(connection, sides, WATCHED, ReportRules(1, 1, 1000), folder, "warm")
        start = time.perf_counter()
        make_report(connection, sides, WATCHED, ReportRules(1, 1, rows), folder, "all")
    return time.perf_counter() - start


def peak_mib() -> float:
    """The highest resident memory of this process."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def run(what: str, folder: Path, rows: int) -> tuple[float, float]:
    """Seconds and MiB of one measurement, in a process of its own."""
    command = [sys.executable, __file__, "--child", what, "--folder", str(folder), "--rows", str(rows)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def measured(what: str, folder: Path, rows: int, repeats: int) -> tuple[float, float]:
    runs = [run(what, folder, rows) for _ in range(repeats)]
    return statistics.median(seconds for seconds, _ in runs), max(memory for _, memory in runs)


def child(what: str, folder: Path, rows: int) -> None:
    if what == "packed":
        seconds = packed(folder)
    else:
        seconds = evidently(folder, rows) if what == "evidently" else ours(folder, fairness=what == "ours")
    print(json.dumps([seconds, peak_mib()]))


def bench(arguments: argparse.Namespace, folder: Path) -> bool:
    held = True
    for name, rows, repeats in (("large", arguments.rows, arguments.repeats), ("many", arguments.many, 1)):
        if not rows:
            continue
        place = prepared(folder, name, rows)
        seconds, memory = measured("ours", place, rows, repeats)
        within = memory <= MOST_MIB and (name == "many" or seconds <= MOST_SECONDS)
        held &= within
        limit = f"at most {MOST_SECONDS:.0f} s and" if name == "large" else "at most"
        verdict = "held" if within else "MISSED"
        print(f"{name}: {rows:,} rows x 20: {seconds:.1f} s, {memory:.0f} MiB; {limit} {MOST_MIB:.0f} MiB: {verdict}")
    if arguments.rows:
        place = prepared(folder, "large", arguments.rows)
        if not (place / "actuals.parquet").exists():
            pack(place)
        seconds, memory = measured("packed", place, arguments.rows, 1)
        held &= memory <= MOST_MIB
        print(f"packed: {arguments.rows:,} rows, the whole station: {seconds:.1f} s, {memory:.0f} MiB")
    if arguments.evidently:
        place = prepared(folder, "ratio", arguments.evidently)
        times: dict[str, list[float]] = {"drift": [], "evidently": []}
        for _ in range(arguments.repeats):
            for what, found in times.items():
                found.append(run(what, place, arguments.evidently)[0])
        fast, slow = (statistics.median(found) for found in times.values())
        held &= slow / fast >= LEAST_RATIO
        print(f"ratio: {arguments.evidently:,} rows: ours {fast:.2f} s, Evidently {slow:.2f} s, x {slow / fast:.1f}")
    return held


def prepared(folder: Path, name: str, rows: int) -> Path:
    place = folder / f"{name}-{rows}"
    if not place.is_dir():
        place.mkdir(parents=True)
        generate(place / "reference.parquet", rows, 1)
        generate(place / "current.parquet", rows, 2)
    return place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--many", type=int, default=10_000_000)
    parser.add_argument("--evidently", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", choices=["ours", "drift", "packed", "evidently"])
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.folder, arguments.rows)
        return 0
    if arguments.folder:
        return 0 if bench(arguments, arguments.folder) else 1
    with tempfile.TemporaryDirectory() as folder:
        return 0 if bench(arguments, Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
