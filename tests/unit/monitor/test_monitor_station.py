"""One AI system and one day: what is due, what the rows hold, odd tables, canaries, and figures from bins again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from watched_system import DAY, SETUP, applications, observed, predicted, run, setup

from airtight.domain.monitor import Monitor
from airtight.errors import EvidenceError
from airtight.monitor.reperforming import reperform

CANARY = {"every": "P7D", "seed": 5, "shift": 1.0, "share": 0.3}


def moved(rows: int = 2000) -> pd.DataFrame:
    frame = applications(rows, 2)
    frame["income"] *= 1.3
    return frame


def test_every_sealed_figure_follows_from_its_bins(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY)
    found = run(tmp_path, watched, reference, predicted(moved()), observed(moved()), {"accuracy": 0.5})
    checked = 0
    for row in found.records["monitor_figures"]:
        bins, figures = json.loads(json.dumps(row["bins"])), dict(row["figures"])
        for again in reperform(Monitor(row["monitor"]), str(row["subject"]), figures, bins, watched):
            assert again.agrees, (row["subject"], again)
            checked += 1
    assert checked >= 12


def test_a_figure_that_was_altered_does_not_follow_from_its_bins(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000))
    found = run(tmp_path, watched, reference, predicted(moved()), observed(moved()))
    for row in found.records["monitor_figures"]:
        for measure, value in dict(row["figures"]).items():
            changed = {measure: value + 0.001}
            (again,) = reperform(Monitor(row["monitor"]), str(row["subject"]), changed, row["bins"], watched)
            assert not again.agrees


def test_the_same_rows_in_any_run_give_the_same_rows(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY)
    runs = [run(tmp_path, watched, reference, predicted(moved()), observed(moved())).records for _ in range(2)]
    assert runs[0] == runs[1]


def test_a_shift_is_drift_and_its_share_is_of_the_columns_tested(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000))
    found = run(tmp_path, watched, reference, predicted(moved()))
    rows = {row["column"]: row for row in found.records["drift_results"]}
    assert [name for name, row in rows.items() if row["drifted"]] == ["income"]
    assert rows["income"]["critical"] is True
    assert {row["share_drifted"] for row in rows.values()} == {1 / 3}
    assert {(row["tried"], row["tested"]) for row in found.records["monitor_figures"] if row["monitor"] == "drift"} == {
        (3, 3)
    }


def test_rows_lie_in_the_day_that_seals_them(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY)
    found = run(tmp_path, watched, reference, predicted(moved()), observed(moved()))
    for population, rows in found.records.items():
        times = {str(row.get("window_end") or row.get("performed_at")) for row in rows}
        assert times
        assert all(time.startswith(f"{DAY}T23:59:59") for time in times), population
    keys = [(r["model_version_id"], r["column"], r["window_end"]) for r in found.records["drift_results"]]
    assert len(keys) == len(set(keys))


def test_a_canary_in_data_that_is_like_the_reference_is_found(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY)
    found = run(tmp_path, watched, reference, predicted(applications(2000, 2)))
    rows = [row for row in found.records["drift_results"] if row["canary"]]
    assert [row["drifted"] for row in rows] == [True, True]
    assert {row["outcome"] for row in found.records["monitor_figures"] if row["monitor"] == "canary"} == {"well"}
    assert not any(row["drifted"] for row in found.records["drift_results"] if not row["canary"])


def test_a_canary_too_small_to_see_is_missed_and_said_so(tmp_path: Path) -> None:
    tiny = {**CANARY, "shift": 0.01, "share": 0.01}
    watched, reference = setup(tmp_path, applications(3000), canary=tiny)
    found = run(tmp_path, watched, reference, predicted(applications(2000, 2)))
    assert {row["outcome"] for row in found.records["monitor_figures"] if row["monitor"] == "canary"} == {"alert"}
    assert not any(row["drifted"] for row in found.records["drift_results"] if row["canary"])


def test_where_rows_are_few_the_canary_flies_in_a_copy_of_the_reference(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY)
    found = run(tmp_path, watched, reference, predicted(applications(20, 2)))
    assert {row["n_cur"] for row in found.records["drift_results"] if row["canary"]} == {3000}


def test_what_is_due_weekly_rests_on_other_days(tmp_path: Path) -> None:
    weekly = {**SETUP["fairness"], "every": "P7D"}  # type: ignore[dict-item]
    watched, reference = setup(tmp_path, applications(3000), canary=CANARY, fairness=weekly)
    found = run(tmp_path, watched, reference, predicted(moved()), day=DAY + timedelta(days=1))
    assert found.records["evaluations"] == []
    assert {row["monitor"] for row in found.records["monitor_figures"]} == {"drift", "performance"}


def test_another_reference_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000))
    applications(2999).to_parquet(reference)
    with pytest.raises(EvidenceError, match="not the pinned one"):
        run(tmp_path, watched, reference, predicted(moved()))


def test_duplicates_of_a_prediction_count_once_and_are_told(tmp_path: Path) -> None:
    frame = applications(500)
    again = predicted(frame).iloc[:50].assign(ts=pd.Timestamp("2026-05-25"), prediction="approve")
    watched, reference = setup(tmp_path, applications(3000))
    found = run(tmp_path, watched, reference, pd.concat([again, predicted(frame)]), observed(frame))
    assert {row["n_cur"] for row in found.records["drift_results"]} == {500}
    assert {row["bins"]["duplicates"] for row in found.records["monitor_figures"]} == {50}


def test_no_prediction_at_all_is_inconclusive_for_everything(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000))
    empty = predicted(applications(3)).iloc[:0]
    found = run(tmp_path, watched, reference, empty, observed(applications(3)).iloc[:0])
    assert {row["outcome"] for row in found.records["monitor_figures"]} == {"inconclusive"}
    assert {row["model_version_id"] for row in found.records["monitor_figures"]} == {"(none)"}
    assert found.records["drift_results"] == found.records["model_metrics"] == []
    assert [row["result"] for row in found.records["evaluations"]] == ["inconclusive"]


def test_predictions_of_other_systems_and_other_days_are_left_out(tmp_path: Path) -> None:
    rows = predicted(applications(600))
    rows.loc[:99, "ai_system_id"] = "other"
    rows.loc[100:199, "ts"] = pd.Timestamp("2026-06-02")
    watched, reference = setup(tmp_path, applications(3000))
    found = run(tmp_path, watched, reference, rows)
    assert {row["n_cur"] for row in found.records["drift_results"]} == {400}


def test_features_of_odd_types_have_a_stated_outcome(tmp_path: Path) -> None:
    frame = applications(500)
    frame["income"] = ["lots"] * 400 + [None] * 50 + [1e308] * 50
    frame["region"] = [{"a": 1}] * 250 + [["x"]] * 250
    watched, reference = setup(tmp_path, applications(3000))
    found = run(tmp_path, watched, reference, predicted(frame))
    told = {row["subject"]: row for row in found.records["monitor_figures"] if row["monitor"] == "drift"}
    assert "no usable value" in told["income"]["reason"]
    assert "500 rows have a value that the reference lacks" in told["region"]["reason"]


def test_rows_of_the_reference_may_be_packed_like_predictions(tmp_path: Path) -> None:
    packed = predicted(applications(3000))
    watched, reference = setup(tmp_path, packed)
    found = run(tmp_path, watched, reference, predicted(moved()))
    assert [row["column"] for row in found.records["drift_results"] if row["drifted"]] == ["income"]


def test_drift_of_outcomes_is_of_those_observed(tmp_path: Path) -> None:
    drift = {**SETUP["drift"], "actual": {}}  # type: ignore[dict-item]
    watched, reference = setup(tmp_path, applications(3000), drift=drift)
    frame = applications(600).assign(actual="approve")
    found = run(tmp_path, watched, reference, predicted(frame), observed(frame.iloc[:300]))
    (row,) = [row for row in found.records["drift_results"] if row["column"] == "actual"]
    assert (row["drifted"], row["n_cur"]) == (True, 300)


def test_names_with_quotes_and_spaces_are_only_names(tmp_path: Path) -> None:
    odd = "it's a; \u00e4 $.x"
    base, frame = applications(1000), moved()
    features = {odd: {"type": "numeric"}}
    watched, reference = setup(tmp_path, base.rename(columns={"income": odd}), features=features)
    found = run(tmp_path, watched, reference, predicted(frame.rename(columns={"income": odd}), [odd]))
    assert {row["column"]: row["drifted"] for row in found.records["drift_results"]}[odd] is True
