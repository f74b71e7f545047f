"""Tables that figures are computed from: Parquet files, and where each column stands in them.

A table is *wide* (a column a feature) or has the shape of the population ``predictions`` (features in one JSON
column). Whatever the type in the file, a numeric column is read as floating-point numbers and a categorical one as
text; what cannot be read so is counted as *mixed*, never dropped silently.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from airtight.domain.monitor import ColumnKind, Role, Watched
from airtight.monitor.engine import named, quoted, rows

_PACKED = "features"
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FLOATS = ("FLOAT", "DOUBLE", "DECIMAL", "BOOLEAN")


@dataclass(frozen=True)
class Counts:
    """Rows of a column: all, those without a value, with another type, and with an infinite number."""

    rows: int
    missing: int
    mixed: int = 0
    infinite: int = 0

    @property
    def usable(self) -> int:
        return self.rows - self.missing - self.mixed - self.infinite

    @property
    def unusable_share(self) -> float:
        return 1 - self.usable / self.rows if self.rows else 1.0


@dataclass(frozen=True)
class Table:
    """Rows to examine.

    Attributes:
        relation: an SQL relation with its condition, to stand after FROM.
        columns: watched column -> (SQL that gives its value, type of that value); absent: the table has none.
    """

    relation: str
    columns: Mapping[str, tuple[str, str]]

    def number(self, column: Watched) -> str:
        """SQL of a numeric column's values; null where it is missing, or no number."""
        sql, kind = self.columns[column.name]
        return f"CAST({sql} AS DOUBLE)" if _is_number(kind) else f"TRY_CAST(CAST({sql} AS VARCHAR) AS DOUBLE)"

    def text(self, column: Watched) -> str:
        """SQL of a categorical column's values."""
        return f"CAST({self.columns[column.name][0]} AS VARCHAR)"

    def where(self, condition: str) -> Table:
        """The same table with fewer rows."""
        return Table(f"(SELECT * FROM {self.relation} WHERE {condition})", self.columns)


def _is_number(kind: str) -> bool:
    return kind.startswith((*_NUMBERS, *_FLOATS))


def table_of(connection: duckdb.DuckDBPyConnection, relation: str, watched: Collection[Watched]) -> Table:
    """The table of a relation whose columns are called like the watched ones, or packed as in ``predictions``."""
    described = {str(name): str(kind) for name, kind, *_ in rows(connection, f"DESCRIBE SELECT * FROM {relation}")}
    found = {}
    for column in watched:
        if column.name in described:
            found[column.name] = (named(column.name), described[column.name])
        elif column.role is Role.FEATURE and described.get(_PACKED) in ("VARCHAR", "JSON"):
            found[column.name] = (packed(column.name), "VARCHAR")
    return Table(relation, found)


def packed(name: str, within: str = _PACKED) -> str:
    """SQL of one member of a JSON column, as text."""
    path = f'$."{name}"'
    return f"json_extract_string({named(within)}, {quoted(path)})"


def count_columns(
    connection: duckdb.DuckDBPyConnection, table: Table, watched: Collection[Watched]
) -> dict[str, Counts]:
    """Rows, gaps and odd values of each watched column that the table has, in one pass."""
    present = [column for column in watched if column.name in table.columns]
    parts = ["count(*)"]
    for column in present:
        value = table.columns[column.name][0]
        parts.append(f"count({value})")
        if column.kind is ColumnKind.NUMERIC:
            number = table.number(column)
            parts += [f"count({number})"]
            parts += [f"count({number}) FILTER ({test}({number}))" for test in ("isinf", "isnan")]
    (found,) = rows(connection, f"SELECT {', '.join(parts)} FROM {table.relation}")
    values = iter(int(str(value)) for value in found)
    total = next(values)
    counts = {}
    for column in present:
        told = next(values)
        if column.kind is ColumnKind.NUMERIC:
            read, infinite, not_numbers = next(values), next(values), next(values)
            counts[column.name] = Counts(total, total - told + not_numbers, told - read, infinite)
        else:
            counts[column.name] = Counts(total, total - told)
    return counts
