"""Fairness of one model version: how often each group is selected, and how often rightly.

A group below the limit of suppression is named and its counts left out of everything that lasts; groups below the size
to judge are shown and not judged. Measures are defined as in fairlearn, over the judged groups.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from airtight.domain.control import CellValue
from airtight.domain.monitor import FairnessRules, Figure, Monitor, MonitorSetup, Origin, Outcome
from airtight.monitor.engine import quoted, rows
from airtight.monitor.prepared import ACTUAL
from airtight.monitor.tables import Table

Bins = Mapping[str, CellValue]
PARITY, RATIO, ODDS = "demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference"
CROSSED = " x "
_MOST_UNTOLD = 0.5


@dataclass(frozen=True)
class Cohorts:
    """Whose selection is compared, and whose outcomes are known."""

    selected: Table
    labelled: Table


@dataclass(frozen=True)
class Group:
    """A group's counts; None: too few to be told."""

    name: str
    n: int
    selected: int
    positives: int | None
    true_positives: int | None
    negatives: int | None
    false_positives: int | None

    @property
    def selection_rate(self) -> float:
        return self.selected / self.n

    @property
    def true_positive_rate(self) -> float | None:
        return _rate(self.true_positives, self.positives)

    @property
    def false_positive_rate(self) -> float | None:
        return _rate(self.false_positives, self.negatives)


def _rate(part: int | None, whole: int | None) -> float | None:
    return None if part is None or not whole else part / whole


def fairness_of(
    connection: duckdb.DuckDBPyConnection, cohorts: Cohorts, columns: Mapping[str, str], setup: MonitorSetup
) -> Iterator[Figure]:
    """One figure an attribute and intersection of the set-up.

    Args:
        columns: attribute -> the column that holds it.
    """
    rules = setup.fairness
    if rules is None:
        return
    absent = {attribute.name: attribute for attribute in rules.attributes if attribute.origin is Origin.ABSENT}
    for names in (*((attribute.name,) for attribute in rules.attributes), *rules.intersections):
        lacking = [absent[name] for name in names if name in absent]
        if lacking:
            reason = f"{lacking[0].name} is absent: {lacking[0].legal_basis}"
            yield _inconclusive(names, {}, 0, reason)
            continue
        bins = count_groups(connection, cohorts, [columns[name] for name in names], setup)
        yield judge(names, bins, rules)


def count_groups(
    connection: duckdb.DuckDBPyConnection, cohorts: Cohorts, columns: list[str], setup: MonitorSetup
) -> dict[str, CellValue]:
    """Counts of each group; small ones only by name."""
    rules = setup.fairness
    assert rules is not None  # noqa: S101  told by the caller
    group = " || ' & ' || ".join(f"CAST({column} AS VARCHAR)" for column in columns)
    chosen, right = f"prediction = {quoted(setup.positive)}", f"{ACTUAL} = {quoted(setup.positive)}"
    found = rows(
        connection,
        f"""
        WITH s AS (
            SELECT {group} AS g, count(*) AS n, count(*) FILTER ({chosen}) AS selected
            FROM {cohorts.selected.relation} GROUP BY g
        ),
        l AS (
            SELECT {group} AS g,
                count(*) FILTER ({right}) AS positives, count(*) FILTER ({right} AND {chosen}) AS true_positives,
                count(*) FILTER (NOT {right}) AS negatives,
                count(*) FILTER (NOT {right} AND {chosen}) AS false_positives
            FROM {cohorts.labelled.relation} GROUP BY g
        )
        SELECT s.g, n, selected, coalesce(positives, 0), coalesce(true_positives, 0), coalesce(negatives, 0),
            coalesce(false_positives, 0)
        FROM s LEFT JOIN l ON l.g = s.g ORDER BY s.g""",
    )
    counted = [(name, [int(str(count)) for count in counts]) for name, *counts in found]
    told = [(str(name), counts) for name, counts in counted if name is not None]
    shown = [(name, counts) for name, counts in told if counts[0] >= rules.suppress_below]
    return {
        "groups": [_shown(name, counts, rules.suppress_below) for name, counts in shown],
        "suppressed": [name for name, counts in told if counts[0] < rules.suppress_below],
        "suppress_below": rules.suppress_below,
        "not_told": sum(counts[0] for name, counts in counted if name is None),
    }


def _shown(name: str, counts: list[int], fewest: int) -> list[CellValue]:
    """A group's row; the outcomes of fewer people than are shown are left out too."""
    shown: list[CellValue] = [name, *counts[:2]]
    for whole, part in (counts[2:4], counts[4:6]):
        shown += [whole, part] if whole >= fewest else [None, None]
    return shown


def groups_in(bins: Bins) -> tuple[Group, ...]:
    """The groups whose counts are told."""
    listed = bins.get("groups", [])
    assert isinstance(listed, list)  # noqa: S101  written by ``count_groups``
    return tuple(_group(entry) for entry in listed if isinstance(entry, list))


def _group(entry: list[CellValue]) -> Group:
    n, selected, *outcomes = (None if value is None else int(str(value)) for value in entry[1:])
    return Group(str(entry[0]), n or 0, selected or 0, *outcomes)


def measure(bins: Bins, min_group: int) -> dict[str, float]:
    """The measures, from the counts alone; those that are not defined are left out."""
    judged = [group for group in groups_in(bins) if group.n >= min_group]
    if len(judged) < 2:
        return {}
    rates = [group.selection_rate for group in judged]
    values = {PARITY: max(rates) - min(rates)}
    if max(rates):
        values[RATIO] = min(rates) / max(rates)
    outcomes = [(group.true_positive_rate, group.false_positive_rate) for group in judged]
    known = [(hits, alarms) for hits, alarms in outcomes if hits is not None and alarms is not None]
    if len(known) == len(judged):
        values[ODDS] = max(max(side) - min(side) for side in zip(*known, strict=True))
    return values


def judge(names: tuple[str, ...], bins: Bins, rules: FairnessRules) -> Figure:
    """The figure of an attribute from its counts: whether the groups are selected alike."""
    groups = groups_in(bins)
    total = sum(group.n for group in groups)
    untold = int(str(bins["not_told"]))
    if reason := _why_not(bins, groups, total, untold, rules):
        return _inconclusive(names, bins, total, reason)
    values = measure(bins, rules.min_group)
    outcome = Outcome.ALERT if round(values[PARITY], 9) >= rules.threshold else Outcome.WELL
    return Figure(
        Monitor.FAIRNESS, CROSSED.join(names), outcome, values, bins, total, reason=_remark(bins, groups, rules)
    )


def _why_not(bins: Bins, groups: tuple[Group, ...], total: int, untold: int, rules: FairnessRules) -> str | None:
    suppressed = bins["suppressed"]
    assert isinstance(suppressed, list)  # noqa: S101  written by ``count_groups``
    if not groups and not suppressed:
        return "no prediction carries the attribute" if untold else "there is no prediction"
    if untold > _MOST_UNTOLD * (total + untold):
        return f"{untold} predictions, more than half, do not carry the attribute"
    if len(groups) + len(suppressed) == 1:
        return "there is a single group"
    if sum(group.n >= rules.min_group for group in groups) < 2:
        return f"fewer than two groups have {rules.min_group} people or more"
    return None


def _remark(bins: Bins, groups: tuple[Group, ...], rules: FairnessRules) -> str | None:
    remarks = []
    suppressed = bins["suppressed"]
    assert isinstance(suppressed, list)  # noqa: S101  written by ``count_groups``
    if suppressed:
        remarks.append(f"{len(suppressed)} groups of fewer than {rules.suppress_below} are suppressed")
    if small := [group.name for group in groups if group.n < rules.min_group]:
        remarks.append(f"{len(small)} groups of fewer than {rules.min_group} are not judged")
    if bins["not_told"]:
        remarks.append(f"{bins['not_told']} predictions do not carry the attribute")
    return "; ".join(remarks) or None


def _inconclusive(names: tuple[str, ...], bins: Bins, total: int, reason: str) -> Figure:
    return Figure(Monitor.FAIRNESS, CROSSED.join(names), Outcome.INCONCLUSIVE, {}, bins, total, reason=reason)
