"""The life of the sample's AI systems: what is exported lies in its day, and what the monitor reports can be told."""

from __future__ import annotations

from datetime import date

import pytest

from samples import lifecycle_data as data
from samples import lifecycle_evaluations as evaluations
from samples import lifecycle_monitor as monitor
from samples import lifecycle_outputs as outputs
from samples.timeline import Timeline
from samples.world import World

DAYS = (0, 33, 60, 76, 90, -20, -9, -1)


@pytest.fixture(scope="module")
def world() -> World:
    return World(Timeline(date(2025, 12, 31), date(2026, 6, 30)))


@pytest.mark.parametrize("number", DAYS)
def test_events_lie_inside_their_day(world: World, number: int) -> None:
    day = world.timeline.day(number)
    moments = [
        *(one["time"] for one in outputs.predictions(world, day)),
        *(one["observed_at"] for one in outputs.outcomes(world, day)),
        *(one["closed_at"] for one in outputs.reviews(world, day)),
        *(one["period"]["to"] for one in monitor.metric_records(world, day)),  # type: ignore[index]
        *(one["at"] for one in monitor.drift_records(world, day)),
        *(one["performed"] for one in evaluations.evaluations(world, day)),
    ]
    assert {str(moment)[:10] for moment in moments} == {day.isoformat()}


@pytest.mark.parametrize("number", DAYS)
def test_keys_of_a_day_are_unique(world: World, number: int) -> None:
    day = world.timeline.day(number)
    for records in (outputs.predictions(world, day), outputs.reviews(world, day), evaluations.evaluations(world, day)):
        names = [record["id"] for record in records]
        assert len(names) == len(set(names))


def test_an_ordinary_week_is_no_degradation(world: World) -> None:
    measured = list(monitor.measurements(world, world.timeline.day(20)))
    assert {one.n for one in measured} == {7 * 31}
    assert not any(one.degraded for one in measured)


def test_bad_days_show_in_the_week_that_follows(world: World) -> None:
    system, first, _ = outputs.BAD[0]
    degraded = [one for one in monitor.measurements(world, world.timeline.day(first + 4)) if one.degraded]
    assert {one.system for one in degraded} == {system}


def test_the_list_of_people_names_somebody_twice_on_the_planted_days_only(world: World) -> None:
    for number in range(100, 130):
        people = [row["subject"] for row in data.subjects(world, world.timeline.day(number))]
        assert (len(people) > len(set(people))) == (number in monitor.TWICE)


def test_a_small_group_is_far_from_the_others_and_a_large_one_is_not(world: World) -> None:
    thursday = next(day for day in world.timeline.days() if day.weekday() == 3)
    (sex, *_) = evaluations.evaluations(world, thursday)
    rates, sizes = sex["rates"], sex["groups"]
    assert isinstance(rates, dict)
    assert isinstance(sizes, dict)
    large = [rates[name]["selected"] for name, size in sizes.items() if size >= 100]
    assert max(large) - min(large) < 0.05 < rates["other"]["selected"] - max(large)
