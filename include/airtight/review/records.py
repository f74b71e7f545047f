"""Rows of sealed populations as values of a class that names its population and, as fields, the columns needed.

A column that an older bundle does not have is None; times are in UTC; lists are tuples. Refused: a file that is no
Parquet file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar, TypeVar

import duckdb

from airtight.errors import EvidenceError

Cell = str | int | float | bool | date | datetime | tuple[str, ...] | None


@dataclass(frozen=True)
class Record:
    """A row of a population; every field has the default None."""

    population: ClassVar[str]


R = TypeVar("R", bound=Record)


def read_records(kind: type[R], files: Iterable[Path]) -> tuple[R, ...]:
    """The rows of sealed files of one population, each distinct row once, in the order of the files.

    Raises:
        EvidenceError: a file cannot be read as Parquet.
    """
    found: dict[R, None] = {}
    for file in files:
        found |= dict.fromkeys(_read(kind, file))
    return tuple(found)


def _read(kind: type[R], file: Path) -> list[R]:
    try:
        with duckdb.connect() as connection:
            relation = connection.read_parquet(str(file))
            columns = [field.name for field in fields(kind) if field.name in relation.columns]
            rows = relation.select(*(f'"{name}"' for name in columns)).fetchall() if columns else []
    except duckdb.Error as error:
        raise EvidenceError(f"cannot be read: {str(error).splitlines()[0]}", where=file.name) from None
    return [kind(**dict(zip(columns, map(_cell, row), strict=True))) for row in rows]


def _cell(value: object) -> Cell:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if isinstance(value, list):
        return tuple(str(item) for item in value if item is not None)
    if value is None or isinstance(value, str | int | float | bool | date):
        return value
    return str(value)
