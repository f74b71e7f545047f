"""A test's SQL for other engines: the same rule, its parameters as literals."""

from __future__ import annotations

import pytest
from evaluate_samples import DAY, test_like

from airtight.domain.period import day_window
from airtight.errors import DefinitionError
from airtight.evaluate.dialects import Dialect, rendered

ELAPSED = "SELECT login_id FROM logins WHERE epoch($window_end) - epoch(seen_at) > 3600 * $hours"


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        ("spark", "UNIX_MICROS(seen_at) / 1e6"),
        ("trino", "TO_UNIXTIME(seen_at)"),
        ("duckdb", "EPOCH(seen_at)"),
    ],
)
def test_elapsed_time_has_a_form_in_each_engine(dialect: Dialect, expected: str) -> None:
    sql = rendered(test_like(deviations=ELAPSED, parameters={"hours": 24}), day_window(DAY), dialect)["deviations"]
    assert expected in sql
    assert "2026-07-01 00:00:00" in sql
    assert "3600 * 24" in sql
    assert "$" not in sql


def test_a_quote_in_a_parameter_stays_inside_its_literal() -> None:
    test = test_like(
        deviations="SELECT login_id FROM logins WHERE login_id = $name", parameters={"name": "O'Hara' OR 1=1 --"}
    )
    sql = rendered(test, day_window(DAY), "trino")["deviations"]
    assert "'O''Hara'' OR 1=1 --'" in sql


def test_lists_become_arrays() -> None:
    test = test_like(
        deviations="SELECT login_id FROM logins WHERE list_contains($names, login_id)", parameters={"names": ("a", "b")}
    )
    assert "CONTAINS(ARRAY['a', 'b'], login_id)" in rendered(test, day_window(DAY), "trino")["deviations"]


def test_only_the_parts_that_a_test_has_are_rendered() -> None:
    assert set(rendered(test_like(), day_window(DAY), "spark")) == {"population", "deviations"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT login_id FROM logins a ASOF JOIN logins b ON a.seen_at >= b.seen_at",
        "SELECT login_id FROM logins WHERE jaro_winkler_of_ducks(login_id, 'a') > 1",
    ],
)
def test_sql_that_other_engines_do_not_have_is_refused_by_name(sql: str) -> None:
    with pytest.raises(DefinitionError, match=r"XX-01\.T1\.deviations"):
        rendered(test_like(deviations=sql), day_window(DAY), "trino")


def test_sql_that_does_not_pass_the_gate_is_refused() -> None:
    with pytest.raises(DefinitionError, match="2 statements"):
        rendered(test_like(deviations="SELECT 1; SELECT 2"), day_window(DAY), "spark")
