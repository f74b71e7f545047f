"""The gate lets one SELECT over declared views through, and nothing else."""

from __future__ import annotations

import duckdb
import pytest

from airtight.errors import DefinitionError
from airtight.sql import read_select

PASSES = [
    ("SELECT * FROM accounts", {"accounts"}, set()),
    ("SELECT 1 FROM accounts WHERE t < $window_end AND h > $hours", {"accounts"}, {"window_end", "hours"}),
    ("WITH late AS (SELECT * FROM accounts) SELECT * FROM late JOIN people USING (id)", {"accounts", "people"}, set()),
    ("SELECT * FROM accounts, unnest(roles) AS r(role)", {"accounts"}, set()),
    ("SELECT a.user, x AS user, 'now()', age(b, c) FROM accounts a -- random()", {"accounts"}, set()),
    ("SELECT * FROM people UNION ALL SELECT * FROM accounts", {"accounts", "people"}, set()),
    ("FROM accounts SELECT id", {"accounts"}, set()),
    (
        "SELECT id FROM people WHERE EXISTS (SELECT 1 FROM accounts a WHERE a.id = people.id)",
        {"accounts", "people"},
        set(),
    ),
    ("SELECT '2026-01-01'::TIMESTAMP + INTERVAL 1 DAY FROM generate_series(1, 3)", set(), set()),
]

REFUSED = [
    ("", "no statement"),
    ("-- nothing", "no statement"),
    ("SELECT 1; SELECT 2", "2 statements"),
    ("SELEC 1", "cannot be read"),
    ("SELECT (1", "cannot be read"),
    ("INSERT INTO accounts VALUES (1)", "not a SELECT"),
    ("COPY accounts TO '/tmp/x'", "not a SELECT"),
    ("CREATE VIEW accounts AS SELECT 1", "not a SELECT"),
    ("ATTACH '/tmp/x.db'", "not a SELECT"),
    ("SET memory_limit = '1TB'", "not a SELECT"),
    ("PRAGMA database_list", "not a SELECT"),
    ("CALL pragma_version()", "not a SELECT"),
    ("INSTALL httpfs", "not a SELECT"),
    ("EXPLAIN SELECT 1", "not a SELECT"),
    ("PIVOT accounts ON kind", "not a SELECT"),
    ("SHOW TABLES", "not a SELECT"),
    ("SELECT * FROM (DESCRIBE accounts)", "DESCRIBE"),
    ("SELECT * FROM accounts USING SAMPLE 5", "TABLESAMPLE"),
    ("SELECT * FROM accounts TABLESAMPLE 10%", "TABLESAMPLE"),
    ("SELECT * FROM '/etc/passwd.csv'", "no plain name"),
    ('SELECT * FROM "/etc/passwd.csv"', "no plain name"),
    ("SELECT * FROM read_text('/etc/passwd')", "the function read_text()"),
    ("SELECT * FROM read_csv('x.csv')", "the function read_csv()"),
    ("SELECT * FROM query('SELECT 1')", "the function query()"),
    ("SELECT * FROM duckdb_settings()", "the function duckdb_settings()"),
    ("SELECT * FROM accounts, LATERAL (SELECT * FROM glob('*'))", "the function glob()"),
    ("SELECT * FROM duckdb_settings", "reads 'duckdb_settings'"),
    ("SELECT * FROM information_schema.tables", "'information_schema.tables', which is no plain name"),
    ("SELECT * FROM main.accounts", "no plain name"),
    ("WITH late AS (SELECT 1) SELECT * FROM main.late", "no plain name"),
    ("SELECT * FROM changes", "reads 'changes', which is not among its populations"),
    ("SELECT (SELECT max(x) FROM changes) FROM accounts", "reads 'changes'"),
    ("WITH accounts AS (SELECT 1) SELECT * FROM accounts", "hides the population"),
    ('WITH "x.csv" AS (SELECT 1) SELECT * FROM "x.csv"', "not a plain name"),
    ("SELECT random()", "random()"),
    ('SELECT "random"()', "random()"),
    ("SELECT id.random() FROM accounts", "random()"),
    ("SELECT list_transform([1], x -> x + random())", "random()"),
    ("SELECT now ()", "now()"),
    ("SELECT current_date", "current_date"),
    ("SELECT CURRENT_TIMESTAMP", "current_timestamp"),
    ("SELECT localtimestamp", "localtimestamp"),
    ("SELECT user", "user"),
    ("SELECT age(created_at) FROM accounts", "age()"),
    ("SELECT getenv('HOME')", "getenv()"),
    ("SELECT current_setting('threads')", "current_setting()"),
    ("SELECT $minutes", "$minutes, not declared"),
    ("SELECT $1", "a parameter without a name"),
    ("SELECT ?", "a parameter without a name"),
    ("SELECT " + "(" * 5000 + "1" + ")" * 5000, "nested too deeply"),
]


@pytest.mark.parametrize(("sql", "views", "parameters"), PASSES)
def test_one_select_over_declared_views_passes(sql, views, parameters):
    select = read_select(sql, {"accounts", "people"}, {"hours"})
    assert (select.views, select.parameters) == (views, parameters)


@pytest.mark.parametrize(("sql", "message"), REFUSED, ids=lambda text: text[:40])
def test_anything_else_is_refused_with_its_place(sql, message):
    with pytest.raises(DefinitionError) as caught:
        read_select(sql, {"accounts", "people"}, {"hours"}, where="AC-01.yaml:7 tests[0].tested")
    assert str(caught.value).startswith("AC-01.yaml:7 tests[0].tested: ")
    assert message in str(caught.value)
    assert caught.value.remedy


def _functions(kinds: str, condition: str) -> list[str]:
    query = f"SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type IN ({kinds}) AND {condition}"
    return sorted(name for (name,) in duckdb.connect().execute(query).fetchall())


def test_every_function_that_duckdb_calls_inconsistent_is_refused():
    passed = []
    for name in _functions("'scalar', 'aggregate'", "stability <> 'CONSISTENT'"):
        try:
            read_select(f"SELECT {name}() FROM accounts", {"accounts"})
            passed.append(name)
        except DefinitionError:
            continue
    assert passed == []


def test_every_table_function_of_duckdb_but_five_is_refused():
    passed = []
    for name in _functions("'table', 'table_macro'", "true"):
        try:
            read_select(f"SELECT * FROM {name}('x')", {"accounts"})
            passed.append(name)
        except DefinitionError:
            continue
    assert passed == ["generate_series", "json_each", "json_tree", "range", "unnest"]


def test_the_text_loses_its_last_semicolon_so_that_it_can_be_nested():
    assert read_select("SELECT 1 ;\n", ()).text == "SELECT 1"


def test_a_syntax_error_names_its_line():
    with pytest.raises(DefinitionError, match=r"(?i)line 2"):
        read_select("SELECT id\nFROM accounts WHERE AND", {"accounts"})
