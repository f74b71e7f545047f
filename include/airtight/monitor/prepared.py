"""Predictions and outcomes of one AI system, joined and unpacked into one file that all figures are computed from.

A prediction that stands more than once counts once, as it was made first. An outcome that was corrected counts as it
was last observed before the end. The file lies in the work folder and ends with the run.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from airtight.domain.monitor import MonitorSetup, Role, Watched
from airtight.domain.period import Window
from airtight.monitor.engine import named, parquet, quoted, rows
from airtight.monitor.tables import Table

#: Columns of the file beside the watched ones; no feature can be called so.
_GROUP = 20_480
VERSION, MADE, OBSERVED, ACTUAL = "_version", "_made", "_observed", "_actual"


@dataclass(frozen=True)
class Rows:
    """Where rows come from: files of the populations ``predictions`` and ``actuals``."""

    predictions: Sequence[Path]
    actuals: Sequence[Path]


@dataclass(frozen=True)
class Prepared:
    """The joined rows of one AI system.

    Attributes:
        groups: protected attribute -> column of the file.
        versions: model versions, in order.
        duplicates: rows left out because their prediction stood there already.
    """

    file: Path
    columns: Mapping[str, tuple[str, str]]
    groups: Mapping[str, str]
    versions: tuple[str, ...]
    predictions: int
    duplicates: int

    def made_in(self, window: Window, version: str) -> Table:
        """Predictions of one version made in a window."""
        return self._table(version, MADE, window)

    def observed_in(self, window: Window, version: str) -> Table:
        """Predictions of one version whose outcome was observed in a window."""
        return self._table(version, OBSERVED, window)

    def _table(self, version: str, column: str, window: Window) -> Table:
        whole = f"(SELECT *, file_row_number AS _row FROM read_parquet({quoted(self.file)}, file_row_number => true))"
        return Table(whole, self.columns).where(f"{VERSION} = {quoted(version)} AND {within(column, window)}")


def within(column: str, window: Window) -> str:
    """SQL that a time lies in a window."""
    return f"{column} >= {instant(window.start)} AND {column} < {instant(window.end)}"


def instant(moment: datetime) -> str:
    """A time in UTC as an SQL literal."""
    return f"TIMESTAMP {quoted(moment.replace(tzinfo=None).isoformat(sep=' '))}"


def prepare(
    connection: duckdb.DuckDBPyConnection, found: Rows, setup: MonitorSetup, reach: Window, work: Path
) -> Prepared:
    """Join and unpack the rows of a system that were made in ``reach``; outcomes observed later are left out."""
    target = work / "prepared.parquet"
    names = [attribute.name for attribute in setup.fairness.attributes] if setup.fairness else []
    groups = {name: f"_group{number}" for number, name in enumerate(names)}
    own = f"ai_system_id = {quoted(setup.ai_system)} AND {within('ts', reach)}"
    source = f"(SELECT * FROM {parquet(found.predictions)} WHERE {own})" if found.predictions else _no_predictions()
    # grouped, not counted distinct: groups go to disk where they are many
    each = f"(SELECT count(*) AS n FROM {source} GROUP BY prediction_id)"
    (counted,) = rows(connection, f"SELECT coalesce(sum(n), 0), count(*) FROM {each}")
    total, distinct = (int(str(value)) for value in counted)
    if distinct < total:
        first = "ts, model_version_id, prediction, score"
        source = f"(SELECT * FROM {source} QUALIFY row_number() OVER (PARTITION BY prediction_id ORDER BY {first}) = 1)"
    sql = _joined(source, _outcomes(found.actuals, reach.end), setup.features, groups)
    connection.execute(
        f"COPY ({sql}) TO {quoted(target)} (FORMAT parquet, COMPRESSION lz4_raw, ROW_GROUP_SIZE {_GROUP})"
    )
    made = rows(connection, f"SELECT DISTINCT {VERSION} FROM {parquet([target])} ORDER BY 1")
    return Prepared(
        file=target,
        columns=_columns(setup.watched),
        groups=groups,
        versions=tuple(str(version) for (version,) in made if version is not None),
        predictions=distinct,
        duplicates=total - distinct,
    )


def _joined(source: str, outcomes: str, features: Sequence[Watched], groups: Mapping[str, str]) -> str:
    paths = "[" + ", ".join(_path(column.name) for column in features) + "]"
    attributes = "[" + ", ".join(_path(name) for name in groups) + "]"
    unpacked = [f"p._f[{place}] AS {named(column.name)}" for place, column in enumerate(features, 1)]
    unpacked += [f"p._g[{place}] AS {column}" for place, column in enumerate(groups.values(), 1)]
    grouped = f"json_extract_string(group_attrs, {attributes})" if groups else "NULL"
    return (
        f"SELECT p.model_version_id AS {VERSION}, p.ts AS {MADE}, p.prediction, p.score, a.actual AS {ACTUAL}, "
        f"a.observed_at AS {OBSERVED}, {', '.join(unpacked)} "
        f"FROM (SELECT *, json_extract_string(features, {paths}) AS _f, {grouped} AS _g FROM {source}) AS p "
        f"LEFT JOIN {outcomes} AS a ON a.prediction_id = p.prediction_id"
    )


def _path(name: str) -> str:
    return quoted(f'$."{name}"')


def _outcomes(files: Sequence[Path], end: datetime) -> str:
    if not files:
        return "(SELECT NULL::VARCHAR AS prediction_id, NULL::VARCHAR AS actual, NULL::TIMESTAMP AS observed_at)"
    # of two outcomes observed at once the later in the alphabet counts: the choice must be the same each time
    last = "max_by(actual, (observed_at, actual)) AS actual, max(observed_at) AS observed_at"
    return (
        f"(SELECT prediction_id, {last} FROM {parquet(files)} "
        f"WHERE observed_at < {instant(end)} GROUP BY prediction_id)"
    )


def _no_predictions() -> str:
    texts = ("prediction_id", "ai_system_id", "model_version_id", "features", "prediction", "group_attrs")
    columns = ", ".join(f"NULL::VARCHAR AS {name}" for name in texts)
    return f"(SELECT {columns}, NULL::TIMESTAMP AS ts, NULL::DOUBLE AS score WHERE false)"


def _columns(watched: Sequence[Watched]) -> dict[str, tuple[str, str]]:
    own = {
        Role.PREDICTION: ("prediction", "VARCHAR"),
        Role.SCORE: ("score", "DOUBLE"),
        Role.TARGET: (ACTUAL, "VARCHAR"),
    }
    return {column.name: own.get(column.role, (named(column.name), "VARCHAR")) for column in watched}
