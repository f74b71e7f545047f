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
    source = query.args.get("from_")
    if source is None or query.args.get("joins") or not _is_plain(source.this):
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


def drawn_from_all(query: exp.Query, population: exp.Query) -> bool:
    """Whether every key of a SELECT comes from the one view of which ``population`` selects the keys of all rows."""
    if not isinstance(population, exp.Select) or any(
        population.args.get(part) for part in ("where", "joins", *_REGROUPING)
    ):
        return False
    source = population.args.get("from_")
    plain = all(isinstance(item, exp.Column) for item in population.expressions)
    if not plain or source is None or not _is_plain(source.this) or population.find(exp.Lateral, exp.CTE):
        return False
    return _selects_from(query, source.this.name, [item.name for item in population.expressions])


def narrows(inner: exp.Query, outer: exp.Query) -> bool:
    """Whether every row of ``inner`` has its key in ``outer``: the same SELECT with more columns or conditions."""
    if not isinstance(inner, exp.Select) or not isinstance(outer, exp.Select):
        return False
    if any(query.args.get(name) for query in (inner, outer) for name in _REGROUPING):
        return False
    if any(
        isinstance(item, exp.Star) or item.find(exp.AggFunc, exp.Window)
        for item in (*inner.expressions, *outer.expressions)
    ):
        return False
    given = {item.alias_or_name: item.unalias() for item in inner.expressions}
    if any(given.get(item.alias_or_name) != item.unalias() for item in outer.expressions):
        return False
    conditions = list(_conditions(inner))
    return _sources(inner) == _sources(outer) and all(condition in conditions for condition in _conditions(outer))


def _sources(query: exp.Select) -> exp.Select:
    bare = _without_where(query)
    bare.set("expressions", [])
    return bare


def _selects_from(query: exp.Expr, view: str, keys: list[str]) -> bool:
    if isinstance(query, exp.SetOperation):
        return _selects_from(query.left, view, keys) and _selects_from(query.right, view, keys)
    source = query.args.get("from_")
    if not isinstance(query, exp.Select) or source is None:
        return False
    tables = [source.this, *(join.this for join in query.args.get("joins") or [])]
    names = {table.alias_or_name for table in tables if _is_plain(table) and table.name == view}
    given = {item.alias_or_name: item.unalias() for item in query.expressions}
    return all(_is_column_of(given.get(key), key, names, alone=len(tables) == 1) for key in keys)


def _is_plain(table: exp.Expr) -> bool:
    """Whether it is a view under its own columns: not renamed, pivoted or computed."""
    return isinstance(table, exp.Table) and not table.alias_column_names and not table.args.get("pivots")


def _is_column_of(item: exp.Expr | None, key: str, names: set[str], *, alone: bool) -> bool:
    if not isinstance(item, exp.Column) or item.name != key:
        return False
    return item.table in names or (not item.table and alone and bool(names))


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
