"""The sample organisation: the same bytes every time, and an answer key that speaks of the sample's days and tests."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from airtight.collect.registry import CONNECTORS
from airtight.definitions.catalog import load_catalog
from airtight.domain.catalog import Catalog
from samples.generate import FIELDS, generate
from samples.operations_models import gateway_log
from samples.timeline import Timeline
from samples.world import World

#: tests in which nothing can be planted by what vendors export, and why
WITHOUT_A_PLANT = {
    "AU-01.T2": "five of twenty controls would have to go without any result for a month",
    "AU-01.T4": "authors and approvers stand in version control, not in an export",
    "GV-01.T1": "due once, at the end of the year; its charter has two other plants then",
    "GV-01.T3": "looks back over a year, of which the sample has half",
    "GV-04.T3": "due once, at the end of the year; two other tests of its register have plants then",
    "GV-03.T3": "its quarter and four days are whole on one of the days on which it is due, on which it passes",
    "RM-01.T3": "its quarter and thirty days are whole on one of the days on which it is due, on which it passes",
    "PV-01.T3": "due once, at the end of the year, for a month of which the sample has a day",
    "AU-01.T1": "it speaks of the catalog, in which every requirement is answered",
    "EV-01.T2": "a bundle would have to be altered in the store, or vanish from it; tests/tamper does that",
    "EV-01.T5": "environment, rights and review of code are facts of the run; files tell no rights",
}


@pytest.fixture(scope="module")
def timeline() -> Timeline:
    return Timeline(date(2026, 1, 1), date(2026, 6, 30))


@pytest.fixture(scope="module")
def world(timeline: Timeline) -> World:
    return World(timeline)


@pytest.fixture(scope="module")
def catalog(repository: Path) -> Catalog:
    return load_catalog(repository, repository / "include" / "organisation", frozenset(CONNECTORS))


def _written(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_same_days_give_the_same_bytes(tmp_path: Path, timeline: Timeline) -> None:
    generate(tmp_path / "one", timeline, only_last=2)
    generate(tmp_path / "two", timeline, only_last=2)
    assert _written(tmp_path / "one") == _written(tmp_path / "two")


def test_another_seed_gives_other_bytes(tmp_path: Path, timeline: Timeline) -> None:
    generate(tmp_path / "one", timeline, only_last=1)
    generate(tmp_path / "two", timeline, only_last=1, seed=8)
    assert _written(tmp_path / "one") != _written(tmp_path / "two")


def test_a_day_does_not_depend_on_which_other_days_are_written(tmp_path: Path, timeline: Timeline) -> None:
    generate(tmp_path / "one", timeline, only_last=1)
    generate(tmp_path / "three", timeline, only_last=3)
    more = _written(tmp_path / "three")
    assert _written(tmp_path / "one").items() <= more.items()


def test_a_day_is_small(tmp_path: Path, timeline: Timeline) -> None:
    generate(tmp_path, timeline, only_last=1)
    key = tmp_path / "answer_key.yaml"
    assert sum(map(len, _written(tmp_path).values())) - key.stat().st_size < 500_000


def test_counts_are_those_of_the_files(tmp_path: Path, timeline: Timeline) -> None:
    generate(tmp_path, timeline, only_last=1)
    for counts in tmp_path.rglob("counts.json"):
        for name, count in json.loads(counts.read_text()).items():
            if name.endswith((".jsonl", ".jsonl.gz")):
                file = counts.with_name(name)
                content = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
                assert content.count(b"\n") == count, file


def test_every_test_has_a_plant_or_a_reason(world: World, catalog: Catalog) -> None:
    planted = {plant.test for field in FIELDS for plant in field.plants(world)}
    tests = {
        test.id
        for control in catalog.controls.values()
        for test in control.tests
        if test.kind == "sql" and not test.awaits
    }
    assert tests - planted == set(WITHOUT_A_PLANT)


@pytest.mark.parametrize("last", [date(2026, 6, 30), date(2026, 11, 19), date(2028, 2, 29)])
def test_plants_lie_within_the_days_and_name_tests_and_sources_that_exist(last: date, catalog: Catalog) -> None:
    world = World(Timeline(last - timedelta(days=181), last))
    tests = {test.id for control in catalog.controls.values() for test in control.tests}
    for field in FIELDS:
        for plant in field.plants(world):
            assert world.timeline.first <= plant.first <= plant.last <= world.timeline.last, plant
            assert plant.test in tests
        for silence in field.silences(world):
            assert silence.source in catalog.sources
            assert set(silence.tests) <= tests


def test_the_answer_key_repeats_no_deviation(world: World) -> None:
    told = Counter(
        (plant.test, tuple(sorted(plant.key.items())), plant.first) for field in FIELDS for plant in field.plants(world)
    )
    assert [one for one, count in told.items() if count > 1] == []


def test_the_answer_key_is_what_the_fields_tell(tmp_path: Path, timeline: Timeline, world: World) -> None:
    generate(tmp_path, timeline, only_last=1)
    key = yaml.safe_load((tmp_path / "answer_key.yaml").read_text())
    assert (key["first"], key["last"]) == ("2026-01-01", "2026-06-30")
    assert len(key["plants"]) == sum(len(field.plants(world)) for field in FIELDS)


def test_every_population_that_a_test_reads_has_a_source(catalog: Catalog) -> None:
    given = {population for source in catalog.sources.values() for population in source.populations}
    read = {
        name.removesuffix("_history")
        for control in catalog.controls.values()
        for test in control.tests
        for name in test.populations
    }
    assert read <= given


def test_events_lie_inside_their_day(world: World) -> None:
    for number in (0, 55, 70, 100, -1):
        day = world.timeline.day(number)
        assert {str(call["time"])[:10] for call in gateway_log(world, day)} == {day.isoformat()}
