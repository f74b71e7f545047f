"""Each level asks for all below it; what is not known counts for none; conformity stands beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import yaml

from airtight.domain.bundle import ResultLine
from airtight.domain.control import Control, ControlTest, Design, LifeCycle, Nature, Operation, Stage
from airtight.domain.period import Frequency
from airtight.domain.result import ResultState
from airtight.review.maturity import NAMES, as_rows, maturity_of
from airtight.review.maturity_steps import Judged
from airtight.review.registers import Finding, MaturityScore

from .governed import DAY

ON = date(2026, 6, 30)
ACTIVE = (Stage(LifeCycle.ACTIVE, date(2024, 1, 1), "cro", "approved"),)
DESIGN = Design("a risk", Nature.DETECTIVE, Operation.AUTOMATED, "fine", "Internal auditor")


def procedure(name: str, kind: str = "sql") -> ControlTest:
    return ControlTest(name, name, kind, "", "day", (), (), "", None, None, "", {}, 0.0, empty_ok=False, cases=())


def control(name: str = "RM-01", **changes: object) -> Control:
    parts = (name, name, "", "Risk manager", Frequency.DAILY, ("entity",), {}, {}, (procedure(f"{name}.T1"),))
    return replace(Control(*parts, life=ACTIVE, file="", digest="", design=DESIGN), **changes)  # type: ignore[arg-type]


def line(name: str, test: str, state: ResultState, deviations: int = 0, waived: int = 0) -> ResultLine:
    counts = (10, 10, deviations, waived)
    return ResultLine(name, test, state, "", *counts, "Risk manager", name, False, "", "", "")


def judged(state: ResultState = ResultState.PASS, first: int = 183, last: int = 0, name: str = "RM-01", **counts: int):
    """A result of every day from ``first`` days ago to ``last`` days ago."""
    found = []
    for ago in range(first, last - 1, -1):
        day, bundle = ON - timedelta(days=ago), f"bundle-{ago}"
        found += [Judged(day, bundle, line(name, test, state, **counts)) for test in ("", f"{name}.T1")]
    return found


def domain(*controls: Control, lines=None, findings=(), scores=()):
    found = maturity_of(controls or (control(),), judged() if lines is None else lines, findings, scores, ON)
    return found.domains[0]


def test_sustained_domain_has_the_highest_level():
    found = domain()
    assert (found.domain, found.name, found.level) == ("RM", "Risk", 5)
    assert [step.reached for step in found.steps] == [True] * 5
    assert (found.passing, found.controls, found.evidence) == (1, 1, ("bundle-0",))


@pytest.mark.parametrize(
    ("level", "arguments"),
    [
        (0, {"controls": (control(life=()),)}),
        (0, {"controls": (control(life=(replace(ACTIVE[0], state=LifeCycle.PLANNED),)),)}),
        (1, {"controls": (control(design=None),)}),
        (1, {"controls": (control(design=replace(DESIGN, evaluator="RISK manager")),)}),
        (2, {"lines": []}),
        (2, {"lines": judged(first=72)}),  # 73 of 92 days
        (4, {"lines": judged(first=73)}),  # 74 of 92 days
        (2, {"lines": judged(ResultState.INCONCLUSIVE)}),
        (2, {"lines": judged(ResultState.NOT_COLLECTED)}),
        (3, {"lines": judged(ResultState.FAIL)}),
        (3, {"lines": judged(ResultState.EXCEPTIONS, deviations=2, waived=2)}),
        (5, {"lines": judged(ResultState.EXCEPTIONS, deviations=2, waived=1)}),
        (3, {"controls": (control(tests=(procedure("RM-01.T1", "attestation"),)),)}),
        (4, {"lines": [*judged(ResultState.FAIL, last=92), *judged(first=91)]}),
        (4, {"findings": None}),
        (4, {"findings": (Finding("f1", ("RM-01",), ON - timedelta(days=1), None),)}),
        (4, {"findings": (Finding("f1", ("RM-01",), None, None),)}),
        (5, {"findings": (Finding("f1", ("RM-01",), ON, None),)}),
        (5, {"findings": (Finding("f1", ("AC-01",), ON - timedelta(days=1), None),)}),
        (5, {"findings": (Finding("f1", ("RM-01",), ON - timedelta(days=9), datetime(2026, 6, 30, tzinfo=UTC)),)}),
    ],
)
def test_level_ends_at_the_first_that_is_not_reached(level, arguments):
    controls = arguments.pop("controls", ())
    assert domain(*controls, **arguments).level == level


def test_level_four_needs_nine_results_of_ten_to_pass():
    def mixed(failing: int):
        return [*judged(), *judged(ResultState.FAIL, first=failing - 1)]

    assert domain(lines=mixed(10)).level == 5  # 92 of 102 pass
    assert domain(lines=mixed(11)).level == 3  # 92 of 103


@pytest.mark.parametrize(
    ("frequency", "ago"),
    [(Frequency.QUARTERLY, (181, 91, 0)), (Frequency.ANNUAL, (546, 181)), (Frequency.MONTHLY, (30, 0))],
)
def test_control_that_is_due_seldom_owes_few_results(frequency, ago):
    found = domain(control(frequency=frequency), lines=[each for days in ago for each in judged(first=days, last=days)])
    months = frequency is Frequency.MONTHLY  # it owes more than these two
    assert [step.reached for step in found.steps][2] is not months
    assert found.level == (2 if months else 5)


def test_what_was_not_applicable_is_not_counted():
    assert domain(lines=[*judged(), *judged(ResultState.NOT_APPLICABLE)]).level == 5


def test_conformity_is_counted_apart_from_the_level():
    second = control("RM-02")
    lines = [*judged(), *judged(ResultState.FAIL, name="RM-02")]
    found = domain(control(), second, lines=lines)
    assert (found.level, found.passing, found.controls) == (3, 1, 2)


def test_last_result_of_a_control_tells_conformity():
    assert domain(lines=[*judged(last=1), *judged(ResultState.FAIL, first=0)]).passing == 0


def test_target_and_assessment_come_from_the_register():
    scores = (
        MaturityScore("RM", date(2026, 3, 31), 2, 4, "assessed"),
        MaturityScore("RM", date(2026, 6, 30), 3, 5, "computed"),
        MaturityScore("RM", date(2026, 7, 1), 1, 1, "assessed"),
        MaturityScore("AC", date(2026, 6, 30), 1, 1, "assessed"),
    )
    found = domain(scores=scores)
    assert (found.target, found.assessed) == (5, 2)
    assert (domain().target, domain().assessed) == (3, None)


def test_mean_is_shown_with_the_lowest():
    lines = [*judged(), *judged(ResultState.FAIL, name="AC-01")]
    found = maturity_of((control(), control("AC-01")), lines, (), (), ON)
    assert (found.mean, found.lowest) == (4.0, 3)
    assert (maturity_of((), (), (), (), ON).mean, maturity_of((), (), (), (), ON).lowest) == (None, None)


def test_every_domain_of_the_shipped_controls_has_a_name(repository):
    prefixes = {file.name.partition("-")[0] for file in (repository / "include/catalog/controls").glob("*.yaml")}
    assert prefixes == set(NAMES)


def test_scores_are_rows_of_their_population(governed):
    schema = governed.schemas["maturity_scores"]
    rows = as_rows(maturity_of((control(),), judged(), (), (), ON))
    assert [set(row) for row in rows] == [set(schema.column_names)]
    governed.keep("maturity_scores", rows)
    governed.collect()
    sealed = governed.open().index.sealed_populations(["maturity_scores"], DAY, DAY)
    assert [(entry.rows, entry.trouble) for entry in sealed] == [(1, None)]


def test_command_tells_levels_and_conformity_of_a_young_organisation(governed, command):
    governed.run()
    found = json.loads(command("maturity", "--json").stdout)
    access = next(each for each in found["maturity"]["domains"] if each["domain"] == "AC")
    assert (access["level"], access["controls"], access["passing"]) == (2, 6, 0)
    rows = yaml.safe_load(command("maturity", "--rows").stdout)
    assert {row["basis"] for row in rows} == {"computed"}
    assert len(rows) == 20
    assert "says nothing about conformity" in command("maturity").stdout
