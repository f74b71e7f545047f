"""What a mapping may be: exactly one SELECT over the source's streams, the same rows whenever it runs.

Refused before anything runs: other statements, tables that are no stream, table functions that reach files or the
engine, and functions that depend on the clock, on chance or on the machine.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from airtight.errors import DefinitionError

#: Values bound by name in a mapping.
PARAMETERS = ("system", "partition", "window_start", "window_end")

_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "json_each", "json_tree", "explode", "flatten"})
_UNSTEADY = frozenset(
    {
        *(
            "now",
            "today",
            "current_date",
            "current_time",
            "current_timestamp",
            "localtime",
            "localtimestamp",
            "sysdate",
        ),
        *("current_localtime", "current_localtimestamp", "get_current_timestamp", "get_current_time"),
        *("transaction_timestamp", "txid_current", "random", "rand", "setseed", "nextval", "currval"),
        *("uuid", "gen_random_uuid", "uuidv4", "uuidv7", "getenv", "getvariable", "current_setting", "version"),
        *("current_user", "session_user", "current_database", "current_schema", "current_schemas", "current_query"),
        *("query", "query_table"),
    }
)


def check_mapping(sql: str, streams: Collection[str], where: str) -> tuple[str, ...]:
    """The parameters that a mapping uses, when it is one that may run.

    Args:
        streams: views that it may read.
        where: its file, for messages.

    Raises:
        DefinitionError: it is no single SELECT, reads something else or is not repeatable.
    """
    statement = _single_select(sql, where)
    _check_tables(statement, streams, where)
    if statement.find(exp.TableSample):
        raise DefinitionError("a mapping may not sample: every record counts.", where=where)
    for function in statement.find_all(exp.Func):
        name = _name_of(function)
        if name in _UNSTEADY:
            raise DefinitionError(
                f"a mapping may not use {name}(): it gives another answer another time.",
                where=where,
                remedy="Use $window_start, $window_end or $partition.",
            )
    used = {parameter.name.lower() for parameter in statement.find_all(exp.Parameter, exp.Placeholder)}
    if unknown := used - set(PARAMETERS):
        raise DefinitionError(
            f"parameter ${sorted(unknown)[0]} is not bound.",
            where=where,
            remedy=f"Bound are {', '.join('$' + name for name in PARAMETERS)}.",
        )
    return tuple(name for name in PARAMETERS if name in used)


def _single_select(sql: str, where: str) -> exp.Query:
    try:
        statements = [statement for statement in sqlglot.parse(sql, dialect="duckdb") if statement is not None]
    except (SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0]
        raise DefinitionError(f"the mapping is not SQL that can be read: {first}", where=where) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise DefinitionError("a mapping is exactly one SELECT.", where=where)
    return statements[0]


def _check_tables(statement: exp.Query, streams: Collection[str], where: str) -> None:
    known = {name.lower() for name in streams} | {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            if (name := _name_of(table.this)) not in _TABLE_FUNCTIONS:
                raise DefinitionError(f"a mapping may not use {name}().", where=where)
        elif table.name.lower() not in known or table.db:
            raise DefinitionError(
                f"the mapping reads '{table.name}', which is no stream of this source.",
                where=where,
                remedy=f"Its streams: {', '.join(sorted(streams)) or 'none'}.",
            )


def _name_of(function: exp.Func) -> str:
    return (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
