"""The statistics of drift, from bins, against scipy on the rows themselves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.spatial import distance

from airtight.domain.monitor import ColumnKind, DriftRules, Figure, Method, Outcome, Role, Watched
from airtight.monitor.comparing import kolmogorov_distance
from airtight.monitor.drift import Sides, compare, profile
from airtight.monitor.engine import Resources, engine, parquet
from airtight.monitor.tables import table_of

RULES = DriftRules(timedelta(days=1), 1, 100, 0.1)
DICE = np.random.default_rng(7)


def compared(
    folder: Path, reference: object, current: object, method: Method, kind: ColumnKind, rules: DriftRules = RULES
) -> Figure:
    """The figure of one column, as its two Parquet files give it."""
    files = [folder / "reference.parquet", folder / "current.parquet"]
    for file, values in zip(files, (reference, current), strict=True):
        pd.DataFrame({"c": values}).to_parquet(file)
    watched = [Watched("c", Role.FEATURE, kind, method, 0.1)]
    with engine(folder, files, Resources()) as connection:
        tables = [table_of(connection, parquet([file]), watched) for file in files]
        known = profile(connection, tables[0], watched)
        return compare(connection, Sides(*tables), known, watched, rules)[0]


SHAPES = {
    "normal": (DICE.normal(0, 1, 6000), DICE.normal(0.2, 1.1, 4000)),
    "skewed": (DICE.lognormal(3, 1, 6000), DICE.lognormal(3.2, 1, 4000)),
    "mostly zero": (
        np.where(DICE.random(6000) < 0.9, 0, DICE.exponential(50, 6000)),
        np.where(DICE.random(4000) < 0.8, 0, DICE.exponential(60, 4000)),
    ),
    "few values": (DICE.integers(0, 6, 6000).astype(float), DICE.integers(0, 7, 4000).astype(float)),
    "apart": (DICE.normal(0, 1, 6000), DICE.normal(30, 1, 4000)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_kolmogorov_smirnov_is_within_a_hundredth_of_scipy(shape: str, tmp_path: Path) -> None:
    reference, current = SHAPES[shape]
    figure = compared(tmp_path, reference, current, Method.KOLMOGOROV_SMIRNOV, ColumnKind.NUMERIC)
    exact = stats.ks_2samp(reference, current, method="asymp")
    assert exact.statistic - 0.01 <= kolmogorov_distance(figure.bins) <= exact.statistic + 1e-12
    assert (figure.values["ks"] < 0.05) == (exact.pvalue < 0.05)


def test_kolmogorov_smirnov_is_exact_where_values_are_few(tmp_path: Path) -> None:
    reference, current = DICE.integers(0, 80, 3000), DICE.integers(0, 82, 3000)
    figure = compared(tmp_path, reference, current, Method.KOLMOGOROV_SMIRNOV, ColumnKind.NUMERIC)
    exact = stats.ks_2samp(reference, current, method="asymp")
    assert figure.values["ks"] == pytest.approx(exact.pvalue, rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_wasserstein_is_within_three_percent_of_scipy(shape: str, tmp_path: Path) -> None:
    reference, current = SHAPES[shape]
    figure = compared(tmp_path, reference, current, Method.WASSERSTEIN, ColumnKind.NUMERIC)
    exact = stats.wasserstein_distance(reference, current) / np.std(reference)
    assert figure.values["wasserstein"] <= exact * (1 + 1e-9)
    assert figure.values["wasserstein"] == pytest.approx(exact, rel=0.03, abs=0.002)


def test_the_shift_of_a_distribution_is_its_wasserstein_distance(tmp_path: Path) -> None:
    reference = DICE.normal(0, 2, 5000)
    figure = compared(tmp_path, reference, reference + 1, Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert figure.values["wasserstein"] == pytest.approx(1 / np.std(reference), rel=2e-3)


def test_categories_give_the_figures_of_scipy(tmp_path: Path) -> None:
    reference = DICE.choice(list("abcd"), 5000, p=[0.4, 0.3, 0.2, 0.1])
    current = DICE.choice(list("abcd"), 3000, p=[0.35, 0.3, 0.2, 0.15])
    sides = [[np.sum(values == letter) for letter in "abcd"] for values in (reference, current)]
    shares = [np.array(side) / sum(side) for side in sides]
    exact = {
        Method.CHI_SQUARE: stats.chi2_contingency(sides, correction=False).pvalue,
        Method.JENSEN_SHANNON: distance.jensenshannon(*shares),
        Method.PSI: np.sum((shares[0] - shares[1]) * np.log(shares[0] / shares[1])),
    }
    for method, value in exact.items():
        figure = compared(tmp_path, reference, current, method, ColumnKind.CATEGORICAL)
        assert figure.values[method.value] == pytest.approx(value, rel=1e-9)


def test_groups_of_a_numeric_column_give_the_figures_of_scipy(tmp_path: Path) -> None:
    reference, current = DICE.integers(0, 12, 5000), DICE.integers(0, 12, 5000) ** 2 // 11
    counts = [np.bincount(values, minlength=12) / len(values) for values in (reference, current)]
    figure = compared(tmp_path, reference, current, Method.JENSEN_SHANNON, ColumnKind.NUMERIC)
    assert figure.values["jensenshannon"] == pytest.approx(distance.jensenshannon(*counts), rel=1e-9)


@pytest.mark.parametrize("method", [method for method in Method if method.fits(ColumnKind.NUMERIC)])
def test_a_sample_of_the_same_has_not_drifted(method: Method, tmp_path: Path) -> None:
    values = np.random.default_rng(3).lognormal(3, 1, 20000)
    figure = compared(tmp_path, values[:10000], values[10000:], method, ColumnKind.NUMERIC)
    assert figure.outcome is Outcome.WELL


def test_nine_outliers_do_not_hide_a_shift(tmp_path: Path) -> None:
    reference = DICE.normal(0, 1, 5000)
    current = np.concatenate([DICE.normal(1, 1, 5000), np.full(9, 1e300)])
    for method in (Method.PSI, Method.JENSEN_SHANNON, Method.WASSERSTEIN):
        figure = compared(tmp_path, reference, current, method, ColumnKind.NUMERIC)
        assert figure.outcome is Outcome.ALERT, method


def test_no_single_row_can_be_told_from_the_bins(tmp_path: Path) -> None:
    reference = DICE.normal(0, 1, 5000)
    current = np.concatenate([DICE.normal(0, 1, 5000), [777.25]])
    figure = compared(tmp_path, reference, current, Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert "777.25" not in str(figure.bins)


def test_a_cell_of_few_rows_does_not_tell_its_mean(tmp_path: Path) -> None:
    reference = [1.0, 2.0, 3.0] * 200
    figure = compared(tmp_path, reference, [*reference, *[777.25] * 9], Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert figure.bins["cur"][-1] == 9
    assert figure.bins["cur_means"][-1] is None
    told = compared(tmp_path, reference, [*reference, *[777.25] * 10], Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert told.bins["cur_means"][-1] == 777.25


@pytest.mark.parametrize("gap", [float("nan"), float("inf"), float("-inf"), None])
def test_rows_without_a_finite_number_leave_the_statistic_as_it_is(gap: float | None, tmp_path: Path) -> None:
    reference, current = list(DICE.normal(0, 1, 2000)), list(DICE.normal(0.3, 1, 2000))
    plain = compared(tmp_path, reference, current, Method.WASSERSTEIN, ColumnKind.NUMERIC)
    gapped = compared(tmp_path, [*reference, gap], [*current, *[gap] * 100], Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert gapped.values == pytest.approx(plain.values, rel=1e-12)
    assert (gapped.n_ref, gapped.n_cur) == (2000, 2000)


def test_a_rare_category_is_counted_without_its_name(tmp_path: Path) -> None:
    reference = ["common"] * 500 + ["Jane Q. Public"] * 9
    figure = compared(tmp_path, reference, ["common"] * 300, Method.JENSEN_SHANNON, ColumnKind.CATEGORICAL)
    assert "Jane" not in str(figure.bins)
    assert figure.bins["rare"] == [9, 0]


NUMBERS = list(DICE.normal(0, 1, 500))


@pytest.mark.parametrize(
    ("reference", "current", "outcome", "words"),
    [
        (NUMBERS, NUMBERS[:50], Outcome.INCONCLUSIVE, "fewer than 100 usable values"),
        ([None] * 500, NUMBERS, Outcome.INCONCLUSIVE, "the reference has no usable value"),
        (NUMBERS, [None] * 500, Outcome.ALERT, "100% more of the rows"),
        ([5.0] * 500, [5.0] * 500, Outcome.WELL, "constant in the reference"),
        ([5.0] * 500, [6.0] * 500, Outcome.ALERT, "constant in the reference"),
        (NUMBERS, [*NUMBERS, *[float("inf")] * 20], Outcome.WELL, "20 rows hold an infinite number"),
        (NUMBERS, [*NUMBERS, *[float("-inf")] * 500], Outcome.ALERT, "50% more of the rows"),
        (NUMBERS, [*map(str, NUMBERS), *["n/a"] * 10], Outcome.WELL, "10 rows hold no number"),
        (NUMBERS, ["n/a"] * 500, Outcome.ALERT, "no usable value"),
        (NUMBERS, [], Outcome.INCONCLUSIVE, "the data has no row"),
        ([], NUMBERS, Outcome.INCONCLUSIVE, "the reference has no usable value"),
        ([1e308, -1e308] * 250, [1e308, -1e308] * 250, Outcome.INCONCLUSIVE, "no finite value"),
        (np.arange(500, dtype="uint8"), np.arange(500, dtype="uint8"), Outcome.WELL, None),
        ([True, False] * 250, [True, False] * 250, Outcome.WELL, None),
    ],
)
def test_odd_numbers_have_a_stated_outcome(
    reference: object, current: object, outcome: Outcome, words: str | None, tmp_path: Path
) -> None:
    figure = compared(tmp_path, reference, current, Method.WASSERSTEIN, ColumnKind.NUMERIC)
    assert (figure.outcome, words in (figure.reason or "") if words else figure.reason) == (
        outcome,
        True if words else None,
    )


@pytest.mark.parametrize(
    ("current", "outcome", "words"),
    [
        (["a", "b"] * 100 + ["new"] * 5, Outcome.WELL, "5 rows have a value that the reference lacks"),
        (["new"] * 200, Outcome.ALERT, "200 rows have a value that the reference lacks"),
        (["a"] * 200, Outcome.ALERT, None),
        ([1, 2] * 100, Outcome.ALERT, "200 rows have a value"),
        ([None] * 200, Outcome.ALERT, "100% more of the rows"),
        (["a", "b"] * 20, Outcome.INCONCLUSIVE, "fewer than 100"),
        (["ä", "\u2028", "'; DROP TABLE c; --", "b"] * 50, Outcome.ALERT, "150 rows"),
    ],
)
def test_odd_categories_have_a_stated_outcome(
    current: list[object], outcome: Outcome, words: str | None, tmp_path: Path
) -> None:
    figure = compared(tmp_path, ["a", "b"] * 100, current, Method.JENSEN_SHANNON, ColumnKind.CATEGORICAL)
    assert figure.outcome is outcome
    assert words is None or words in (figure.reason or "")


def test_a_column_that_is_not_there_is_inconclusive(tmp_path: Path) -> None:
    files = [tmp_path / "reference.parquet", tmp_path / "current.parquet"]
    pd.DataFrame({"c": NUMBERS}).to_parquet(files[0])
    pd.DataFrame({"d": NUMBERS}).to_parquet(files[1])
    watched = [Watched(name, Role.FEATURE, ColumnKind.NUMERIC, Method.PSI, 0.1) for name in "cd"]
    with engine(tmp_path, files, Resources()) as connection:
        tables = [table_of(connection, parquet([file]), watched) for file in files]
        figures = compare(connection, Sides(*tables), profile(connection, tables[0], watched), watched, RULES)
    assert [(figure.outcome, figure.reason) for figure in figures] == [
        (Outcome.INCONCLUSIVE, "the data has no such column"),
        (Outcome.INCONCLUSIVE, "the reference has no such column"),
    ]
