"""The gate through which every SQL text of a definition passes before anything runs it.

It promises: exactly one SELECT in DuckDB's dialect, over named views only, with declared parameters only, whose
answer depends on nothing but those. It refuses: a second statement, files and table functions, qualified names,
random numbers, clocks, settings, samples. It never runs the SQL.

This gate is the first of two locks. The second is the engine: a locked-down process that can open nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from airtight.errors import DefinitionError

#: Parameters that every statement may use without declaring them.
WINDOW_PARAMETERS = frozenset({"window_start", "window_end"})

_TABLE_FUNCTIONS = frozenset({"generate_series", "range", "unnest", "json_each", "json_tree"})
#: Words that are functions even without parentheses.
_VARYING_WORDS = frozenset(
    {
        *("current_date", "current_time", "current_timestamp", "current_localtime", "current_localtimestamp"),
        *("localtime", "localtimestamp", "current_user", "session_user", "user", "current_role"),
        *("current_catalog", "current_database", "current_schema"),
    }
)
#: All that DuckDB does not call consistent (a test compares), and clocks behind macros.
_VARYING_FUNCTIONS = _VARYING_WORDS | {
    *("now", "today", "age", "ago", "get_current_time", "get_current_timestamp", "transaction_timestamp"),
    *("random", "setseed", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "reservoir_quantile", "sleep_ms"),
    *("pg_conf_load_time", "pg_postmaster_start_time", "nextval", "currval", "setval", "txid_current"),
    *("current_transaction_id", "current_connection_id", "current_query", "current_query_id", "current_schemas"),
    *("in_search_path", "current_setting", "getvariable", "getenv", "version", "error", "write_log", "stats"),
    "vector_type",
}
_FORBIDDEN_NODES = (exp.DML, exp.DDL, exp.Command, exp.Describe, exp.Show, exp.Into, exp.TableSample, exp.Set)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Select:
    """A SELECT that passed the gate.

    Attributes:
        text: the SQL as written, without the semicolon at its end; it may end in a comment.
        tree: its syntax tree (DuckDB dialect), shared by all who read the same text: copy it before changing it.
        views: names read that the SELECT does not define itself.
        parameters: named parameters that it uses, to be bound; DuckDB refuses to bind others.
    """

    text: str
    tree: exp.Query
    views: frozenset[str]
    parameters: frozenset[str]


def read_select(
    text: str, views: Collection[str] | None, parameters: Collection[str] = (), *, where: str | None = None
) -> Select:
    """The one SELECT that a definition's text holds.

    Args:
        text: SQL in DuckDB's dialect.
        views: names that it may read; None: any plain name, for mappings, whose streams the source names.
        parameters: names that it may bind, besides ``window_start`` and ``window_end``.
        where: file and key, for the message.

    Raises:
        DefinitionError: the text is not one SELECT, or reads or depends on something else. The message gives line
            and column in the SQL where they are known.
    """
    try:
        return _gate(text, None if views is None else frozenset(views), WINDOW_PARAMETERS | set(parameters))
    except DefinitionError as error:
        raise DefinitionError(error.message, where=where, remedy=error.remedy) from None
    except RecursionError:
        raise DefinitionError("the SQL is nested too deeply.", where=where, remedy="Write it flatter.") from None


@lru_cache(maxsize=4096)
def _gate(text: str, views: frozenset[str] | None, parameters: frozenset[str]) -> Select:
    tree, statement = _one_select(text)
    _refuse_varying(text)
    _refuse_nodes(tree)
    read = _views_read(tree, views)
    return Select(text.strip().removesuffix(";").rstrip(), tree, read, _parameters_used(statement, parameters))


def _one_select(text: str) -> tuple[exp.Query, duckdb.Statement]:
    trees = [tree for tree in _parse(text) if tree is not None]
    if len(trees) != 1:
        found = "no statement" if not trees else f"{len(trees)} statements"
        raise DefinitionError(f"the SQL holds {found}.", remedy="Write exactly one SELECT.")
    # The engine reads the text itself: where its parser and ours could disagree, both must see one SELECT.
    statements = _extract(text)
    if not isinstance(trees[0], exp.Query) or [each.type for each in statements] != [duckdb.StatementType.SELECT]:
        raise DefinitionError("the SQL is not a SELECT.", remedy="Write exactly one SELECT.")
    return trees[0], statements[0]


def _parse(text: str) -> list[exp.Expr | None]:
    try:
        return list(sqlglot.parse(text, read="duckdb"))
    except SqlglotError as error:
        raise DefinitionError(f"the SQL cannot be read: {_first_fault(error)}.", remedy="Correct the SQL.") from None


def _extract(text: str) -> list[duckdb.Statement]:
    try:
        return list(duckdb.extract_statements(text))
    except duckdb.Error as error:
        fault = str(error).splitlines()[0]
        raise DefinitionError(f"the SQL cannot be read: {fault}.", remedy="Correct the SQL.") from None


def _first_fault(error: SqlglotError) -> str:
    faults = getattr(error, "errors", None)
    if not faults:
        return str(error).splitlines()[0].rstrip(".")
    fault = faults[0]
    return f"line {fault['line']}, column {fault['col']}, near '{fault['highlight']}'"


def _refuse_varying(text: str) -> None:
    tokens = DuckDB().tokenize(text)
    for position, token in enumerate(tokens):
        if name := _varying_name(tokens, position):
            raise DefinitionError(
                f"the SQL uses {name} (line {token.line}), whose answer changes from run to run or place to place.",
                remedy="Use $window_start, $window_end or a parameter.",
            )


def _varying_name(tokens: list[Token], position: int) -> str | None:
    token, name = tokens[position], tokens[position].text.lower()
    if token.token_type is TokenType.STRING or name not in _VARYING_FUNCTIONS:
        return None
    if _is_call(tokens, position):
        return None if name == "age" and _has_two_arguments(tokens, position + 2) else f"{name}()"
    named = position > 0 and tokens[position - 1].token_type in (TokenType.DOT, TokenType.ALIAS, TokenType.PARAMETER)
    quoted = token.token_type is TokenType.IDENTIFIER
    return name if name in _VARYING_WORDS and not named and not quoted else None


def _is_call(tokens: list[Token], position: int) -> bool:
    return position + 1 < len(tokens) and tokens[position + 1].token_type is TokenType.L_PAREN


def _has_two_arguments(tokens: list[Token], start: int) -> bool:
    depth = 1
    for token in tokens[start:]:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if depth == 0:
            return False
        if depth == 1 and token.token_type is TokenType.COMMA:
            return True
    return False


def _refuse_nodes(tree: exp.Query) -> None:
    for node in tree.find_all(*_FORBIDDEN_NODES):
        raise DefinitionError(
            f"the SQL holds {type(node).__name__.upper()}, which a SELECT over views does not need.",
            remedy="Write exactly one plain SELECT.",
        )
    for function in _functions_in_from(tree):
        name = (function.name if isinstance(function, exp.Anonymous) else function.sql_name()).lower()
        if name not in _TABLE_FUNCTIONS:
            raise DefinitionError(
                f"the SQL reads from the function {name}().", remedy="Read the declared populations only."
            )


def _functions_in_from(tree: exp.Query) -> Iterator[exp.Func]:
    for source in tree.find_all(exp.Table, exp.Lateral):
        if isinstance(source.this, exp.Func):
            yield source.this


def _views_read(tree: exp.Query, views: Collection[str] | None) -> frozenset[str]:
    defined = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    if hidden := sorted(defined & {view.lower() for view in views or ()}):
        raise DefinitionError(f"the WITH name '{hidden[0]}' hides the population.", remedy="Give it another name.")
    if odd := sorted(name for name in defined if not _PLAIN_NAME.fullmatch(name)):
        raise DefinitionError(f"the WITH name '{odd[0]}' is not a plain name.", remedy="Use letters, digits and _.")
    tables = [table for table in tree.find_all(exp.Table) if not isinstance(table.this, exp.Func)]
    read = frozenset(_plain_name(table) for table in tables if table.name.lower() not in defined or table.db)
    if views is not None and (unknown := sorted(read - set(views))):
        raise DefinitionError(
            f"the SQL reads '{unknown[0]}', which is not among its populations.",
            remedy=f"Declared are: {', '.join(sorted(views)) or 'none'}.",
        )
    return read


def _plain_name(table: exp.Table) -> str:
    if table.db or table.catalog or not _PLAIN_NAME.fullmatch(table.name):
        shown = ".".join(part.name for part in table.parts)
        raise DefinitionError(
            f"the SQL reads '{shown}', which is no plain name of a population.",
            remedy="Read populations by their names; files, schemas and catalogs cannot be read.",
        )
    return str(table.name)


def _parameters_used(statement: duckdb.Statement, known: Collection[str]) -> frozenset[str]:
    used = frozenset(statement.named_parameters)
    if unknown := sorted(used - set(known)):
        numbered = unknown[0].isdigit()
        raise DefinitionError(
            "the SQL uses a parameter without a name." if numbered else f"the SQL uses ${unknown[0]}, not declared.",
            remedy=f"Known are: {', '.join('$' + name for name in sorted(known))}.",
        )
    return used
