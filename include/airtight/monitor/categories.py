"""Categorical columns as counts: each frequent value of the reference, the rare ones together, the new ones together.

A value that fewer than ten rows of the reference have could tell who they are; such values are counted together.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from airtight.domain.monitor import Watched
from airtight.monitor.engine import rows
from airtight.monitor.tables import Table

#: Rows of the reference that a value must have to be named.
FREQUENT = 10
#: Values named at most.
MOST = 200


@dataclass(frozen=True)
class Categories:
    """Counts of one column on both sides.

    Attributes:
        named: value, rows of the reference, rows of the data; in order of the value.
        rare: rows of either side with other values of the reference.
        new: rows of the data with a value that the reference lacks.
    """

    named: tuple[tuple[str, int, int], ...]
    rare: tuple[int, int]
    new: int


def count_values(
    connection: duckdb.DuckDBPyConnection, reference: Table, current: Table, column: Watched
) -> Categories:
    """Counts of a column that both tables have."""
    found = rows(
        connection,
        f"""
        WITH r AS (SELECT {reference.text(column)} AS v, count(*) AS n FROM {reference.relation} GROUP BY v),
        c AS (SELECT {current.text(column)} AS v, count(*) AS n FROM {current.relation} GROUP BY v),
        kept AS (SELECT v FROM r WHERE v IS NOT NULL AND n >= {FREQUENT} ORDER BY n DESC, v LIMIT {MOST}),
        either AS (
            SELECT coalesce(r.v, c.v) AS v, coalesce(r.n, 0) AS n_ref, coalesce(c.n, 0) AS n_cur, r.v IS NULL AS fresh
            FROM r FULL JOIN c ON r.v = c.v WHERE coalesce(r.v, c.v) IS NOT NULL
        )
        SELECT
            CASE WHEN kept.v IS NOT NULL THEN 'named' WHEN fresh THEN 'new' ELSE 'rare' END AS kind,
            kept.v, sum(n_ref), sum(n_cur)
        FROM either LEFT JOIN kept ON kept.v = either.v
        GROUP BY ALL ORDER BY ALL""",
    )
    counts = {str(kind): (int(str(n_ref)), int(str(n_cur))) for kind, value, n_ref, n_cur in found if value is None}
    named = tuple(
        (str(value), int(str(n_ref)), int(str(n_cur))) for _, value, n_ref, n_cur in found if value is not None
    )
    return Categories(named, counts.get("rare", (0, 0)), counts.get("new", (0, 0))[1])
