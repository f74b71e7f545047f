"""Values as DuckDB gives them, as plain values that can be sealed, and back.

A key is text in one spelling, whatever its type, so that keys compare across SELECTs, cases and waivers. A detail
keeps its JSON type. Nothing is rounded: a number that JSON readers could alter travels as text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from airtight.domain.control import CellValue, ParameterValue
from airtight.domain.period import Window
from airtight.domain.population import Column, ColumnType
from airtight.wire import timestamp

#: Integers beyond this lose digits in readers that hold numbers as doubles (RFC 7493, 2.2).
_EXACT = 2**53 - 1

BoundValue = str | int | float | bool | list[str] | datetime


def key_text(value: object) -> str | None:
    """A key cell as text: times as ``2026-09-14T00:00:00Z``, booleans as ``true``; None stays None."""
    if value is None or isinstance(value, str):
        return value
    plain = cell_value(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False, sort_keys=True)


def cell_value(value: object) -> CellValue:
    """A cell as a JSON value.

    Times are ISO 8601 in UTC, decimals and integers beyond 2^53 are text, and so are NaN and the infinities, which JSON
    does not have. A type that has no JSON form (a duration, bytes) becomes its text.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [cell_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): cell_value(item) for key, item in value.items()}
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return timestamp(value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.hex() if isinstance(value, bytes) else str(value)


def bindings(parameters: Mapping[str, ParameterValue], window: Window) -> dict[str, BoundValue]:
    """What a test's SQL may bind: the window's bounds as naive UTC timestamps, and each parameter by its name."""
    bound: dict[str, BoundValue] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()
    }
    bound["window_start"] = window.start.replace(tzinfo=None)
    bound["window_end"] = window.end.replace(tzinfo=None)
    return bound


def column_value(column: Column, value: CellValue) -> object:
    """A cell of a worked example as DuckDB takes it for that column.

    Raises:
        ValueError: the value is not of the column's type, or not one of its values.
    """
    if value is None:
        return None
    if column.type is ColumnType.JSON:
        return _json_text(value)
    if column.values and value not in column.values:
        raise ValueError(f"{column.name} is '{value}', not one of {', '.join(column.values)}")
    try:
        return _typed(column, value)
    except (ValueError, TypeError):
        raise ValueError(f"{column.name} is {value!r}, not of type {column.type}") from None


def _json_text(value: CellValue) -> str:
    if isinstance(value, str):
        json.loads(value)
        return value
    return json.dumps(value)


def _typed(column: Column, value: CellValue) -> object:
    kind = column.type
    if kind is ColumnType.TS:
        return _naive(str(value))
    if kind is ColumnType.DATE:
        return date.fromisoformat(str(value))
    if kind is ColumnType.BOOL and not isinstance(value, bool):
        raise TypeError
    if kind is ColumnType.INT and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError
    if kind is ColumnType.FLOAT and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise TypeError
    if kind is ColumnType.LIST:
        return _texts(value)
    return str(value) if column.sql_type == "VARCHAR" else value


def _naive(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _texts(value: CellValue) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [str(item) for item in value]
