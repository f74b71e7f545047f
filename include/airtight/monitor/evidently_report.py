"""Evidently's report on a seeded sample: the one file that imports it, and only when a report is made.

The report is for readers; every figure that is judged comes from all rows. Methods and thresholds are those of the
set-up, column by column: Evidently's own choice changes its meaning at 1,000 rows. The report may show values of
single rows, so it is kept like raw data, and the evidence holds its digest.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from airtight.domain.monitor import ColumnKind, ReportRules, Watched
from airtight.monitor.drift import Sides
from airtight.monitor.engine import named
from airtight.monitor.tables import Table

if TYPE_CHECKING:
    import pandas as pd

_IDENTIFIER = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")


@dataclass(frozen=True)
class Report:
    """The report's two files, and the figures in it by column."""

    html: Path
    json: Path
    values: dict[str, float]


def make_report(
    connection: duckdb.DuckDBPyConnection,
    sides: Sides,
    watched: Sequence[Watched],
    rules: ReportRules,
    folder: Path,
    name: str,
) -> Report | None:
    """Sample both sides and let Evidently compare them; None where no column can be compared.

    Args:
        sides: both with a column ``_row`` that numbers their rows.
        name: how the files begin.
    """
    reference, current = (sample(connection, table, watched, rules) for table in (sides.reference, sides.current))
    usable = [c for c in watched if not (reference[c.name].dropna().empty or current[c.name].dropna().empty)]
    if not usable:
        return None
    names = [column.name for column in usable]
    return _run(reference[names], current[names], usable, folder, name)


def sample(
    connection: duckdb.DuckDBPyConnection, table: Table, watched: Sequence[Watched], rules: ReportRules
) -> pd.DataFrame:
    """So many rows of a table, chosen by the seed, in the table's order; a column that it lacks is empty."""
    columns = ", ".join(f"{_value(table, column)} AS {named(column.name)}" for column in watched)
    chosen = (
        f"SELECT _row AS _place, {columns} FROM {table.relation} ORDER BY hash(_row, {rules.seed}) LIMIT {rules.rows}"
    )
    frame = connection.execute(f"SELECT * EXCLUDE (_place) FROM ({chosen}) ORDER BY _place").df()
    return frame.replace([float("inf"), float("-inf")], float("nan"))


def _value(table: Table, column: Watched) -> str:
    if column.name not in table.columns:
        return "NULL"
    return table.number(column) if column.kind is ColumnKind.NUMERIC else table.text(column)


def _run(reference: pd.DataFrame, current: pd.DataFrame, watched: Sequence[Watched], folder: Path, name: str) -> Report:
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import DataDefinition, Dataset  # type: ignore[import-untyped]
    from evidently import Report as EvidentlyReport
    from evidently.presets import DataDriftPreset  # type: ignore[import-untyped]

    definition = DataDefinition(
        numerical_columns=[column.name for column in watched if column.kind is ColumnKind.NUMERIC],
        categorical_columns=[column.name for column in watched if column.kind is ColumnKind.CATEGORICAL],
    )
    preset = DataDriftPreset(
        columns=[column.name for column in watched],
        per_column_method={column.name: column.method.value for column in watched},
        per_column_threshold={column.name: column.threshold for column in watched},
    )
    sets = [Dataset.from_pandas(frame, data_definition=definition) for frame in (current, reference)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        snapshot = EvidentlyReport([preset]).run(*sets)
        found = json.loads(snapshot.json())
        html = _steady(snapshot.get_html_str(as_iframe=False))
    files = folder / f"{name}.evidently.html", folder / f"{name}.evidently.json"
    files[0].write_text(html, encoding="utf-8")
    files[1].write_text(_steady(json.dumps(found, sort_keys=True)), encoding="utf-8")
    return Report(files[0], files[1], _values(found))


def _steady(text: str) -> str:
    """The text with its random identifiers numbered in the order in which they stand: a repetition gives the same."""
    seen: dict[str, str] = {}
    return _IDENTIFIER.sub(lambda found: seen.setdefault(found[0], f"id-{len(seen):06d}"), text)


def _values(found: dict[str, list[dict[str, object]]]) -> dict[str, float]:
    values = {}
    for metric in found["metrics"]:
        config = metric.get("config")
        if isinstance(config, dict) and config.get("column") and isinstance(metric["value"], int | float):
            values[str(config["column"])] = float(metric["value"])
    return values
