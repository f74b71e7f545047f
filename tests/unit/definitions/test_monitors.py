"""Set-ups of monitors: what they pin, and what is refused with file, line and key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from airtight.collect.registry import CONNECTORS
from airtight.definitions.catalog import load_catalog
from airtight.definitions.checks import Weight, cross_check
from airtight.definitions.monitors import load_monitor
from airtight.domain.monitor import ColumnKind, Method, MonitorSetup, Origin, Role
from airtight.errors import DefinitionError

SOUND = """\
ai_system: loans
task: binary
positive: approve
reference: {file: references/loans.parquet, sha256: REFERENCE}
features:
  income: {type: numeric, critical: true}
  region: {type: categorical, method: chisquare, threshold: 0.01}
drift:
  window: P7D
  min_rows: 500
  missing_rise: 0.1
  numeric: {method: wasserstein, threshold: 0.1}
  categorical: {method: jensenshannon, threshold: 0.1}
  prediction: {critical: true}
  score: {method: ks, threshold: 0.001}
performance:
  window: P7D
  min_labels: 200
  label_lag: P14D
  degradation: 0.05
  metrics: {accuracy: higher, log_loss: lower}
fairness:
  window: P30D
  every: P7D
  threshold: 0.05
  min_group: 100
  suppress_below: 10
  attributes:
    sex: {origin: reported, legal_basis: consent}
    age_band: {origin: proxy, legal_basis: "legitimate interest, assessed in DPIA 12"}
    race: {origin: absent, legal_basis: may not be asked}
  intersections: [[sex, age_band]]
canary: {every: P7D, seed: 11, shift: 1, share: 0.3}
report: {every: P30D, seed: 11, rows: 5000}
""".replace("REFERENCE", "a1" * 32)


def load(folder: Path, text: str, name: str = "loans.yaml") -> MonitorSetup:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return load_monitor(file)


def test_a_set_up_pins_method_and_threshold_of_every_column(tmp_path: Path) -> None:
    setup = load(tmp_path, SOUND)
    assert {(c.name, c.role, c.kind, c.method, c.threshold, c.critical) for c in setup.watched} == {
        ("income", Role.FEATURE, ColumnKind.NUMERIC, Method.WASSERSTEIN, 0.1, True),
        ("region", Role.FEATURE, ColumnKind.CATEGORICAL, Method.CHI_SQUARE, 0.01, False),
        ("prediction", Role.PREDICTION, ColumnKind.CATEGORICAL, Method.JENSEN_SHANNON, 0.1, True),
        ("score", Role.SCORE, ColumnKind.NUMERIC, Method.KOLMOGOROV_SMIRNOV, 0.001, False),
    }
    assert setup.fairness is not None
    assert [a.origin for a in setup.fairness.attributes] == [Origin.REPORTED, Origin.PROXY, Origin.ABSENT]
    assert setup.performance.higher_is_better == {"accuracy": True, "log_loss": False}
    assert setup.reach.days == 30


def test_without_fairness_canary_and_report_there_are_none(tmp_path: Path) -> None:
    setup = load(tmp_path, SOUND[: SOUND.index("fairness:")])
    assert (setup.fairness, setup.canary, setup.report) == (None, None, None)


@pytest.mark.parametrize(
    ("old", "new", "where", "words"),
    [
        ("ai_system: loans", "ai_system: other", "loans.yaml:1 ai_system", "stands in loans.yaml"),
        ("task: binary", "task: ranking", "loans.yaml:2 task", "Use one of"),
        ("positive: approve\n", "", "loans.yaml:1", "'positive' is missing"),
        ("a1" * 32, "a1" * 31, "loans.yaml:4 reference.sha256", "no SHA-256"),
        ("references/loans", "../loans", "loans.yaml:4 reference.file", "leaves the organisation"),
        ("file: references/loans.parquet, ", "", "loans.yaml:4 reference", "needs one place"),
        ("method: chisquare", "method: ks", "loans.yaml:7 features.region.method", "does not fit categorical"),
        ("method: wasserstein, threshold", "threshold", "loans.yaml:12 drift.numeric", "'method' is missing"),
        (", threshold: 0.01}", "}", "loans.yaml:7 features.region", "no threshold"),
        ("threshold: 0.001", "threshold: 0", "loans.yaml:15 drift.score.threshold", "not above 0"),
        ("{critical: true}\n  score", "{type: numeric}\n  score", "loans.yaml:14 drift.prediction.type", "categorical"),
        ("  income:", '  "in\\"come":', 'loans.yaml:6 features.in"come', "cannot be the name"),
        ("  income:", "  actual:", "loans.yaml:6 features.actual", "cannot be the name"),
        ("window: P7D\n  min_rows", "window: PT6H\n  min_rows", "loans.yaml:9 drift.window", "whole days"),
        ("min_rows: 500", "min_rows: 0", "loans.yaml:10 drift.min_rows", "is 0"),
        ("min_rows: 500", "min_row: 500", "loans.yaml:10 drift.min_row", "unknown key"),
        ("degradation: 0.05", "degradation: 5", "loans.yaml:20 performance.degradation", "0 to 1"),
        ("accuracy: higher", "accuracy: up", "loans.yaml:21 performance.metrics.accuracy", "direction"),
        ("accuracy: higher", "rmse: lower", "loans.yaml:21 performance.metrics.rmse", "no metric of a binary"),
        ("origin: proxy", "origin: guessed", "loans.yaml:30 fairness.attributes.age_band.origin", "reported"),
        (", legal_basis: consent", "", "loans.yaml:29 fairness.attributes.sex", "'legal_basis' is missing"),
        ("[[sex, age_band]]", "[[sex, income]]", "loans.yaml:32 fairness.intersections[0]", "two attributes"),
        ("share: 0.3", "share: 0", "loans.yaml:33 canary", "shows nothing"),
        ("rows: 5000", "rows: many", "loans.yaml:34 report.rows", "whole number"),
    ],
)
def test_what_is_refused_names_file_line_and_key(old: str, new: str, where: str, words: str, tmp_path: Path) -> None:
    assert SOUND.count(old) >= 1
    with pytest.raises(DefinitionError) as refused:
        load(tmp_path, SOUND.replace(old, new, 1))
    assert str(refused.value.where).strip() == where
    assert words in str(refused.value)


def test_a_regression_selects_nobody(tmp_path: Path) -> None:
    text = SOUND.replace("task: binary", "task: regression").replace("accuracy: higher, log_loss", "mae")
    with pytest.raises(DefinitionError, match="predicts no class"):
        load(tmp_path, text)
    with pytest.raises(DefinitionError, match="needs a class"):
        load(tmp_path, text.replace("positive: approve\n", ""))


def test_files_of_the_organisation_win_and_count_in_the_digest(tmp_path: Path, repository: Path) -> None:
    overlay = repository / "include" / "organisation"
    copied = tmp_path / "organisation"
    shutil.copytree(overlay, copied)
    before = load_catalog(repository, copied, frozenset(CONNECTORS))
    models = copied / "expectations" / "models"
    models.mkdir(parents=True)
    models.joinpath("loans.yaml").write_text(SOUND, encoding="utf-8")
    after = load_catalog(repository, copied, frozenset(CONNECTORS))
    assert after.monitors["loans"].ai_system == "loans"
    assert after.digest != before.digest


def test_the_set_up_in_the_documents_is_sound(tmp_path: Path, repository: Path) -> None:
    text = (repository / "docs" / "monitors.md").read_text(encoding="utf-8")
    (shown,) = [part for part in text.split("```yaml\n")[1:] if part.startswith("ai_system:")]
    setup = load(tmp_path, shown.split("```")[0])
    assert setup.fairness is not None
    assert setup.canary is not None
    assert setup.report is not None
    assert setup.performance.window + setup.performance.label_lag <= timedelta(days=15)


def test_a_set_up_that_no_source_runs_is_an_error(tmp_path: Path, repository: Path) -> None:
    catalog = load_catalog(repository, repository / "include" / "organisation", frozenset(CONNECTORS))
    watched = replace(catalog, monitors={"loans": load(tmp_path, SOUND)})
    lone = [problem for problem in cross_check(watched) if problem.where == "models/loans.yaml"]
    assert [(problem.weight, problem.message) for problem in lone] == [(Weight.ERROR, "no source runs the set-up.")]
    runner = replace(catalog.sources["airtight"], id="monitor", connector="monitor", collection="model_metrics")
    run = replace(watched, sources={**catalog.sources, "monitor": runner})
    assert not [problem for problem in cross_check(run) if problem.where == "models/loans.yaml"]


def test_a_set_up_whose_predictions_nobody_collects_is_a_warning(tmp_path: Path, repository: Path) -> None:
    catalog = load_catalog(repository, repository / "include" / "organisation", frozenset(CONNECTORS))
    left = {name: source for name, source in catalog.sources.items() if "predictions" not in source.populations}
    problems = cross_check(replace(catalog, sources=left, monitors={"loans": load(tmp_path, SOUND)}))
    told = [problem.message for problem in problems if problem.where == "models/loans.yaml"]
    assert "the set-up reads the population predictions, which no source gives." in told
