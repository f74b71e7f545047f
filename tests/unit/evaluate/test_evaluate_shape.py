"""What the shape of SQL proves, and that it claims nothing it cannot prove."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from airtight.evaluate.shape import drawn_from_all, keys_unique, left_out, narrows

KEYS = {"t": ("a", "b"), "u": ("a",)}


def query(sql: str) -> exp.Query:
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(tree, exp.Query)
    return tree


@pytest.mark.parametrize(
    ("sql", "proven"),
    [
        ("SELECT a, b FROM t", True),
        ("SELECT x.b, x.a FROM t AS x WHERE a > 1", True),
        ("SELECT a FROM t", False),
        ("SELECT a, lower(b) AS b FROM t", False),
        ("SELECT DISTINCT a FROM t", True),
        ("SELECT DISTINCT ON (a) a, c FROM t", False),
        ("SELECT a, count(*) FROM t GROUP BY a", True),
        ("SELECT a FROM t GROUP BY 1", True),
        ("SELECT a FROM t GROUP BY a, b", False),
        ("SELECT a FROM t GROUP BY ROLLUP (a)", False),
        ("SELECT u.a FROM u JOIN t ON u.a = t.a", False),
        ("SELECT u.a FROM u, t", False),
        ("SELECT a FROM u UNION ALL SELECT a FROM u", False),
        ("SELECT a, unnest(c) FROM u", False),
        ("SELECT a FROM (SELECT a FROM u)", False),
        ("SELECT a FROM unknown", False),
        ("SELECT a, b FROM t AS t(b, c)", False),
        ("WITH w AS (SELECT a FROM u) SELECT a FROM w", False),
    ],
)
def test_unique_keys_are_proven_by_shape_or_not_at_all(sql: str, proven: bool) -> None:
    assert keys_unique(query(sql), KEYS) is proven


@pytest.mark.parametrize(
    ("population", "tested", "rest"),
    [
        ("SELECT a FROM u", "SELECT a FROM u WHERE c > 1", {1, 3}),
        ("SELECT a FROM u WHERE a < 3", "SELECT a FROM u WHERE a < 3 AND c > 1", {1}),
        ("SELECT a FROM u WHERE a < 3", "SELECT a FROM u WHERE c > 1 AND a < 3", {1}),
        ("SELECT a FROM u", "SELECT a FROM u", set()),
    ],
)
def test_what_further_conditions_leave_out_is_told(population: str, tested: str, rest: set[int]) -> None:
    found = left_out(query(population), query(tested))
    assert found is not None
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE u AS SELECT * FROM (VALUES (1, 1), (2, 2), (3, NULL)) v(a, c)")
        assert {row[0] for row in connection.execute(found.sql(dialect="duckdb")).fetchall()} == rest


@pytest.mark.parametrize(
    ("population", "tested"),
    [
        ("SELECT a FROM u WHERE a < 3", "SELECT a FROM u WHERE c > 1"),
        ("SELECT a FROM u", "SELECT a FROM t"),
        ("SELECT a FROM u", "SELECT a + 1 AS a FROM u"),
        ("SELECT a FROM u", "SELECT u.a FROM u JOIN t ON u.a = t.a"),
        ("SELECT a FROM u WHERE a < 3 OR c > 1", "SELECT a FROM u WHERE a < 3"),
        ("SELECT a FROM u GROUP BY a", "SELECT a FROM u WHERE c > 1 GROUP BY a"),
        ("SELECT a FROM u LIMIT 1", "SELECT a FROM u WHERE c > 1 LIMIT 1"),
        ("SELECT a FROM u UNION SELECT a FROM t", "SELECT a FROM u UNION SELECT a FROM t"),
    ],
)
def test_anything_else_is_not_proven(population: str, tested: str) -> None:
    assert left_out(query(population), query(tested)) is None


@pytest.mark.parametrize(
    ("deviations", "proven"),
    [
        ("SELECT a FROM u WHERE c > 1", True),
        ("SELECT x.a, x.c FROM u AS x JOIN t ON x.a = t.a", True),
        ("SELECT u.a FROM t LEFT JOIN u ON u.a = t.a", True),
        ("SELECT a FROM u UNION ALL SELECT a FROM u WHERE c > 1", True),
        ("SELECT a FROM u UNION ALL SELECT a FROM t", False),
        ("SELECT t.a FROM u JOIN t ON u.a = t.a", False),
        ("SELECT a FROM u JOIN t ON u.c = t.c", False),
        ("SELECT c AS a FROM u", False),
        ("SELECT a + 1 AS a FROM u", False),
        ("SELECT a FROM (SELECT a FROM u)", False),
        ("SELECT a FROM u AS u(c, a)", False),
        ("SELECT 'z' AS a", False),
    ],
)
def test_deviations_drawn_from_the_population_are_recognised(deviations: str, proven: bool) -> None:
    assert drawn_from_all(query(deviations), query("SELECT a FROM u")) is proven


@pytest.mark.parametrize(
    "population",
    [
        "SELECT a FROM u WHERE c > 1",
        "SELECT lower(a) AS a FROM u",
        "SELECT a FROM (SELECT a FROM u)",
        "SELECT a FROM u LIMIT 1",
    ],
)
def test_a_population_that_is_part_of_a_view_proves_nothing(population: str) -> None:
    assert not drawn_from_all(query("SELECT a FROM u"), query(population))


@pytest.mark.parametrize(
    ("inner", "outer", "proven"),
    [
        ("SELECT a, b FROM u WHERE c AND d", "SELECT a FROM u WHERE c", True),
        ("SELECT a FROM u", "SELECT a FROM u", True),
        (
            "SELECT x.a, y.b FROM u AS x JOIN v AS y ON x.a = y.a WHERE y.b",
            "SELECT x.a FROM u AS x JOIN v AS y ON x.a = y.a",
            True,
        ),
        ("WITH w AS (SELECT a FROM u) SELECT a FROM w WHERE c", "WITH w AS (SELECT a FROM u) SELECT a FROM w", True),
        ("WITH w AS (SELECT a FROM u) SELECT a FROM w WHERE c", "WITH w AS (SELECT a FROM v) SELECT a FROM w", False),
        ("SELECT a FROM u WHERE d", "SELECT a FROM u WHERE c", False),
        ("SELECT a FROM u WHERE c OR d", "SELECT a FROM u WHERE c", False),
        ("SELECT b AS a FROM u", "SELECT a FROM u", False),
        ("SELECT b FROM u", "SELECT a FROM u", False),
        ("SELECT a FROM u LEFT JOIN v USING (a)", "SELECT a FROM u JOIN v USING (a)", False),
        ("SELECT a FROM v", "SELECT a FROM u", False),
        ("SELECT max(a) AS a FROM u", "SELECT max(a) AS a FROM u", False),
        ("SELECT row_number() OVER () AS a FROM u WHERE c", "SELECT row_number() OVER () AS a FROM u", False),
        ("SELECT a FROM u", "SELECT a FROM u LIMIT 1", False),
        ("SELECT a FROM u", "SELECT a FROM u GROUP BY a HAVING count(*) > 1", False),
        ("SELECT a FROM u UNION SELECT a FROM v", "SELECT a FROM u", False),
    ],
)
def test_a_select_narrows_another_where_it_only_adds_conditions(inner: str, outer: str, proven: bool) -> None:
    assert narrows(query(inner), query(outer)) is proven
