"""The locked-down runner, on Parquet files, finds in a shipped case what the case's own engine finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from shipped_controls import SCHEMAS, SQL_TESTS

from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import Completeness
from airtight.domain.control import Case, ControlTest
from airtight.domain.period import day_window
from airtight.domain.period import test_window as window_of
from airtight.evaluate.inputs import SelectedView, Selection
from airtight.evaluate.job import Limits
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import prepare
from airtight.evaluate.values import column_value, key_text
from airtight.evaluate.views import quoted


def _largest(test: ControlTest) -> Case | None:
    judged = [case for case in test.cases if not case.inconclusive]
    return max(judged, key=lambda case: sum(map(len, case.given.values())), default=None)


JUDGED = [(test, case) for test in SQL_TESTS if (case := _largest(test))]
HISTORY = "_history"


def _key(value: object) -> str | None:
    """A key cell of a case, as the runner writes it: a time without offset is UTC."""
    text = key_text(value)
    return f"{text}Z" if text and re.fullmatch(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}", text) else text


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with Runner(Limits(seconds=60)) as started:
        yield started


def files_of(test: ControlTest, case: Case, folder: Path) -> tuple[Selection, dict[str, Path]]:
    """Each view's rows in one file, and a history's in one file a day, as collecting them would have left them."""
    views, files = [], {}
    for name in test.populations:
        history = name not in SCHEMAS
        schema = SCHEMAS[name.removesuffix(HISTORY)] if history else SCHEMAS[name]
        given = [dict(row) for row in case.given.get(name, ())]
        places = sorted({(str(row.get("_day", case.day)), str(row.get("_source", "case"))) for row in given})
        members = []
        for day, source in places or [(str(case.day), "case")]:
            rows = [r for r in given if (str(r.get("_day", case.day)), str(r.get("_source", "case"))) == (day, source)]
            place = f"{name}-{day}-{source}"
            files[place] = folder / f"{len(files)}.parquet"
            cells = [[column_value(column, row.get(column.name)) for column in schema.columns] for row in rows]
            write(files[place], [(column.name, column.sql_type) for column in schema.columns], cells)
            members.append(
                SealedPopulation(
                    schema.name, source, day, "b", "k", "m", place, len(rows), Completeness.PROVEN, False, True, None
                )
            )
        views.append(SelectedView(name, schema, history, tuple(members)))
    return Selection(tuple(views)), files


def write(file: Path, shape: list[tuple[str, str]], rows: list[list[object]]) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'{quoted(name)} {kind}' for name, kind in shape)})")
        if rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' for _ in shape)})", rows)
        connection.execute(f"COPY t TO '{file}' (FORMAT parquet)")


@pytest.mark.parametrize(("test", "case"), JUDGED, ids=[test.id for test, _ in JUDGED])
def test_a_case_gives_the_same_in_the_locked_down_process(
    runner: Runner, tmp_path: Path, test: ControlTest, case: Case
) -> None:
    window = window_of(test.window, case.day)
    assert window.end == day_window(case.day).end
    selection, files = files_of(test, case, tmp_path)
    test = replace(test, parameters={**test.parameters, **case.parameters})
    answer = runner.run(prepare(test, window, selection, files, runner.limits))
    expected = {tuple(_key(row[name]) for name in answer.head.keys) for row in case.deviations}
    assert {finding.key for finding in answer.deviations} == expected
    assert case.population in (None, answer.head.population_n)
    assert case.tested in (None, answer.head.tested_n)
