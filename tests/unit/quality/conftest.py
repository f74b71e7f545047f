"""One population with every kind of column, and a neighbour that it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from sound_population import LOGINS, PEOPLE, WINDOW, collected, provenance, sound_rows, suite, write

from airtight.domain.collection import Provenance
from airtight.domain.quality import QualityReport
from airtight.quality.station import check_population

Row = Mapping[str, object]


@pytest.fixture
def rows() -> list[dict[str, object]]:
    return sound_rows(LOGINS)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., QualityReport]:
    """Checks rows of ``logins`` against the given expectations, beside five sound people."""

    def run(
        rows: Sequence[Row],
        *expectations: Mapping[str, object],
        people: Sequence[Row] | None = (),
        recorded: int | None = None,
        source: Provenance | None = None,
        made: Mapping[str, object] | None = None,
        known: tuple[str, ...] | None = None,
    ) -> QualityReport:
        file = write(tmp_path, LOGINS, rows)
        neighbours = people or sound_rows(PEOPLE)
        others = {} if people is None else {"people": write(tmp_path, PEOPLE, neighbours)}
        record = replace(collected(LOGINS, len(rows) if recorded is None else recorded), **(made or {}))
        rules = suite(tmp_path, "logins", *expectations)
        seen = source or provenance(source_count=len(rows), received=len(rows))
        return check_population(record, file, LOGINS, rules, WINDOW, others, provenance=seen, known=known)

    return run


@pytest.fixture
def violated() -> Callable[[QualityReport], list[tuple[str, str]]]:
    """Names and severities of what is violated, in order."""

    def names(report: QualityReport) -> list[tuple[str, str]]:
        return [(outcome.expectation, outcome.severity.value) for outcome in report.outcomes if not outcome.success]

    return names
