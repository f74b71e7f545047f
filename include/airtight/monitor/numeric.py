"""Numeric columns as cells: the values at pinned edges, and the intervals between them.

Edges are values of the reference, at its quantiles or, where it has few distinct values, all of them. A column with m
edges has 2m + 1 cells: below the first edge, at it, between it and the second ... above the last. Counts and sums of
cells are all that comparisons need: what is at an edge is exact, and within an interval at most one part in m of the
reference lies. Data is read in batches and never held.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import numpy.typing as npt

from airtight.domain.monitor import Watched
from airtight.monitor.engine import batches
from airtight.monitor.tables import Table

EDGES = 100
#: Rows of the reference that edges are taken from: every k-th. Counts are of all rows.
_SAMPLE = 100_000
#: More edges near both ends, where long tails are, as far as enough rows lie beyond them.
_TAILS, _BEYOND = (0.001, 0.002, 0.005), 10

Numbers = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


@dataclass
class Cells:
    """Counts and sums of one column of one table; filled by ``add``."""

    edges: Numbers
    counts: Counts = field(init=False)
    sums: Numbers = field(init=False)
    deviation: float = 0.0
    _squares: float = 0.0

    def __post_init__(self) -> None:
        self.counts = np.zeros(2 * len(self.edges) + 1, dtype=np.int64)
        self.sums = np.zeros(2 * len(self.edges) + 1)

    @property
    def total(self) -> int:
        return int(self.counts.sum())

    def add(self, values: Numbers) -> None:
        """Count finite values."""
        finite = np.sort(values[np.isfinite(values)])  # two look-ups an edge are cheaper than one a value
        if not len(finite):
            return
        ends = np.empty(len(self.counts), dtype=np.int64)
        ends[0:-1:2], ends[1::2] = (np.searchsorted(finite, self.edges, side) for side in ("left", "right"))
        ends[-1] = len(finite)
        counts = np.diff(ends, prepend=0)
        filled = np.flatnonzero(counts)
        self.counts += counts
        with np.errstate(over="ignore", invalid="ignore"):
            self.sums[filled] += np.add.reduceat(finite, (ends - counts)[filled])
            centred = finite - self.edges[0]
            self._squares += float(np.sum(centred * centred))

    def close(self) -> Cells:
        """Settle the standard deviation (population); the cells are complete."""
        with np.errstate(over="ignore", invalid="ignore"):
            mean = (self.sums.sum() - self.total * self.edges[0]) / max(self.total, 1)
            spread = self._squares / max(self.total, 1) - mean * mean
            self.deviation = float(np.sqrt(max(spread, 0.0))) if np.isfinite(spread) else float("inf")
        return self


def edges_of(
    connection: duckdb.DuckDBPyConnection, table: Table, watched: Sequence[Watched], rows: int
) -> dict[str, Numbers]:
    """Edges of each column, from every k-th row of the reference; a column without a number has none."""
    step = max(1, rows // _SAMPLE)
    taken: dict[str, list[Numbers]] = {column.name: [] for column in watched}
    offset = 0
    for batch in batches(connection, _select(table, watched)):
        first = -offset % step
        offset += batch.num_rows
        for column, values in zip(watched, batch.columns, strict=True):
            numbers = values.to_numpy(zero_copy_only=False)[first::step]
            taken[column.name].append(numbers[np.isfinite(numbers)])
    found = {name: edges_among(np.concatenate(parts)) for name, parts in taken.items() if parts}
    return {name: edges for name, edges in found.items() if len(edges)}


def edges_among(values: Numbers, most: int = EDGES) -> Numbers:
    """Edges of finite values: all where there are few, else those at equal steps of rank."""
    distinct = np.unique(values)
    if len(distinct) <= most:
        return distinct
    tails = [rank for rank in _TAILS if rank * len(values) >= _BEYOND]
    ranks = np.sort([*(np.arange(1, most + 1) / (most + 1)), *tails, *(1 - rank for rank in tails)])
    return np.unique(np.quantile(values, ranks, method="inverted_cdf"))


def tally(
    connection: duckdb.DuckDBPyConnection, table: Table, watched: Sequence[Watched], edges: Mapping[str, Numbers]
) -> dict[str, Cells]:
    """Cells of all columns in one pass."""
    wanted = [column for column in watched if column.name in edges and column.name in table.columns]
    cells = {column.name: Cells(edges[column.name]) for column in wanted}
    if wanted:
        for batch in batches(connection, _select(table, wanted)):
            for column, values in zip(wanted, batch.columns, strict=True):
                cells[column.name].add(values.to_numpy(zero_copy_only=False))
    return {name: found.close() for name, found in cells.items()}


def _select(table: Table, watched: Sequence[Watched]) -> str:
    columns = ", ".join(f"{table.number(column)} AS c{number}" for number, column in enumerate(watched))
    return f"SELECT {columns} FROM {table.relation}"
