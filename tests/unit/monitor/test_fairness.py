"""Fairness from counts, against fairlearn on the rows; small groups, absent and missing attributes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics
from watched_system import SETUP, applications, observed, predicted, run, setup

DICE = np.random.default_rng(11)
BASE = applications(1000, 9)


def rules(**changes: object) -> dict[str, object]:
    """The fairness section, changed."""
    return {**SETUP["fairness"], **changes}  # type: ignore[dict-item]


def evaluated(
    folder: Path, frame: pd.DataFrame, attributes: list[str], labels: bool = True, **changes: object
) -> list[dict[str, object]]:
    """Rows of ``evaluations`` on wide rows whose attributes stand in columns."""
    named = {name: {"origin": "reported", "legal_basis": "consent"} for name in attributes}
    watched, reference = setup(folder, BASE, fairness=rules(**{"attributes": named, **changes}))
    rows = predicted(frame)
    rows["group_attrs"] = [
        json.dumps({name: value for name, value in row.items() if value is not None})
        for row in frame[attributes].to_dict("records")
    ]
    found = run(folder, watched, reference, rows, observed(frame) if labels else None)
    return [dict(row) for row in found.records["evaluations"]]


def biased(rows: int = 4000) -> pd.DataFrame:
    frame = applications(rows, 4)
    frame["race"] = DICE.choice(["A", "B", "C"], rows, p=[0.6, 0.3, 0.1])
    lucky = DICE.random(rows) < np.where(frame["sex"] == "male", 0.6, 0.4)
    frame["prediction"] = np.where(lucky, "approve", "reject")
    return frame


@pytest.mark.parametrize("attribute", ["sex", "race"])
def test_measures_are_those_of_fairlearn(attribute: str, tmp_path: Path) -> None:
    frame = biased()
    (row,) = evaluated(tmp_path, frame, [attribute])
    truth, guess, groups = frame["actual"] == "approve", frame["prediction"] == "approve", frame[attribute]
    for name in ("demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference"):
        exact = getattr(metrics, name)(truth, guess, sensitive_features=groups)
        assert row["metrics"][name] == pytest.approx(exact, abs=1e-12)


def test_an_intersection_is_measured_as_fairlearn_does(tmp_path: Path) -> None:
    frame = biased()
    rows = evaluated(tmp_path, frame, ["sex", "race"], intersections=[["sex", "race"]])
    (crossed,) = [row for row in rows if row["protected_attribute"] == "sex x race"]
    exact = metrics.demographic_parity_difference(
        frame["actual"] == "approve", frame["prediction"] == "approve", sensitive_features=frame[["sex", "race"]]
    )
    assert crossed["metrics"]["demographic_parity_difference"] == pytest.approx(exact, abs=1e-12)
    assert len(crossed["groups"]) == 6


def test_rates_of_each_group_stand_as_the_controls_read_them(tmp_path: Path) -> None:
    frame = biased()
    (row,) = evaluated(tmp_path, frame, ["sex"])
    women = frame[frame["sex"] == "female"]
    name, n, selected, *_ = row["groups"][0].split("|")
    assert (name, int(n)) == ("female", len(women))
    assert float(selected) == pytest.approx((women["prediction"] == "approve").mean(), abs=1e-15)


def split(first: int, of_first: int, second: int, of_second: int) -> pd.DataFrame:
    """Two groups of which so many are selected."""
    frame = applications(of_first + of_second)
    chosen = ["approve"] * first + ["reject"] * (of_first - first)
    chosen += ["approve"] * second + ["reject"] * (of_second - second)
    return frame.assign(prediction=chosen, sex=["female"] * of_first + ["male"] * of_second)


@pytest.mark.parametrize(("second", "result"), [(5499, "pass"), (5500, "fail")])
def test_the_difference_must_be_below_the_limit(second: int, result: str, tmp_path: Path) -> None:
    (row,) = evaluated(tmp_path, split(5000, 10000, second, 10000), ["sex"])
    assert row["result"] == result


def test_an_absent_attribute_is_inconclusive_with_its_basis(tmp_path: Path) -> None:
    named = {"race": {"origin": "absent", "legal_basis": "may not be asked"}}
    watched, reference = setup(tmp_path, BASE, fairness=rules(attributes=named))
    found = run(tmp_path, watched, reference, predicted(applications(500)))
    (row,) = found.records["evaluations"]
    assert row["result"] == "inconclusive"
    assert row["metrics"]["reason"] == "race is absent: may not be asked"


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ([None] * 500, "no prediction carries the attribute"),
        (["male"] * 500, "there is a single group"),
        (["male"] * 490 + ["female"] * 10, "fewer than two groups have 100 people or more"),
        (["male"] * 120 + ["female"] * 120 + [None] * 260, "260 predictions, more than half, do not carry"),
    ],
)
def test_what_cannot_be_compared_says_why(groups: list[str | None], reason: str, tmp_path: Path) -> None:
    (row,) = evaluated(tmp_path, applications(500).assign(sex=groups), ["sex"])
    assert row["result"] == "inconclusive"
    assert reason in row["metrics"]["reason"]


def test_small_groups_are_named_and_not_counted(tmp_path: Path) -> None:
    frame = applications(1000).assign(sex=["male"] * 497 + ["female"] * 494 + ["other|x"] * 9)
    watched, reference = setup(tmp_path, BASE)
    found = run(tmp_path, watched, reference, predicted(frame), observed(frame))
    (row,) = found.records["evaluations"]
    assert row["groups"][-1] == "other/x|<10|||"
    assert row["n_by_group"] == {"female": 494, "male": 497, "other|x": "<10"}
    assert "1 groups of fewer than 10 are suppressed" in row["metrics"]["reason"]
    kept = next(row for row in found.records["monitor_figures"] if row["monitor"] == "fairness")
    assert kept["bins"]["suppressed"] == ["other|x"]
    assert kept["n_cur"] == 991


def test_a_group_that_is_never_selected_has_no_ratio_problem(tmp_path: Path) -> None:
    (row,) = evaluated(tmp_path, split(0, 200, 0, 200), ["sex"])
    assert row["metrics"]["demographic_parity_difference"] == 0
    assert "demographic_parity_ratio" not in row["metrics"]


def test_without_outcomes_selection_is_judged_and_odds_are_not(tmp_path: Path) -> None:
    (row,) = evaluated(tmp_path, biased(), ["sex"], labels=False)
    assert row["result"] == "fail"
    assert "equalized_odds_difference" not in row["metrics"]
    assert row["groups"][0].endswith("||")
