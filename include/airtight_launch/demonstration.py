"""``make demo``: the journey without Airflow, in under a minute: collect, test, seal, verify, tamper, see it fail."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from rich.console import Console

from airtight import pipeline
from airtight.domain.bundle import BundleKind
from airtight.errors import ConfigurationError
from airtight.installation import Installation, Trigger, open_installation
from airtight.seal.verify import Verdict, verify
from airtight.settings import load_settings
from airtight_launch.home import Home
from airtight_launch.progress import Progress
from airtight_launch.sample import prepare_keys, prepare_sample
from airtight_launch.tables import show_bundles, show_results

#: A day near the end of the sample on which a good share of what is planted shows.
DAY = date(2026, 6, 29)


def demonstrate(home: Home, console: Console) -> int:
    """Run one day of the sample in this process, then verify a bundle and an altered copy of it."""
    state = home.state / "demo"
    shutil.rmtree(state, ignore_errors=True)
    with Progress(console) as progress:
        progress("Writing the sample organisation's exports")
        prepare_keys(state)
        prepare_sample(state, DAY)
        opened = open_installation(load_settings({"AIRTIGHT_HOME": str(home.root), "AIRTIGHT_STATE": str(state)}))
        progress(f"Collecting, testing and sealing {DAY}")
        pipeline.run_day(opened, DAY.isoformat(), trigger=Trigger(kind="manual"))
    show_results(console, opened, DAY)
    show_bundles(console, opened, DAY)
    return _verify_and_tamper(opened, state, console)


def _verify_and_tamper(opened: Installation, state: Path, console: Console) -> int:
    published = opened.index.head(BundleKind.RESULTS, "controls", DAY.isoformat())
    if published is None:
        raise ConfigurationError("the day has no results bundle.", remedy="Look at the messages above.")
    good, altered = state / "results.zip", state / "altered.zip"
    good.write_bytes(opened.store.read(published.key))
    altered.write_bytes(_flip_a_verdict(good.read_bytes()))
    verdicts = [_show(console, file, opened) for file in (good, altered)]
    return 0 if verdicts == [Verdict.HOLDS, Verdict.BROKEN] else 1


def _flip_a_verdict(content: bytes) -> bytes:
    """The same bundle with one failed control turned into a passing one of the same length."""
    changed = content.replace(b'"state":"fail"', b'"state":"pass"', 1)
    if changed == content:
        raise ConfigurationError("no control failed on the sample day, so there is nothing to falsify.")
    return changed


def _show(console: Console, file: Path, opened: Installation) -> Verdict:
    console.print(f"\n[bold]airtight verify --key {opened.settings.public_key} {file}[/]", soft_wrap=True)
    found = verify(file, opened.public_key)
    for line in found.lines():
        console.print("  " + line, markup=False, highlight=False, soft_wrap=True)
    return found.verdict
