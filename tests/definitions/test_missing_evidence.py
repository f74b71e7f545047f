"""Whatever a shipped control asks: where a source owes evidence and gave none, it is not known, never passed."""

from __future__ import annotations

from datetime import date

import pytest
from shipped_controls import SCHEMAS, SQL_TESTS

from airtight.domain.control import ControlTest
from airtight.domain.period import test_window as window_of
from airtight.domain.result import ResultState
from airtight.evaluate.inputs import select

DAY = date(2026, 6, 30)


def _populations(test: ControlTest) -> set[str]:
    return {name.removesuffix("_history") if name not in SCHEMAS else name for name in test.populations}


@pytest.mark.parametrize("test", SQL_TESTS, ids=[test.id for test in SQL_TESTS])
def test_evidence_that_is_owed_and_missing_makes_it_inconclusive(test: ControlTest) -> None:
    owed = {("export", name) for name in _populations(test)}
    trouble = select(test, window_of(test.window, DAY), SCHEMAS, [], owed).trouble
    assert trouble is not None
    assert trouble.state is ResultState.INCONCLUSIVE
    assert "of export for" in trouble.reason


@pytest.mark.parametrize("test", SQL_TESTS, ids=[test.id for test in SQL_TESTS])
def test_a_population_that_nobody_gives_makes_it_not_collected(test: ControlTest) -> None:
    trouble = select(test, window_of(test.window, DAY), SCHEMAS, [], set()).trouble
    assert trouble is not None
    assert trouble.state is ResultState.NOT_COLLECTED
