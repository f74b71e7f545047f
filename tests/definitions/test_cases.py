"""Every worked example of every shipped control holds: these are what an auditor reads."""

from __future__ import annotations

import pytest
from shipped_controls import SCHEMAS, SQL_TESTS

from airtight.domain.control import ControlTest
from airtight.evaluate.cases import run_cases


def _by_id(test: ControlTest) -> str:
    return test.id


@pytest.mark.parametrize("test", SQL_TESTS, ids=_by_id)
def test_every_case_holds(test: ControlTest) -> None:
    assert run_cases(test, SCHEMAS) == ()


@pytest.mark.parametrize("test", SQL_TESTS, ids=_by_id)
def test_some_case_shows_a_deviation(test: ControlTest) -> None:
    assert any(case.deviations for case in test.cases)
