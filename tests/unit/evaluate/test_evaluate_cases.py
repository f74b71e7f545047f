"""What a worked example can say of a control test, and what it is told when it is wrong."""

from __future__ import annotations

from datetime import date

import pytest
from evaluate_samples import SCHEMAS, test_like

from airtight.domain.control import Case, CellValue, ControlTest, Row
from airtight.evaluate.cases import run_case, run_cases


def case(logins: list[Row], *deviating: str, **more: object) -> Case:
    return Case("c", {"logins": tuple(logins)}, tuple({"login_id": key} for key in deviating), **more)  # type: ignore[arg-type]


def problem(test: ControlTest, example: Case) -> str:
    found = run_case(test, example, SCHEMAS)
    assert found is not None
    return found


def test_a_case_that_holds_has_no_problem() -> None:
    example = case([{"login_id": "a", "mfa": True}, {"login_id": "b", "mfa": False}], "b", population=2, tested=2)
    assert run_case(test_like(), example, SCHEMAS) is None


def test_a_column_left_out_is_null() -> None:
    assert run_case(test_like(), case([{"login_id": "a"}], "a"), SCHEMAS) is None


def test_a_view_that_is_listed_but_not_given_is_empty() -> None:
    test = test_like(
        populations=("logins", "accounts"),
        deviations="SELECT login_id FROM logins WHERE NOT EXISTS (SELECT 1 FROM accounts)",
    )
    assert run_case(test, case([{"login_id": "a"}], "a"), SCHEMAS) is None


def test_missing_and_unexpected_deviations_are_both_told() -> None:
    told = problem(test_like(), case([{"login_id": "a", "mfa": True}, {"login_id": "b"}], "a"))
    assert "not found: (a)" in told
    assert "not expected: (b)" in told


@pytest.mark.parametrize("count", ["population", "tested"])
def test_a_stated_count_is_compared(count: str) -> None:
    assert "expected 2" in problem(test_like(), case([{"login_id": "a", "mfa": True}], **{count: 2}))


def test_the_window_ends_with_the_day_of_the_case() -> None:
    test = test_like(deviations="SELECT login_id FROM logins WHERE seen_at >= $window_start AND seen_at < $window_end")
    rows: list[Row] = [
        {"login_id": "in", "seen_at": "2026-02-28T23:59:59.999999Z"},
        {"login_id": "out", "seen_at": "2026-03-01"},
    ]
    assert run_case(test, case(rows, "in", day=date(2026, 2, 28)), SCHEMAS) is None


def test_an_offset_in_a_time_is_honoured() -> None:
    test = test_like(deviations="SELECT login_id FROM logins WHERE seen_at = $window_start")
    assert run_case(test, case([{"login_id": "a", "seen_at": "2026-06-30T02:00:00+02:00"}], "a"), SCHEMAS) is None


def test_parameters_of_the_case_win_over_those_of_the_test() -> None:
    test = test_like(deviations="SELECT login_id FROM logins WHERE score > $most", parameters={"most": 5})
    rows: list[Row] = [{"login_id": "a", "score": 4}]
    assert run_case(test, case(rows), SCHEMAS) is None
    assert run_case(test, case(rows, "a", parameters={"most": 3}), SCHEMAS) is None


def test_lists_are_bound_as_lists() -> None:
    test = test_like(
        deviations="SELECT login_id FROM logins WHERE NOT list_contains($known, login_id)",
        parameters={"known": ("a", "b")},
    )
    assert run_case(test, case([{"login_id": "a"}, {"login_id": "z"}], "z"), SCHEMAS) is None


def test_a_history_takes_its_day_from_the_row() -> None:
    test = test_like(
        populations=("accounts_history",),
        population="SELECT DISTINCT account_id FROM accounts_history",
        deviations="SELECT account_id FROM accounts_history WHERE _day = DATE '2026-06-29' AND status = 'active'",
    )
    rows = (
        {"account_id": "a", "_day": "2026-06-29", "status": "active"},
        {"account_id": "b", "_day": "2026-06-30", "status": "active"},
    )
    assert run_case(test, Case("c", {"accounts_history": rows}, ({"account_id": "a"},), population=2), SCHEMAS) is None


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({}, []),
        ({"requires": ("logins",), "empty_ok": True}, []),
        ({"tested": "SELECT login_id FROM logins WHERE FALSE"}, [{"login_id": "a", "mfa": True}]),
    ],
    ids=["empty population", "required view without rows", "nothing tested"],
)
def test_a_test_that_cannot_judge_is_inconclusive(changes: dict[str, object], given: list[Row]) -> None:
    test = test_like(**changes)
    assert problem(test, case(given)).startswith("inconclusive: ")
    assert run_case(test, case(given, inconclusive=True), SCHEMAS) is None


def test_a_verdict_where_the_case_expects_none_is_a_problem() -> None:
    assert "the test judged" in problem(test_like(), case([{"login_id": "a", "mfa": True}], inconclusive=True))


def test_an_error_is_never_taken_for_an_inconclusive_test() -> None:
    broken = test_like(deviations="SELECT login_id, 1 % 0 AS x FROM logins")
    assert "Division by zero" in problem(broken, case([{"login_id": "a"}], inconclusive=True))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"deviations": "SELECT 'z' AS login_id"}, "deviations has (z), not in tested"),
        ({"tested": "SELECT 'z' AS login_id"}, "tested has (z), not in population"),
        ({"deviations": "SELECT CAST(NULL AS VARCHAR) AS login_id FROM logins"}, "key with a NULL"),
        ({"population": "SELECT login_id FROM logins UNION ALL SELECT login_id FROM logins"}, "2 times"),
        ({"deviations": "SELECT mfa FROM logins"}, "lacks the key column 'login_id'"),
        ({"deviations": "SELECT nothing FROM logins"}, "deviations fails"),
        ({"deviations": "SELECT login_id FROM logins WHERE score > $unknown"}, "no value"),
    ],
)
def test_wrong_sql_is_a_problem(changes: dict[str, object], told: str) -> None:
    assert told in problem(test_like(**changes), case([{"login_id": "a"}]))


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"login_id": "a", "colour": "red"}, "no column 'colour'"),
        ({"login_id": "a", "mfa": "yes"}, "not of type bool"),
        ({"login_id": "a", "seen_at": "yesterday"}, "not of type ts"),
        ({"login_id": "a", "score": "high"}, "not of type float"),
    ],
)
def test_a_row_that_the_schema_does_not_allow_is_a_problem(row: dict[str, CellValue], told: str) -> None:
    assert told in problem(test_like(), case([row]))


def test_a_value_outside_an_enumeration_is_a_problem() -> None:
    test = test_like(populations=("accounts",), population="SELECT account_id FROM accounts")
    example = Case("c", {"accounts": ({"account_id": "a", "status": "actve"},)}, ())
    assert "not one of active, off" in problem(test, example)


def test_rows_of_a_view_that_the_test_does_not_list_are_a_problem() -> None:
    assert "does not list" in problem(test_like(), Case("c", {"accounts": ()}, ()))


def test_all_problems_name_their_case() -> None:
    assert run_cases(test_like(cases=(case([]),)), SCHEMAS) == ("case 'c': inconclusive: the population is empty",)
