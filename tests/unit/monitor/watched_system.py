"""An AI system that decides about loans: its set-up, and predictions and outcomes in the shape of their populations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from airtight.definitions.monitors import load_monitor
from airtight.domain.monitor import MonitorSetup
from airtight.monitor.prepared import Rows
from airtight.monitor.station import Monitored, Subject, Version, monitor

DAY = date(2026, 6, 1)  # a Monday: everything that is due weekly is due
BEFORE = datetime(2026, 5, 20)  # noqa: DTZ001  as the populations hold it
SETUP: dict[str, object] = {
    "ai_system": "loans",
    "task": "binary",
    "positive": "approve",
    "reference": {"file": "reference.parquet", "sha256": "0" * 64},
    "features": {"income": {"type": "numeric", "critical": True}, "region": {"type": "categorical"}},
    "drift": {
        "window": "P30D",
        "min_rows": 200,
        "missing_rise": 0.1,
        "numeric": {"method": "wasserstein", "threshold": 0.1},
        "categorical": {"method": "jensenshannon", "threshold": 0.1},
        "prediction": {},
    },
    "performance": {
        "window": "P30D",
        "min_labels": 100,
        "label_lag": "P14D",
        "degradation": 0.05,
        "metrics": {"accuracy": "higher", "precision": "higher", "recall": "higher"},
    },
    "fairness": {
        "window": "P30D",
        "threshold": 0.05,
        "min_group": 100,
        "suppress_below": 10,
        "attributes": {"sex": {"origin": "reported", "legal_basis": "consent"}},
    },
}


def applications(rows: int, seed: int = 1) -> pd.DataFrame:
    """Wide rows: features, prediction, outcome and a protected attribute, none of which depends on another."""
    dice = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": dice.lognormal(8, 0.4, rows),
            "region": dice.choice(["north", "south", "west"], rows, p=[0.5, 0.3, 0.2]),
            "prediction": dice.choice(["approve", "reject"], rows),
            "actual": dice.choice(["approve", "reject"], rows),
            "score": dice.random(rows),
            "sex": dice.choice(["female", "male"], rows),
        }
    )


def setup(folder: Path, reference: pd.DataFrame, **changes: object) -> tuple[MonitorSetup, Path]:
    """A set-up whose sections are changed, with its reference written and pinned."""
    file = folder / "reference.parquet"
    reference.to_parquet(file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    whole = {**SETUP, "reference": {"file": file.name, "sha256": digest}, **changes}
    written = folder / "loans.yaml"
    written.write_text(yaml.safe_dump({key: value for key, value in whole.items() if value is not None}))
    return load_monitor(written), file


def predicted(frame: pd.DataFrame, features: Sequence[str] = ("income", "region"), version: str = "v1") -> pd.DataFrame:
    """Wide rows in the shape of the population ``predictions``."""
    packed = [json.dumps(_plain(row), default=str) for row in frame[list(features)].to_dict("records")]
    groups = [json.dumps({"sex": sex} if isinstance(sex, str) else {}) for sex in frame.get("sex", [None] * len(frame))]
    return pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(len(frame))],
            "ai_system_id": "loans",
            "model_version_id": version,
            "ts": pd.Series([BEFORE + timedelta(seconds=n) for n in range(len(frame))], dtype="datetime64[us]"),
            "features": packed,
            "prediction": frame["prediction"].astype(str),
            "score": frame.get("score", np.nan),
            "group_attrs": groups,
        }
    )


def _plain(row: Mapping[str, object]) -> dict[str, object]:
    return {str(name): None if isinstance(value, float) and np.isnan(value) else value for name, value in row.items()}


def observed(frame: pd.DataFrame, after: timedelta = timedelta(days=2)) -> pd.DataFrame:
    """Outcomes of the same rows, in the shape of the population ``actuals``."""
    return pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(len(frame))],
            "actual": frame["actual"].astype(str),
            "observed_at": pd.Series([BEFORE + after] * len(frame), dtype="datetime64[us]"),
        }
    )


def run(
    folder: Path,
    watched: MonitorSetup,
    reference: Path,
    predictions: pd.DataFrame,
    actuals: pd.DataFrame | None = None,
    baselines: Mapping[str, float] | None = None,
    day: date = DAY,
) -> Monitored:
    """The station on these rows."""
    files = []
    for name, frame in (("predictions", predictions), ("actuals", actuals)):
        if frame is not None:
            frame.to_parquet(folder / f"{name}.parquet")
            files.append(folder / f"{name}.parquet")
    work = folder / "work"
    work.mkdir(exist_ok=True)
    versions = {"v1": Version(baselines or {}, "a" * 64)}
    return monitor(Subject(watched, day, Rows(files[:1], files[1:]), reference, versions), work)
