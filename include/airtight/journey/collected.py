"""A day's collection between pulling and sealing: its quality, what stands from before, its raw objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from airtight.domain.bundle import BundleRef
from airtight.domain.collection import CollectedPopulation, RawObject, SourceOutcome, StagedFile
from airtight.domain.period import Window
from airtight.domain.quality import QualityReport
from airtight.domain.staging import Staging
from airtight.installation import Installation
from airtight.journey.publishing import sealed_collection
from airtight.publish.keys import RAW
from airtight.publish.raw import put_raw
from airtight.quality.station import Subject, check_populations


def check_outcomes(
    opened: Installation, outcomes: Sequence[SourceOutcome], window: Window, staging: Staging
) -> tuple[QualityReport, ...]:
    """A report on every population that was collected and has a suite."""
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for outcome in outcomes:
        for entry in outcome.collected:
            files[entry.population].append(staging.fetch(entry.file))
    subjects = (
        _subject(opened, entry, outcome, window, staging, files)
        for outcome in outcomes
        for entry in outcome.collected
        if entry.population in opened.catalog.suites
    )
    return check_populations(subjects)


def _subject(
    opened: Installation,
    entry: CollectedPopulation,
    outcome: SourceOutcome,
    window: Window,
    staging: Staging,
    files: Mapping[str, Sequence[Path]],
) -> Subject:
    return Subject(
        collected=entry,
        file=staging.fetch(entry.file),
        schema=opened.catalog.populations[entry.population],
        suite_file=opened.catalog.suites[entry.population],
        window=window,
        others={name: tuple(found) for name, found in files.items() if name != entry.population},
        provenance=outcome.provenance,
        known=frozenset(opened.catalog.populations),
    )


def keep_what_stands(
    opened: Installation,
    latest: BundleRef,
    outcomes: Sequence[SourceOutcome],
    reports: Sequence[QualityReport],
    staging: Staging,
) -> tuple[list[SourceOutcome], list[QualityReport]]:
    """Outcomes and reports, where a source that gave less than the sealed bundle holds is taken from that bundle."""
    stood, judged = sealed_collection(opened, latest, staging)
    before = {outcome.source: outcome for outcome in stood}
    kept = {outcome.source for outcome in outcomes if _gives_less(outcome, before.get(outcome.source))}
    chosen = [before[outcome.source] if outcome.source in kept else outcome for outcome in outcomes]
    fresh = [report for report in reports if report.source not in kept]
    return chosen, [*fresh, *(report for report in judged if report.source in kept)]


def _gives_less(outcome: SourceOutcome, before: SourceOutcome | None) -> bool:
    if before is None:
        return False
    now = {population.population for population in outcome.collected}
    return not {population.population for population in before.collected} <= now


def keep_raw(opened: Installation, outcomes: Sequence[SourceOutcome], staging: Staging) -> None:
    """Put the raw objects behind the outcomes into the store, where they have a retention of their own."""
    # Those of an outcome that stands from before were put there with its bundle.
    put_raw([entry for entry in _raw_objects(outcomes) if not _in_store(entry)], staging, opened.store)


def _in_store(entry: RawObject) -> bool:
    return entry.file.uri.startswith(RAW)


def staged_files(outcomes: Sequence[SourceOutcome]) -> list[StagedFile]:
    """Every staged file behind the outcomes: populations and raw objects."""
    populations = [population.file for outcome in outcomes for population in outcome.collected]
    return populations + [entry.file for entry in _raw_objects(outcomes) if not _in_store(entry)]


def _raw_objects(outcomes: Sequence[SourceOutcome]) -> list[RawObject]:
    known = (outcome.provenance for outcome in outcomes)
    return [entry for provenance in known if provenance for entry in provenance.raw]
