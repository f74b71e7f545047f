"""A quality suite on DuckDB over Parquet against the same suite on a pandas frame, in one run.

    python bench/quality.py [--rows 10000000] [--repeats 3]

Both run the expectations of the ``audit_events`` suite that every engine of Great Expectations knows, over the same
rows with the same planted faults. The frame is in memory before its clock starts; DuckDB's clock includes reading
Parquet. Printed are medians, the ratio, peak memory, and whether the verdicts agree; the exit code is 1 where they do
not, or where DuckDB is less than five times as fast.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from airtight.domain.period import parse_partition
from airtight.quality.database import opened
from airtight.quality.judging import run_suite
from airtight.quality.suites import SQL_RULE, read_suite

REPOSITORY = Path(__file__).resolve().parents[1]
SUITE = REPOSITORY / "expectations" / "audit_events.json"
WINDOW = parse_partition("2026-06-30")
WANTED = 5.0

ROWS = """
COPY (
  SELECT 'e' || i AS event_id, 's' || (i % 40) AS system_id,
    TIMESTAMP '2026-06-30' + to_microseconds((i * 8640) % 86400000000) AS occurred_at,
    CASE WHEN i % 50 = 0 THEN NULL ELSE 'u' || (i % 5000) END AS actor_id,
    ['human', 'service', 'ai-agent', 'unknown'][1 + i % 4] AS actor_kind,
    CASE WHEN i % 1000000 = 7 THEN '' ELSE 'action-' || (i % 300) END AS action, 'target' || (i % 900) AS target,
    CASE WHEN i % 500000 = 3 THEN 'maybe' ELSE ['success', 'failure'][1 + (i % 9 = 0)::INT] END AS outcome,
    '10.0.' || (i % 250) || '.0' AS ip, NULL::VARCHAR AS ai_system_id, NULL::VARCHAR AS model_version_id,
    'write' AS activity, 'prod' AS environment, '{}' AS attrs
  FROM range({rows}) t(i)
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""


def portable(folder: Path) -> Path:
    """The suite without its SQL rules, which pandas cannot run."""
    suite = json.loads(SUITE.read_text())
    suite["expectations"] = [entry for entry in suite["expectations"] if entry["type"] != SQL_RULE]
    file = folder / SUITE.name
    file.write_text(json.dumps(suite))
    return file


def on_duckdb(suite: Path, data: Path, rows: int) -> tuple[float, list[bool]]:
    rules = read_suite(suite, "audit_events")
    start = time.perf_counter()
    with opened({"audit_events": data}, WINDOW) as database:
        outcomes = run_suite(rules, "audit_events", database, WINDOW, rows)
    return time.perf_counter() - start, [outcome.success for outcome in outcomes][: len(rules)]


def on_pandas(suite: Path, data: Path) -> tuple[float, list[bool]]:
    import great_expectations
    import pandas
    from great_expectations.data_context.types.base import ProgressBarsConfig

    frame = pandas.read_parquet(data)
    entries = json.loads(suite.read_text())["expectations"]
    entries = [{**entry, "meta": {"position": number}} for number, entry in enumerate(entries)]
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("frame").add_dataframe_asset("audit_events")
    start = time.perf_counter()
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    results = batch.validate(
        great_expectations.ExpectationSuite(name="audit_events", expectations=entries),
        result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
    ).results
    took = time.perf_counter() - start
    ordered = sorted(results, key=lambda each: each.expectation_config.meta["position"])
    return took, [bool(each.success) for each in ordered]


def one(engine: str, suite: Path, data: Path, rows: int) -> None:
    """One measurement in a process of its own, so that memory is its own; the imports are not timed."""
    import great_expectations  # noqa: F401

    took, verdicts = on_duckdb(suite, data, rows) if engine == "duckdb" else on_pandas(suite, data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "verdicts": verdicts, "peak_mib": round(peak)}))


def measure(engine: str, suite: Path, data: Path, rows: int) -> dict[str, object]:
    command = [sys.executable, __file__, "--one", engine, str(suite), str(data), "--rows", str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare(rows: int, repeats: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data, suite = folder / "audit_events.parquet", portable(folder)
        duckdb.sql(ROWS.replace("{rows}", str(rows)).replace("{file}", str(data)))
        runs: dict[str, list[dict[str, object]]] = {"duckdb": [], "pandas": []}
        for _ in range(repeats):
            for engine, results in runs.items():
                results.append(measure(engine, suite, data, rows))
    return report(rows, runs)


def report(rows: int, runs: dict[str, list[dict[str, object]]]) -> int:
    seconds = {engine: statistics.median(float(str(run["seconds"])) for run in each) for engine, each in runs.items()}
    agree = all(run["verdicts"] == runs["pandas"][0]["verdicts"] for each in runs.values() for run in each)
    ratio = seconds["pandas"] / seconds["duckdb"]
    for engine, each in runs.items():
        peak = max(int(str(run["peak_mib"])) for run in each)
        print(f"{engine:8} {seconds[engine]:8.2f} s   peak {peak} MiB   ({len(each)} runs)")
    print(f"{rows} rows: DuckDB is {ratio:.1f} x as fast as pandas; the verdicts {'agree' if agree else 'DIFFER'}")
    return 0 if agree and ratio >= WANTED else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("ENGINE", "SUITE", "DATA"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        engine, suite, data = arguments.one
        one(engine, Path(suite), Path(data), arguments.rows)
        return 0
    return compare(arguments.rows, arguments.repeats)


if __name__ == "__main__":
    sys.exit(main())
