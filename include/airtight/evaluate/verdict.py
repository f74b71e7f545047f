"""From an answer to a verdict: the rules by which figures become one of the result states. Pure.

Any unknown comes before any judgement: a required view without rows, an empty population that is not proven to be
empty, a population of which nothing was tested. Tolerance is a share of the tested items; waived deviations do not
count against it, but a result that rests on waivers is never *pass*.
"""

from __future__ import annotations

from dataclasses import dataclass

from airtight.domain.control import ControlTest
from airtight.domain.result import Deviation, ResultState
from airtight.evaluate.inputs import Selection
from airtight.evaluate.job import Head
from airtight.evaluate.waivers import Coverage


@dataclass(frozen=True)
class Verdict:
    """A state with its reason."""

    state: ResultState
    reason: str
    no_occurrence: bool = False


def reach(test: ControlTest, selection: Selection, head: Head, unwaived: int) -> Verdict:
    """The verdict on a test's figures.

    Args:
        unwaived: different deviating keys that no waiver covers.
    """
    if head.lacking:
        return Verdict(ResultState.INCONCLUSIVE, f"{head.lacking[0]} holds no rows, and the test requires some")
    if head.population_n == 0:
        return _empty(test, selection)
    if head.tested_n == 0:
        return Verdict(ResultState.INCONCLUSIVE, f"none of the {head.population_n} items was tested")
    if head.deviating_n == 0:
        return Verdict(ResultState.PASS, f"no deviation in {head.tested_n} tested")
    found = f"{head.deviating_n} of {head.tested_n} tested deviate"
    if unwaived == 0:
        return Verdict(ResultState.EXCEPTIONS, f"{found}, all under a waiver")
    waived = f", {head.deviating_n - unwaived} of them under a waiver" if unwaived < head.deviating_n else ""
    if unwaived <= test.tolerance * head.tested_n:
        return Verdict(ResultState.EXCEPTIONS, f"{found}{waived}, within the tolerance of {test.tolerance:g}")
    return Verdict(ResultState.FAIL, found + waived)


def _empty(test: ControlTest, selection: Selection) -> Verdict:
    if not test.empty_ok:
        return Verdict(ResultState.INCONCLUSIVE, "the population is empty")
    if doubtful := selection.unproven_events:
        first = doubtful[0]
        place = f"{first.population} of {first.source} for {first.partition}"
        return Verdict(
            ResultState.INCONCLUSIVE,
            f"the population is empty, and {place} is {first.completeness}, not proven complete",
        )
    return Verdict(ResultState.PASS, "no occurrence in the window", no_occurrence=True)


def unwaived(head: Head, deviations: tuple[Deviation, ...], waived: Coverage) -> int:
    """Different deviating keys that no waiver covers; waivers of single records count for listed deviations only."""
    if waived.blanket:
        return 0
    return head.deviating_n - len({deviation.key for deviation in deviations if deviation.waiver})
