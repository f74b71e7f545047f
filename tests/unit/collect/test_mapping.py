"""Mappings: one locked-in SELECT; rows that do not fit are counted by reason, never bent until they do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from collecting import EVENTS, EVENTS_FROM_JSON, Collection, event, reason, write_json_lines

from airtight.collect.engine import Resources
from airtight.collect.mapping import check_mapping
from airtight.domain.collection import Completeness
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.errors import DefinitionError


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path, options={"path": "x.jsonl"}, mappings={"events.sql": EVENTS_FROM_JSON})


def put(collection: Collection, records: list[object]) -> None:
    write_json_lines(collection.base / "x.jsonl", records)


@pytest.mark.parametrize(
    ("sql", "complaint"),
    [
        ("SELECT 1; SELECT 2", "holds 2 statements"),
        ("DROP VIEW raw", "not a SELECT"),
        ("COPY raw TO 'x.csv'", "not a SELECT"),
        ("", "no statement"),
        ("SELEC 1 FROM", "cannot be read|not a SELECT"),
        ("SELECT * FROM read_csv('/etc/passwd')", "reads from the function"),
        ("SELECT * FROM '/etc/passwd'", "no plain name"),
        ("SELECT * FROM glob('*')", "reads from the function glob"),
        ("SELECT * FROM duckdb_settings()", "reads from the function duckdb_settings"),
        ("SELECT * FROM query('SELECT 1')", "reads from the function query"),
        ("SELECT * FROM other", "'other', which is no stream.*Its streams: raw"),
        ("SELECT * FROM information_schema.raw", "no plain name"),
        ("SELECT now() FROM raw", r"uses now\(\)"),
        ("SELECT current_date FROM raw", "uses current_date"),
        ("SELECT random() FROM raw", r"uses random\(\)"),
        ("SELECT uuid() FROM raw", r"uses uuid\(\)"),
        ("SELECT * FROM raw TABLESAMPLE 10%", "TABLESAMPLE"),
        ("SELECT $secret FROM raw", r"uses \$secret, not declared"),
    ],
)
def test_a_mapping_that_may_not_run_is_refused(sql: str, complaint: str) -> None:
    with pytest.raises(DefinitionError, match=complaint) as refused:
        check_mapping(sql, ["raw"], "m.sql")
    assert refused.value.where == "m.sql"


def test_what_mappings_need_may_run() -> None:
    sql = """
    WITH flat AS (SELECT record, unnest(record->'$.x[*]') AS item FROM raw, json_each(record->'$.y'))
    SELECT $system, $window_start, epoch_ms(3) FROM flat UNION ALL SELECT $system, $window_start, 1 FROM raw
    """
    assert check_mapping(sql, ["raw", "other"], "m.sql") == (("system", "window_start"), ("raw",))


def test_an_engine_that_is_fooled_still_reaches_no_file(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(collection, [event(1)])
    secret = collection.base / "secret.csv"
    secret.write_text("id\nstolen\n")
    monkeypatch.setattr("airtight.collect.mapping.check_mapping", lambda *_: ((), ("raw",)))
    rest = "'2026-09-14' AS occurred_at, 'login' AS kind"
    for reading in (
        f"id AS event_id, {rest} FROM read_csv('{secret}')",
        f"content AS event_id, {rest} FROM '{secret}'",
    ):
        assert "stolen" not in reason(collection.run(mappings={"events.sql": f"SELECT {reading}"}))
    named = collection.run(mappings={"events.sql": f"SELECT 'x' AS event_id, {rest} FROM raw"})
    assert len(collection.rows(named)) == 1, "the same SELECT over the stream runs"


def test_rows_that_do_not_fit_are_counted_by_reason(collection: Collection) -> None:
    put(
        collection,
        [
            *(event(n) for n in range(6)),
            event(7, at="yesterday"),
            event(8, kind="sneeze"),
            event(9, kind=None),
            event(10, id=None),
            event(11, id=""),
        ],
    )
    [population] = (outcome := collection.run()).collected
    assert dict(population.rejected) == {
        "occurred_at is not a time": 1,
        "kind is not one of the values of its schema": 1,
        "kind is missing": 1,
        "event_id is missing": 2,
    }
    assert population.rows == 6
    assert population.completeness is Completeness.UNPROVEN
    assert outcome.provenance
    assert dict(outcome.provenance.rejected)["events: occurred_at is not a time"] == 1


def test_rows_that_mostly_fail_for_one_reason_mean_another_shape(collection: Collection) -> None:
    put(collection, [event(1), event(2, at="soon"), event(3, at="later")])
    assert "2 of 3 rows were refused because occurred_at is not a time" in reason(collection.run())


def test_odd_records_do_not_stop_the_others(collection: Collection) -> None:
    put(collection, [event(n) for n in range(9)] + [None, "text", 17, [1], {}, {"id": {"a": 1}, "at": 5}])
    [population] = collection.run().collected
    assert population.rows == 9
    assert sum(count for _, count in population.rejected) == 6


def test_events_of_other_windows_are_left_out_and_counted(collection: Collection) -> None:
    put(
        collection,
        [
            event(1, at="2026-09-14T00:00:00Z"),
            event(2, at="2026-09-15T00:00:00Z"),
            event(3, at="2026-09-13T23:59:59.999999Z"),
            event(4, at="2026-09-15T01:30:00+02:00"),
        ],
    )
    [population] = (outcome := collection.run()).collected
    assert [row["event_id"] for row in collection.rows(outcome)] == ["e1", "e4"]
    assert population.outside_window == 2


def test_identical_rows_become_one_and_differing_ones_stay(collection: Collection) -> None:
    put(collection, [event(1), event(1), event(1, note="other"), event(2)])
    [population] = (outcome := collection.run()).collected
    assert sorted(str(row["note"]) for row in collection.rows(outcome) if row["event_id"] == "e1") == ["None", "other"]
    assert (population.rows, population.collapsed) == (3, 1)


def test_no_records_are_an_empty_population_that_proves_nothing(collection: Collection) -> None:
    put(collection, [])
    [population] = (outcome := collection.run()).collected
    assert (population.rows, population.first_key, population.completeness) == (0, None, Completeness.UNPROVEN)
    assert collection.table(outcome).column_names == list(EVENTS.column_names)


EVERYTHING = PopulationSchema(
    name="events",
    title="",
    kind=PopulationKind.REGISTER,
    sensitivity="",
    key=("k",),
    columns=(
        Column("k", ColumnType.ID),
        *(Column(f"v_{t.value}", t, nullable=True) for t in ColumnType if t != "enum"),
    ),
)


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("ts", "2026-09-14T12:00:00+02:00", "2026-09-14 10:00:00"),
        ("ts", "2026-09-14 10:00:00.123456", "2026-09-14 10:00:00.123456"),
        ("ts", "infinity", None),
        ("ts", "292000-01-01", None),
        ("ts", "", "null"),
        ("date", "2026-09-14", "2026-09-14"),
        ("date", "2026-09-14T23:30:00-05:00", "2026-09-15"),
        ("int", "12", "12"),
        ("int", "12.0", "12"),
        ("int", 9_223_372_036_854_775_807, "9223372036854775807"),
        ("int", "1.5", None),
        ("int", 1.5, None),
        ("int", "99999999999999999999", None),
        ("int", "1e3", None),
        ("float", "1.5", "1.5"),
        ("float", "nan", None),
        ("bool", "true", "True"),
        ("bool", "perhaps", None),
        ("list", ["a", None, 1], "['a', None, '1']"),
        ("list", "a,b", None),
        ("json", {"a": [1, 1.50]}, '{"a":[1,1.5]}'),
        ("json", None, "null"),
        ("str", {"a": 1}, '{"a":1}'),
        ("str", "Ünï\u0000cödé 🦊", "Ünï\x00cödé 🦊"),
    ],
)
def test_a_value_is_told_exactly_or_refused(
    collection: Collection, type_: str, value: object, expected: str | None
) -> None:
    path = collection.base / "x.jsonl"
    path.write_text(json.dumps({"k": "1", "v": value}) + "\n" + '{"k": "2", "v": null}\n')
    sql = f"SELECT record->>'$.k' AS k, record->'$.v' AS v_{type_} FROM raw"
    outcome = collection.run(mappings={"events.sql": sql}, schemas={"events": EVERYTHING})
    [population] = outcome.collected
    if expected is None:
        assert [reason.split(" is ")[0] for reason, _ in population.rejected] == [f"v_{type_}"]
    else:
        found = collection.rows(outcome)[0][f"v_{type_}"]
        assert ("null" if found is None else str(found)) == expected


def test_a_column_that_the_schema_lacks_or_needs_is_named(collection: Collection) -> None:
    put(collection, [event(1)])
    lacking = collection.run(mappings={"events.sql": "SELECT record->>'$.id' AS event_id FROM raw"})
    assert "the mapping gives no column 'occurred_at', which population events needs" in reason(lacking)
    extra = EVENTS_FROM_JSON.replace("AS note", "AS note, 1 AS colour")
    assert "population events has no column 'colour'" in reason(collection.run(mappings={"events.sql": extra}))


def test_a_conversion_that_fails_does_not_quote_the_value(collection: Collection) -> None:
    put(collection, [event(1, note="jane@example.com")])
    sql = EVENTS_FROM_JSON.replace("record->>'$.note' AS note", "(record->>'$.note')::INT AS note")
    said = reason(collection.run(mappings={"events.sql": sql}))
    assert "could not be converted" in said
    assert "jane" not in said


def test_a_mapping_without_end_is_stopped(collection: Collection) -> None:
    put(collection, [event(1)])
    sql = """
    WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n)
    SELECT CAST(i AS VARCHAR) AS event_id, '' AS occurred_at, '' AS kind FROM n, raw
    """
    outcome = collection.run(mappings={"events.sql": sql}, resources=Resources(seconds=0.5))
    assert "took too long" in reason(outcome)


def test_parameters_are_bound(collection: Collection) -> None:
    put(collection, [event(1)])
    sql = """
    SELECT $system || $partition AS event_id, $window_start AS occurred_at, 'login' AS kind,
      CAST($window_end AS VARCHAR) AS note FROM raw
    """
    [row] = collection.rows(collection.run(mappings={"events.sql": sql}))
    assert (row["event_id"], row["note"]) == ("acme/exports2026-09-14", "2026-09-15 00:00:00")


def test_one_mapping_that_fails_leaves_the_others(collection: Collection) -> None:
    put(collection, [event(1)])
    outcome = collection.run(
        populations={"events": "events.sql", "people": "people.sql"},
        mappings={"events.sql": EVENTS_FROM_JSON, "people.sql": "SELECT nonsense FROM raw"},
    )
    assert [entry.population for entry in outcome.collected] == ["events"]
    assert [entry.population for entry in outcome.missing] == ["people"]
    assert outcome.provenance


def test_the_file_is_the_same_whatever_the_order_and_the_threads(collection: Collection) -> None:
    records = [event(n % 1000, note=f"n{n % 97}" * 20) for n in range(3000)]
    records += records[:50]
    put(collection, records)
    [first] = collection.run().collected
    put(collection, records[::-1])
    [second] = collection.run(resources=Resources(threads=1)).collected
    assert (first.file.sha256, first.logical_digest) == (second.file.sha256, second.logical_digest)
    assert (first.rows, first.collapsed) == (second.rows, second.collapsed) == (3000, 50)
    put(collection, [*records[:-1], event(999, note="else")])
    [third] = collection.run().collected
    assert third.logical_digest != first.logical_digest
