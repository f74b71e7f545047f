"""Requirements as a population: each with the controls that answer it, and those of them that are active."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from airtight.domain.catalog import Catalog
from airtight.domain.control import LifeCycle, Stage
from airtight.journey.requirement_records import requirement_records

ACTIVE = Stage(LifeCycle.ACTIVE, date(2026, 1, 1), "Chief risk officer", "It begins.")


@pytest.fixture
def catalog(little) -> Catalog:
    return little.open().catalog


def _of(catalog: Catalog, requirement: str, day: date = date(2026, 6, 30)):
    return next(each for each in requirement_records(catalog, day) if each["requirement_id"] == requirement)


def test_every_assessable_requirement_is_told_once(catalog):
    found = [(each["framework"], each["requirement_id"]) for each in requirement_records(catalog, date(2026, 6, 30))]
    assert len(found) == len(set(found)) == 61 + 70
    assert ("soc2", "CC6.2") in found
    assert all(requirement != "CC6" for _, requirement in found)


def test_only_direct_answers_count(catalog):
    control = catalog.controls["AC-01"]
    assert control.supports["iso42001"]
    assert "AC-01" in _of(catalog, "CC6.2")["control_ids"]
    assert "AC-01" not in _of(catalog, control.supports["iso42001"][0])["control_ids"]


@pytest.mark.parametrize(
    ("life", "day", "active"),
    [
        ((ACTIVE,), date(2026, 1, 1), True),
        ((ACTIVE,), date(2025, 12, 31), False),
        ((replace(ACTIVE, state=LifeCycle.PLANNED),), date(2026, 6, 30), False),
        ((ACTIVE, Stage(LifeCycle.RETIRED, date(2026, 3, 1), "CRO", "Replaced.")), date(2026, 6, 30), False),
        ((), date(2026, 6, 30), False),
    ],
)
def test_control_is_active_by_its_life_on_the_day(catalog, life, day, active):
    changed = replace(catalog, controls={"AC-01": replace(catalog.controls["AC-01"], life=life)})
    found = _of(changed, "CC6.2", day)
    assert found["control_ids"] == ["AC-01"]
    assert found["active_control_ids"] == (["AC-01"] if active else [])


def test_control_whose_tests_all_await_something_is_not_tested(catalog):
    control = catalog.controls["AC-01"]
    waiting = replace(control, life=(ACTIVE,), tests=tuple(replace(test, awaits="later") for test in control.tests))
    found = _of(replace(catalog, controls={"AC-01": waiting}), "CC6.2")
    assert found["active_control_ids"] == []
