"""A day judged again with the definitions of another date, beside the verdicts that are sealed. Nothing is sealed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from airtight.collect.registry import CONNECTORS
from airtight.definitions.catalog import load_catalog
from airtight.definitions.past import definitions_at
from airtight.domain.bundle import BundleKind, ResultLine
from airtight.domain.result import ResultState, TestResult
from airtight.installation import Installation
from airtight.journey.judging import judge_day
from airtight.publish.index import Chosen


@dataclass(frozen=True)
class Reproduced:
    """One control test under the definitions of the date, beside what is sealed (None: nothing is)."""

    control: str
    test: str
    state: ResultState
    deviations: int
    sealed_state: ResultState | None
    sealed_deviations: int | None

    @property
    def agrees(self) -> bool:
        return (self.state, self.deviations) == (self.sealed_state, self.sealed_deviations)


def judge_as_of(opened: Installation, day: date, catalog_at: date) -> tuple[Reproduced, ...]:
    """Every test due after a day under the definitions of another, by test.

    Raises:
        DefinitionError: git does not know the definitions on that date, or they are refused.
    """
    sealed = _sealed(opened, day)
    with tempfile.TemporaryDirectory(prefix="airtight-catalog-") as folder:
        home, overlay = definitions_at(opened.settings.home, opened.settings.overlay, catalog_at, Path(folder))
        catalog = load_catalog(home, overlay, frozenset(CONNECTORS))
        results = judge_day(replace(opened, catalog=catalog), day)
    return tuple(_beside(test, sealed) for result in results for test in result.tests)


def _sealed(opened: Installation, day: date) -> Mapping[str, ResultLine]:
    key = day.isoformat()
    chosen = Chosen(kind=BundleKind.RESULTS, first=key, last=key, current_only=True)
    return {found.line.test: found.line for found in opened.index.results(chosen) if found.line.test}


def _beside(result: TestResult, sealed: Mapping[str, ResultLine]) -> Reproduced:
    line = sealed.get(result.test)
    return Reproduced(
        control=result.control,
        test=result.test,
        state=result.state,
        deviations=result.deviation_n,
        sealed_state=line.state if line else None,
        sealed_deviations=line.deviation_n if line else None,
    )
