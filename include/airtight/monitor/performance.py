"""Performance of one model version over a window of observed outcomes, from counts that can be counted again.

Predictions and outcomes are compared as they are written, as ``MO-01.T4`` compares them. Degradation is what a metric
lost against its baseline as a share of it; a gain is none, and a baseline of zero or none leaves it inconclusive.
"""

# ruff: noqa: S608  the SQL is put together from quoted names

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import duckdb
import numpy as np

from airtight.domain.control import CellValue
from airtight.domain.monitor import Figure, Monitor, MonitorSetup, Outcome, PerformanceRules, Task
from airtight.monitor.engine import batches, quoted, rows
from airtight.monitor.numeric import Cells, edges_among
from airtight.monitor.prepared import ACTUAL
from airtight.monitor.tables import Table

Bins = Mapping[str, CellValue]
#: metric -> its value and the items it was measured on; None: it is not defined there
Measured = tuple[float | None, int]

SCORE_EDGES = 500
#: Probabilities are kept this far from 0 and 1 in the logarithm, as scikit-learn does.
_CLIP = 2.220446049250313e-16


def count_outcomes(connection: duckdb.DuckDBPyConnection, table: Table, setup: MonitorSetup) -> dict[str, CellValue]:
    """The counts of a version's labelled predictions that its metrics follow from."""
    if setup.task is Task.REGRESSION:
        return _errors(connection, table)
    counted = _confusion(connection, table)
    if setup.task is Task.BINARY and {"roc_auc", "log_loss", "brier"} & set(setup.performance.higher_is_better):
        counted |= _scores(connection, table, str(setup.positive))
    return counted


def _confusion(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, CellValue]:
    found = rows(
        connection,
        f"SELECT prediction, {ACTUAL}, count(*) FROM {table.relation} "
        f"WHERE prediction IS NOT NULL AND {ACTUAL} IS NOT NULL GROUP BY ALL ORDER BY 3 DESC, 1, 2",
    )
    return {"confusion": [[str(predicted), str(actual), int(str(n))] for predicted, actual, n in found]}


def _scores(connection: duckdb.DuckDBPyConnection, table: Table, positive: str) -> dict[str, CellValue]:
    """Cells of the scores on either side, and the sums of log loss and Brier score."""
    told = f"{ACTUAL} IS NOT NULL AND score BETWEEN 0 AND 1"
    untold = f"{ACTUAL} IS NOT NULL AND NOT coalesce(score BETWEEN 0 AND 1, false)"
    outcome = f"({ACTUAL} = {quoted(positive)})"
    clipped = f"least(greatest(score, {_CLIP}), 1 - {_CLIP})"
    loss = f"sum(-ln(CASE WHEN {outcome} THEN {clipped} ELSE 1 - {clipped} END))"
    brier = f"sum((score - CAST({outcome} AS INTEGER)) ** 2)"
    (sums,) = rows(
        connection,
        f"SELECT count(*) FILTER ({told}), count(*) FILTER ({untold}), "
        f"coalesce({loss} FILTER ({told}), 0), coalesce({brier} FILTER ({told}), 0) FROM {table.relation}",
    )
    scored, unscored = int(str(sums[0])), int(str(sums[1]))
    counted: dict[str, CellValue] = {"scored": scored, "unscored": unscored}
    if scored:
        counted |= {"loss_sum": float(str(sums[2])), "brier_sum": float(str(sums[3]))}
        counted |= _score_cells(
            connection, f"(SELECT score, {outcome} AS hit FROM {table.relation} WHERE {told})", scored
        )
    return counted


def _score_cells(connection: duckdb.DuckDBPyConnection, scores: str, total: int) -> dict[str, CellValue]:
    step = max(1, total // 100_000)
    sample = [b.column(0).to_numpy() for b in batches(connection, f"SELECT score FROM {scores}")]
    edges = edges_among(np.concatenate([part[::step] for part in sample]), SCORE_EDGES)
    sides = {True: Cells(edges), False: Cells(edges)}
    for batch in batches(connection, f"SELECT score, hit FROM {scores}"):
        values, hits = batch.column(0).to_numpy(), batch.column(1).to_numpy(zero_copy_only=False).astype(bool)
        for side, cells in sides.items():
            cells.add(values[hits == side])
    return {
        "score_edges": [float(edge) for edge in edges],
        "score_positive": [int(n) for n in sides[True].counts],
        "score_negative": [int(n) for n in sides[False].counts],
    }


def _errors(connection: duckdb.DuckDBPyConnection, table: Table) -> dict[str, CellValue]:
    numbers = f"SELECT TRY_CAST(prediction AS DOUBLE) AS p, TRY_CAST({ACTUAL} AS DOUBLE) AS y FROM {table.relation}"
    (found,) = rows(
        connection,
        "SELECT count(*), coalesce(sum(abs(p - y)), 0), coalesce(sum((p - y) ** 2), 0), "
        f"coalesce(var_pop(y) * count(*), 0) FROM ({numbers}) WHERE isfinite(p) AND isfinite(y)",
    )
    (read,) = rows(
        connection, f"SELECT count(*) FROM ({numbers}) WHERE NOT coalesce(isfinite(p) AND isfinite(y), false)"
    )
    sums = [float(str(value)) for value in found[1:]]
    return {
        "numbers": int(str(found[0])),
        "unread": int(str(read[0])),
        "absolute_sum": sums[0],
        "square_sum": sums[1],
        "spread_sum": sums[2],
    }


def measure(bins: Bins, task: Task, positive: str | None) -> dict[str, Measured]:
    """Every metric of a task, from the counts alone."""
    if task is Task.REGRESSION:
        return _regression(bins)
    confusion = _pairs(bins)
    total = sum(confusion.values())
    hits = sum(n for (predicted, actual), n in confusion.items() if predicted == actual)
    accuracy = {"accuracy": (_ratio(hits, total), total)}
    if task is Task.MULTICLASS:
        return accuracy | _macro(confusion, total)
    return accuracy | _binary(confusion, str(positive), total) | _of_scores(bins)


def _pairs(bins: Bins) -> dict[tuple[str, str], int]:
    listed = bins["confusion"]
    assert isinstance(listed, list)  # noqa: S101  written by ``count_outcomes``
    return {(str(entry[0]), str(entry[1])): int(str(entry[2])) for entry in listed if isinstance(entry, list)}


def _binary(confusion: Mapping[tuple[str, str], int], positive: str, total: int) -> dict[str, Measured]:
    hits = confusion.get((positive, positive), 0)
    predicted = sum(n for (label, _), n in confusion.items() if label == positive)
    actual = sum(n for (_, label), n in confusion.items() if label == positive)
    return {
        "precision": (_ratio(hits, predicted), predicted),
        "recall": (_ratio(hits, actual), actual),
        "f1": (_ratio(2 * hits, predicted + actual), total),
    }


def _macro(confusion: Mapping[tuple[str, str], int], total: int) -> dict[str, Measured]:
    """Means over all classes predicted or observed; a class that gives no ratio counts as 0."""
    classes = sorted({label for pair in confusion for label in pair})
    each = [_binary(confusion, label, total) for label in classes]
    names = ("precision", "recall", "f1")
    means = {name: _ratio(sum(one[name][0] or 0.0 for one in each), len(classes)) for name in names}
    return {f"{name}_macro": (mean, total) for name, mean in means.items()}


def _of_scores(bins: Bins) -> dict[str, Measured]:
    scored = int(str(bins.get("scored", 0)))
    if not scored:
        return dict.fromkeys(("roc_auc", "log_loss", "brier"), (None, 0))
    positive, negative = (np.array(bins[f"score_{side}"], dtype=float) for side in ("positive", "negative"))
    below = np.cumsum(negative) - negative
    area = float(np.sum(positive * (below + negative / 2)))
    return {
        "roc_auc": (_ratio(area, float(positive.sum() * negative.sum())), scored),
        "log_loss": (float(str(bins["loss_sum"])) / scored, scored),
        "brier": (float(str(bins["brier_sum"])) / scored, scored),
    }


def _regression(bins: Bins) -> dict[str, Measured]:
    total = int(str(bins["numbers"]))
    absolute, square, spread = (float(str(bins[name])) for name in ("absolute_sum", "square_sum", "spread_sum"))
    fit = _ratio(square, spread)
    mean_square = _ratio(square, total)
    return {
        "mae": (_ratio(absolute, total), total),
        "rmse": (None if mean_square is None else math.sqrt(mean_square), total),
        "r2": (None if fit is None else 1 - fit, total),
    }


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole and math.isfinite(part / whole) else None


def judge(bins: Bins, setup: MonitorSetup, baselines: Mapping[str, float], metric: str, measured: Measured) -> Figure:
    """The figure of one metric: whether it degraded against the baseline of the approved version."""
    rules, (value, n) = setup.performance, measured
    baseline = baselines.get(metric)
    values = {} if value is None else {"value": value}
    if baseline is not None:
        values["baseline"] = baseline
    figure = _figure(metric, bins, n, values)
    if value is None:
        return figure(Outcome.INCONCLUSIVE, f"{metric} is not defined on these {n} items")
    if n < rules.min_labels:
        return figure(Outcome.INCONCLUSIVE, f"fewer than {rules.min_labels} items ({n})")
    if not baseline or not math.isfinite(baseline):
        return figure(Outcome.INCONCLUSIVE, "the approved version has no baseline of it, or zero")
    lost = degradation(value, baseline, higher_is_better=rules.higher_is_better[metric])
    return figure(Outcome.ALERT if lost > rules.degradation else Outcome.WELL, None)


def _figure(metric: str, bins: Bins, n: int, values: Mapping[str, float]) -> Callable[[Outcome, str | None], Figure]:
    return lambda outcome, reason: Figure(Monitor.PERFORMANCE, metric, outcome, values, bins, n, reason=reason)


def degradation(value: float, baseline: float, *, higher_is_better: bool) -> float:
    """The share of the baseline that was lost, to a billionth; negative for a gain."""
    lost = baseline - value if higher_is_better else value - baseline
    return round(lost / abs(baseline), 9)


def performance_of(
    connection: duckdb.DuckDBPyConnection, table: Table, setup: MonitorSetup, baselines: Mapping[str, float]
) -> tuple[Figure, ...]:
    """One figure a metric of the set-up, in its order; the counts stand with the first of them."""
    bins = count_outcomes(connection, table, setup)
    found = measure(bins, setup.task, setup.positive)
    wanted: PerformanceRules = setup.performance
    return tuple(judge(bins, setup, baselines, metric, found[metric]) for metric in wanted.higher_is_better)
