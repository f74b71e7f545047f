"""One half of the sample's two quarters through the pipeline, in a process of its own: what every test found each day.

The halves share nothing but the exports, so two processes run them at the same time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from airtight import pipeline, queries
from airtight.installation import Installation, Trigger, open_installation
from airtight.settings import load_settings
from airtight_launch.home import private_file
from airtight_launch.sample import prepare_keys

REPOSITORY = Path(__file__).resolve().parents[2]
Key = tuple[tuple[str, str], ...]
#: one for all installations here, so that the answer key can be told what stands for whom
PSEUDONYM_KEY = bytes(range(32))


@dataclass(frozen=True)
class Found:
    """What one test found on one day."""

    day: date
    test: str
    state: str
    reason: str
    keys: frozenset[Key]
    waived: frozenset[Key]


def lean_organisation(folder: Path) -> Path:
    """A copy of the sample organisation whose quality suites are empty: the built-in checks remain."""
    shutil.copytree(REPOSITORY / "include" / "organisation", folder)
    (folder / "expectations").mkdir()
    for file in (REPOSITORY / "expectations").glob("*.json"):
        suite = json.loads(file.read_text(encoding="utf-8")) | {"expectations": []}
        (folder / "expectations" / file.name).write_text(json.dumps(suite), encoding="utf-8")
    return folder


def opened(state: Path, organisation: Path, exports: Path) -> Installation:
    """An installation in an empty folder over exports that lie elsewhere."""
    state.mkdir(parents=True)
    (state / "exports").symlink_to(exports)
    (state / "keys").mkdir(mode=0o700)
    private_file(state / "keys" / "pseudonym.key", PSEUDONYM_KEY.hex() + "\n")
    prepare_keys(state)
    places = {"HOME": REPOSITORY, "ORGANISATION": organisation, "STATE": state}
    return open_installation(load_settings({f"AIRTIGHT_{name}": str(place) for name, place in places.items()}))


def run_half(state: Path, organisation: Path, exports: Path, days: Sequence[date]) -> list[Found]:
    """Collect and judge each day in order; everything that every test found."""
    installation = opened(state, organisation, exports)
    found: list[Found] = []
    for day in days:
        pipeline.run_day(installation, day.isoformat(), trigger=Trigger(by="tests", reason="the two quarters"))
        found += _found(installation, day)
    return found


def _found(installation: Installation, day: date) -> list[Found]:
    lines = queries.results_of_day(installation, day.isoformat())
    results = (queries.control_result(installation, line.control, day.isoformat())[0] for line in lines)
    return [
        Found(
            day,
            test.test,
            test.state.value,
            test.reason,
            frozenset(tuple(sorted(deviation.key)) for deviation in test.deviations),
            frozenset(tuple(sorted(deviation.key)) for deviation in test.deviations if deviation.waiver),
        )
        for result in results
        for test in result.tests
    ]
