"""Monitors in the journey: predictions of the day and of earlier days become sealed figures, their rows stay out."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from airtight import pipeline
from airtight.domain.bundle import BundleKind
from airtight.domain.monitor import Monitor
from airtight.domain.period import test_window as window_of
from airtight.evaluate.values import bindings
from airtight.installation import Installation
from airtight.monitor.reperforming import reperform
from airtight.seal.read import BundleReader

from .conftest import DAY, LittleOrganisation

COLLECTION = "model_metrics"
SOURCES = """
- id: inference
  collection: COLLECTED
  system: inference/little
  connector: files
  options:
    path: exports/inference/{partition}/predictions.jsonl
    keeps_history: true
  populations: {predictions: identity}
- id: labels
  collection: COLLECTED
  system: labels/little
  connector: files
  options:
    path: exports/labels/{partition}/actuals.jsonl
    keeps_history: true
  populations: {actuals: identity}
- id: registry
  collection: access_reviews
  system: registry/little
  connector: files
  options:
    path: exports/registry/{partition}/model_versions.json
    keeps_history: true
  populations: {model_versions: identity}
- id: monitor
  collection: model_metrics
  system: airtight
  connector: monitor
  populations: {drift_results: identity, model_metrics: identity, evaluations: identity, monitor_figures: identity}
"""
SETUP: dict[str, object] = {
    "ai_system": "loans",
    "task": "binary",
    "positive": "approve",
    "features": {"income": {"type": "numeric", "critical": True}},
    "drift": {
        "window": "P2D",
        "min_rows": 200,
        "missing_rise": 0.1,
        "numeric": {"method": "wasserstein", "threshold": 0.5},
        "categorical": {"method": "jensenshannon", "threshold": 0.1},
        "prediction": {},
    },
    "performance": {
        "window": "P2D",
        "min_labels": 100,
        "label_lag": "P1D",
        "degradation": 0.05,
        "metrics": {"accuracy": "higher"},
    },
    "fairness": {
        "window": "P2D",
        "threshold": 0.05,
        "min_group": 100,
        "suppress_below": 10,
        "attributes": {"sex": {"origin": "reported", "legal_basis": "consent"}},
    },
}
SECRET = "1234.5678"
BEFORE = (date.fromisoformat(DAY) - timedelta(days=1)).isoformat()


class Watched:
    """The little organisation with one AI system: 300 predictions a day, the income rising on the second."""

    def __init__(self, little: LittleOrganisation, collected: str = COLLECTION) -> None:
        self.little = little
        sources = little.overlay / "sources.yaml"
        text = SOURCES.replace("COLLECTED", collected)
        for population in ("predictions", "actuals", "model_versions"):
            text = text.replace(
                "{" + population + ": identity}", "{" + population + f": mappings/little/{population}.sql" + "}"
            )
            self._identity(population)
        sources.write_text(sources.read_text() + text)
        reference = pd.DataFrame(
            {"income": np.random.default_rng(1).normal(1000, 100, 2000), "prediction": ["approve", "reject"] * 1000}
        )
        file = little.overlay / "reference.parquet"
        reference.to_parquet(file)
        self.setup = {
            **SETUP,
            "reference": {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()},
        }
        self.write(self.setup)
        for number, day in enumerate((BEFORE, DAY)):
            little.export(day)
            self.export(day, income=1000 + 500 * number)

    def _identity(self, population: str) -> None:
        schema = yaml.safe_load((self.little.home / "include/catalog/populations" / f"{population}.yaml").read_text())
        arrows = {
            name: "->" if column["type"] in ("json", "list") else "->>" for name, column in schema["columns"].items()
        }
        columns = ", ".join(f"record{arrow}'$.{name}' AS \"{name}\"" for name, arrow in arrows.items())
        self.little.overlay.joinpath(f"catalog/mappings/little/{population}.sql").write_text(
            f"SELECT {columns} FROM raw"
        )

    def write(self, setup: dict[str, object]) -> None:
        models = self.little.overlay / "expectations" / "models"
        models.mkdir(parents=True, exist_ok=True)
        models.joinpath("loans.yaml").write_text(yaml.safe_dump(setup))

    def export(self, day: str, income: float) -> None:
        dice = np.random.default_rng(7)
        made = [
            {
                "prediction_id": f"{day}-{number}",
                "ai_system_id": "loans",
                "model_version_id": "loans:1",
                "ts": f"{day}T10:00:00",
                "features": {"income": float(SECRET) if number == 0 else float(dice.normal(income, 100))},
                "prediction": ("approve", "reject")[number % 2],
                "score": 0.5,
                "group_attrs": {"sex": ("female", "male")[number // 2 % 2]},
            }
            for number in range(300)
        ]
        labels = [
            {
                "prediction_id": row["prediction_id"],
                "actual": "approve" if number % 4 else "reject",
                "observed_at": f"{day}T12:00:00",
            }
            for number, row in enumerate(made)
        ]
        version = {
            "model_version_id": "loans:1",
            "ai_system_id": "loans",
            "version": "1",
            "artifact_sha256": "b" * 64,
            "trained_at": "2026-01-01T00:00:00",
            "stage": "production",
            "approved_by": "ada",
            "approved_at": "2026-01-02T00:00:00",
            "baseline_metrics": {"accuracy": 0.25, "note": "first"},
            "positive_class": "approve",
        }
        for folder, name, rows in (("inference", "predictions.jsonl", made), ("labels", "actuals.jsonl", labels)):
            place = self.little.state / "exports" / folder / day
            place.mkdir(parents=True)
            place.joinpath(name).write_text("\n".join(json.dumps(row) for row in rows))
        place = self.little.state / "exports" / "registry" / day
        place.mkdir(parents=True)
        place.joinpath("model_versions.json").write_text(json.dumps([version]))

    def collect(self, opened: Installation, day: str, trigger: pipeline.Trigger, clock: object) -> None:
        for collection in ("access_reviews", "audit_logs", COLLECTION):
            if opened.catalog.sources_of(collection):
                pipeline.collect_day(opened, collection, day, trigger=trigger, clock=clock)  # type: ignore[arg-type]


def sealed(opened: Installation, population: str, day: str) -> list[dict[str, object]]:
    """Rows of a population of the monitor, as the bundle holds them."""
    head = opened.index.head(BundleKind.COLLECTION, COLLECTION, day)
    assert head is not None
    with opened.store.open(head.key) as file:
        assert not [owed for outcome in BundleReader(file).outcomes() for owed in outcome.missing]
        content = BundleReader(file).read(f"data/populations/monitor/{population}.parquet")
    rows: list[dict[str, object]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


@pytest.fixture(params=[COLLECTION, "audit_logs"], ids=["same collection", "another collection"])
def watched(little: LittleOrganisation, request: pytest.FixtureRequest) -> Watched:
    return Watched(little, request.param)


def test_predictions_of_the_day_and_before_become_sealed_figures(watched, scheduled, clock):
    opened = watched.little.open()
    for day in (BEFORE, DAY):
        watched.collect(opened, day, scheduled, clock)
    first, second = ({row["column"]: row for row in sealed(opened, "drift_results", day)} for day in (BEFORE, DAY))
    assert (first["income"]["drifted"], first["income"]["n_cur"]) == (False, 300)
    assert (second["income"]["drifted"], second["income"]["n_cur"]) == (True, 600)
    (metric,) = sealed(opened, "model_metrics", DAY)
    assert (metric["metric"], metric["value"], metric["baseline"], metric["n"]) == ("accuracy", 0.25, 0.25, 600)
    (bias,) = sealed(opened, "evaluations", DAY)
    assert (bias["result"], bias["artifact_sha256"], bias["protected_attribute"]) == ("pass", "b" * 64, "sex")
    assert [group.split("|")[:2] for group in bias["groups"]] == [["female", "300"], ["male", "300"]]


def test_what_is_sealed_follows_from_the_sealed_bins(watched, scheduled, clock):
    opened = watched.little.open()
    watched.collect(opened, DAY, scheduled, clock)
    rows = sealed(opened, "monitor_figures", DAY)
    assert {(row["monitor"], row["outcome"]) for row in rows} >= {
        ("drift", "well"),
        ("performance", "well"),
        ("fairness", "well"),
    }
    setup = opened.catalog.monitors["loans"]
    for row in rows:
        figures, bins = json.loads(str(row["figures"])), json.loads(str(row["bins"]))
        found = reperform(Monitor(row["monitor"]), str(row["subject"]), figures, bins, setup)
        assert found
        assert all(again.agrees for again in found), row["subject"]


def test_features_and_protected_attributes_of_single_rows_are_in_no_bundle(watched, scheduled, clock):
    opened = watched.little.open()
    watched.collect(opened, DAY, scheduled, clock)
    for bundle in opened.index.bundles():
        with opened.store.open(bundle.ref.key) as file:
            reader = BundleReader(file)
            for name in (each for each in reader.names if each.startswith("data/")):
                content = reader.read(name)
                assert SECRET.encode() not in content
                if name.endswith("predictions.parquet"):
                    table = pq.read_table(io.BytesIO(content))
                    assert table["features"].null_count == table["group_attrs"].null_count == len(table) == 300


def test_rows_that_are_not_kept_any_more_are_left_out_and_told(watched, scheduled, clock):
    opened = watched.little.open()
    watched.collect(opened, BEFORE, scheduled, clock)
    for entry in list(opened.store.list("raw/")):
        opened.store.retire(entry.key, b"expired")
    watched.collect(opened, DAY, scheduled, clock)
    assert {row["n_cur"] for row in sealed(opened, "drift_results", DAY)} == {300}
    head = opened.index.head(BundleKind.COLLECTION, COLLECTION, DAY)
    with opened.store.open(head.key) as file:
        outcomes = BundleReader(file).outcomes()
    (notes,) = [outcome.provenance.notes for outcome in outcomes if outcome.source == "monitor"]
    assert f"inference/predictions of {BEFORE} is left out: its restricted rows are not kept any more" in notes


def test_a_reference_that_is_not_there_is_a_stated_outcome(watched, scheduled, clock):
    watched.little.overlay.joinpath("reference.parquet").unlink()
    opened = watched.little.open()
    watched.collect(opened, DAY, scheduled, clock)
    (row,) = sealed(opened, "monitor_figures", DAY)
    assert (row["subject"], row["outcome"]) == ("(all)", "inconclusive")
    assert "the reference is not there" in str(row["reason"])
    assert sealed(opened, "drift_results", DAY) == []


def test_the_report_is_a_raw_object_whose_digest_is_sealed(little, scheduled, clock):
    watched = Watched(little)
    watched.write({**watched.setup, "report": {"every": "P1D", "seed": 3, "rows": 200}})
    opened = little.open()
    watched.collect(opened, DAY, scheduled, clock)
    (bias,) = sealed(opened, "evaluations", DAY)
    head = opened.index.head(BundleKind.COLLECTION, COLLECTION, DAY)
    with opened.store.open(head.key) as file:
        outcomes = BundleReader(file).outcomes()
    (raw,) = [outcome.provenance.raw for outcome in outcomes if outcome.source == "monitor"]
    reports = {entry.media_type: entry.file.sha256 for entry in raw if entry.stream == "reports"}
    assert bias["report_sha256"] == reports["application/json"]
    assert b"Wasserstein" in opened.store.read(f"raw/{reports['text/html']}")


def test_a_day_on_which_nothing_is_due_seals_empty_populations(little, scheduled, clock):
    watched = Watched(little)
    weekly = {name: {**dict(watched.setup[name]), "every": "P7D"} for name in ("drift", "performance", "fairness")}
    watched.write({**watched.setup, **weekly})
    opened = little.open()
    watched.collect(opened, DAY, scheduled, clock)  # a Tuesday
    assert sealed(opened, "monitor_figures", DAY) == []


def judged(
    opened: Installation, test_id: str, day: str, lists: dict[str, list[dict[str, object]]]
) -> list[dict[str, object]]:
    """Deviations that a shipped test finds over everything that is sealed, beside rows of lists."""
    test = next(test for control in opened.catalog.controls.values() for test in control.tests if test.id == test_id)
    schemas = opened.catalog.populations
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for name in test.populations:
            rows: list[dict[str, object]] = list(lists.get(name, []))
            for entry in opened.index.sealed_populations([name], "2026-01-01", day):
                with opened.store.open(entry.key) as file:
                    rows += pq.read_table(io.BytesIO(BundleReader(file).read(str(entry.member)))).to_pylist()
            columns = ", ".join(f'"{column.name}" {column.sql_type}' for column in schemas[name].columns)
            engine.execute(f"CREATE TABLE {name} ({columns}, _source VARCHAR)")
            marks = ", ".join("?" for _ in schemas[name].columns)
            for row in rows:
                engine.execute(
                    f"INSERT INTO {name} VALUES ({marks}, 'x')", [row.get(c.name) for c in schemas[name].columns]
                )
        window = window_of(test.window, date.fromisoformat(day))
        bound = bindings({**test.parameters, "due_tiers": ("high",)}, window)
        used = engine.extract_statements(test.deviations)[0].named_parameters
        found = engine.execute(test.deviations, {name: bound[name] for name in used})
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


INVENTORY = {
    "ai_inventory": [{"ai_system_id": "loans", "lifecycle": "production", "risk_tier": "high", "kind": "model"}]
}


def test_the_shipped_controls_read_what_the_monitors_write(little, scheduled, clock):
    watched = Watched(little)
    watched.write({**watched.setup, "canary": {"every": "P1D", "seed": 1, "shift": 2, "share": 0.5}})
    opened = little.open()
    for day in (BEFORE, DAY):
        watched.collect(opened, day, scheduled, clock)
    drifted = judged(opened, "MO-02.T1", DAY, INVENTORY)
    assert {(row["column"], row["window_end"].date().isoformat()) for row in drifted} == {
        ("income", DAY),
        ("(all columns)", DAY),
    }
    assert judged(opened, "MO-02.T3", DAY, INVENTORY) == []
    assert judged(opened, "MO-01.T1", DAY, INVENTORY) == []
    assert judged(opened, "MO-01.T4", DAY, INVENTORY) == []
    assert judged(opened, "MO-03.T1", DAY, INVENTORY) == []
    assert judged(opened, "MO-03.T3", DAY, INVENTORY) == []
    assert judged(opened, "MO-04.T1", DAY, INVENTORY) == []


def test_a_metric_reported_otherwise_is_found_by_the_shipped_control(little, scheduled, clock):
    watched = Watched(little)
    opened = little.open()
    watched.collect(opened, DAY, scheduled, clock)
    (told,) = sealed(opened, "model_metrics", DAY)
    wrong = {**told, "metric": "precision", "value": 0.99}
    found = judged(opened, "MO-01.T4", DAY, {**INVENTORY, "model_metrics": [wrong]})
    assert [row["metric"] for row in found] == ["precision"]
