"""The views that a test's SQL reads: Parquet files of sealed populations under the names of their populations.

A column that an older file does not have is null; one that the schema does not have is not shown. The SQL sees
``_source`` beside the schema's columns, and in a history ``_day``.
"""

# ruff: noqa: S608 - SQL is put together from quoted identifiers and from texts that passed the gate
from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import duckdb

from airtight.evaluate.job import View, ViewFile


def create_view(connection: duckdb.DuckDBPyConnection, view: View) -> None:
    """Make one view (an empty table where no file belongs to it).

    Raises:
        duckdb.Error: a file is not there or is no Parquet.
    """
    if not view.files:
        connection.execute(f"CREATE TEMP TABLE {quoted(view.name)} ({_shape(view)})")
        return
    several = len(view.files) > 1 and view.distinct_by
    union = " UNION ALL ".join(_part(connection, view, files) for files in _groups(view))
    if not several:
        connection.execute(f"CREATE TEMP VIEW {quoted(view.name)} AS SELECT {_shown(view)} FROM ({union})")
        return
    everything = quoted(f"_all_{view.name}")
    connection.execute(f"CREATE TEMP VIEW {everything} AS {union}")
    connection.execute(f"CREATE TEMP VIEW {quoted(view.name)} AS {_distinct(connection, view, everything)}")


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """SQL identifiers in a row."""
    return ", ".join(quoted(name) for name in names)


def _groups(view: View) -> list[list[ViewFile]]:
    ordered = sorted(view.files, key=lambda file: (file.source, file.day, str(file.path)))
    return [list(files) for _, files in groupby(ordered, key=lambda file: (file.source, file.day))]


def _shape(view: View) -> str:
    columns = [*view.columns, *([("_day", "DATE")] if view.history else []), ("_source", "VARCHAR")]
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)


def _shown(view: View) -> str:
    names = [name for name, _ in view.columns]
    return listed([*names, "_day", "_source"] if view.history else [*names, "_source"])


def _part(connection: duckdb.DuckDBPyConnection, view: View, files: list[ViewFile]) -> str:
    paths = ", ".join(_text(str(file.path)) for file in files)
    scan = f"read_parquet([{paths}], union_by_name = true)"
    present = {column[0] for column in connection.execute(f"SELECT * FROM {scan} LIMIT 0").description or ()}
    cells = [
        f"CAST({quoted(name) if name in present else 'NULL'} AS {kind}) AS {quoted(name)}"
        for name, kind in view.columns
    ]
    day, source = files[0].day.isoformat(), _text(files[0].source)
    return f"SELECT {', '.join(cells)}, DATE '{day}' AS _day, {source} AS _source FROM {scan}"


def _distinct(connection: duckdb.DuckDBPyConnection, view: View, everything: str) -> str:
    """A SELECT of the rows without the repeats of a key; the latest day wins, then the first source."""
    keys, shown = listed(view.distinct_by), _shown(view)
    plain = f"SELECT {shown} FROM {everything}"
    # Eight bytes a row tell whether any key repeats; the exact and costly way is taken only where one may.
    repeats = f"SELECT hash({keys}) AS h FROM {everything} GROUP BY h HAVING count(*) > 1"
    table = quoted(f"_repeats_{view.name}")
    connection.execute(f"CREATE TEMP TABLE {table} AS {repeats}")
    if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
        return plain
    ranked = f"row_number() OVER (PARTITION BY {keys} ORDER BY _day DESC, _source, {shown})"
    doubtful = f"hash({keys}) IN (SELECT h FROM {table})"
    return (
        f"{plain} WHERE NOT ({doubtful}) UNION ALL "
        f"(SELECT {shown} FROM {everything} WHERE {doubtful} QUALIFY {ranked} = 1)"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
