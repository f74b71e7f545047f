"""The answer key: what is planted, so what must be found, day by day and test by test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from samples.timeline import Timeline


@dataclass(frozen=True)
class Plant:
    """One planted deviation.

    Attributes:
        story: what happened, in a sentence.
        test: the control test that must find it.
        key: the key columns of the deviation, as text; what is sealed as a pseudonym is told as it was before.
        first, last: days on whose evaluation it shows, where the test is due; both included.
    """

    story: str
    test: str
    key: Mapping[str, str]
    first: date
    last: date


@dataclass(frozen=True)
class Silence:
    """A source that gives nothing on some days, so that the tests resting on it cannot be judged."""

    story: str
    source: str
    tests: Sequence[str]
    first: date
    last: date


def save(file: Path, timeline: Timeline, plants: Sequence[Plant], silences: Sequence[Silence]) -> None:
    """Write the key, plants inside the sample's days only."""
    content = {
        "first": timeline.first.isoformat(),
        "last": timeline.last.isoformat(),
        "plants": [_plant(plant) for plant in plants if plant.first <= timeline.last and plant.last >= timeline.first],
        "silences": [_silence(silence) for silence in silences],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8")


def _plant(plant: Plant) -> dict[str, object]:
    return {
        "story": plant.story,
        "test": plant.test,
        "key": dict(plant.key),
        "first": plant.first.isoformat(),
        "last": plant.last.isoformat(),
    }


def _silence(silence: Silence) -> dict[str, object]:
    return {
        "story": silence.story,
        "source": silence.source,
        "tests": list(silence.tests),
        "first": silence.first.isoformat(),
        "last": silence.last.isoformat(),
    }
