"""Drift of each watched column against the reference, from all rows of both sides.

A column is *inconclusive* where it is not there, holds no usable value, or has too few rows on either side. Where much
more of it is missing than in the reference, that is its drift. Each figure keeps the bins that it follows from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from airtight.domain.control import CellValue
from airtight.domain.monitor import ColumnKind, DriftRules, Figure, Monitor, Outcome, Watched
from airtight.monitor.categories import count_values
from airtight.monitor.comparing import TELLING, missing_rise, statistic
from airtight.monitor.numeric import Cells, Numbers, edges_of, tally
from airtight.monitor.tables import Counts, Table, count_columns

#: The name in results of a drift that is a rise of missing values: a total variation distance.
MISSING_RISE = "Rise of missing values (TVD)"
_MISSING = "missing_rise"
_MOST_UNUSABLE = 0.5


@dataclass(frozen=True)
class Profile:
    """What is kept of a reference for all comparisons with it: counts, edges and cells."""

    counts: Mapping[str, Counts]
    edges: Mapping[str, Numbers]
    cells: Mapping[str, Cells]


@dataclass(frozen=True)
class Sides:
    """The two tables that are compared."""

    reference: Table
    current: Table


def profile(connection: duckdb.DuckDBPyConnection, reference: Table, watched: Sequence[Watched]) -> Profile:
    """The profile of a reference; three passes over it."""
    counts = count_columns(connection, reference, watched)
    numeric = [c for c in watched if c.kind is ColumnKind.NUMERIC and c.name in reference.columns]
    rows = max((count.rows for count in counts.values()), default=0)
    edges = edges_of(connection, reference, numeric, rows) if numeric else {}
    return Profile(counts, edges, tally(connection, reference, numeric, edges))


def compare(
    connection: duckdb.DuckDBPyConnection,
    sides: Sides,
    known: Profile,
    watched: Sequence[Watched],
    rules: DriftRules,
    monitor: Monitor = Monitor.DRIFT,
) -> tuple[Figure, ...]:
    """One figure a watched column, in their order."""
    counts = count_columns(connection, sides.current, watched)
    numeric = [column for column in watched if column.kind is ColumnKind.NUMERIC]
    cells = tally(connection, sides.current, numeric, known.edges)
    figures = []
    for column in watched:
        if reason := _why_not(column, known, counts):
            figures.append(_inconclusive(column, monitor, reason, known, counts))
            continue
        bins = _sizes(known.counts[column.name], counts[column.name])
        if column.kind is ColumnKind.CATEGORICAL:
            found = count_values(connection, sides.reference, sides.current, column)
            bins |= {"named": [list(entry) for entry in found.named], "rare": list(found.rare), "new": found.new}
        elif column.name in cells:
            bins |= _numeric_bins(known.cells[column.name], cells[column.name])
        figures.append(judge(column, bins, rules, monitor))
    return tuple(figures)


def judge(column: Watched, bins: Mapping[str, CellValue], rules: DriftRules, monitor: Monitor) -> Figure:
    """The figure of a column from its bins alone."""
    n_ref, n_cur = (int(str(bins[f"{side}_usable"])) for side in ("ref", "cur"))
    rise = missing_rise(bins)
    if rise > 0 and rise >= rules.missing_rise:
        reason = f"{rise:.0%} more of the rows than in the reference have no usable value"
        outcome = Outcome.ALERT if int(str(bins["cur_rows"])) >= rules.min_rows else Outcome.INCONCLUSIVE
        return Figure(monitor, column.name, outcome, {_MISSING: rise}, bins, n_cur, n_ref, reason)
    value = statistic(column.method, bins) if n_ref and n_cur else math.nan
    if not math.isfinite(value):
        reason = f"{column.method.label} has no finite value here"
        return Figure(monitor, column.name, Outcome.INCONCLUSIVE, {}, bins, n_cur, n_ref, reason)
    values = {column.method.value: value}
    if min(n_ref, n_cur) < rules.min_rows:
        reason = f"fewer than {rules.min_rows} usable values ({n_ref} in the reference, {n_cur} in the data)"
        return Figure(monitor, column.name, Outcome.INCONCLUSIVE, values, bins, n_cur, n_ref, reason)
    moved = value < column.threshold if column.method.is_p_value else value >= column.threshold
    outcome = Outcome.ALERT if moved else Outcome.WELL
    return Figure(monitor, column.name, outcome, values, bins, n_cur, n_ref, _remark(bins))


def _why_not(column: Watched, known: Profile, counts: Mapping[str, Counts]) -> str | None:
    """Why there is nothing to compare, if so."""
    if column.name not in known.counts:
        return "the reference has no such column"
    if column.name not in counts:
        return "the data has no such column"
    if not counts[column.name].rows:
        return "the data has no row"
    if not known.counts[column.name].usable:
        return "the reference has no usable value"
    if known.counts[column.name].unusable_share > _MOST_UNUSABLE:
        return "more than half of the reference has no usable value"
    return None


def _inconclusive(
    column: Watched, monitor: Monitor, reason: str, known: Profile, counts: Mapping[str, Counts]
) -> Figure:
    empty = Counts(0, 0)
    reference, current = known.counts.get(column.name, empty), counts.get(column.name, empty)
    bins = _sizes(reference, current)
    return Figure(monitor, column.name, Outcome.INCONCLUSIVE, {}, bins, current.usable, reference.usable, reason)


def _sizes(reference: Counts, current: Counts) -> dict[str, CellValue]:
    sizes: dict[str, CellValue] = {}
    for name, side in (("ref", reference), ("cur", current)):
        sizes |= {
            f"{name}_rows": side.rows,
            f"{name}_usable": side.usable,
            f"{name}_missing": side.missing,
            f"{name}_mixed": side.mixed,
            f"{name}_infinite": side.infinite,
        }
    return sizes


def _numeric_bins(reference: Cells, current: Cells) -> dict[str, CellValue]:
    return {
        "edges": [float(edge) for edge in reference.edges],
        "ref": [int(count) for count in reference.counts],
        "cur": [int(count) for count in current.counts],
        "ref_means": _telling_means(reference),
        "cur_means": _telling_means(current),
        "ref_deviation": reference.deviation,
    }


def _telling_means(cells: Cells) -> list[CellValue]:
    """Means of the open cells with enough rows; None for the others, and where the sum is beyond numbers."""
    counts, sums = cells.counts[0::2], cells.sums[0::2]
    telling = (counts >= TELLING) & np.isfinite(sums)
    means = sums / np.maximum(counts, 1)
    return [float(mean) if tells else None for mean, tells in zip(means, telling, strict=True)]


def _remark(bins: Mapping[str, CellValue]) -> str | None:
    """What a reader should know of a figure that holds."""
    remarks = []
    if bins.get("new"):
        remarks.append(f"{bins['new']} rows have a value that the reference lacks")
    edges = bins.get("edges")
    if isinstance(edges, list) and len(edges) == 1:
        remarks.append("the column is constant in the reference")
    for kind in ("mixed", "infinite"):
        if bins[f"cur_{kind}"]:
            words = "no number" if kind == "mixed" else "an infinite number"
            remarks.append(f"{bins[f'cur_{kind}']} rows hold {words}")
    return "; ".join(remarks) or None
