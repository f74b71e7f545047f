"""The sample organisation through the pipeline: everything that the answer key names is found, and nothing else.

Two stretches of days, each the end of a quarter, run in two processes. ``AIRTIGHT_SAMPLE_DAYS`` says how many days each
has; with ``all`` they are the two whole quarters. What looks back beyond the first day of its stretch cannot be judged
there.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
import yaml
from sample_halves import PSEUDONYM_KEY, REPOSITORY, Found, Key, lean_organisation, opened, run_half

from airtight import pipeline
from airtight.collect.redaction import pseudonym
from airtight.collect.registry import CONNECTORS
from airtight.definitions.catalog import load_catalog
from airtight.domain.catalog import Catalog
from airtight.domain.control import ControlTest
from airtight.domain.period import Frequency
from airtight.domain.period import test_window as window_of
from airtight.domain.population import PopulationKind, Redaction
from airtight.installation import Trigger
from samples.generate import generate
from samples.timeline import Timeline

pytestmark = pytest.mark.slow

#: from the last day of a year to the end of June: two whole quarters, and the day on which annual controls are due
TIMELINE = Timeline(date(2025, 12, 31), date(2026, 6, 30))
SECOND_HALF = date(2026, 4, 1)
#: days of each stretch: 15 let a window of two weeks end on a Sunday, and show weekly controls and the month's end
ASKED = os.environ.get("AIRTIGHT_SAMPLE_DAYS", "15")
ALL = ASKED == "all"
#: tests of the checkout and its commits, which no export decides
ABOUT_THE_CHECKOUT = {"AU-01.T4", "EV-01.T5"}
JUDGED = {"pass", "exceptions", "fail"}
Expected = Mapping[tuple[date, str], set[Key]]


@dataclass(frozen=True)
class TwoQuarters:
    """What is planted, and what was found."""

    catalog: Catalog
    answers: Mapping[str, list[Mapping[str, object]]]
    stretches: Sequence[Sequence[date]]
    found: Sequence[Found]

    def tests(self) -> Iterator[ControlTest]:
        for control in self.catalog.controls.values():
            yield from control.tests

    def expected(self) -> Expected:
        """Day and test -> the keys that must deviate, where the test is due."""
        expected: defaultdict[tuple[date, str], set[Key]] = defaultdict(set)
        for plant in self.answers["plants"]:
            test = str(plant["test"])
            control = self.catalog.controls[test.partition(".")[0]]
            for day in _days(plant):
                if any(day in stretch for stretch in self.stretches) and control.is_due(day):
                    expected[(day, test)].add(self._as_sealed(test, plant["key"]))  # type: ignore[arg-type]
        return expected

    def _as_sealed(self, test: str, key: Mapping[str, str]) -> Key:
        """A key of the answers with pseudonyms where the populations of its test have them."""
        control = self.catalog.controls[test.partition(".")[0]]
        read = next(one for one in control.tests if one.id == test).populations
        hidden = {
            column.name
            for name in read
            for column in self.catalog.populations[name.removesuffix("_history")].columns
            if column.redaction is Redaction.PSEUDONYM
        }
        sealed = {name: pseudonym(PSEUDONYM_KEY, value) if name in hidden else value for name, value in key.items()}
        return tuple(sorted(sealed.items()))

    def silent(self) -> set[tuple[date, str]]:
        """Days and tests that cannot be judged because a source gave nothing, or less than it should."""
        return {(day, test) for entry in self.answers["silences"] for test in entry["tests"] for day in _days(entry)}  # type: ignore[attr-defined]

    def looks_back(self, test: ControlTest, day: date) -> bool:
        """Whether a test needs a day before its half began."""
        first = next(stretch[0] for stretch in self.stretches if day in stretch)
        start = window_of(test.window, day).start.date()
        names = {name.removesuffix("_history") for name in test.populations}
        kinds = {self.catalog.populations[name].kind for name in names}
        about_the_product = {
            name for source in self.catalog.sources.values() if source.connector == "airtight"
            for name in source.populations
        }  # fmt: skip
        if names & about_the_product:  # they tell of the day before
            return start <= first
        needs_days = PopulationKind.EVENT in kinds or names != set(test.populations)
        return needs_days and start < first


def _days(entry: Mapping[str, object]) -> Iterator[date]:
    first, last = date.fromisoformat(str(entry["first"])), date.fromisoformat(str(entry["last"]))
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of all days, with the answer key."""
    folder = tmp_path_factory.mktemp("sample") / "exports"
    generate(folder, TIMELINE)
    return folder


@pytest.fixture(scope="session")
def quarters(exports: Path) -> TwoQuarters:
    """Both stretches, run at the same time."""
    days = list(TIMELINE.days())
    halves = [[day for day in days if day < SECOND_HALF], [day for day in days if day >= SECOND_HALF]]
    halves = halves if ALL else [half[-int(ASKED) :] for half in halves]
    organisation = lean_organisation(exports.parent / "organisation")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        runs = [
            pool.submit(run_half, exports.parent / f"half-{n}", organisation, exports, half)
            for n, half in enumerate(halves)
        ]
        found = [entry for run in runs for entry in run.result()]
    answers = yaml.safe_load((exports / "answer_key.yaml").read_text(encoding="utf-8"))
    return TwoQuarters(load_catalog(REPOSITORY, organisation, CONNECTORS), answers, halves, found)


def test_everything_planted_is_found_on_every_day_it_shows(quarters: TwoQuarters) -> None:
    found = {(entry.day, entry.test): entry for entry in quarters.found}
    tests = {test.id: test for test in quarters.tests()}
    silent = quarters.silent()
    missed = [
        (day.isoformat(), test, key)
        for (day, test), keys in quarters.expected().items()
        if (day, test) not in silent and not quarters.looks_back(tests[test], day)
        for key in keys - found[(day, test)].keys
    ]
    assert missed == []


def test_nothing_else_is_found(quarters: TwoQuarters) -> None:
    expected = quarters.expected()
    extra = [
        (entry.day.isoformat(), entry.test, key)
        for entry in quarters.found
        if entry.test not in ABOUT_THE_CHECKOUT
        for key in entry.keys - expected.get((entry.day, entry.test), set())
    ]
    assert extra == []


def test_every_test_is_judged_on_every_day_on_which_it_can_be(quarters: TwoQuarters) -> None:
    tests = {test.id: test for test in quarters.tests()}
    silent = quarters.silent()
    unjudged = [
        (entry.day.isoformat(), entry.test, entry.reason)
        for entry in quarters.found
        if entry.state not in JUDGED
        and (entry.day, entry.test) not in silent
        and not quarters.looks_back(tests[entry.test], entry.day)
        and not tests[entry.test].awaits
        and tests[entry.test].kind == "sql"
    ]
    assert unjudged == []


def test_no_test_is_judged_on_a_silent_source(quarters: TwoQuarters) -> None:
    silent = quarters.silent()
    judged = [entry for entry in quarters.found if (entry.day, entry.test) in silent and entry.state in JUDGED]
    assert judged == []


@pytest.mark.skipif(not ALL, reason="some days do not show every plant come and go: AIRTIGHT_SAMPLE_DAYS=all does")
def test_tests_that_deviate_on_some_days_pass_on_others(quarters: TwoQuarters) -> None:
    states: defaultdict[str, set[str]] = defaultdict(set)
    for entry in quarters.found:
        states[entry.test].add(entry.state)
    planted = {test for _, test in quarters.expected()}
    never_pass = sorted(test for test in planted if "pass" not in states[test])
    controls = quarters.catalog.controls
    # what is due once a year is due once in two quarters
    often = [test for test in never_pass if controls[test.partition(".")[0]].frequency is not Frequency.ANNUAL]
    assert often == []


def test_waived_deviations_are_marked(quarters: TwoQuarters) -> None:
    waived = {(entry.test, key) for entry in quarters.found for key in entry.waived}
    assert "AC-04.T2" in {test for test, _ in waived}


def test_the_last_day_holds_with_all_quality_suites(exports: Path, tmp_path: Path) -> None:
    installation = opened(tmp_path / "state", REPOSITORY / "include" / "organisation", exports)
    day = TIMELINE.last.isoformat()
    pipeline.run_day(installation, day, trigger=Trigger(by="tests", reason="the last day"))
    sealed = installation.index.sealed_populations(installation.catalog.populations, day, day)
    assert sealed
    assert [(entry.population, entry.source, entry.trouble) for entry in sealed if entry.trouble] == []
