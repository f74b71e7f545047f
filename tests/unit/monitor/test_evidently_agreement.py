"""Evidently's figures and ours on the same rows, within the tolerance that the documents state."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from watched_system import applications, predicted, run, setup

from airtight.domain.monitor import ColumnKind, DriftRules, Method, Outcome, ReportRules, Role, Watched
from airtight.monitor.drift import Sides, compare, profile
from airtight.monitor.engine import Resources, engine, parquet
from airtight.monitor.evidently_report import make_report
from airtight.monitor.tables import table_of

pytestmark = pytest.mark.slow

#: method -> how far ours may lie from Evidently's: a share of its figure, and at least so much.
TOLERANCE = {
    Method.WASSERSTEIN: (0.03, 0.003),
    Method.KOLMOGOROV_SMIRNOV: (0.0, 0.1),
    Method.PSI: (0.25, 0.02),
    Method.JENSEN_SHANNON: (0.15, 0.02),
}


def frame(rows: int, shift: float, seed: int) -> pd.DataFrame:
    dice = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "normal": dice.normal(shift, 1, rows),
            "skewed": dice.exponential(1 + shift, rows),
            "few": dice.integers(0, 6 + int(10 * shift), rows).astype(float),
            "category": dice.choice(list("xyz"), rows, p=[0.5 + shift / 2, 0.3 - shift / 2, 0.2]),
        }
    )


@pytest.mark.parametrize("shift", [0.0, 0.4])
@pytest.mark.parametrize("method", TOLERANCE)
def test_ours_and_evidently_say_the_same(method: Method, shift: float, tmp_path: Path) -> None:
    files = [tmp_path / "reference.parquet", tmp_path / "current.parquet"]
    frame(6000, 0, 1).to_parquet(files[0])
    frame(5000, shift, 2).to_parquet(files[1])
    watched = [
        Watched(name, Role.FEATURE, ColumnKind.NUMERIC, method, 0.05 if method.is_p_value else 0.1)
        for name in ("normal", "skewed", "few")
    ]
    word = Method.CHI_SQUARE if method.is_p_value else Method.JENSEN_SHANNON if method is Method.WASSERSTEIN else method
    watched.append(Watched("category", Role.FEATURE, ColumnKind.CATEGORICAL, word, 0.05))
    rules = DriftRules(timedelta(days=1), 1, 100, 0.1)
    with engine(tmp_path, files, Resources()) as connection:
        numbered = [f"(SELECT *, file_row_number AS _row FROM {_numbered(file)})" for file in files]
        sides = Sides(*(table_of(connection, relation, watched) for relation in numbered))
        ours = compare(connection, sides, profile(connection, sides.reference, watched), watched, rules)
        report = make_report(connection, sides, watched, ReportRules(1, 3, 10_000), tmp_path, "both")
    assert report is not None
    for column, figure in zip(watched, ours, strict=True):
        theirs = report.values[column.name]
        moved = theirs < column.threshold if column.method.is_p_value else theirs >= column.threshold
        assert (figure.outcome is Outcome.ALERT) == moved, (column.name, figure.values, theirs)
        if column.method in TOLERANCE and shift:
            share, least = TOLERANCE[column.method]
            assert figure.values[column.method] == pytest.approx(theirs, rel=share, abs=least), column.name


def _numbered(file: Path) -> str:
    return parquet([file]).replace("union_by_name", "file_row_number")


def test_the_report_is_of_the_seeded_sample_and_the_same_each_time(tmp_path: Path) -> None:
    watched, reference = setup(tmp_path, applications(3000), report={"every": "P7D", "seed": 3, "rows": 500})
    texts = []
    for _ in range(2):
        found = run(tmp_path, watched, reference, predicted(applications(2000, 2)))
        html, figures = found.reports
        texts.append((html.read_text(), figures.read_text()))
        html.unlink()
        figures.unlink()
    assert texts[0][1] == texts[1][1]
    assert texts[0][0] == texts[1][0]
    assert "Wasserstein distance" in texts[0][0]
