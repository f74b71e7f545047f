"""``make run`` and ``make demo``: from an empty machine to a day of sealed evidence, without a question."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from rich.console import Console

from airtight.errors import AirtightError, ConfigurationError
from airtight.installation import open_installation
from airtight.settings import load_settings
from airtight_launch.demonstration import demonstrate
from airtight_launch.home import Home, prepare
from airtight_launch.journey import prepare_airflow, run_day
from airtight_launch.progress import Progress
from airtight_launch.sample import prepare_keys, prepare_sample
from airtight_launch.server import airflow, refuse_port_in_use
from airtight_launch.tables import show_bundles, show_log_ins, show_results

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 4
HEAVY_SLOTS = 2
RETRY_SECONDS = 20
NEEDED_BYTES = 512 * 1024**2


def main() -> int:
    """Run what the first argument says; 0 when it went well, 2 with one plain sentence when it did not."""
    parser = argparse.ArgumentParser(prog="airtight_launch", description=__doc__)
    parser.add_argument("what", choices=["run", "demo"])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--once", action="store_true", help="stop when the day is done, instead of staying up")
    given = parser.parse_args()
    console = Console()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _interrupt)
    try:
        home = Home.of(ROOT, os.environ, given.port)
        return demonstrate(home, console) if given.what == "demo" else run(home, console, stay=not given.once)
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0
    except (AirtightError, OSError) as error:
        console.print(_plain(error), style="red", soft_wrap=True, highlight=False, markup=False)
        return 2


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _plain(error: AirtightError | OSError) -> str:
    if isinstance(error, AirtightError):
        return str(error)
    return f"{error.filename or 'This machine'}: {error.strerror or error}. Check the disk and the permissions."


def run(home: Home, console: Console, *, stay: bool) -> int:
    """Airflow with yesterday collected, tested, sealed and published; stays up until Ctrl-C."""
    refuse_port_in_use(home.port)
    refuse_full_disk(home.state)
    now = datetime.now(UTC)
    day = now.date() - timedelta(days=1)
    with Progress(console) as progress:
        prepare(home, workers=WORKERS, retry_seconds=RETRY_SECONDS)
        if home.is_sample:
            progress("Writing the sample organisation's exports")
            prepare_sample(home.state, day)
        prepare_keys(home.state)
        progress("Starting Airflow")
        with airflow(home, lambda text: progress(f"Starting Airflow: {text}")) as running:
            prepare_airflow(running.api, heavy_slots=HEAVY_SLOTS)
            failed = run_day(running.api, day, now, progress)
            progress.done()
            _report(home, console, day, failed)
            if stay:
                console.print("\nAirflow stays up. Ctrl-C stops it.")
                running.stay()
    return 1 if failed else 0


def refuse_full_disk(state: Path) -> None:
    """Raise a ConfigurationError where a day of evidence and Airflow's logs would not fit."""
    state.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(state).free
    if free < NEEDED_BYTES:
        raise ConfigurationError(
            f"the disk has {free // 1024**2} MiB free; Airflow and a day of evidence need {NEEDED_BYTES // 1024**2}.",
            where=str(state),
            remedy="Free some space, or name another folder: AIRTIGHT_STATE=/somewhere make run",
        )


def _report(home: Home, console: Console, day: date, failed: list[str]) -> None:
    opened = open_installation(load_settings(home.environment()))
    show_results(console, opened, day)
    show_bundles(console, opened, day)
    for dag in failed:
        console.print(f"{dag} failed; look at its run in Airflow.", style="red")
    show_log_ins(console, home)
    console.print("\nLook at it:   .venv/bin/airtight bundles      .venv/bin/airtight show AC-01")
    console.print(
        f"Verify it:    .venv/bin/airtight verify --key {opened.settings.public_key} BUNDLE.zip", soft_wrap=True
    )


if __name__ == "__main__":
    sys.exit(main())
