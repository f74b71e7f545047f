"""Planted faults come back as violated, with the right severity, and a report never holds a row's value."""

from __future__ import annotations

import json
from datetime import timedelta

import duckdb
import pytest
from sound_population import LOGINS, ROWS, TIME, WINDOW, collected, provenance

from airtight.domain.collection import Completeness
from airtight.domain.quality import Severity
from airtight.errors import DefinitionError, EvidenceError
from airtight.quality import connections
from airtight.quality.duckdb_datasource import DuckDBExecutionEngine, SqlAlchemyExecutionEngine
from airtight.quality.station import check_population
from airtight.wire import to_json


def expectation(kind, severity="critical", **kwargs):
    return {"type": kind, "kwargs": kwargs, "severity": severity}


def rule(query, severity="warning", description="a rule"):
    sql = "unexpected_rows_expectation"
    return {**expectation(sql, severity, unexpected_rows_query=query), "description": description}


PORTABLE = [
    expectation("expect_table_columns_to_match_set", column_set=["event_id", "outcome"], exact_match=False),
    expectation("expect_table_row_count_to_be_between", "warning", min_value=1),
    expectation("expect_column_values_to_not_be_null", column="event_id"),
    expectation("expect_column_values_to_not_be_null", "info", column="person_id", mostly=0.7),
    expectation("expect_compound_columns_to_be_unique", column_list=["event_id", "system"]),
    expectation("expect_column_values_to_be_unique", column="event_id"),
    expectation("expect_column_values_to_be_in_set", column="outcome", value_set=["success"]),
    expectation("expect_column_values_to_be_between", "warning", column="limit", min_value=0, max_value=10),
    expectation("expect_column_value_lengths_to_be_between", "warning", column="detail", min_value=1),
    expectation("expect_column_value_lengths_to_equal", "warning", column="system", value=8),
    expectation(
        "expect_column_pair_values_a_to_be_greater_than_b",
        "warning",
        column_A="ended_at",
        column_B="occurred_at",
        or_equal=True,
        ignore_row_if="either_value_is_missing",
    ),
    expectation(
        "expect_column_max_to_be_between",
        "warning",
        column="occurred_at",
        min_value={"$PARAMETER": "window_start"},
        max_value={"$PARAMETER": "window_end"},
    ),
]


def test_a_sound_population_is_reliable(check, rows, violated):
    report = check(rows, *PORTABLE)
    assert violated(report) == []
    assert (report.reliable, report.rows, report.population, report.source) == (True, ROWS, "logins", "okta-users")
    assert len(report.suite_sha256) == 64


FAULTS = [
    ({"event_id": None}, "expect_column_values_to_not_be_null", "critical", 1),
    ({"event_id": "event_id-0", "system": "system-0"}, "expect_compound_columns_to_be_unique", "critical", 2),
    ({"event_id": "event_id-0"}, "expect_column_values_to_be_unique", "critical", 2),
    ({"outcome": "failure"}, "expect_column_values_to_be_in_set", "critical", 1),
    ({"limit": 11}, "expect_column_values_to_be_between", "warning", 1),
    ({"detail": ""}, "expect_column_value_lengths_to_be_between", "warning", 1),
    ({"system": "x"}, "expect_column_value_lengths_to_equal", "warning", 1),
    ({"ended_at": TIME - timedelta(seconds=1)}, "expect_column_pair_values_a_to_be_greater_than_b", "warning", 1),
]


@pytest.mark.parametrize(("fault", "name", "severity", "unexpected"), FAULTS, ids=lambda value: str(value)[:40])
def test_a_planted_fault_comes_back_violated(check, rows, violated, fault, name, severity, unexpected):
    rows[3] |= fault
    report = check(rows, *PORTABLE)
    assert (name, severity) in violated(report)
    found = [outcome.unexpected for outcome in report.outcomes if outcome.expectation == name and not outcome.success]
    assert found == [unexpected]


@pytest.mark.parametrize("fault", [{}, *(fault for fault, *_ in FAULTS)], ids=lambda value: str(value)[:40])
def test_duckdb_and_pandas_give_the_same_verdicts(check, rows, tmp_path, fault):
    import pandas

    rows[3] |= fault
    report = check(rows, *PORTABLE)
    frame = pandas.read_parquet(tmp_path / "logins.parquet")
    named = {entry["type"] for entry in PORTABLE}
    ours = [outcome.success for outcome in report.outcomes if outcome.expectation in named]
    assert ours == on_pandas(frame, PORTABLE)


def on_pandas(frame, expectations):
    import great_expectations

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frame").add_dataframe_asset("logins")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    entries = [{**entry, "meta": {"position": number}} for number, entry in enumerate(expectations)]
    bounds = {"window_start": WINDOW.start.replace(tzinfo=None), "window_end": WINDOW.end.replace(tzinfo=None)}
    suite = great_expectations.ExpectationSuite(name="logins", expectations=entries)
    results = batch.validate(suite, expectation_parameters=bounds).results
    return [each.success for each in sorted(results, key=lambda each: each.expectation_config.meta["position"])]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT event_id FROM {batch} WHERE outcome = 'failure'", 1),
        ("SELECT event_id FROM {batch} WHERE NOT regexp_matches(detail, '^detail-[0-9]$')", 1),
        ("SELECT s.event_id FROM {batch} s LEFT JOIN people p USING (person_id) WHERE p.person_id IS NULL", 1),
        ("SELECT e.event_id FROM {batch} e CROSS JOIN collection_window w WHERE e.ended_at >= w.window_end", 1),
        ("SELECT count(*) AS n FROM {batch} WHERE len(roles) = 2 HAVING count(*) < 5", 1),
        ("SELECT * FROM {batch}", ROWS),
    ],
)
def test_sql_rules_find_planted_rows_and_no_others(check, rows, violated, query, count):
    clean = check(rows, rule(query)) if "SELECT *" not in query else None
    assert clean is None or violated(clean) == []
    rows[3] |= {"outcome": "failure", "detail": "?", "person_id": "nobody", "ended_at": TIME + timedelta(days=9)}
    rows[3] |= {"roles": ["one"]}
    outcomes = check(rows, rule(query)).outcomes
    found = next(outcome for outcome in outcomes if outcome.expectation == "a rule")
    assert (found.success, found.unexpected, found.severity) == (False, count, Severity.WARNING)


@pytest.mark.parametrize(
    ("fault", "name", "severity"),
    [
        ({"event_id": None}, "key_not_null", "critical"),
        ({"outcome": None}, "required_not_null", "critical"),
        ({"event_id": "event_id-0", "system": "system-0"}, "key_unique", "critical"),
        ({"outcome": "maybe"}, "values_in_enum", "critical"),
        ({"person_id": "nobody"}, "references people.person_id", "warning"),
        ({"occurred_at": TIME + timedelta(days=1)}, "events_in_window", "critical"),
        ({"occurred_at": TIME - timedelta(days=1)}, "events_in_window", "critical"),
    ],
)
def test_built_in_checks_need_no_suite(check, rows, violated, fault, name, severity):
    rows[3] |= fault
    report = check(rows)
    assert (name, severity) in violated(report)
    assert [outcome.unexpected for outcome in report.outcomes if outcome.expectation == name] == [1]


def test_the_last_instant_of_the_window_is_inside_and_its_end_is_not(check, rows, violated):
    end = WINDOW.end.replace(tzinfo=None)
    rows[3]["occurred_at"] = end - timedelta(microseconds=1)
    assert violated(check(rows)) == []
    rows[3]["occurred_at"] = end
    assert violated(check(rows)) == [("events_in_window", "critical")]


@pytest.mark.parametrize(
    ("changes", "name", "severity"),
    [
        ({"discrepancy": "the source counts 6 records, 5 were received"}, "source_count_agrees", "critical"),
        ({"rejected": (("no time", 2),)}, "no_row_rejected", "warning"),
        ({"completeness": Completeness.UNPROVEN}, "completeness_known", "info"),
    ],
)
def test_the_record_of_the_population_is_checked(check, rows, violated, changes, name, severity):
    assert violated(check(rows, made=changes)) == [(name, severity)]


@pytest.mark.parametrize(
    ("changes", "name", "severity"),
    [
        ({"rejected": (("half a line", 1),)}, "no_record_of_the_source_rejected", "info"),
        ({"started_at": WINDOW.end - timedelta(seconds=1)}, "collected_after_window", "critical"),
    ],
)
def test_the_record_of_the_collection_is_checked(check, rows, violated, changes, name, severity):
    assert violated(check(rows, source=provenance(**changes))) == [(name, severity)]


def test_a_file_with_another_number_of_rows_than_recorded_is_unreliable(check, rows, violated):
    assert ("rows_as_recorded", "critical") in violated(check(rows, *PORTABLE, recorded=ROWS + 1))


def test_an_empty_file_is_sound_but_for_the_rule_that_it_is_not_empty(check, violated):
    report = check([], *PORTABLE[:-1])
    assert violated(report) == [("expect_table_row_count_to_be_between", "warning")]
    assert report.rows == 0


def test_a_rule_that_must_be_violated_is_found_violated_every_time(check, rows):
    for data in ([], rows):
        outcome = next(each for each in check(data).outcomes if each.expectation == "known_violation_is_found")
        assert (outcome.success, outcome.observed) == (True, "yes")


@pytest.mark.parametrize("entry", [PORTABLE[6], rule("SELECT event_id FROM {batch} WHERE outcome = 'failure'")])
def test_an_engine_that_loses_its_rows_is_never_success(check, rows, monkeypatch, entry):
    """As Great Expectations and the driver come: the connection ends before rows are fetched, and none come."""
    monkeypatch.setattr(DuckDBExecutionEngine, "get_connection", SqlAlchemyExecutionEngine.get_connection)
    for method in ("begin", "commit", "rollback"):
        monkeypatch.delattr(connections._ReadOnly, method)
    rows[3]["outcome"] = "failure"
    with pytest.raises(DefinitionError, match="cannot be judged"):
        check(rows, entry)


def test_a_neighbour_that_is_not_at_hand_is_unknown_and_never_success(check, rows):
    query = "SELECT s.event_id FROM {batch} s LEFT JOIN people p USING (person_id) WHERE p.person_id IS NULL"
    report = check(rows, rule(query), rule(query, "critical", "a critical rule"), people=None)
    found = {each.expectation: (each.success, each.severity, each.observed) for each in report.outcomes}
    assert found["a rule"] == (False, Severity.INFO, "not judged: people not at hand")
    assert found["a critical rule"] == (False, Severity.CRITICAL, "not judged: people not at hand")
    assert found["references people.person_id"] == (False, Severity.INFO, "not judged: people not at hand")


def test_no_row_value_stands_in_a_report(check, rows):
    for number, row in enumerate(rows):
        row |= {"event_id": "tell-tale", "system": "tell-tale", "outcome": "tell-tale", "person_id": "tell-tale"}
        row |= {"detail": f"tell-tale-{number}"}
    everywhere = [
        expectation("expect_column_distinct_values_to_be_in_set", "warning", column="detail", value_set=["a"]),
        expectation("expect_column_most_common_value_to_be_in_set", "warning", column="detail", value_set=["a"]),
        rule("SELECT * FROM {batch}"),
    ]
    assert "tell-tale" not in json.dumps(to_json(check(rows, *PORTABLE, *everywhere)))


def test_two_checks_of_the_same_file_give_the_same_report(check, rows):
    assert check(rows, *PORTABLE) == check(rows, *PORTABLE)


MALFORMED = [
    ({"type": "expect_nothing", "kwargs": {}, "severity": "info"}, r"\(expect_nothing\): the expectation is malformed"),
    (expectation("expect_column_values_to_not_be_null", colum="x"), r"malformed: .*colum"),
    (expectation("expect_column_values_to_not_be_null", column="nope"), r"cannot be judged: .*nope"),
    (expectation("expect_column_values_to_match_regex", column="detail", regex="x"), r"cannot be judged"),
    ({"type": "expect_column_values_to_be_unique", "kwargs": {"column": "limit"}}, r"states no severity"),
    (expectation("expect_column_values_to_be_unique", "fatal", column="limit"), r"states no severity"),
    ({"kwargs": {}}, r"not an expectation"),
    ("expect_nothing", r"not an expectation"),
    ({**expectation("expect_column_values_to_be_unique", column="limit"), "severty": "info"}, r"not an expectation"),
    (rule("SELECT 1"), r"does not read {batch}"),
    (rule("DROP TABLE {batch}"), r"not a SELECT"),
    (rule("SELECT * FROM {batch}, read_text('/etc/passwd')"), r"the function read_text\(\)"),
    (rule("SELECT * FROM {batch} WHERE ended_at > now()"), r"uses now\(\)"),
    (rule("SELECT * FROM {batch} WHERE ended_at > $window_end"), r"binds a parameter"),
    (rule("SELECT nope FROM {batch}"), r"cannot be judged: .*nope"),
]


@pytest.mark.parametrize(("entry", "message"), MALFORMED, ids=lambda value: str(value)[:60])
def test_a_malformed_expectation_is_refused_naming_file_and_expectation(check, rows, entry, message):
    with pytest.raises(DefinitionError, match=message) as caught:
        check(rows, PORTABLE[0], entry)
    assert str(caught.value.where).startswith("logins.json expectations[1]")


def test_a_rule_over_an_unknown_population_is_refused(check, rows):
    with pytest.raises(DefinitionError, match=r"reads 'persons', which is not among"):
        check(rows, rule("SELECT p.* FROM {batch} JOIN persons p USING (person_id)"), known=("people", "logins"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "logins.json:1: not JSON"),
        ("[]", "the file is no suite"),
        ('{"name": "logins", "expectations": {}}', "the file is no suite"),
        ('{"name": "people", "expectations": []}', "named 'people'"),
    ],
)
def test_a_file_that_is_no_suite_is_refused(check, rows, tmp_path, text, message):

    check(rows)
    (tmp_path / "logins.json").write_text(text)
    with pytest.raises(DefinitionError, match=message):
        check_population(
            collected(LOGINS, ROWS), tmp_path / "logins.parquet", LOGINS, tmp_path / "logins.json", WINDOW, {}
        )


def test_a_file_that_is_no_parquet_is_refused(check, rows, tmp_path):

    check(rows)
    file = tmp_path / "logins.parquet"
    file.write_bytes(b"PAR1 nothing")
    with pytest.raises(EvidenceError, match="logins: the file of logins cannot be read"):
        check_population(collected(LOGINS, ROWS), file, LOGINS, tmp_path / "logins.json", WINDOW, {})


def test_a_column_of_another_type_is_critical_and_the_suite_is_not_run(check, rows, tmp_path, violated):

    check(rows, *PORTABLE)
    file = tmp_path / "logins.parquet"
    other = tmp_path / "other.parquet"
    with duckdb.connect() as database:
        relation = database.read_parquet(str(file))
        relation.project('* REPLACE ("limit"::VARCHAR AS "limit")').write_parquet(str(other))
    suite = tmp_path / "logins.json"
    report = check_population(collected(LOGINS, ROWS), other, LOGINS, suite, WINDOW, {})
    assert violated(report) == [("columns_as_in_schema", "critical")]
    assert "limit" in report.outcomes[0].observed
