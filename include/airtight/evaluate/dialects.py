"""The same test for another engine: its SQL in the dialect of Spark or Trino, parameters written in as literals.

For populations that outgrow one machine, and for readers who re-perform a test elsewhere. Refused: SQL that the other
dialect cannot express.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from airtight.domain.control import ControlTest
from airtight.domain.period import Window
from airtight.errors import DefinitionError
from airtight.evaluate.values import BoundValue, bindings
from airtight.sql import read_select

Dialect = Literal["spark", "trino", "duckdb"]


def rendered(test: ControlTest, window: Window, dialect: Dialect) -> Mapping[str, str]:
    """Each SELECT of a test (``population``, ``tested``, ``deviations``) in a dialect, ready to run.

    Raises:
        DefinitionError: the SQL does not pass the gate, or the dialect cannot express it.
    """
    bound = bindings(test.parameters, window)
    parts = {"population": test.population, "tested": test.tested, "deviations": test.deviations}
    return {part: _render(test, part, sql, bound, dialect) for part, sql in parts.items() if sql}


def _render(test: ControlTest, part: str, sql: str, bound: Mapping[str, BoundValue], dialect: Dialect) -> str:
    where = f"{test.id}.{part}"
    tree = read_select(sql, test.populations, test.parameters, where=where).tree.copy()
    for parameter in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        parameter.replace(_literal(bound[parameter.name]))
    _refuse_unknown(tree, where)
    if dialect == "spark":
        _keep_fractions(tree)
    try:
        return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE, pretty=True, comments=False)
    except SqlglotError as error:
        fault = str(error).splitlines()[0]
        raise DefinitionError(
            f"the SQL has no form in {dialect}: {fault}", where=where, remedy="Write it with simpler means."
        ) from None


def _refuse_unknown(tree: exp.Query, where: str) -> None:
    """What sqlglot would hand on as it stands, understood or not."""
    asof = any(join.args.get("method") == "ASOF" for join in tree.find_all(exp.Join))
    unknown = tree.find(exp.Anonymous, exp.ApproxQuantile)
    if asof or unknown:
        what = "an ASOF join" if asof or unknown is None else f"{unknown.name or unknown.key}()"
        raise DefinitionError(f"the SQL uses {what}, which other engines do not have.", where=where)


def _keep_fractions(tree: exp.Query) -> None:
    """Spark's ``unix_timestamp`` drops fractions of a second, which ``epoch`` keeps."""
    for epoch in list(tree.find_all(exp.TimeToUnix)):
        micros = exp.Anonymous(this="UNIX_MICROS", expressions=[epoch.this.copy()])
        epoch.replace(exp.paren(exp.Div(this=micros, expression=exp.Literal.number("1e6"))))


def _literal(value: BoundValue) -> exp.Expr:
    if isinstance(value, list):
        return exp.Array(expressions=[exp.Literal.string(item) for item in value])
    if isinstance(value, bool | int | float | str):
        return exp.convert(value)
    return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), exp.DataType.Type.TIMESTAMP)
