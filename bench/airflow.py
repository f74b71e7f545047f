"""What Airtight costs under Airflow: importing the DAG folder, and a day of the sample from unpause to results.

::

    python bench/airflow.py [--import-only] [--port 8099]

Two figures:

- *import*: CPU seconds to fill Airflow's DagBag from ``dags/``, beyond those to fill it from a folder with one DAG of
  one task (that is: beyond importing Airflow itself); must stay below 1;
- *day*: seconds and CPU seconds of one day of the sample organisation through a fresh local installation: four
  collections, evaluation, register, archive; must stay below 120 seconds on two idle cores.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from airtight_launch.home import Home, prepare
from airtight_launch.journey import prepare_airflow, run_day
from airtight_launch.sample import prepare_keys, prepare_sample
from airtight_launch.server import airflow, members

REPOSITORY = Path(__file__).resolve().parents[1]
ROUNDS = 3
MOST_IMPORT, MOST_DAY = 1.0, 120.0
SMALLEST = """\
from airflow.sdk import dag, task

@dag(schedule=None)
def smallest():
    @task
    def nothing(): ...
    nothing()

smallest()
"""
FILL = """\
import sys, time
from airflow.dag_processing.dagbag import DagBag
sys.path.insert(0, sys.argv[2])
found = DagBag(dag_folder=sys.argv[1])
assert found.dags and not found.import_errors, found.import_errors
print(time.process_time())
"""


def import_seconds(folder: Path, home: Path) -> float:
    """CPU seconds of a process that fills Airflow's DagBag from a folder; the best of a few."""
    environ = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
    }
    command = [sys.executable, "-c", FILL, str(folder), str(REPOSITORY / "plugins")]
    runs = [subprocess.run(command, env=environ, capture_output=True, text=True, check=True) for _ in range(ROUNDS + 1)]
    return min(float(done.stdout.splitlines()[-1]) for done in runs[1:])


def bench_import() -> float:
    """CPU seconds of the DAG folder beyond Airflow's own."""
    with tempfile.TemporaryDirectory() as scratch:
        smallest = Path(scratch) / "dags"
        smallest.mkdir()
        smallest.joinpath("smallest.py").write_text(SMALLEST)
        floor = import_seconds(smallest, Path(scratch))
        ours = import_seconds(REPOSITORY / "dags", Path(scratch))
    print(f"import: {ours:.2f} s CPU, one small DAG alone {floor:.2f} s: {ours - floor:+.2f} s, x {ours / floor:.2f}")
    return ours - floor


def bench_day(port: int) -> float:
    """Seconds of one day of the sample, from unpausing the DAGs to the last one's end."""
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    with tempfile.TemporaryDirectory() as scratch:
        home = Home.of(REPOSITORY, {"AIRTIGHT_STATE": scratch}, port)
        prepare(home, workers=4, retry_seconds=20)
        prepare_sample(home.state, day)
        prepare_keys(home.state)
        began = time.monotonic()
        with airflow(home, lambda _: None) as running:
            prepare_airflow(running.api, heavy_slots=2)
            up, before = time.monotonic(), cpu_seconds(running.process.pid)
            failed = run_day(running.api, day, now, lambda _: None)
            took, spent = time.monotonic() - up, cpu_seconds(running.process.pid) - before
    load = statistics.mean(psutil.getloadavg()[:2])
    print(f"start:  {up - began:.0f} s until Airflow was healthy")
    print(f"day:    {took:.0f} s, {spent:.0f} s CPU (load {load:.1f}); failed: {failed or 'none'}")
    return took


def cpu_seconds(session: int) -> float:
    """CPU of the living processes of a session and of those children of theirs that ended."""
    return sum(sum(psutil.Process(pid).cpu_times()[:4]) for pid in members(session) if psutil.pid_exists(pid))


def main() -> int:
    """Print the figures; 1 where one is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--import-only", action="store_true")
    parser.add_argument("--port", type=int, default=8099)
    given = parser.parse_args()
    slow = bench_import() > MOST_IMPORT
    if not given.import_only:
        slow = bench_day(given.port) > MOST_DAY or slow
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
