"""Canaries: a seeded shift put into a copy of the data, to see that the comparison finds it.

One numeric and one categorical feature are chosen by the seed and the day. In a seeded share of the rows the number
grows by so many standard deviations of the reference, the category becomes the rarest one. The data itself stays as
it is: the copy exists only while it is read.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import duckdb

from airtight.domain.monitor import CanaryRules, ColumnKind, Figure, Monitor, MonitorSetup, Outcome, Watched
from airtight.monitor.categories import count_values
from airtight.monitor.drift import Profile, Sides, compare
from airtight.monitor.engine import quoted

_PARTS = 1_000_000


def fly(
    connection: duckdb.DuckDBPyConnection,
    sides: Sides,
    known: Profile,
    setup: MonitorSetup,
    rules: CanaryRules,
    day: date,
) -> tuple[Figure, ...]:
    """Put a shift into a copy of the data and compare it; well is: found.

    Args:
        sides: ``current`` has a column ``_row`` that numbers its rows.
    """
    chosen = choose([column for column in setup.features if column.name in known.counts], rules.seed, day)
    shifted = {column.name: _shifted(connection, sides, known, column, rules) for column in chosen}
    copied = replace(sides.current, columns={**sides.current.columns, **shifted})
    figures = compare(connection, Sides(sides.reference, copied), known, chosen, setup.drift, Monitor.CANARY)
    return tuple(_turned(figure) for figure in figures)


def choose(features: Sequence[Watched], seed: int, day: date) -> list[Watched]:
    """One feature of each kind that there is."""
    dice = random.Random(f"{seed} {day.isoformat()}")  # noqa: S311  a canary is no secret
    kinds = [[column for column in features if column.kind is kind] for kind in ColumnKind]
    return [dice.choice(columns) for columns in kinds if columns]


def _shifted(
    connection: duckdb.DuckDBPyConnection, sides: Sides, known: Profile, column: Watched, rules: CanaryRules
) -> tuple[str, str]:
    struck = f"hash(_row, {rules.seed}) % {_PARTS} < {round(rules.share * _PARTS)}"
    if column.kind is ColumnKind.CATEGORICAL:
        value = sides.current.text(column)
        named = count_values(connection, sides.reference, sides.current, column).named
        rarest = min(named, key=lambda entry: (entry[1], entry[0]))[0] if len(named) > 1 else "(canary)"
        return f"(CASE WHEN {struck} AND {value} IS NOT NULL THEN {quoted(rarest)} ELSE {value} END)", "VARCHAR"
    cells = known.cells.get(column.name)
    step = rules.shift * ((cells.deviation if cells else 0.0) or 1.0)
    value = sides.current.number(column)
    return f"(CASE WHEN {struck} THEN {value} + {step!r} ELSE {value} END)", "DOUBLE"


def _turned(figure: Figure) -> Figure:
    """For a canary, drift is what was wanted."""
    turned: Mapping[Outcome, Outcome] = {Outcome.ALERT: Outcome.WELL, Outcome.WELL: Outcome.ALERT}
    return replace(figure, outcome=turned.get(figure.outcome, figure.outcome))
