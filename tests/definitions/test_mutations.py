"""The test of the tests: a small fault planted anywhere in a shipped control's SQL turns one of its cases red."""

from __future__ import annotations

import pytest
from shipped_controls import SCHEMAS, SQL_TESTS

from airtight.domain.control import ControlTest
from airtight.evaluate.mutation import mutants, surviving


@pytest.mark.parametrize("test", SQL_TESTS, ids=lambda test: test.id)
def test_no_planted_fault_goes_unnoticed(test: ControlTest) -> None:
    assert next(mutants(test), None) is not None, "nothing in this test could be got wrong"
    assert [mutant.change for mutant in surviving(test, SCHEMAS)] == []
