"""Planted faults: which there are, and that a case which could notice them does."""

from __future__ import annotations

import pytest
from evaluate_samples import SCHEMAS, test_like

from airtight.domain.control import Case
from airtight.evaluate.mutation import mutants, surviving


def changes(where: str, **more: object) -> set[str]:
    test = test_like(deviations=f"SELECT login_id FROM logins WHERE {where}", **more)
    return {m.change.removeprefix("deviations: ") for m in mutants(test)}


@pytest.mark.parametrize(
    ("condition", "planted"),
    [
        ("score = 1", {"score <> 1", "2", "0", "TRUE"}),
        ("score <> 1", {"score = 1"}),
        ("score < 1", {"score <= 1", "score >= 1"}),
        ("score <= 1", {"score < 1", "score > 1"}),
        ("score > 1", {"score >= 1", "score <= 1"}),
        ("score >= 1", {"score > 1", "score < 1"}),
        ("score > 0.5", {"0.505", "0.495"}),
        ("score IS NULL", {"NOT (score IS NULL)"}),
        ("score IS NOT NULL", {"score IS NULL"}),
        ("login_id IN ('a')", {"NOT (login_id IN ('a'))"}),
        ("login_id NOT IN ('a')", {"login_id IN ('a')"}),
        ("login_id LIKE 'a%'", {"NOT (login_id LIKE 'a%')"}),
        (
            "score BETWEEN 1 AND 3",
            {"score > 1 AND score <= 3", "score >= 1 AND score < 3", "NOT (score BETWEEN 1 AND 3)"},
        ),
        ("mfa", {"NOT (mfa)", "TRUE"}),
        ("NOT mfa", {"mfa"}),
        ("mfa IS DISTINCT FROM TRUE", {"mfa IS NOT DISTINCT FROM TRUE", "FALSE"}),
        ("starts_with(login_id, 'a')", {"NOT (STARTS_WITH(login_id, 'a'))"}),
        ("mfa AND score > 1", {"mfa OR score > 1", "mfa", "score > 1", "NOT (mfa)"}),
        ("mfa OR score > 1", {"mfa AND score > 1", "mfa", "score > 1"}),
        ("EXISTS (SELECT 1 FROM logins)", {"NOT (EXISTS(SELECT 1 FROM logins))"}),
        ("NOT EXISTS (SELECT 1 FROM logins)", {"EXISTS(SELECT 1 FROM logins)"}),
        ("NOT coalesce(mfa, FALSE)", {"mfa", "TRUE"}),
        ("seen_at > $window_end - INTERVAL 7 DAY", {"'8'", "'6'"}),
    ],
)
def test_a_condition_is_got_wrong_in_each_way(condition: str, planted: set[str]) -> None:
    found = {change.split(" -> ")[1] for change in changes(condition)}
    assert planted <= found


def test_joins_change_sides() -> None:
    join = "SELECT a.login_id FROM logins a {} logins b ON a.score = b.score"
    for written, planted in (("JOIN", "LEFT JOIN logins"), ("LEFT JOIN", "JOIN logins")):
        test = test_like(deviations=join.format(written))
        assert any(m.change.split(" -> ")[1].startswith(planted) for m in mutants(test))


def test_an_inner_join_stays_where_a_later_condition_refuses_the_nulls() -> None:
    test = test_like(deviations="SELECT a.login_id FROM logins a JOIN logins b ON a.score = b.score WHERE b.mfa")
    assert not any("LEFT" in mutant.change for mutant in mutants(test))


def test_parameters_are_moved_by_one_or_by_a_hundredth() -> None:
    found = changes("TRUE", parameters={"days": 30, "share": 0.5, "strict": True, "names": ("a",)})
    moved = {change for change in found if change.startswith("parameter")}
    assert moved == {
        "parameter days: 30 -> 31",
        "parameter days: 30 -> 29",
        "parameter share: 0.5 -> 0.505",
        "parameter share: 0.5 -> 0.495",
        "parameter strict: True -> False",
    }


def test_what_cannot_change_the_keys_is_left_alone() -> None:
    test = test_like(
        deviations="SELECT login_id, score > 7 AS observed FROM logins WHERE EXISTS (SELECT 5 FROM logins) ORDER BY 1"
    )
    assert not [m.change for m in mutants(test) if m.change.split(" -> ")[0].removeprefix("deviations: ") in "157"]


def test_precedence_survives_planting() -> None:
    test = test_like(deviations="SELECT login_id FROM logins WHERE mfa AND (score > 1 OR score < 0)")
    exchanged = [m.test.deviations for m in mutants(test) if m.change.endswith("score > 1 AND score < 0")]
    assert exchanged == ["SELECT login_id FROM logins WHERE mfa AND ((score > 1 AND score < 0))"]


BOUNDARY = test_like(deviations="SELECT login_id FROM logins WHERE score > $most", parameters={"most": 5})


def example(*scores: int, deviating: tuple[int, ...]) -> Case:
    rows = tuple({"login_id": f"l{score}", "score": score} for score in scores)
    return Case("c", {"logins": rows}, tuple({"login_id": f"l{score}"} for score in deviating))


def alive(*cases: Case) -> set[str]:
    test = test_like(deviations=BOUNDARY.deviations, parameters=BOUNDARY.parameters, cases=cases)
    return {mutant.change for mutant in surviving(test, SCHEMAS)}


def test_a_case_on_the_boundary_leaves_no_survivor() -> None:
    assert alive(example(4, 5, 6, deviating=(6,))) == set()


def test_a_case_off_the_boundary_lets_the_boundary_survive() -> None:
    assert alive(example(1, 9, deviating=(9,))) >= {
        "deviations: score > $most -> score >= $most",
        "parameter most: 5 -> 6",
        "parameter most: 5 -> 4",
    }


def test_a_case_that_does_not_hold_kills_nothing() -> None:
    assert len(alive(example(4, 5, 6, deviating=(4,)))) == len(list(mutants(BOUNDARY)))


def test_without_cases_every_fault_survives() -> None:
    assert len(surviving(BOUNDARY, SCHEMAS)) == len(list(mutants(BOUNDARY))) > 0
