"""What the shape of a test's SQL proves without running it, so that the engine need not check millions of rows.

Only proofs: where the shape says nothing, the answer is "unknown" and the engine checks row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

_REGROUPING = ("group", "having", "distinct", "qualify", "limit", "offset", "windows")


def keys_unique(query: exp.Query, view_keys: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether no row of a SELECT can come twice.

    So it is with DISTINCT, with GROUP BY over selected columns only, and where one view is read, without joins, whose
    whole key is selected.

    Args:
        view_keys: the key columns of every view in which no key repeats.
    """
    if not isinstance(query, exp.Select) or query.find(exp.Unnest, exp.Explode, exp.Lateral):
        return False
    distinct = query.args.get("distinct")
    if distinct:
        return not distinct.args.get("on")
    selected = [item.unalias() for item in query.expressions]
    if group := query.args.get("group"):
        return _groups_by(group, selected)
    source = query.args.get("from_") or query.args.get("from")
    if source is None or query.args.get("joins") or not isinstance(source.this, exp.Table):
        return False
    key = view_keys.get(source.this.name)
    return key is not None and set(key) <= {item.name for item in selected if isinstance(item, exp.Column)}


def _groups_by(group: exp.Group, selected: list[exp.Expr]) -> bool:
    if any(value for name, value in group.args.items() if name != "expressions"):
        return False  # ROLLUP, CUBE, GROUPING SETS, ALL
    places = [
        int(item.this) - 1 if isinstance(item, exp.Literal) and item.is_int else None for item in group.expressions
    ]
    grouped = [
        item if place is None else selected[place] for item, place in zip(group.expressions, places, strict=True)
    ]
    return all(item in selected for item in grouped)


def left_out(population: exp.Query, tested: exp.Query) -> exp.Query | None:
    """A SELECT of what ``tested`` leaves out, where it is ``population`` with more conditions; otherwise None."""
    if not isinstance(population, exp.Select) or not isinstance(tested, exp.Select):
        return None
    if any(query.args.get(name) for query in (population, tested) for name in _REGROUPING):
        return None
    if population.find(exp.AggFunc) or _without_where(population) != _without_where(tested):
        return None
    wanted, given = list(_conditions(tested)), list(_conditions(population))
    further = [condition for condition in wanted if condition not in given]
    if not all(condition in wanted for condition in given):
        return None
    fulfilled = exp.and_(*further) if further else exp.true()
    return population.copy().where(exp.Not(this=exp.Is(this=exp.paren(fulfilled), expression=exp.true())))


def _without_where(query: exp.Select) -> exp.Select:
    bare = query.copy()
    bare.set("where", None)
    return bare


def _conditions(query: exp.Select) -> Iterator[exp.Expr]:
    where = query.args.get("where")
    return where.this.flatten() if where and isinstance(where.this, exp.And) else iter([where.this] if where else [])
