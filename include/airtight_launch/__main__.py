"""``make run`` and ``make demo``: from an empty machine to a day of sealed evidence, without a question."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from airtight.errors import AirtightError
from airtight.installation import open_installation
from airtight.settings import load_settings
from airtight_launch.demonstration import demonstrate
from airtight_launch.home import ROLES, Home, prepare
from airtight_launch.journey import ALL, COLLECTING, prepare_airflow, start, unpause, wait_for
from airtight_launch.sample import prepare_sample
from airtight_launch.server import Api, airflow, refuse_port_in_use
from airtight_launch.tables import show_bundles, show_results

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 4
HEAVY_SLOTS = 2


def main() -> int:
    """Run what the first argument says; 0 when it went well, 2 with one plain sentence when it did not."""
    parser = argparse.ArgumentParser(prog="airtight_launch", description=__doc__)
    parser.add_argument("what", choices=["run", "demo"])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--once", action="store_true", help="stop when the day is done, instead of staying up")
    given = parser.parse_args()
    console = Console()
    try:
        if given.what == "demo":
            return demonstrate(ROOT, console)
        return run(Home(ROOT, ROOT / "var", given.port), console, stay=not given.once)
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    except (AirtightError, OSError) as error:
        console.print(_plain(error), style="red", soft_wrap=True, highlight=False)
        return 2


def _plain(error: AirtightError | OSError) -> str:
    if isinstance(error, AirtightError):
        return str(error)
    return f"{error.filename or 'This machine'}: {error.strerror or error}. Check the disk and the permissions."


def run(home: Home, console: Console, *, stay: bool) -> int:
    """Airflow with yesterday collected, tested, sealed and published; stays up until Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)
    refuse_port_in_use(home.port)
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    with console.status("Preparing the sample organisation, passwords and keys") as status:
        prepare(home, workers=WORKERS)
        prepare_sample(home.state, day)
        status.update("Starting Airflow")
        with airflow(home, lambda text: status.update(f"Starting Airflow: {text}")) as api:
            prepare_airflow(api, heavy_slots=HEAVY_SLOTS)
            failed = _run_day(api, day, now, status.update)
            status.stop()
            _report(home, console, day, failed)
            if stay:
                console.print("\nAirflow stays up. Ctrl-C stops it.")
                threading.Event().wait()
    return 1 if failed else 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run_day(api: Api, day: date, now: datetime, progress: Callable[[str], None]) -> list[str]:
    """Every DAG for the day, in the order of the journey; returns those that failed."""
    unpause(api, "evaluate_controls")
    for dag in COLLECTING:
        start(api, dag, day, scheduled=now.hour >= 3)
    ended = {dag: wait_for(api, dag, day, progress) for dag in (*COLLECTING, "evaluate_controls")}
    for dag in ("watch_coverage", "verify_archive"):
        start(api, dag, day, scheduled=now.hour >= 7)
        ended[dag] = wait_for(api, dag, day, progress)
    return [dag for dag in ALL if ended[dag] != "success"]


def _report(home: Home, console: Console, day: date, failed: list[str]) -> None:
    opened = open_installation(load_settings({"AIRTIGHT_HOME": str(home.root), "AIRTIGHT_STATE": str(home.state)}))
    show_results(console, opened, day)
    show_bundles(console, opened, day)
    for dag in failed:
        console.print(f"{dag} failed; look at its run in Airflow.", style="red")
    console.print(f"\nAirflow: {home.address}")
    for name, password in home.passwords().items():
        console.print(f"  {name:<9} {password}   ({ROLES[name]})", highlight=False)
    console.print("\nLook at it:   .venv/bin/airtight bundles      .venv/bin/airtight show AC-01")
    console.print("Verify it:    .venv/bin/airtight verify --key var/keys/signing.pub BUNDLE.zip")


if __name__ == "__main__":
    sys.exit(main())
