"""Real data: Adult and German credit for fairness, two streams for drift, each against an independent library."""

from __future__ import annotations

import gzip
import io
import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairness
from scipy import stats
from scipy.spatial import distance
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from watched_system import SETUP, observed, predicted, run, setup

from airtight.domain.monitor import ColumnKind, DriftRules, Figure, Method, Outcome, Role, Watched
from airtight.monitor.drift import Sides, compare, profile
from airtight.monitor.engine import Resources, engine, parquet
from airtight.monitor.tables import table_of

RULES = DriftRules(timedelta(days=1), 1, 500, 0.1)
ADULT = (  # the file has no header
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "sex", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
)


def adult(realdata: Path) -> pd.DataFrame:
    text = gzip.decompress((realdata / "model-credit-income" / "adult.data.gz").read_bytes()).decode()
    return pd.read_csv(io.StringIO(text), names=[*ADULT], skipinitialspace=True, na_values="?")


def german(realdata: Path) -> pd.DataFrame:
    text = gzip.decompress((realdata / "model-credit-income" / "german.data.gz").read_bytes()).decode()
    return pd.read_csv(io.StringIO(text), sep=" ", skiprows=1, header=None)


def stream(realdata: Path, folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(realdata / folder / name)


def figures(
    folder: Path, reference: pd.DataFrame, current: pd.DataFrame, methods: dict[ColumnKind, Method], **thresholds: float
) -> dict[str, Figure]:
    """A figure for each column that both have, with one method a kind."""
    files = [folder / "reference.parquet", folder / "current.parquet"]
    reference.to_parquet(files[0])
    current.to_parquet(files[1])
    watched = []
    for name in reference.columns:
        kind = ColumnKind.NUMERIC if pd.api.types.is_numeric_dtype(reference[name]) else ColumnKind.CATEGORICAL
        threshold = thresholds.get("p_value", 0.001) if methods[kind].is_p_value else 0.1
        watched.append(Watched(name, Role.FEATURE, kind, methods[kind], threshold))
    with engine(folder, files, Resources()) as connection:
        tables = [table_of(connection, parquet([file]), watched) for file in files]
        found = compare(connection, Sides(*tables), profile(connection, tables[0], watched), watched, RULES)
    return {figure.subject: figure for figure in found}


DISTANCES = {ColumnKind.NUMERIC: Method.WASSERSTEIN, ColumnKind.CATEGORICAL: Method.JENSEN_SHANNON}
STABILITY = {ColumnKind.NUMERIC: Method.PSI, ColumnKind.CATEGORICAL: Method.PSI}
TESTS = {ColumnKind.NUMERIC: Method.KOLMOGOROV_SMIRNOV, ColumnKind.CATEGORICAL: Method.CHI_SQUARE}
SETS = {
    "adult": adult,
    "elec2": lambda realdata: stream(realdata, "model-elec2", "elec.csv.gz"),
    # two readings of the pressure are faults of the sensor: see the test of what they do
    "weather": lambda realdata: stream(realdata, "model-noaa-weather", "weather.csv.gz").query("feat_3 < 1100"),
}


@pytest.mark.parametrize("methods", [DISTANCES, STABILITY, TESTS], ids=["distances", "stability", "tests"])
@pytest.mark.parametrize("name", SETS)
def test_two_random_halves_have_not_drifted(
    name: str, methods: dict[ColumnKind, Method], realdata: Path, tmp_path: Path
) -> None:
    whole = SETS[name](realdata).sample(frac=1, random_state=20)
    half = len(whole) // 2
    found = figures(tmp_path, whole.iloc[:half], whole.iloc[half:], methods)
    assert {figure.outcome for figure in found.values()} == {Outcome.WELL}, {
        key: figure.values for key, figure in found.items() if figure.outcome is not Outcome.WELL
    }


@pytest.mark.parametrize("methods", [DISTANCES, STABILITY, TESTS], ids=["distances", "stability", "tests"])
def test_electricity_drifts_from_its_first_part_to_its_last(
    methods: dict[ColumnKind, Method], realdata: Path, tmp_path: Path
) -> None:
    whole = SETS["elec2"](realdata)
    found = figures(tmp_path, whole.iloc[:17_000], whole.iloc[-17_000:], methods)
    assert {name for name, figure in found.items() if figure.outcome is Outcome.ALERT} >= {
        "vicprice",
        "vicdemand",
        "transfer",
    }
    assert "constant in the reference" in str(found["vicprice"].reason)
    assert found["period"].outcome is Outcome.WELL


def test_weather_drifts_between_seasons_and_hardly_between_halves(realdata: Path, tmp_path: Path) -> None:
    whole = SETS["weather"](realdata)
    season = np.arange(len(whole)) % 365 < 90
    seasons = figures(tmp_path, whole[season], whole[~season], DISTANCES)
    exact = {
        name: stats.wasserstein_distance(whole[name][season], whole[name][~season]) / np.std(whole[name][season])
        for name in whole.columns
        if seasons[name].values
    }
    assert {name for name, figure in seasons.items() if figure.outcome is Outcome.ALERT} == {
        name for name, value in exact.items() if value >= 0.1
    }
    assert "feat_1" in exact
    for name, value in exact.items():
        assert seasons[name].values["wasserstein"] == pytest.approx(value, rel=0.03, abs=0.003)


def test_two_faulty_readings_move_the_wasserstein_distance_and_no_other(realdata: Path, tmp_path: Path) -> None:
    whole = stream(realdata, "model-noaa-weather", "weather.csv.gz").sort_values("feat_3")[["feat_3"]]
    reference, current = whole.iloc[:-2:2], pd.concat([whole.iloc[1:-2:2], whole.iloc[-2:]])
    exact = stats.wasserstein_distance(reference["feat_3"], current["feat_3"]) / np.std(reference["feat_3"])
    outcomes = {}
    for methods in (DISTANCES, STABILITY, TESTS):
        figure = figures(tmp_path, reference, current, methods)["feat_3"]
        outcomes[methods[ColumnKind.NUMERIC]] = figure.outcome
    assert exact > 0.1
    assert outcomes == {
        Method.WASSERSTEIN: Outcome.ALERT,
        Method.PSI: Outcome.WELL,
        Method.KOLMOGOROV_SMIRNOV: Outcome.WELL,
    }


def test_electricity_gives_the_figures_of_scipy(realdata: Path, tmp_path: Path) -> None:
    whole = SETS["elec2"](realdata)
    reference, current = whole.iloc[:20_000], whole.iloc[20_000:40_000]
    by_test = figures(tmp_path, reference, current, TESTS)
    by_distance = figures(tmp_path, reference, current, DISTANCES)
    for name in ("nswprice", "nswdemand", "period"):
        test = stats.ks_2samp(reference[name], current[name], method="asymp")
        assert (by_test[name].values["ks"] < 0.001) == (test.pvalue < 0.001)
        exact = stats.wasserstein_distance(reference[name], current[name]) / np.std(reference[name])
        assert by_distance[name].values["wasserstein"] == pytest.approx(exact, rel=0.03, abs=0.003)


def test_adult_gives_the_figures_of_scipy(realdata: Path, tmp_path: Path) -> None:
    whole = adult(realdata)
    women, men = whole[whole["sex"] == "Female"], whole[whole["sex"] == "Male"]
    found = figures(tmp_path, men, women, DISTANCES)
    for name in ("relationship", "race", "education", "income"):
        values = sorted(set(men[name].dropna()) | set(women[name].dropna()))
        shares = [[np.mean(side[name].dropna() == value) for value in values] for side in (men, women)]
        assert found[name].values["jensenshannon"] == pytest.approx(distance.jensenshannon(*shares), abs=1e-9)
    tested = figures(tmp_path, men, women, TESTS)
    table = pd.crosstab(whole["sex"], whole["race"])
    assert tested["race"].values["chisquare"] == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6
    )


def decided(frame: pd.DataFrame, features: list[str], positive: pd.Series) -> pd.DataFrame:
    """The rows with the decisions of a model that was made from every second of them."""
    inputs = pd.get_dummies(frame[features], dtype=float).to_numpy()
    inputs = (inputs - inputs.mean(0)) / (inputs.std(0) + 1e-9)
    truth = positive.to_numpy()
    model = LogisticRegression(max_iter=300).fit(inputs[::2], truth[::2])
    names = np.array(["reject", "approve"])
    return frame.assign(
        prediction=names[model.predict(inputs).astype(int)],
        actual=names[truth.astype(int)],
        score=model.predict_proba(inputs)[:, 1],
    )


def judged(folder: Path, frame: pd.DataFrame, feature: str, attributes: list[str], **rules: object) -> tuple[dict[str, dict[str, object]], dict[str, float]]:  # fmt: skip  # noqa: E501
    """Attribute -> evaluation, and metric -> value, as the station gives them."""
    metric_names = {"accuracy": "higher", "precision": "higher", "recall": "higher", "f1": "higher"}
    scores = {"roc_auc": "higher", "log_loss": "lower", "brier": "lower"}
    watched, reference = setup(
        folder,
        frame,
        features={feature: {"type": "numeric"}},
        performance={**SETUP["performance"], "metrics": {**metric_names, **scores}},  # type: ignore[dict-item]
        fairness={
            **SETUP["fairness"],  # type: ignore[dict-item]
            "attributes": {key: {"origin": "reported", "legal_basis": "research"} for key in attributes},
            "min_group": 1,
            "suppress_below": 1,
            **rules,
        },
    )
    rows = predicted(frame, [feature])
    rows["group_attrs"] = [json.dumps(row) for row in frame[attributes].to_dict("records")]
    found = run(folder, watched, reference, rows, observed(frame))
    evaluations = {str(row["protected_attribute"]): dict(row["metrics"]) for row in found.records["evaluations"]}
    return evaluations, {str(row["metric"]): row["value"] for row in found.records["model_metrics"]}


def agrees(found: dict[str, object], frame: pd.DataFrame, groups: object) -> None:
    truth, guess = frame["actual"] == "approve", frame["prediction"] == "approve"
    for name in ("demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference"):
        exact = getattr(fairness, name)(truth, guess, sensitive_features=groups)
        assert found[name] == pytest.approx(exact, abs=1e-9), name


def test_adult_is_as_fair_as_fairlearn_says_and_as_good_as_scikit_learn_says(realdata: Path, tmp_path: Path) -> None:
    whole = adult(realdata)
    features = ["age", "education_num", "hours_per_week", "capital_gain", "marital_status"]
    frame = decided(whole, features, whole["income"] == ">50K")
    crossed = {"intersections": [["sex", "race"]]}
    found, measured = judged(tmp_path, frame, "age", ["sex", "race"], **crossed)
    for names in (["sex"], ["race"]):
        agrees(found[names[0]], frame, frame[names[0]])
    pairs = frame["sex"] + frame["race"]
    groups = found["sex x race"]
    exact = fairness.demographic_parity_difference(
        frame["actual"] == "approve", frame["prediction"] == "approve", sensitive_features=pairs
    )
    assert groups["demographic_parity_difference"] == pytest.approx(exact, abs=1e-9)
    truth, guess = frame["actual"] == "approve", frame["prediction"] == "approve"
    assert measured["accuracy"] == pytest.approx(metrics.accuracy_score(truth, guess), abs=1e-12)
    assert measured["precision"] == pytest.approx(metrics.precision_score(truth, guess), abs=1e-12)
    assert measured["recall"] == pytest.approx(metrics.recall_score(truth, guess), abs=1e-12)
    assert measured["f1"] == pytest.approx(metrics.f1_score(truth, guess), abs=1e-12)
    assert measured["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, frame["score"]), abs=1e-3)
    assert measured["log_loss"] == pytest.approx(metrics.log_loss(truth, frame["score"]), rel=1e-6)
    assert measured["brier"] == pytest.approx(metrics.brier_score_loss(truth, frame["score"]), rel=1e-9)


def test_german_credit_is_as_fair_as_fairlearn_says(realdata: Path, tmp_path: Path) -> None:
    whole = german(realdata).rename(columns={1: "months", 4: "amount", 12: "age", 8: "status"})
    whole["sex"] = np.where(whole["status"].isin(["A92", "A95"]), "female", "male")
    whole["years"] = np.where(whole["age"] < 25, "young", "old")
    frame = decided(whole[["months", "amount", "age", "sex", "years"]], ["months", "amount", "age"], whole[20] == 1)
    found, _ = judged(tmp_path, frame, "months", ["sex", "years"])
    for name in ("sex", "years"):
        agrees(found[name], frame, frame[name])
