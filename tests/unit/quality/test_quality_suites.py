"""Every population of the catalog has a suite that agrees with its schema and can be judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sound_population import ROWS, WINDOW, collected, provenance, sound_rows, write

from airtight.definitions.populations import load_populations
from airtight.domain.quality import Severity
from airtight.quality.station import Subject, check_populations

REPOSITORY = Path(__file__).resolve().parents[3]
SCHEMAS = load_populations(REPOSITORY / "include" / "catalog" / "populations")
MEANINGFUL = {"unexpected_rows_expectation", "expect_column_pair_values_a_to_be_greater_than_b"}


def suite_of(name):
    return REPOSITORY / "expectations" / f"{name}.json"


def expectations(name, *kinds):
    entries = json.loads(suite_of(name).read_text())["expectations"]
    return [entry for entry in entries if not kinds or entry["type"] in kinds]


def test_every_population_has_a_suite_and_every_suite_a_population():
    assert {file.stem for file in (REPOSITORY / "expectations").glob("*.json")} == set(SCHEMAS)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_suite_agrees_with_its_schema(name):
    schema = SCHEMAS[name]
    (columns,) = expectations(name, "expect_table_columns_to_match_set")
    assert columns["kwargs"]["column_set"] == list(schema.column_names)
    sets = {entry["kwargs"]["column"]: entry for entry in expectations(name, "expect_column_values_to_be_in_set")}
    assert {column: entry["kwargs"]["value_set"] for column, entry in sets.items()} == {
        column.name: list(column.values) for column in schema.columns if column.values
    }
    assert {entry["severity"] for entry in [columns, *sets.values()]} == {"critical"}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_suite_holds_the_key_critical(name):
    key = SCHEMAS[name].key
    nulls = expectations(name, "expect_column_values_to_not_be_null")
    assert {entry["kwargs"]["column"] for entry in nulls if entry["severity"] == "critical"} >= set(key)
    single = expectations(name, "expect_column_values_to_be_unique")
    compound = expectations(name, "expect_compound_columns_to_be_unique")
    unique = [entry["kwargs"].get("column_list", [entry["kwargs"].get("column")]) for entry in single + compound]
    assert unique == [list(key)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_suite_names_columns_of_its_schema_only(name):
    named = {
        value
        for entry in expectations(name)
        for key, value in entry["kwargs"].items()
        if key in ("column", "column_A", "column_B")
    }
    assert named <= set(SCHEMAS[name].column_names)


@pytest.mark.slow
def test_every_rule_of_every_suite_can_be_judged(tmp_path):
    files = {name: write(tmp_path, schema, sound_rows(schema)) for name, schema in SCHEMAS.items()}
    subjects = [
        Subject(
            collected(schema, ROWS),
            files[name],
            schema,
            suite_of(name),
            WINDOW,
            files,
            provenance(),
            frozenset(SCHEMAS),
        )
        for name, schema in SCHEMAS.items()
    ]
    for report in check_populations(subjects):
        judged = [outcome for outcome in report.outcomes if "not judged" not in outcome.observed]
        assert len(judged) == len(report.outcomes) > len(expectations(report.population))
        critical = [outcome.expectation for outcome in report.violated(Severity.CRITICAL)]
        assert [name for name in critical if "64 digits" not in name] == []
