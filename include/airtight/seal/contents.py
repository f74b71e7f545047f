"""What belongs into a bundle of each kind. Pure: the same values give the same files.

::

    collection   data/collection.json                              outcome of each source, also of those that failed
                 data/provenance/<source>.json                     how its records were obtained
                 data/populations/<source>/<population>.parquet    the records
                 data/quality/<source>.<population>.json           the quality report
                 data/definitions/populations/<population>.json    the shape that they must have
                 data/definitions/mappings/<path>.sql              from raw to population
                 data/definitions/suites/<population>.json         the expectations
    results      data/results.json                                 every control's result, without item lists
                 data/deviations/<test>.json                       its deviations; only where there are any
                 data/untested/<test>.json                         items not examined; likewise
                 data/definitions/controls/<ID>.yaml               the definitions that were judged by
    register     data/register.json                                expected, received, the register before

``read`` is the way back. Raw payloads are not in a bundle; provenance holds their digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from airtight.domain.bundle import BundleKind, Member
from airtight.domain.collection import CollectedPopulation, Provenance, SourceOutcome, StagedFile
from airtight.domain.population import PopulationSchema
from airtight.domain.quality import QualityReport
from airtight.domain.register import Register
from airtight.domain.result import ControlResult, TestResult
from airtight.errors import EvidenceError
from airtight.seal.canonical import canonical_json, sealable
from airtight.seal.digest import sha256_of
from airtight.seal.states import collection_states, counts, provenances, register_states, results_states
from airtight.wire import Json, to_json

COLLECTION = "data/collection.json"
RESULTS = "data/results.json"
REGISTER = "data/register.json"


@dataclass(frozen=True)
class Contents:
    """What is to be sealed: the files, and the states that the statement shall carry.

    Attributes:
        rests_on: identities of the bundles that these contents were made from.
    """

    kind: BundleKind
    summary: Mapping[str, Json]
    members: tuple[Member, ...]
    rests_on: tuple[str, ...] = field(default=())


def population_path(source: str, population: str) -> str:
    """Where a bundle holds a population."""
    return f"data/populations/{source}/{population}.parquet"


def provenance_path(source: str) -> str:
    """Where a bundle holds a source's provenance."""
    return f"data/provenance/{source}.json"


def quality_path(source: str, population: str) -> str:
    """Where a bundle holds a quality report."""
    return f"data/quality/{source}.{population}.json"


def items_path(kind: str, test: str) -> str:
    """Where a bundle holds a test's ``deviations`` or ``untested`` items."""
    return f"data/{kind}/{test}.json"


def document(path: str, value: object) -> Member:
    """A domain value as a canonical JSON file."""
    return Member(path, content=canonical_json(sealable(to_json(value))))


def collection_contents(
    outcomes: Sequence[SourceOutcome],
    reports: Sequence[QualityReport],
    *,
    schemas: Mapping[str, PopulationSchema],
    mappings: Mapping[str, str],
    suites: Mapping[str, Path],
    fetch: Callable[[StagedFile], Path],
) -> Contents:
    """What one collecting run gave, and what each source still owes.

    Args:
        reports: at most one for each population of each source.
        schemas: population -> schema; those concerned are sealed.
        mappings: path -> SQL; those that made the populations are sealed, found by their digest.
        suites: population -> file of its suite; those concerned are sealed.
        fetch: the staging's: a local path to a staged file, checked against its digest.

    Raises:
        EvidenceError: a report, schema or mapping does not fit the outcomes.
    """
    populations = [population for outcome in outcomes for population in outcome.collected]
    names = {population.population for population in populations}
    _check_reports(populations, reports)
    members = (
        document(COLLECTION, {"outcomes": [_placed(outcome) for outcome in outcomes]}),
        *(document(provenance_path(p.source), p) for p in map(_raw_placed, provenances(outcomes))),
        *(document(quality_path(report.source, report.population), report) for report in reports),
        *(_population_member(population, fetch) for population in populations),
        *(document(f"data/definitions/populations/{name}.json", schemas[name]) for name in sorted(names)),
        *_mapping_members(populations, mappings),
        *(Member(f"data/definitions/suites/{name}.json", source=suites[name]) for name in sorted(names & set(suites))),
    )
    return Contents(BundleKind.COLLECTION, collection_states(outcomes, reports), members)


def results_contents(
    results: Sequence[ControlResult],
    *,
    partition: str,
    definitions: Mapping[str, Path],
    rests_on: Sequence[str] = (),
) -> Contents:
    """The results of one due day.

    Args:
        partition: the last day of evidence.
        definitions: control id -> the file that defines it, as it was judged by.
        rests_on: bundles that were read besides those that the results' inputs name.

    Raises:
        EvidenceError: a definition is missing or is not the one that a result names.
    """
    tests = [test for result in results for test in result.tests]
    inputs = {entry.bundle for test in tests for entry in test.inputs}
    stripped = [_without_items(result) for result in results]
    members = (
        document(RESULTS, {"counted": [*map(counts, tests)], "partition": partition, "results": stripped}),
        *_item_members(tests),
        *(_definition_member(result, definitions) for result in results),
    )
    return Contents(BundleKind.RESULTS, results_states(results), members, tuple(sorted(inputs | set(rests_on))))


def register_contents(register: Register) -> Contents:
    """The register of one day; it rests on the bundles received and on the register before."""
    received = {bundle.digest for bundle in register.received}
    previous = {register.previous} if register.previous else set()
    members = (document(REGISTER, register),)
    return Contents(BundleKind.REGISTER, register_states(register), members, tuple(sorted(received | previous)))


def _placed(outcome: SourceOutcome) -> SourceOutcome:
    """The outcome with bundle paths in place of staging's, and its provenance left to its own file."""
    collected = tuple(
        replace(p, file=replace(p.file, uri=population_path(p.source, p.population))) for p in outcome.collected
    )
    return replace(outcome, collected=collected, provenance=None)


def _raw_placed(provenance: Provenance) -> Provenance:
    raw = tuple(replace(entry, file=replace(entry.file, uri=f"raw/{entry.file.sha256}")) for entry in provenance.raw)
    return replace(provenance, raw=raw)


def _population_member(population: CollectedPopulation, fetch: Callable[[StagedFile], Path]) -> Member:
    path = population_path(population.source, population.population)
    return Member(path, source=fetch(population.file), sha256=population.file.sha256)


def _check_reports(populations: Sequence[CollectedPopulation], reports: Sequence[QualityReport]) -> None:
    collected = {(population.source, population.population) for population in populations}
    for report in reports:
        if (report.source, report.population) not in collected:
            raise EvidenceError(
                "a quality report speaks of a population that was not collected.",
                where=f"{report.source}/{report.population}",
            )


def _mapping_members(populations: Sequence[CollectedPopulation], mappings: Mapping[str, str]) -> Iterator[Member]:
    texts = {sha256_of(text.encode("utf-8")): (path, text) for path, text in sorted(mappings.items())}
    for digest in sorted({population.mapping_sha256 for population in populations}):
        if digest not in texts:
            raise EvidenceError(f"no mapping given has the SHA-256 {digest} that a population names.")
        path, text = texts[digest]
        yield Member(f"data/definitions/{_under_mappings(path)}", content=text.encode("utf-8"))


def _under_mappings(path: str) -> str:
    return path if path.startswith("mappings/") else f"mappings/{path}"


def _without_items(result: ControlResult) -> ControlResult:
    return replace(result, tests=tuple(replace(test, deviations=(), untested=()) for test in result.tests))


def _item_members(tests: Sequence[TestResult]) -> Iterator[Member]:
    for test in tests:
        if test.deviations:
            yield document(items_path("deviations", test.test), list(test.deviations))
        if test.untested:
            yield document(items_path("untested", test.test), list(test.untested))


def _definition_member(result: ControlResult, definitions: Mapping[str, Path]) -> Member:
    if result.control not in definitions:
        raise EvidenceError("its definition is not at hand.", where=result.control)
    path = f"data/definitions/controls/{result.control}.yaml"
    return Member(path, source=definitions[result.control], sha256=result.definition_sha256)
