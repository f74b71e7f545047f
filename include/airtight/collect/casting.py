"""SQL that gives mapped rows the types of their schema, and a reason to each row that does not fit.

A value that cannot be told without guessing is refused, not rounded: ``1.5`` is no whole number, ``infinity`` no
time. A time with an offset becomes UTC; one without is UTC already. JSON ``null`` is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airtight.domain.period import Window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.errors import DefinitionError

_COMPLAINT = {
    ColumnType.INT: "is not a whole number",
    ColumnType.FLOAT: "is not a number",
    ColumnType.BOOL: "is not true or false",
    ColumnType.TS: "is not a time",
    ColumnType.DATE: "is not a date",
    ColumnType.LIST: "is not a list",
    ColumnType.JSON: "is not JSON",
}
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NESTED = ("STRUCT", "MAP", "UNION")


@dataclass(frozen=True)
class Casting:
    """One mapping's rows under a schema, as SQL fragments over a relation ``m``.

    Attributes:
        columns: select list of the schema's columns, cast.
        fault: expression of the number of the first fault of a row, from 1; null for a row that fits.
        reasons: the faults' reasons, in the order of their numbers.
        outside: expression that is true for a row of another window.
    """

    columns: str
    fault: str
    reasons: tuple[str, ...]
    outside: str


def casting(schema: PopulationSchema, mapped: Mapping[str, str], where: str) -> Casting:
    """Build the SQL.

    Args:
        mapped: column that the mapping gives -> its type in DuckDB.
        where: the mapping's file, for messages.

    Raises:
        DefinitionError: the mapping lacks a column that may not be null, or gives one that the schema does not know.
    """
    _check_columns(schema, mapped, where)
    columns: list[str] = []
    faults: list[str] = []
    reasons: list[str] = []
    for column in schema.columns:
        given = mapped.get(column.name)
        cast = "NULL" if given is None else _cast(column, given)
        columns.append(f'CAST({cast} AS {column.sql_type}) AS "{column.name}"')
        for condition, complaint in _faults(column, cast) if given is not None else ():
            reasons.append(f"{column.name} {complaint}")
            faults.append(f"WHEN {condition} THEN {len(reasons)}")
    fault = f"CASE {' '.join(faults)} ELSE NULL END" if faults else "NULL"
    return Casting(", ".join(columns), fault, tuple(reasons), _outside(schema))


def window_values(window: Window) -> tuple[str, str]:
    """The window's bounds as DuckDB's naive timestamps, as text."""
    return (window.start.replace(tzinfo=None).isoformat(), window.end.replace(tzinfo=None).isoformat())


def _check_columns(schema: PopulationSchema, mapped: Mapping[str, str], where: str) -> None:
    for column in schema.columns:
        if column.name not in mapped and not column.nullable:
            raise DefinitionError(
                f"the mapping gives no column '{column.name}', which population {schema.name} needs.",
                where=where,
                remedy=f"It gives: {', '.join(mapped)}.",
            )
    for name in mapped:
        if name not in schema.column_names:
            raise DefinitionError(
                f"population {schema.name} has no column '{name}'.",
                where=where,
                remedy=f"Its columns: {', '.join(schema.column_names)}.",
            )


def _outside(schema: PopulationSchema) -> str:
    if schema.kind is not PopulationKind.EVENT or schema.event_time is None:
        return "false"
    moment = f'"{schema.event_time}"'
    return f"coalesce({moment} < $from OR {moment} >= $until, true)"


def _faults(column: Column, cast: str) -> list[tuple[str, str]]:
    source = f'm."{column.name}"'
    found = []
    if complaint := _COMPLAINT.get(column.type):
        nothing = f"coalesce(trim(CAST({source} AS VARCHAR)) IN ('', 'null'), true)"
        found.append((f"({cast}) IS NULL AND NOT {nothing}", complaint))
    if not column.nullable:
        found.append((f"({cast}) IS NULL", "is missing"))
    if column.type is ColumnType.ENUM:
        listed = ", ".join(_quoted(value) for value in column.values)
        found.append((f"({cast}) NOT IN ({listed})", "is not one of the values of its schema"))
    return found


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _cast(column: Column, given: str) -> str:
    source = f'm."{column.name}"'
    text = f"({source}->>'$')" if given == "JSON" else f"CAST({source} AS VARCHAR)"
    match column.type:
        case ColumnType.TS:
            return _time(source, given, text)
        case ColumnType.DATE:
            return f"CAST({_time(source, given, text)} AS DATE)"
        case ColumnType.INT:
            return source if given in _INTEGERS and given != "HUGEINT" else _whole(text)
        case ColumnType.FLOAT:
            number = f"TRY_CAST({text} AS DOUBLE)"
            return f"CASE WHEN isfinite({number}) THEN {number} END"
        case ColumnType.BOOL:
            return f"TRY_CAST({text} AS BOOLEAN)"
        case ColumnType.LIST:
            return _list(source, given, text)
        case ColumnType.JSON:
            return _json(source, given)
        case ColumnType.ID:
            return f"nullif({text}, '')"
        case _:
            return text


def _time(source: str, given: str, text: str) -> str:
    if given in ("TIMESTAMP", "DATE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"):
        moment = f"TRY_CAST({source} AS TIMESTAMP)"
    elif given == "TIMESTAMP WITH TIME ZONE":
        moment = f"({source} AT TIME ZONE 'UTC')"
    else:
        # a direct cast to TIMESTAMP would drop the offset
        moment = f"(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    return f"CASE WHEN {moment} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59' THEN {moment} END"


def _whole(text: str) -> str:
    return f"CASE WHEN regexp_full_match(trim({text}), '[+-]?[0-9]+([.]0+)?') THEN TRY_CAST({text} AS BIGINT) END"


def _list(source: str, given: str, text: str) -> str:
    if given.endswith("[]"):
        return f"CAST({source} AS VARCHAR[])"
    document = source if given == "JSON" else f"TRY_CAST({text} AS JSON)"
    return f"CASE WHEN json_type({document}) = 'ARRAY' THEN from_json({document}, '[\"VARCHAR\"]') END"


def _json(source: str, given: str) -> str:
    if given.startswith(_NESTED) or given.endswith("[]"):
        return f"CAST(to_json({source}) AS VARCHAR)"
    document = f"CAST({source} AS VARCHAR)" if given == "JSON" else f"CAST(TRY_CAST({source} AS JSON) AS VARCHAR)"
    if given not in ("JSON", "VARCHAR"):
        document = f"CAST(to_json({source}) AS VARCHAR)"
    return f"nullif({document}, 'null')"
