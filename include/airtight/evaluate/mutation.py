"""The test of the tests: small faults planted into a control's SQL and parameters, each of which a case must catch.

A mutant that no case turns red *survives*: the cases do not show what that part of the rule is for. The faults are

* ``=`` and ``<>`` exchanged; ``<``, ``<=``, ``>``, ``>=`` moved onto or off their boundary, and reversed; BETWEEN made
  strict at either end;
* any other condition negated (IN, LIKE, IS NULL, EXISTS, a boolean column, a predicate function); a NOT dropped;
* AND and OR exchanged; each operand of an AND or OR, and a whole WHERE or HAVING, dropped;
* each number, also in an interval, one more and one less (1 % for fractions); TRUE and FALSE exchanged;
* LEFT and INNER JOIN exchanged; the default of a COALESCE dropped;
* each numeric parameter one more and one less (1 % for fractions); each boolean parameter flipped.

Left out because they cannot change which keys come back: what EXISTS selects; positions in GROUP BY and ORDER BY; the
columns of ``deviations`` beyond the key; INNER to LEFT JOIN where a later condition refuses the nulls that this would
add; and the value of a COALESCE default, which dropping it covers. Any other mutant that is equivalent to its original
shows SQL that does nothing: write it shorter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import sqlglot
from sqlglot import exp

from airtight.domain.control import ControlTest, ParameterValue
from airtight.domain.population import PopulationSchema
from airtight.evaluate.cases import CaseTables
from airtight.evaluate.faults import faults

_DIALECT = "duckdb"
_Part = Literal["population", "tested", "deviations"]
_PARTS: tuple[_Part, ...] = ("population", "tested", "deviations")


@dataclass(frozen=True)
class Mutant:
    """A test with one fault, and the fault in words."""

    test: ControlTest
    change: str

    def __str__(self) -> str:
        return self.change


def mutants(test: ControlTest) -> Iterator[Mutant]:
    """Every variant of a test with exactly one planted fault.

    Raises:
        sqlglot.errors.ParseError: the SQL cannot be parsed.
    """
    for part in _PARTS:
        yield from _sql_mutants(test, part)
    for name, value in test.parameters.items():
        for other in _other_values(value):
            yield Mutant(
                replace(test, parameters={**test.parameters, name: other}), f"parameter {name}: {value} -> {other}"
            )


def surviving(test: ControlTest, schemas: Mapping[str, PopulationSchema]) -> list[Mutant]:
    """The mutants that no case notices. A case that does not hold in the first place notices nothing."""
    tables = [CaseTables(case, test.populations, schemas) for case in test.cases]
    try:
        sound = [opened for opened in tables if opened.problem(test) is None]
        return [mutant for mutant in mutants(test) if not any(opened.problem(mutant.test) for opened in sound)]
    finally:
        for opened in tables:
            opened.close()


def _sql_mutants(test: ControlTest, part: _Part) -> Iterator[Mutant]:
    sql = getattr(test, part)
    if not sql:
        return
    tree = sqlglot.parse_one(sql, dialect=_DIALECT)
    seen = {tree.sql(dialect=_DIALECT)}
    ignored = _ignored(tree, _key_columns(test) if part == "deviations" else None)
    for node in [node for node in tree.walk() if id(node) not in ignored]:
        before = node.sql(dialect=_DIALECT)
        for fault in faults(node):
            after = fault.sql(dialect=_DIALECT)
            mutated = _with(tree, node, fault)
            if mutated not in seen:
                seen.add(mutated)
                yield Mutant(_changed(test, part, mutated), f"{part}: {before} -> {after}")


def _changed(test: ControlTest, part: _Part, sql: str) -> ControlTest:
    if part == "population":
        return replace(test, population=sql)
    return replace(test, tested=sql) if part == "tested" else replace(test, deviations=sql)


def _with(tree: exp.Expr, node: exp.Expr, fault: exp.Expr) -> str:
    """The SQL of the tree with the fault in place of the node; the tree is left as it was."""
    planted = exp.Paren(this=fault) if isinstance(fault, exp.Condition) and _is_operator(fault) else fault
    node.replace(planted)
    sql = tree.sql(dialect=_DIALECT)
    planted.replace(node)
    return sql


def _is_operator(node: exp.Expr) -> bool:
    return isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In) and not isinstance(node, exp.Paren)


def _other_values(value: ParameterValue) -> tuple[ParameterValue, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    return (value * 1.01, value * 0.99) if isinstance(value, float) else ()


def _key_columns(test: ControlTest) -> set[str]:
    tree = sqlglot.parse_one(test.population, dialect=_DIALECT)
    return set(tree.named_selects) if isinstance(tree, exp.Query) else set()


def _ignored(tree: exp.Expr, keys: set[str] | None) -> set[int]:
    """Nodes whose change cannot alter which keys come back."""
    roots: list[exp.Expr] = [*tree.find_all(exp.Order), *tree.find_all(exp.DataType)]
    roots += [item for group in tree.find_all(exp.Group) for item in group.expressions if isinstance(item, exp.Literal)]
    roots += [
        item
        for found in tree.find_all(exp.Exists)
        if isinstance(found.this, exp.Select)
        for item in found.this.expressions
    ]
    if keys and "*" not in keys:
        roots += [item for select in _outermost(tree) for item in select.expressions if item.alias_or_name not in keys]
    return {id(node) for root in roots for node in root.walk()}


def _outermost(tree: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(tree, exp.SetOperation):
        yield from _outermost(tree.left)
        yield from _outermost(tree.right)
    elif isinstance(tree, exp.Subquery):
        yield from _outermost(tree.this)
    elif isinstance(tree, exp.Select):
        yield tree
