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
    name = quoted(view.name)
    if not view.files:
        connection.execute(f"CREATE TEMP TABLE {name} ({_shape(view)})")
        return
    cells = _cells(connection, view)
    if view.history:
        rows = _by_day(connection, view, cells)
    elif len(view.files) > 1 and view.distinct_by:
        rows = _distinct(connection, view, cells)
    else:
        rows = _by_source(view, cells)
    connection.execute(f"CREATE TEMP VIEW {name} AS {rows}")


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """SQL identifiers in a row."""
    return ", ".join(quoted(name) for name in names)


def _shape(view: View) -> str:
    columns = [*view.columns, *([("_day", "DATE")] if view.history else []), ("_source", "VARCHAR")]
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)


def _scan(files: Iterable[ViewFile], *, named: bool = False) -> str:
    # Two days with the same rows are one file: it is read once.
    paths = ", ".join(dict.fromkeys(_text(str(file.path)) for file in files))
    return f"read_parquet([{paths}], union_by_name = true{', filename = _file' if named else ''})"


def _cells(connection: duckdb.DuckDBPyConnection, view: View) -> str:
    """The schema's columns, as far as the files have them, in the schema's types."""
    given = connection.execute(f"SELECT * FROM {_scan(view.files)} LIMIT 0").description or ()
    present = {column[0] for column in given}
    return ", ".join(
        f"CAST({quoted(name) if name in present else 'NULL'} AS {kind}) AS {quoted(name)}"
        for name, kind in view.columns
    )


def _by_source(view: View, cells: str) -> str:
    ordered = sorted(view.files, key=lambda file: (file.source, file.day))
    groups = [(source, list(files)) for source, files in groupby(ordered, key=lambda file: file.source)]
    return " UNION ALL ".join(
        f"SELECT {cells}, {_text(source)} AS _source FROM {_scan(files)}" for source, files in groups
    )


def _by_day(connection: duckdb.DuckDBPyConnection, view: View, cells: str) -> str:
    """All rows with the day and source of their file; a file that stands for two days gives its rows for each."""
    table = quoted(f"_files_{view.name}")
    places = sorted({(str(file.path), file.day.isoformat(), file.source) for file in view.files})
    rows = ", ".join(f"({_text(path)}, DATE '{day}', {_text(source)})" for path, day, source in places)
    connection.execute(f"CREATE TEMP TABLE {table} AS FROM (VALUES {rows}) v(_path, _day, _source)")
    # Rows of a file that could not be placed must not vanish: they are kept, and asking for their day is an error.
    day = "CASE WHEN _path IS NULL THEN CAST(error('a file belongs to no day') AS DATE) ELSE f._day END"
    scan = _scan(view.files, named=True)
    return f"SELECT {cells}, {day} AS _day, _source FROM {scan} LEFT JOIN {table} AS f ON _file = _path"


def _distinct(connection: duckdb.DuckDBPyConnection, view: View, cells: str) -> str:
    """A SELECT of the rows without the repeats of a key; the latest day wins, then the first source."""
    keys, plain = listed(view.distinct_by), _by_source(view, cells)
    # Eight bytes a row tell whether any key repeats; the exact and costly way is taken only where one may.
    table = quoted(f"_repeats_{view.name}")
    repeats = f"SELECT hash({keys}) AS h FROM ({plain}) GROUP BY h HAVING count(*) > 1"
    connection.execute(f"CREATE TEMP TABLE {table} AS {repeats}")
    if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():
        return plain
    shown = listed([*(name for name, _ in view.columns), "_source"])
    ranked = f"row_number() OVER (PARTITION BY {keys} ORDER BY _day DESC, _source, {shown})"
    doubtful = f"hash({keys}) IN (SELECT h FROM {table})"
    return (
        f"SELECT {shown} FROM ({plain}) WHERE NOT ({doubtful}) UNION ALL "
        f"(SELECT {shown} FROM ({_by_day(connection, view, cells)}) WHERE {doubtful} QUALIFY {ranked} = 1)"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
