"""Rows of sealed registers as values: one frozen class for each register that a review reads.

A class names its population and, as fields, the columns that the review needs. A column that an older bundle does not
have is None; times are in UTC; lists are tuples. Refused: a file that is no Parquet file.
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
Names = tuple[str, ...]


@dataclass(frozen=True)
class Record:
    """A row of a register."""

    population: ClassVar[str]


R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Decision(Record):
    """A decision of the statement of applicability (ISO/IEC 42001, 6.1.3 f)."""

    population: ClassVar[str] = "soa"
    annex_id: str | None = None
    version: str | None = None
    applicable: bool | None = None
    justification: str | None = None
    implementation: str | None = None
    control_ids: Names | None = None
    risk_ids: Names | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True)
class Risk(Record):
    """A risk with its scores before (inherent) and after (residual) treatment."""

    population: ClassVar[str] = "risk_register"
    risk_id: str | None = None
    title: str | None = None
    category: str | None = None
    ai_system_id: str | None = None
    likelihood: int | None = None
    impact: int | None = None
    inherent: int | None = None
    treatment: str | None = None
    control_ids: Names | None = None
    residual_likelihood: int | None = None
    residual_impact: int | None = None
    residual: int | None = None
    appetite: int | None = None
    owner_id: str | None = None
    accepted_by: str | None = None
    accepted_until: date | None = None
    last_assessed_at: date | None = None
    next_review_at: date | None = None


@dataclass(frozen=True)
class Treatment(Record):
    """What is done about a risk."""

    population: ClassVar[str] = "risk_treatments"
    treatment_id: str | None = None
    risk_id: str | None = None
    strategy: str | None = None
    owner_id: str | None = None
    due_at: date | None = None
    status: str | None = None
    validated_at: datetime | None = None


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
