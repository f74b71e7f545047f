"""The states that a statement carries, so that a bundle says what it found before any file of it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from airtight.domain.collection import CollectedPopulation, Provenance, SourceOutcome
from airtight.domain.quality import QualityReport
from airtight.domain.register import Register
from airtight.domain.result import ControlResult, ResultState, TestResult
from airtight.seal.canonical import sealable
from airtight.wire import Json, timestamp


def provenances(outcomes: Iterable[SourceOutcome]) -> Iterator[Provenance]:
    """The provenance of each source that gave any."""
    return (outcome.provenance for outcome in outcomes if outcome.provenance is not None)


def collection_states(outcomes: Sequence[SourceOutcome], reports: Sequence[QualityReport]) -> dict[str, Json]:
    """Each population's state, grade and quality, and when the records were obtained."""
    reliable = {(report.source, report.population): report.reliable for report in reports}
    times = [moment for p in provenances(outcomes) for moment in (p.started_at, p.finished_at)]
    populations: list[Json] = []
    for outcome in outcomes:
        populations += [_collected_summary(p, reliable.get((p.source, p.population))) for p in outcome.collected]
        populations += [
            {"population": gone.population, "reason": gone.reason, "source": gone.source, "state": "not-collected"}
            for gone in outcome.missing
        ]
    span: Json = {"from": timestamp(min(times)), "to": timestamp(max(times))} if times else None
    return {"collected": span, "populations": sealable(populations)}


def _collected_summary(population: CollectedPopulation, reliable: bool | None) -> Json:
    quality = {True: "reliable", False: "unreliable", None: "unchecked"}[reliable]
    return {
        "completeness": population.completeness.value,
        "population": population.population,
        "quality": quality,
        "retrospective": population.retrospective,
        "rows": population.rows,
        "source": population.source,
        "state": "collected",
    }


def results_states(results: Sequence[ControlResult]) -> dict[str, Json]:
    """How many controls are in each state, and each control and test with its own."""
    states = Counter(result.state for result in results)
    return {
        "controls": [
            {
                "control": result.control,
                "state": result.state.value,
                "tests": [{**counts(test), "state": test.state.value} for test in result.tests],
            }
            for result in results
        ],
        "result": {state.value: states[state] for state in ResultState},
    }


def counts(test: TestResult) -> dict[str, Json]:
    """How many items of each kind a test names, also of those that its lists leave out."""
    return {
        "deviations": test.deviation_n,
        "test": test.test,
        "untested": len(test.untested) + test.untested_omitted,
        "waived": test.waived_n,
    }


def register_states(register: Register) -> dict[str, Json]:
    """Whether the day is complete, and what is missing."""
    return {
        "complete": register.complete,
        "expected": len(register.expected),
        "missing": [f"{bundle.kind.value}/{bundle.name}" for bundle in register.missing],
        "previous": register.previous,
        "received": len(register.received),
    }
