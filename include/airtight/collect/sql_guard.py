"""What a query of connector ``sql`` may be: exactly one SELECT that changes and locks nothing."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

#: Values bound in a query.
PARAMETERS = ("window_start", "window_end", "partition")

_WRITES = (
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.Command,
    exp.Into,
    exp.Lock,
)


def fault_of(sql: str, dialect: str = "postgres") -> str | None:
    """Why a query may not run; None for one that may."""
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect=dialect) if statement is not None]
    except (SqlglotError, RecursionError) as error:
        return f"is not SQL that can be read: {str(error).splitlines()[0]}"
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        return "must be exactly one SELECT."
    if any(statements[0].find_all(*_WRITES)):
        return "must not change or lock anything."
    unknown = {place.name for place in statements[0].find_all(exp.Placeholder)} - set(PARAMETERS)
    if unknown:
        return f"binds :{min(unknown)}; bound are {', '.join(':' + name for name in PARAMETERS)}."
    return None


def tables_of(sql: str, dialect: str) -> tuple[str, ...]:
    """Tables that a query reads, with their schema where it names one."""
    statement = sqlglot.parse_one(sql, dialect=dialect)
    inner = {cte.alias for cte in statement.find_all(exp.CTE)}
    tables = [table for table in statement.find_all(exp.Table) if table.db or table.name not in inner]
    named = (f"{table.db}.{table.name}" if table.db else table.name for table in tables if table.name)
    return tuple(dict.fromkeys(named))
