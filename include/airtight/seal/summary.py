"""What the index keeps of a bundle, line by line, from what the bundle holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airtight.domain.bundle import BundleRef, ResultLine, SealedPopulation
from airtight.domain.collection import CollectedPopulation, Completeness, NotCollected
from airtight.domain.period import parse_partition
from airtight.domain.result import ControlResult, TestResult
from airtight.errors import EvidenceError
from airtight.seal.contents import RESULTS, population_path
from airtight.wire import timestamp


@dataclass(frozen=True)
class Counted:
    """How many items a test names, as ``results.json`` counts them."""

    test: str
    deviations: int
    untested: int
    waived: int


def sealed_population(population: CollectedPopulation, ref: BundleRef, trouble: str | None) -> SealedPopulation:
    """A population that the bundle holds; ``trouble`` says why it cannot be relied on."""
    return SealedPopulation(
        population=population.population,
        source=population.source,
        partition=ref.slot.partition,
        bundle=ref.digest,
        key=ref.key,
        member=population_path(population.source, population.population),
        sha256=population.file.sha256,
        rows=population.rows,
        completeness=population.completeness,
        retrospective=population.retrospective,
        collected=True,
        trouble=trouble,
    )


def owed_population(gone: NotCollected, ref: BundleRef) -> SealedPopulation:
    """A population that the bundle records as not collected."""
    return SealedPopulation(
        population=gone.population,
        source=gone.source,
        partition=ref.slot.partition,
        bundle=ref.digest,
        key=ref.key,
        member=None,
        sha256=None,
        rows=0,
        completeness=Completeness.UNPROVEN,
        retrospective=False,
        collected=False,
        trouble=gone.reason,
    )


def result_lines(result: ControlResult, counted: Mapping[str, Counted], partition: str) -> list[ResultLine]:
    """The roll-up's line and one for each test; a roll-up without tests speaks of the partition."""
    lines = [_test_line(result, test, counted) for test in result.tests]
    window = parse_partition(partition)
    roll_up = ResultLine(
        control=result.control,
        test="",
        state=result.state,
        reason=result.reason,
        population_n=None,
        tested_n=None,
        deviation_n=sum(line.deviation_n for line in lines),
        waived_n=sum(line.waived_n for line in lines),
        owner=result.owner,
        title=result.title,
        no_occurrence=bool(lines) and all(line.no_occurrence for line in lines),
        definition_sha256=result.definition_sha256,
        window_start=min((line.window_start for line in lines), default=timestamp(window.start)),
        window_end=max((line.window_end for line in lines), default=timestamp(window.end)),
    )
    return [roll_up, *lines]


def _test_line(result: ControlResult, test: TestResult, counted: Mapping[str, Counted]) -> ResultLine:
    if test.test not in counted:
        raise EvidenceError("no count of its deviations is recorded.", where=f"{RESULTS}: {test.test}")
    counts = counted[test.test]
    return ResultLine(
        control=result.control,
        test=test.test,
        state=test.state,
        reason=test.reason,
        population_n=test.population_n,
        tested_n=test.tested_n,
        deviation_n=counts.deviations,
        waived_n=counts.waived,
        owner=result.owner,
        title=result.title,
        no_occurrence=test.no_occurrence,
        definition_sha256=test.definition_sha256,
        window_start=timestamp(test.window.start),
        window_end=timestamp(test.window.end),
    )
