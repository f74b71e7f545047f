"""What a test is bound to on the day it runs: the charter in force, and the tiers that are due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from evaluate_samples import AUTHORSHIP, CONTROL, SCHEMAS, files_of, logins, sealed, test_like

from airtight.domain.control import CharterValue, Control, ControlTest
from airtight.domain.period import Frequency
from airtight.domain.period import test_window as window_of
from airtight.domain.result import TestResult
from airtight.evaluate.cases import run_case
from airtight.evaluate.inputs import select
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import as_run_on, evaluate_control

SUNDAY, MONDAY = date(2026, 6, 28), date(2026, 6, 29)
SCORE = CharterValue("logins.score", 0.5, ((0.9, date(2026, 1, 1), date(2026, 6, 29)), (0.2, date(2026, 6, 29), None)))
CHARTERED = test_like(
    parameters={"score": 0.5},
    chartered={"score": SCORE},
    deviations="SELECT login_id, score AS observed FROM logins WHERE score > $score",
)
# the day's log-ins carry their tier in login_id
TIERED = test_like(
    parameters={"due_tiers": ("high", "low")},
    population="SELECT login_id FROM logins WHERE list_contains($due_tiers, login_id)",
    deviations="SELECT login_id FROM logins WHERE list_contains($due_tiers, login_id) AND mfa IS DISTINCT FROM TRUE",
    empty_ok=True,
)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory):
    with Runner(scratch=tmp_path_factory.mktemp("runner")) as started:
        yield started


def judged(control: Control, test: ControlTest, day: date, folder: Path, runner: Runner) -> TestResult:
    file = logins(folder, "logins", [("high", f"{day}T10:00:00", False, 0.5), ("low", f"{day}T11:00:00", False, 0.1)])
    record = sealed(file, day=day)
    control = replace(control, tests=(test,))
    selection = select(test, window_of("day", day), SCHEMAS, [record], {("idp", "logins")})
    result = evaluate_control(control, day, {test.id: selection}, files_of({record: file}), (), runner, AUTHORSHIP)
    assert result
    return result.tests[0]


def keys(result: TestResult) -> list[str]:
    return [dict(deviation.key)["login_id"] for deviation in result.deviations]


def test_the_charter_in_force_on_the_day_is_what_counts_and_what_is_shown(tmp_path: Path, runner: Runner) -> None:
    before, after = (judged(CONTROL, CHARTERED, day, tmp_path, runner) for day in (SUNDAY, MONDAY))
    assert (keys(before), dict(before.parameters)) == ([], {"score": 0.9})
    assert (keys(after), dict(after.parameters)) == (["high"], {"score": 0.2})


def test_a_day_before_the_first_charter_takes_the_default() -> None:
    assert as_run_on(CHARTERED, CONTROL, date(2025, 12, 31)).parameters == {"score": 0.5}


def test_only_the_tiers_that_are_due_are_examined(tmp_path: Path, runner: Runner) -> None:
    control = replace(CONTROL, tiers=("high", "low"), depth={"high": Frequency.DAILY, "low": Frequency.WEEKLY})
    # a weekly tier is due on the evidence that ends with Sunday
    all_due, high_only = (judged(control, TIERED, day, tmp_path, runner) for day in (SUNDAY, MONDAY))
    assert (keys(all_due), all_due.population_n) == (["high", "low"], 2)
    assert (keys(high_only), high_only.population_n) == (["high"], 1)
    assert dict(high_only.parameters) == {"due_tiers": ("high",)}


def test_a_control_without_a_depth_binds_no_tiers() -> None:
    assert as_run_on(test_like(), CONTROL, SUNDAY) == test_like()


def test_cases_run_with_the_default_and_with_all_tiers() -> None:
    from airtight.domain.control import Case

    rows = ({"login_id": "low", "seen_at": "2026-06-30T10:00:00", "mfa": False, "score": 0.6},)
    case = Case("low", {"logins": rows}, ({"login_id": "low"},))
    assert run_case(CHARTERED, case, SCHEMAS) is None
    assert run_case(TIERED, case, SCHEMAS) is None
    only_high = replace(case, deviations=(), parameters={"due_tiers": ("high",)})
    assert run_case(TIERED, only_high, SCHEMAS) is None
