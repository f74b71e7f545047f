"""What ``airtight check`` finds: all refusals at once, and what the files say of each other."""

from __future__ import annotations

import pytest
from sound_catalog import CONNECTORS, CONTROL

from airtight.definitions.checks import Weight, find_problems
from airtight.journey.checking import examine

CONTROL_FILE = "home/include/catalog/controls/AC-01.yaml"


def found(place):
    return [(problem.weight, problem.where, problem.message) for problem in find_problems(*where(place))]


def where(place):
    return place.home, place.overlay, CONNECTORS


def messages(place):
    return " | ".join(f"{weight} {place} {message}" for weight, place, message in found(place))


def test_a_sound_catalog_has_only_its_gaps(place):
    assert found(place) == [
        (Weight.WARNING, "changes", "no control reads the population, and no other refers to it."),
        (Weight.WARNING, "soc2", "1 requirements have no control: CC6.2."),
        (Weight.WARNING, "AC-01.yaml AC-01.T1", "the procedure does not mention {kinds}."),
    ]


def test_every_refused_file_is_listed_not_only_the_first(place):
    place.replace("home/include/catalog/populations/changes.yaml", "kind: event", "kind: stream")
    place.replace(CONTROL_FILE, "frequency: daily", "frequency: hourly")
    place.replace("organisation/sources.yaml", "- id: hr", "- id: H R")
    place.write("home/expectations/people.json", "{")
    errors = [problem.where for problem in find_problems(*where(place)) if problem.weight is Weight.ERROR]
    assert errors[:4] == [
        "changes.yaml:3 kind",
        "sources.yaml:10 [1].id",
        "AC-01.yaml:5 frequency",
        "people.json:1",
    ]


def test_a_suite_without_population_is_an_error(place):
    place.write("home/expectations/persons.json", "{}")
    assert "error persons.json the suite belongs to no population." in messages(place)


def test_a_collected_population_without_suite_is_an_error(place):
    (place.home / "expectations" / "people.json").unlink()
    assert "error people the population is collected, and no suite checks it." in messages(place)


def test_a_population_that_no_source_gives_is_a_warning(place):
    place.replace(CONTROL_FILE, "[people, accounts, acc", "[people, changes, accounts, acc")
    assert "warning AC-01.yaml AC-01.T1 no source gives 'changes'." in messages(place)


def test_a_control_that_is_only_planned_needs_no_source_yet(place):
    place.replace(CONTROL_FILE, "[people, accounts, acc", "[people, changes, accounts, acc")
    lives = place.overlay / "controls.yaml"
    lives.write_text("default: {state: planned, since: 2026-01-01, approver: CRO, reason: Not started.}\n")
    assert not [message for message in messages(place) if "no source gives" in message]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("accounts ASOF JOIN people ON left_at >= left_at", "an ASOF join"),
        ("accounts WHERE list_grade_up([login]) = []", "list_grade_up()"),
        ("accounts WHERE json_extract_string(login, '$[*].a') = 'x'", "no form in trino"),
    ],
)
def test_sql_that_only_duckdb_can_run_is_an_error(place, expression, message):
    old = "population: SELECT account_id FROM accounts"
    place.replace(CONTROL_FILE, old, f'population: "SELECT account_id FROM {expression}"')
    _, problems = examine(*where(place))
    wrong = [problem for problem in problems if problem.weight is Weight.ERROR]
    assert wrong
    assert all(problem.where == "AC-01.yaml AC-01.T1.population" and message in problem.message for problem in wrong)


def test_a_requirement_without_control_is_an_error_where_the_framework_is_to_be_answered_in_full(place):
    place.replace("home/include/catalog/frameworks/soc2.yaml", 'edition: "2017"', 'edition: "2017"\ncomplete: true')
    assert "error soc2 1 requirements have no control: CC6.2." in messages(place)


def test_a_control_that_only_helps_does_not_answer(place):
    place.replace("home/include/catalog/frameworks/soc2.yaml", 'edition: "2017"', 'edition: "2017"\ncomplete: true')
    place.replace(CONTROL_FILE, "  soc2: [CC6.1]\n  supports: {soc2: [CC6.2]}", "  soc2: [CC6.1, CC6.2]")
    assert "requirements have no control" not in messages(place)


def test_a_control_without_design_record_is_an_error(place):
    place.write(CONTROL_FILE, CONTROL.split("design:")[0])
    assert "error AC-01 the control has no design record." in messages(place)


def test_a_population_that_another_refers_to_is_no_orphan(place):
    column = "person_id: {type: id, references: changes.change_id}"
    place.replace("home/include/catalog/populations/people.yaml", "person_id: {type: id}", column)
    assert "no control reads the population" not in messages(place)


def test_an_own_mapping_that_no_source_names_is_a_warning(place):
    place.write("organisation/catalog/mappings/x/left.sql", "SELECT change_id, done_at FROM raw")
    assert "warning mappings/x/left.sql no source names the mapping." in messages(place)


@pytest.mark.parametrize("sql", ["SELECT change_id, colour FROM raw", "DROP TABLE raw", "SELECT"])
def test_a_mapping_that_fits_no_population_is_an_error(place, sql):
    place.write("home/include/catalog/mappings/x/left.sql", sql)
    assert "error mappings/x/left.sql the mapping gives the columns of no population." in messages(place)


def test_a_shipped_mapping_that_this_organisation_does_not_need_is_none_of_its_business(place):
    place.write("home/include/catalog/mappings/x/left.sql", "SELECT change_id, done_at FROM raw")
    assert "mappings/x" not in messages(place)


def test_a_crosswalk_that_names_an_unknown_control_is_an_error(place):
    alias = "aliases: [{label: Leaving, relation: exact, means: {soc2: [CC6.1]}, note: a note, controls: [ZZ-01]}]"
    place.write("home/include/catalog/frameworks/crosswalk.yaml", alias)
    assert "error crosswalk.yaml 'Leaving' names ZZ-01, which is no control." in messages(place)


def test_a_test_without_case_is_an_error(place):
    text = CONTROL.split("    cases:")[0] + "  - id: AC-01.T2" + CONTROL.split("  - id: AC-01.T2")[1]
    place.write(CONTROL_FILE, text)
    assert "error AC-01.yaml AC-01.T1 the test has no case." in messages(place)


def test_an_unused_parameter_is_a_warning(place):
    place.replace(CONTROL_FILE, "hours: 24,", "hours: 24, days: 3,")
    assert "warning AC-01.yaml AC-01.T1 the parameter 'days' is used by no SQL." in messages(place)


def test_a_control_that_answers_nothing_is_a_warning(place):
    text = CONTROL.replace("  soc2: [CC6.1]\n  supports: {soc2: [CC6.2]}", "  soc2: []")
    place.write(CONTROL_FILE, text)
    assert "warning AC-01 the control answers no requirement." in messages(place)
