"""Metrics from counts, against scikit-learn on the rows; degradation, and what cannot be judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from watched_system import SETUP, applications, observed, predicted, run, setup

from airtight.monitor.performance import degradation

ALL = {
    "accuracy": "higher",
    "precision": "higher",
    "recall": "higher",
    "f1": "higher",
    "roc_auc": "higher",
    "log_loss": "lower",
    "brier": "lower",
}


def rules(names: dict[str, str], **changes: object) -> dict[str, object]:
    """The performance section with these metrics."""
    return {**SETUP["performance"], "metrics": names, **changes}  # type: ignore[dict-item]


def outcomes(found: object) -> dict[str, tuple[str, str | None]]:
    """Metric -> outcome and reason of its figure."""
    rows = [row for row in found.records["monitor_figures"] if row["monitor"] == "performance"]  # type: ignore[attr-defined]
    return {row["subject"]: (row["outcome"], row["reason"]) for row in rows}


def values(found: object) -> dict[str, float]:
    """Metric -> value in ``model_metrics``."""
    return {row["metric"]: row["value"] for row in found.records["model_metrics"]}  # type: ignore[attr-defined]


def test_binary_metrics_are_those_of_scikit_learn(tmp_path: Path) -> None:
    frame = applications(3000)
    hit = np.random.default_rng(5).random(3000) < 0.7
    frame["actual"] = np.where(
        hit, frame["prediction"], np.where(frame["prediction"] == "approve", "reject", "approve")
    )
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules(ALL))
    found = values(run(tmp_path, watched, reference, predicted(frame), observed(frame)))
    truth, guess = frame["actual"] == "approve", frame["prediction"] == "approve"
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, guess), abs=1e-12)
    assert found["precision"] == pytest.approx(metrics.precision_score(truth, guess), abs=1e-12)
    assert found["recall"] == pytest.approx(metrics.recall_score(truth, guess), abs=1e-12)
    assert found["f1"] == pytest.approx(metrics.f1_score(truth, guess), abs=1e-12)
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, frame["score"]), abs=1e-3)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, frame["score"]), rel=1e-9)
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(truth, frame["score"]), rel=1e-9)


def test_the_area_under_the_curve_is_exact_for_few_scores(tmp_path: Path) -> None:
    frame = applications(2000)
    frame["score"] = frame["score"].round(2)
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules({"roc_auc": "higher"}))
    found = values(run(tmp_path, watched, reference, predicted(frame), observed(frame)))
    exact = metrics.roc_auc_score(frame["actual"] == "approve", frame["score"])
    assert found["roc_auc"] == pytest.approx(exact, abs=1e-12)


def test_multiclass_metrics_are_those_of_scikit_learn(tmp_path: Path) -> None:
    frame = applications(2000)
    dice = np.random.default_rng(2)
    frame["prediction"], frame["actual"] = dice.choice(list("abc"), 2000), dice.choice(list("abcd"), 2000)
    names = dict.fromkeys(("accuracy", "precision_macro", "recall_macro", "f1_macro"), "higher")
    changes = {"task": "multiclass", "positive": None, "fairness": None}
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules(names), **changes)
    found = values(run(tmp_path, watched, reference, predicted(frame), observed(frame)))
    truth, guess = frame["actual"], frame["prediction"]
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(truth, guess), abs=1e-12)
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")(truth, guess, average="macro", zero_division=0)
        assert found[f"{name}_macro"] == pytest.approx(score, abs=1e-12)


def test_regression_metrics_are_those_of_scikit_learn(tmp_path: Path) -> None:
    frame = applications(2000)
    frame["actual"] = frame["income"] * 2 + 1000
    frame["prediction"] = frame["actual"] + np.random.default_rng(2).normal(0, 300, 2000)
    names = {"mae": "lower", "rmse": "lower", "r2": "higher"}
    changes = {"task": "regression", "positive": None, "fairness": None}
    base = applications(1000, 9).drop(columns="prediction").assign(prediction=0.0)
    watched, reference = setup(tmp_path, base, performance=rules(names), **changes)
    found = values(run(tmp_path, watched, reference, predicted(frame), observed(frame)))
    truth, guess = frame["actual"].to_numpy(), frame["prediction"].to_numpy()
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(truth, guess), rel=1e-9)
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(truth, guess), rel=1e-9)
    assert found["r2"] == pytest.approx(metrics.r2_score(truth, guess), rel=1e-9)


def degraded(tmp_path: Path, hits: int, baseline: float | None, *, of: int = 10_000) -> tuple[str, str | None]:
    """The outcome of an accuracy of so many hits, against a baseline."""
    frame = pd.DataFrame({"income": [1.0] * of, "region": "north", "prediction": "approve", "sex": "male"})
    frame["actual"] = ["approve"] * hits + ["reject"] * (of - hits)
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules({"accuracy": "higher"}))
    known = {} if baseline is None else {"accuracy": baseline}
    return outcomes(run(tmp_path, watched, reference, predicted(frame), observed(frame), known))["accuracy"]


def test_a_loss_of_just_the_limit_is_no_degradation_and_one_more_is(tmp_path: Path) -> None:
    assert degraded(tmp_path, 7600, 0.8)[0] == "well"
    assert degraded(tmp_path, 7599, 0.8)[0] == "alert"


def test_a_gain_is_no_degradation(tmp_path: Path) -> None:
    assert degraded(tmp_path, 9500, 0.8) == ("well", None)


@pytest.mark.parametrize("baseline", [None, 0.0, float("nan"), float("inf")])
def test_without_a_baseline_nothing_is_judged(baseline: float | None, tmp_path: Path) -> None:
    assert degraded(tmp_path, 9500, baseline)[0] == "inconclusive"


def test_too_few_labels_are_inconclusive_however_bad(tmp_path: Path) -> None:
    state, reason = degraded(tmp_path, 0, 0.8, of=99)
    assert (state, reason) == ("inconclusive", "fewer than 100 items (99)")


def test_less_is_better_where_the_set_up_says_so() -> None:
    assert degradation(0.22, 0.2, higher_is_better=False) == 0.1
    assert degradation(0.18, 0.2, higher_is_better=False) == -0.1
    assert degradation(-2.0, -1.0, higher_is_better=True) == 1.0


def test_a_metric_that_is_not_defined_says_so(tmp_path: Path) -> None:
    frame = applications(500)
    frame["prediction"], frame["actual"] = "reject", "reject"
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules(ALL))
    found = run(tmp_path, watched, reference, predicted(frame.drop(columns="score")), observed(frame))
    assert set(values(found)) == {"accuracy"}
    assert "not defined" in str(outcomes(found)["precision"][1])
    assert "not defined" in str(outcomes(found)["log_loss"][1])


def test_each_metric_of_a_version_is_told_once(tmp_path: Path) -> None:
    frame = applications(600)
    rows = predicted(frame)
    rows.loc[300:, "model_version_id"] = "v2"
    watched, reference = setup(tmp_path, applications(1000, 9))
    found = run(tmp_path, watched, reference, rows, observed(frame))
    keys = [(row["model_version_id"], row["metric"], row["window_end"]) for row in found.records["model_metrics"]]
    assert len(keys) == len(set(keys)) == 6


def test_an_outcome_that_was_corrected_counts_as_it_was_last(tmp_path: Path) -> None:
    frame = applications(500).assign(prediction="approve", actual="reject")
    first = observed(frame)
    corrected = first.assign(actual="approve", observed_at=first["observed_at"] + pd.Timedelta(days=1))
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules({"accuracy": "higher"}))
    found = run(tmp_path, watched, reference, predicted(frame), pd.concat([corrected, first]))
    assert values(found) == {"accuracy": 1.0}


def test_a_correction_after_the_window_does_not_change_what_it_held(tmp_path: Path) -> None:
    frame = applications(500).assign(prediction="approve", actual="approve")
    first = observed(frame)
    later = first.assign(actual="reject", observed_at=pd.Timestamp("2026-06-02").as_unit("us"))
    watched, reference = setup(tmp_path, applications(1000, 9), performance=rules({"accuracy": "higher"}))
    found = run(tmp_path, watched, reference, predicted(frame), pd.concat([first, later]))
    assert values(found) == {"accuracy": 1.0}


def test_outcomes_that_come_after_the_window_wait_for_the_next(tmp_path: Path) -> None:
    frame = applications(500)
    late = observed(frame, after=pd.Timedelta(days=40))
    watched, reference = setup(tmp_path, applications(1000, 9))
    found = run(tmp_path, watched, reference, predicted(frame), late)
    assert values(found) == {}
    assert outcomes(found)["accuracy"] == ("inconclusive", "accuracy is not defined on these 0 items")
