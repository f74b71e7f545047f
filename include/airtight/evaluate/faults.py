"""The faults that can be planted at one node of a SELECT's syntax tree; ``mutation`` says which and why."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

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


def faults(node: exp.Expr) -> Iterator[exp.Expr]:
    """What may stand in the place of a node, each time with one fault. The node itself is left as it is."""
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
