"""One value of a register against the type of its column; a value that would have to be guessed is refused.

Messages name the key and what it must be, never the value, which may be personal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from airtight.document import Entry
from airtight.domain.population import Column, ColumnType
from airtight.domain.source import OptionValue
from airtight.errors import DefinitionError
from airtight.wire import timestamp

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def cell(entry: Entry, column: Column) -> OptionValue:
    """The value as the column's type has it; times become UTC.

    Raises:
        DefinitionError: it is of another type, or null where null may not stand.
    """
    if entry.is_null:
        if column.nullable:
            return None
        raise entry.refusal(f"{column.name} is empty.", f"It must be {_WANTED[column.type]}.")
    if column.type is ColumnType.ENUM:
        return _enum(entry, column)
    try:
        return _READ.get(column.type, _word)(entry)
    except (ValueError, TypeError, OverflowError, DefinitionError):
        raise entry.refusal(f"{column.name} is not {_WANTED[column.type]}.", "Correct the value.") from None


def _enum(entry: Entry, column: Column) -> str:
    try:
        word = _word(entry)
    except (ValueError, DefinitionError):
        word = ""
    if word not in column.values:
        known = ", ".join(column.values)
        raise entry.refusal(f"{column.name} is not one of its values.", f"Use one of: {known}.")
    return word


def _word(entry: Entry) -> str:
    return entry.word()


def _whole(entry: Entry) -> int:
    value = entry.value()
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _number(entry: Entry) -> float:
    value = entry.value()
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError
    return value


def _time(entry: Entry) -> str:
    text = entry.text()
    if not _TIME.fullmatch(text):
        raise ValueError
    moment = datetime.fromisoformat(text)
    return timestamp(moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC))


def _day(entry: Entry) -> str:
    if not _DAY.fullmatch(entry.text()):
        raise ValueError
    return date.fromisoformat(entry.text()).isoformat()


def _digest(entry: Entry) -> str:
    if not _DIGEST.fullmatch(entry.word()):
        raise ValueError
    return entry.word()


def _list(entry: Entry) -> OptionValue:
    return [item.word() for item in entry.items()]


def _any(entry: Entry) -> OptionValue:
    return entry.value()


_READ: Mapping[ColumnType, Callable[[Entry], OptionValue]] = {
    ColumnType.INT: _whole,
    ColumnType.FLOAT: _number,
    ColumnType.BOOL: lambda entry: entry.flag(),
    ColumnType.TS: _time,
    ColumnType.DATE: _day,
    ColumnType.SHA256: _digest,
    ColumnType.LIST: _list,
    ColumnType.JSON: _any,
}
_WANTED: Mapping[ColumnType, str] = {
    ColumnType.ID: "an identifier",
    ColumnType.STR: "text",
    ColumnType.TEXT: "text",
    ColumnType.URL: "an address",
    ColumnType.ENUM: "one of its values",
    ColumnType.INT: "a whole number",
    ColumnType.FLOAT: "a number",
    ColumnType.BOOL: "true or false",
    ColumnType.TS: "a time such as 2026-09-14T09:30:00Z or a day",
    ColumnType.DATE: "a day such as 2026-09-14",
    ColumnType.SHA256: "a SHA-256 in 64 lower-case hexadecimal digits",
    ColumnType.LIST: "a list of words",
    ColumnType.JSON: "a value",
}
