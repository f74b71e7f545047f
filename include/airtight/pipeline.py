"""The journey, one function a station; DAGs and the command line call only this.

::

    collect ──▶ check_quality ──▶ publish_collection ──▶ evaluate ──▶ watch_coverage
    one source    a collection      one signed bundle     one results    the day's register
                                                          bundle

Each function takes an open installation and references, does its station's work, and returns a reference small
enough for Airflow to carry. Each may be repeated: what is sealed already is returned, not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from airtight.collect.station import collect_source
from airtight.domain.bundle import BundleKind, BundleRef
from airtight.domain.collection import NotCollected, SourceOutcome
from airtight.domain.period import day_window, parse_day
from airtight.domain.quality import QualityReport
from airtight.domain.source import Credentials, Source, comes_last
from airtight.domain.staging import Staging
from airtight.errors import ConfigurationError, EvidenceError, SourceError
from airtight.installation import Installation, Trigger, open_installation
from airtight.journey.answers import answering_sources
from airtight.journey.collected import check_outcomes, keep_raw, keep_what_stands, staged_files
from airtight.journey.coverage import REGISTER_NAME, RESULTS_NAME, is_behind, register_of
from airtight.journey.earlier import SealedResults
from airtight.journey.judging import definition_files, judge_day, judged_without
from airtight.journey.monitoring import Monitors
from airtight.journey.publishing import publish_contents, sealed_collection
from airtight.journey.recount import differs, unsettled
from airtight.journey.references import Checked, Coverage, Published, StagedOutcome
from airtight.journey.staged import fetch_value, stage_value
from airtight.journey.verifying import ArchiveReport, verify_share
from airtight.seal.contents import collection_contents, register_contents, results_contents
from airtight.wire import Json, from_json

__all__ = [
    "ArchiveReport",
    "Checked",
    "Coverage",
    "Installation",
    "Published",
    "StagedOutcome",
    "Trigger",
    "check_quality",
    "collect",
    "collect_day",
    "evaluate",
    "open_installation",
    "publish_collection",
    "recount",
    "run_day",
    "take_in_answers",
    "verify_archive",
    "watch_coverage",
]

Clock = Callable[[], datetime]
Reference = Json
PRODUCT = "airtight"


def utc_now() -> datetime:
    """The clock of provenance; tests bring their own."""
    return datetime.now(UTC)


def collect(
    opened: Installation,
    source_id: str,
    partition: str,
    *,
    trigger: Trigger,
    credentials: Callable[[], Credentials] = Credentials,
    again: bool = False,
    beside: Mapping[str, Reference] | None = None,
    clock: Clock = utc_now,
) -> StagedOutcome:
    """Station 1: pull one source for one day and stage its populations.

    Args:
        credentials: called only when the source is pulled.
        beside: what other sources of the same run gave, for the monitors of AI systems.
        again: pull although the day is sealed; needs a person and a reason in the trigger.

    Raises:
        DefinitionError: there is no such source, or the partition is no day.
        ConfigurationError: collecting again without a person or a reason.
    """
    source = opened.source(source_id)
    window = day_window(parse_day(partition))
    if opened.index.head(BundleKind.COLLECTION, source.collection, partition) and not _allowed_again(trigger, again):
        return StagedOutcome(source_id, None, 0, None)
    staging = opened.run_staging(trigger, source.collection, partition)
    try:
        outcome = collect_source(
            source,
            schemas=opened.catalog.populations,
            mappings=opened.catalog.mappings,
            window=window,
            partition=partition,
            credentials=credentials(),
            staging=staging,
            pseudonym_key=opened.pseudonym_key,
            backfill=trigger.kind == "backfill",
            clock=clock,
            code_version=opened.code_version,
            base=opened.settings.state,
            organisation=opened.settings.overlay,
            earlier=SealedResults(opened),
            monitors=Monitors(opened, _outcomes(staging, beside if beside and comes_last(source) else {}), staging),
            people=opened.people,
        )
    except SourceError as refused:  # the log-in itself could not be had
        outcome = _owing(source, str(refused))
    return _staged(staging, outcome)


def _outcomes(staging: Staging, beside: Mapping[str, Reference]) -> tuple[SourceOutcome, ...]:
    pulled = (from_json(StagedOutcome, reference) for reference in beside.values() if reference)
    return tuple(fetch_value(staging, SourceOutcome, entry.outcome) for entry in pulled if entry.outcome)


def _allowed_again(trigger: Trigger, again: bool) -> bool:
    if again and not (trigger.by and trigger.reason):
        raise ConfigurationError(
            "a sealed day is collected again only by a person, for a reason.",
            remedy="Say who and why: --again --by NAME --reason TEXT, or in Airflow the parameters again and reason.",
        )
    return again


def _owing(source: Source, reason: str) -> SourceOutcome:
    owed = tuple(NotCollected(population, source.id, reason) for population in sorted(source.populations))
    return SourceOutcome(source.id, source.system, (), owed, None)


def _staged(staging: Staging, outcome: SourceOutcome) -> StagedOutcome:
    reasons = {entry.reason: None for entry in outcome.missing}
    return StagedOutcome(
        source=outcome.source,
        outcome=stage_value(staging, outcome),
        rows=sum(population.rows for population in outcome.collected),
        trouble=f"{outcome.source}: {'; '.join(reasons)}" if reasons else None,
    )


def check_quality(
    opened: Installation,
    collection: str,
    partition: str,
    staged: Mapping[str, Reference],
    *,
    trigger: Trigger,
) -> Checked:
    """Station 2: judge every population of a collection.

    Args:
        staged: source id -> reference of its ``StagedOutcome``; None for a source whose task ended without one.
    """
    staging = opened.run_staging(trigger, collection, partition)
    pulled = {name: from_json(StagedOutcome, reference) for name, reference in staged.items() if reference}
    if pulled and all(entry.outcome is None for entry in pulled.values()):
        return Checked((), None)
    outcomes = [_outcome(staging, source, pulled.get(source.id)) for source in opened.catalog.sources_of(collection)]
    reports = check_outcomes(opened, outcomes, day_window(parse_day(partition)), staging)
    return Checked(tuple(stage_value(staging, outcome) for outcome in outcomes), stage_value(staging, list(reports)))


def _outcome(staging: Staging, source: Source, pulled: StagedOutcome | None) -> SourceOutcome:
    if pulled is None or pulled.outcome is None:
        return _owing(source, "its task ended without an outcome")
    return fetch_value(staging, SourceOutcome, pulled.outcome)


def publish_collection(
    opened: Installation, collection: str, partition: str, checked: Reference, *, trigger: Trigger
) -> Published:
    """Stations 4 and 5: seal a day's collection and publish it, or return the bundle that stands.

    A source that gave less than the sealed bundle holds is taken from that bundle: collecting again never loses.

    Raises:
        EvidenceError: what was staged is gone or changed.
    """
    references = from_json(Checked, checked)
    latest = opened.index.head(BundleKind.COLLECTION, collection, partition)
    if references.reports is None:
        return Published(_standing(latest, collection, partition))
    staging = opened.run_staging(trigger, collection, partition)
    outcomes = [fetch_value(staging, SourceOutcome, staged) for staged in references.outcomes]
    reports = fetch_value(staging, list[QualityReport], references.reports)
    if latest:
        outcomes, reports = keep_what_stands(opened, latest, outcomes, reports, staging)
    contents = collection_contents(
        outcomes,
        reports,
        schemas=opened.catalog.populations,
        mappings=opened.catalog.mappings,
        suites=opened.catalog.suites,
        fetch=staging.fetch,
    )
    keep_raw(opened, outcomes, staging)
    window = day_window(parse_day(partition))
    bundle = publish_contents(opened, contents, name=collection, partition=partition, window=window, trigger=trigger)
    staging.release([*references.outcomes, references.reports, *staged_files(outcomes)])
    return Published(bundle, judged_without(opened, bundle, trigger.run_id))


def _standing(latest: BundleRef | None, collection: str, partition: str) -> BundleRef:
    if latest is None:
        raise EvidenceError(f"nothing was collected for {collection} of {partition}, and nothing stands.")
    return latest


def evaluate(opened: Installation, partition: str, *, trigger: Trigger) -> Published:
    """Stations 3 to 5: judge every control due after a day, on sealed evidence only; seal and publish the results."""
    day = parse_day(partition)
    results = judge_day(opened, day)
    contents = results_contents(results, partition=partition, definitions=definition_files(opened))
    return Published(
        publish_contents(
            opened, contents, name=RESULTS_NAME, partition=partition, window=day_window(day), trigger=trigger
        )
    )


def watch_coverage(opened: Installation, partition: str, *, trigger: Trigger) -> Coverage:
    """Seal the register of a day: what was expected, what was received, and the register before it."""
    day = parse_day(partition)
    register = register_of(opened, day)
    bundle = publish_contents(
        opened,
        register_contents(register),
        name=REGISTER_NAME,
        partition=partition,
        window=day_window(day),
        trigger=trigger,
    )
    return Coverage(register, bundle, is_behind(register))


def recount(
    opened: Installation,
    partition: str,
    *,
    trigger: Trigger,
    credentials: Callable[[Source], Credentials] = lambda source: Credentials(),
    clock: Clock = utc_now,
) -> tuple[Published, ...]:
    """Count late records of the last seven days; returns the collections that were sealed again because of them."""
    late = replace(trigger, by=PRODUCT, reason=f"late records were counted on {partition}")
    early = list(unsettled(opened, parse_day(partition)))
    found = (_collect_again(opened, latest, sources, late, credentials, clock) for latest, sources in early)
    return tuple(published for published in found if published)


def take_in_answers(
    opened: Installation, partition: str, *, trigger: Trigger, clock: Clock = utc_now
) -> Published | None:
    """Seal the collection of a day again with the answers that persons gave for it since.

    Args:
        trigger: names who answered, and why the day is collected again.

    Returns:
        the bundle; None where the day is not sealed yet, or holds the answers already.
    """
    sources = answering_sources(opened)
    latest = opened.index.head(BundleKind.COLLECTION, sources[0].collection, partition) if sources else None
    return _collect_again(opened, latest, sources, trigger, lambda source: Credentials(), clock) if latest else None


def _collect_again(
    opened: Installation,
    latest: BundleRef,
    sources: Sequence[Source],
    trigger: Trigger,
    credentials: Callable[[Source], Credentials],
    clock: Clock,
) -> Published | None:
    """Some sources of a sealed collection pulled again; None where none gives other rows."""
    day, collection = latest.slot.partition, latest.slot.name
    staging = opened.run_staging(trigger, collection, day)
    sealed = {outcome.source: outcome for outcome in sealed_collection(opened, latest, staging)[0]}
    staged: dict[str, Reference] = {name: _staged(staging, outcome).reference() for name, outcome in sealed.items()}
    changed = False
    for source in sources:
        log_in = partial(credentials, source)
        pulled = collect(opened, source.id, day, trigger=trigger, credentials=log_in, again=True, clock=clock)
        if pulled.outcome and differs(fetch_value(staging, SourceOutcome, pulled.outcome), sealed.get(source.id)):
            staged[source.id], changed = pulled.reference(), True
    if not changed:
        return None
    checked = check_quality(opened, collection, day, staged, trigger=trigger)
    return publish_collection(opened, collection, day, checked.reference(), trigger=trigger)


def verify_archive(opened: Installation, *, old: int = 50, clock: Clock = utc_now) -> ArchiveReport:
    """Verify all bundles never verified before, the ``old`` ones verified longest ago, and the chain of registers."""
    return verify_share(opened, old=old, clock=clock)


def run_day(
    opened: Installation,
    partition: str,
    *,
    trigger: Trigger,
    credentials: Callable[[Source], Credentials] = lambda source: Credentials(),
    clock: Clock = utc_now,
) -> Published:
    """The whole journey of one day in this process, as the DAGs do it; returns the results bundle."""
    for collection in sorted({source.collection for source in opened.catalog.sources.values()}):
        collect_day(opened, collection, partition, trigger=trigger, credentials=credentials, clock=clock)
    published = evaluate(opened, partition, trigger=trigger)
    watch_coverage(opened, partition, trigger=trigger)
    return published


def collect_day(
    opened: Installation,
    collection: str,
    partition: str,
    *,
    trigger: Trigger,
    credentials: Callable[[Source], Credentials] = lambda source: Credentials(),
    again: bool = False,
    clock: Clock = utc_now,
) -> Published:
    """Stations 1, 2, 4 and 5 for one collection in this process."""
    staged: dict[str, Reference] = {}
    for source in sorted(opened.catalog.sources_of(collection), key=comes_last):
        pulled = collect(
            opened,
            source.id,
            partition,
            trigger=trigger,
            credentials=partial(credentials, source),
            again=again,
            beside=staged,
            clock=clock,
        )
        staged[source.id] = pulled.reference()
    checked = check_quality(opened, collection, partition, staged, trigger=trigger)
    return publish_collection(opened, collection, partition, checked.reference(), trigger=trigger)
