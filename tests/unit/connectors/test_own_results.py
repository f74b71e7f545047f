"""Connector airtight and its mappings: the product's own records, unchanged but for their types."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from airtight.collect.connector import CollectionRequest
from airtight.collect.own_results import STREAMS, OwnResultsConnector
from airtight.domain.control import CellValue
from airtight.domain.period import Window, day_window
from airtight.domain.source import Source
from airtight.errors import ConfigurationError, DefinitionError

CATALOG = Path(__file__).resolve().parents[3] / "include" / "catalog"
#: answers of persons have the schema's columns already: their mapping is identity
MAPPED = tuple(name for name in STREAMS if name != "attestations")
VALUES: dict[str, CellValue] = {
    "int": 3,
    "bool": True,
    "ts": "2026-09-14T00:00:00Z",
    "date": "2033-09-14",
    "list": ["a", "b"],
    "json": '{"hours": 24}',
    "sha256": "0" * 64,
}


def columns(population: str) -> dict[str, dict[str, Any]]:
    schema = yaml.safe_load((CATALOG / "populations" / f"{population}.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = schema["columns"]
    return found


def full_record(population: str) -> dict[str, CellValue]:
    """A record with a value in every column."""
    return {
        name: column["values"][0] if "values" in column else VALUES.get(column["type"], f"{name} \u00e9")
        for name, column in columns(population).items()
    }


class Sealed:
    """What was sealed before: one full record a stream, for the windows asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Window]] = []

    def records(self, stream: str, window: Window) -> Iterable[Mapping[str, CellValue]]:
        self.asked.append((stream, window))
        return [full_record(stream)]


def source(*populations: str, **options: Any) -> Source:
    return Source(
        id="own",
        collection="governance_records",
        system="airtight",
        connector="airtight",
        connection=None,
        options=options,
        settles_after=timedelta(0),
        max_lag=timedelta(days=1),
        populations={name: f"mappings/airtight/{name}.sql" for name in populations},
    )


def request(tmp_path: Path, declared: Source, sealed: Sealed | None) -> CollectionRequest:
    return CollectionRequest(declared, day_window(date(2026, 9, 14)), "2026-09-14", tmp_path, tmp_path, earlier=sealed)


def test_each_population_is_asked_for_the_window(tmp_path: Path) -> None:
    sealed = Sealed()
    pulled = OwnResultsConnector().pull(request(tmp_path, source(*STREAMS), sealed))
    assert sealed.asked == [(name, day_window(date(2026, 9, 14))) for name in STREAMS]
    for file in pulled.files:
        with gzip.open(file.path, "rt", encoding="utf-8") as lines:
            assert [json.loads(line) for line in lines] == [full_record(file.stream)]


@pytest.mark.parametrize("population", MAPPED)
def test_the_mapping_keeps_every_value(mapped: Callable[..., Any], population: str) -> None:
    given = full_record(population)
    rows = mapped(f"airtight/{population}", population, **{population: [given]})
    assert rows == [{name: value[:19] if value == VALUES["ts"] else value for name, value in given.items()}]


@pytest.mark.parametrize("population", MAPPED)
def test_what_may_be_unknown_may_be_absent(mapped: Callable[..., Any], population: str) -> None:
    needed = {name for name, column in columns(population).items() if not column.get("nullable")}
    given = {name: value for name, value in full_record(population).items() if name in needed}
    row = mapped(f"airtight/{population}", population, **{population: [given]})[0]
    assert {name for name, value in row.items() if value is not None} == needed


def test_no_clock_fact_is_kept() -> None:
    for population in STREAMS:
        clocks = {"started_at", "finished_at", "evaluated_at", "produced_at", "ran_at", "collected_at"}
        assert not clocks & set(columns(population))


def test_without_access_to_what_was_sealed_nothing_is_invented(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="without access"):
        OwnResultsConnector().pull(request(tmp_path, source("dq_results"), None))


def test_other_populations_and_options_are_refused() -> None:
    with pytest.raises(DefinitionError, match="no population 'accounts'"):
        OwnResultsConnector().check(source("accounts"))
    with pytest.raises(DefinitionError) as caught:
        OwnResultsConnector().check(source("dq_results", since="2026"))
    assert caught.value.where == "sources.yaml: own.options.since"
    OwnResultsConnector().check(source(*STREAMS))
    assert OwnResultsConnector().keeps_history(source(*STREAMS))
