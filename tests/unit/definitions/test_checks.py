"""What ``airtight check`` finds: all refusals at once, and what the files say of each other."""

from __future__ import annotations

import pytest
from sound_catalog import CONNECTORS, CONTROL

from airtight.definitions.checks import Weight, find_problems

CONTROL_FILE = "home/include/catalog/controls/AC-01.yaml"


def found(place):
    return [(problem.weight, problem.where, problem.message) for problem in find_problems(*where(place))]


def where(place):
    return place.home, place.overlay, CONNECTORS


def messages(place):
    return " | ".join(f"{weight} {place} {message}" for weight, place, message in found(place))


def test_a_sound_catalog_has_only_its_gaps(place):
    assert found(place) == [
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


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("accounts ASOF JOIN people ON left_at >= left_at", "ASOF JOIN, which no other engine has"),
        ("accounts WHERE list_grade_up([login]) = []", "list_grade_up(), which is not known to exist elsewhere"),
        ("accounts WHERE json_extract_string(login, '$[*].a') = 'x'", "does not transpile to trino"),
    ],
)
def test_sql_that_only_duckdb_can_run_is_an_error(place, expression, message):
    old = "population: SELECT account_id FROM accounts"
    place.replace(CONTROL_FILE, old, f'population: "SELECT account_id FROM {expression}"')
    assert f"error AC-01.yaml AC-01.T1.population the SQL {'uses ' * ('which' in message)}{message}" in messages(place)


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
