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

_DIALECT = "duckdb"
_Part = Literal["population", "tested", "deviations"]
_PARTS: tuple[_Part, ...] = ("population", "tested", "deviations")
_EXCHANGED: dict[type[exp.Expr], tuple[type[exp.Expr], ...]] = {
    exp.EQ: (exp.NEQ,),
    exp.NEQ: (exp.EQ,),
    exp.NullSafeEQ: (exp.NullSafeNEQ,),
    exp.NullSafeNEQ: (exp.NullSafeEQ,),
    exp.LT: (exp.LTE, exp.GTE),
    exp.LTE: (exp.LT, exp.GT),
    exp.GT: (exp.GTE, exp.LTE),
    exp.GTE: (exp.GT, exp.LT),
    exp.And: (exp.Or,),
    exp.Or: (exp.And,),
}
_CONDITIONS = (exp.In, exp.Is, exp.Between, exp.Like, exp.ILike, exp.Exists, exp.RegexpLike)
_NULL_PROOF = (
    exp.Coalesce,
    exp.Case,
    exp.If,
    exp.Is,
    exp.NullSafeEQ,
    exp.NullSafeNEQ,
    exp.Or,
    exp.Query,
    exp.Subquery,
    exp.Exists,
    exp.AggFunc,
)


@dataclass(frozen=True)
class Mutant:
    """A test with one fault, and the fault in words."""

    test: ControlTest
    change: str


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
        for fault in _faults(node):
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


def _faults(node: exp.Expr) -> Iterator[exp.Expr]:
    for other in _EXCHANGED.get(type(node), ()):
        yield other(this=node.this.copy(), expression=node.expression.copy())
    if isinstance(node, exp.And | exp.Or):
        yield node.left.copy()
        yield node.right.copy()
    if isinstance(node, exp.Not):
        yield node.this.copy()
    if isinstance(node, exp.Between):
        yield from _strict(node)
    if _is_plain_condition(node):
        yield exp.Not(this=exp.Paren(this=node.copy()))
    if (
        isinstance(node.parent, exp.Where | exp.Having)
        and node.arg_key == "this"
        and not isinstance(node, exp.And | exp.Or)
    ):
        yield exp.true()
    yield from _other_constants(node)
    if isinstance(node, exp.Coalesce) and node.expressions:
        yield _without_default(node)
    if isinstance(node, exp.Join):
        yield from _other_joins(node)


def _strict(node: exp.Between) -> Iterator[exp.Expr]:
    low, high = node.args["low"], node.args["high"]
    for lower, upper in ((exp.GT, exp.LTE), (exp.GTE, exp.LT)):
        yield exp.And(
            this=lower(this=node.this.copy(), expression=low.copy()),
            expression=upper(this=node.this.copy(), expression=high.copy()),
        )


def _is_plain_condition(node: exp.Expr) -> bool:
    """A condition that is neither a comparison, a connective nor already under a NOT."""
    if (
        isinstance(node.parent, exp.Not)
        or type(node) in _EXCHANGED
        or isinstance(node, exp.Not | exp.Paren | exp.Boolean)
    ):
        return False
    return isinstance(node, _CONDITIONS) or _decides(node)


def _decides(node: exp.Expr) -> bool:
    parent, key = node.parent, node.arg_key
    if isinstance(parent, exp.Paren):
        return _decides(parent)
    if isinstance(parent, exp.And | exp.Or):
        return True
    return (isinstance(parent, exp.Where | exp.Having | exp.If) and key == "this") or (
        isinstance(parent, exp.Join) and key == "on"
    )


def _other_constants(node: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(node, exp.Boolean):
        yield exp.Boolean(this=not node.this)
    if not isinstance(node, exp.Literal) or isinstance(node.parent, exp.Coalesce):
        return
    if node.is_string and not isinstance(node.parent, exp.Interval):
        return
    for other in _neighbours(node.this):
        yield exp.Literal(this=other, is_string=node.is_string)


def _neighbours(digits: str) -> tuple[str, ...]:
    try:
        return str(int(digits) + 1), str(int(digits) - 1)
    except ValueError:
        try:
            return repr(float(digits) * 1.01), repr(float(digits) * 0.99)
        except ValueError:
            return ()


def _other_values(value: ParameterValue) -> tuple[ParameterValue, ...]:
    if isinstance(value, bool):
        return (not value,)
    if isinstance(value, int):
        return value + 1, value - 1
    return (value * 1.01, value * 0.99) if isinstance(value, float) else ()


def _without_default(node: exp.Coalesce) -> exp.Expr:
    kept = node.expressions[:-1]
    if not kept:
        only: exp.Expr = node.this.copy()
        return only
    return exp.Coalesce(this=node.this.copy(), expressions=[item.copy() for item in kept])


def _other_joins(join: exp.Join) -> Iterator[exp.Expr]:
    if not (join.args.get("on") or join.args.get("using")) or join.kind in ("SEMI", "ANTI", "CROSS"):
        return
    other = join.copy()
    if join.side == "LEFT":
        other.set("side", None)
        yield other
    elif not join.side and not _nulls_refused(join):
        other.set("kind", None)
        other.set("side", "LEFT")
        yield other


def _nulls_refused(join: exp.Join) -> bool:
    """Whether a later condition can hold only where the joined table gave a row."""
    select, table = join.parent, join.this.alias_or_name
    if not isinstance(select, exp.Select):
        return False
    joins = select.args.get("joins") or []
    later = [other.args.get("on") for other in joins[joins.index(join) + 1 :] if not other.side]
    where = select.args.get("where")
    conditions = [*later, where.this if where else None]
    return any(_refuses_nulls(part, table) for whole in conditions if whole for part in _conjuncts(whole))


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _refuses_nulls(condition: exp.Expr, table: str) -> bool:
    if isinstance(condition, exp.Not) and isinstance(condition.this.unnest(), exp.Is):
        return any(column.table == table for column in condition.find_all(exp.Column))
    return any(column.table == table and _is_strict(column, condition) for column in condition.find_all(exp.Column))


def _is_strict(column: exp.Expr, condition: exp.Expr) -> bool:
    node: exp.Expr | None = column
    while node is not None and not isinstance(node, _NULL_PROOF):
        if node is condition:
            return True
        node = node.parent
    return False


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
