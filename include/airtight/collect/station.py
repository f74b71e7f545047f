"""Station 1: one source, one window -> populations in staging, with provenance, or the plain reason why not.

A source's failure stays with the source, a population's with the population. Nothing that a source does wrong
leaves this module as an exception, and no secret of a connection leaves it at all.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from airtight.collect.connector import CollectionRequest, Connector, EarlierResults, MonitorRuns, PresentOnly, Pulled
from airtight.collect.engine import Resources
from airtight.collect.failures import failure_of
from airtight.collect.grading import Grade, grade
from airtight.collect.history import why_not_now
from airtight.collect.mapping import Bindings, Mapped, MappingRun
from airtight.collect.population_file import Written, make_population
from airtight.collect.raw_objects import stage_raw
from airtight.collect.redaction import Redactions
from airtight.collect.registry import connector as connector_named
from airtight.collect.reidentification import ReidentificationMap
from airtight.collect.scrubbing import Scrubber
from airtight.collect.streams import Unpacked, unpack
from airtight.domain.collection import (
    CollectedPopulation,
    Completeness,
    NotCollected,
    Provenance,
    RawObject,
    SourceOutcome,
)
from airtight.domain.period import Window
from airtight.domain.population import RESTRICTED, PopulationSchema
from airtight.domain.source import Credentials, Source
from airtight.domain.staging import Staging
from airtight.errors import DefinitionError, SourceError


@dataclass(frozen=True)
class _Run:
    """What every step of one collection needs."""

    source: Source
    schemas: Mapping[str, PopulationSchema]
    mappings: Mapping[str, str]
    window: Window
    partition: str
    staging: Staging
    redactions: Redactions
    resources: Resources
    backfill: bool
    scrubber: Scrubber


@dataclass(frozen=True)
class _Received:
    """A pull, read and staged."""

    pulled: Pulled
    unpacked: Unpacked
    grade: Grade
    raw: tuple[RawObject, ...]
    raw_masked: int


def collect_source(
    source: Source,
    *,
    schemas: Mapping[str, PopulationSchema],
    mappings: Mapping[str, str],
    window: Window,
    partition: str,
    credentials: Credentials,
    staging: Staging,
    pseudonym_key: bytes | None,
    clock: Callable[[], datetime],
    code_version: str,
    base: Path,
    organisation: Path | None = None,
    backfill: bool = False,
    earlier: EarlierResults | None = None,
    monitors: MonitorRuns | None = None,
    people: ReidentificationMap | None = None,
    resources: Resources | None = None,
) -> SourceOutcome:
    """Collect all populations of one source for one window.

    Args:
        schemas: population -> its schema.
        mappings: path as the source names it -> SQL text.
        credentials: what the source's connection resolves to; empty for none.
        pseudonym_key: the installation's key; None where no schema asks for pseudonyms.
        clock: tells the time in UTC, for provenance and for the age of snapshots.
        base: folder that relative paths in options count from.
        organisation: folder that holds what people keep as files.
        monitors: runs the monitors of AI systems, for connector ``monitor``.
        backfill: the run makes up for a past day: events are marked retrospective, snapshots refused.
        people: remembers whom a pseudonym stands for; None: nobody will be able to tell.

    Returns:
        What was collected and, for every other population of the source, why it was not.

    Raises:
        StorageError: staging does not take the files; EvidenceError: it changed them.
    """
    run = _Run(
        source=source,
        schemas=schemas,
        mappings=mappings,
        window=window,
        partition=partition,
        staging=staging,
        redactions=Redactions(pseudonym_key, people),
        resources=resources or Resources(),
        backfill=backfill,
        scrubber=Scrubber(credentials),
    )
    work = staging.scratch()
    try:
        raw_folder = work / "raw"
        raw_folder.mkdir()
        request = CollectionRequest(
            source,
            window,
            partition,
            raw_folder,
            base,
            credentials,
            code_version,
            earlier,
            organisation=organisation,
            schemas=schemas,
            monitors=monitors,
        )
        return _collect(run, request, work, clock)
    finally:
        shutil.rmtree(work)


def _collect(run: _Run, request: CollectionRequest, work: Path, clock: Callable[[], datetime]) -> SourceOutcome:
    source, started = run.source, clock()
    reasons: dict[str, str] = {}
    with failure_of(source, run.scrubber, tuple(source.populations), reasons):
        connector = connector_named(source.connector, f"{source.file}: {source.id}.connector")
        connector.check(source)
        reasons |= _not_now(run, connector, started)
    wanted = [name for name in sorted(source.populations) if name not in reasons]
    received: _Received | None = None
    if wanted:
        with failure_of(source, run.scrubber, wanted, reasons):
            received = _receive(run, connector, request, work)
            reasons |= {name: run.scrubber.text(why) for name, why in received.pulled.refused if name in wanted}
    collected: list[tuple[CollectedPopulation, Written]] = []
    restricted: list[RawObject] = []
    for name in [name for name in wanted if name not in reasons] if received else ():
        with failure_of(source, run.scrubber, [name], reasons):
            collected.append(_collect_population(run, name, received, work / f"population-{name}"))
            restricted += _restricted(run, name, received, work / f"restricted-{name}")
    if received and restricted:
        received = replace(received, raw=(*received.raw, *restricted))
    provenance = _provenance(run, request, received, collected, (started, clock())) if received else None
    missing = tuple(NotCollected(name, source.id, reasons[name]) for name in sorted(reasons))
    return SourceOutcome(source.id, source.system, tuple(entry for entry, _ in collected), missing, provenance)


def _not_now(run: _Run, connector: Connector, now: datetime) -> dict[str, str]:
    keeps_history = connector.keeps_history(run.source)
    reasons = {}
    for name in run.source.populations:
        if name not in run.schemas:
            reasons[name] = f"there is no schema of population '{name}'"
        elif reason := why_not_now(
            run.source,
            run.schemas[name],
            run.window,
            now,
            keeps_history=keeps_history,
            backfill=run.backfill,
            present_only=isinstance(connector, PresentOnly),
        ):
            reasons[name] = reason
    return reasons


def _receive(run: _Run, connector: Connector, request: CollectionRequest, work: Path) -> _Received:
    pulled = connector.pull(request)
    if not pulled.files and not pulled.refused:
        raise SourceError("the connector gave no file.", where=run.source.id)
    masked = sum(run.scrubber.raw(file) for file in pulled.files)
    folder = work / "streams"
    folder.mkdir()
    unpacked = unpack(pulled.files, folder)
    raw = stage_raw(unpacked.files, run.staging)
    return _Received(pulled, unpacked, grade(pulled, unpacked), raw, masked)


def _collect_population(
    run: _Run, name: str, received: _Received | None, work: Path
) -> tuple[CollectedPopulation, Written]:
    assert received is not None  # noqa: S101  told by the caller
    path = run.source.populations[name]
    sql = run.mappings.get(path)
    if sql is None:
        raise DefinitionError(f"there is no mapping '{path}'.", where=f"{run.source.file}: {run.source.id}.populations")
    schema = run.schemas[name]
    bindings = Bindings(run.source.system, run.partition, run.window)
    asked = MappingRun(sql, schema, path, bindings)
    mapped, written = make_population(asked, received.unpacked.streams, work, run.redactions, run.resources)
    known = grade(received.pulled, received.unpacked, mapped.streams)
    population = _collected(run, schema, known, mapped, written, hashlib.sha256(sql.encode()).hexdigest())
    shutil.rmtree(work)
    return population, written


def _restricted(run: _Run, name: str, received: _Received | None, work: Path) -> list[RawObject]:
    """The rows of a population with their restricted columns, as a raw object beside those of the source."""
    schema = run.schemas[name].unrestricted
    if schema is None or received is None:
        return []
    path = run.source.populations[name]
    bindings = Bindings(run.source.system, run.partition, run.window)
    asked = MappingRun(run.mappings[path], schema, path, bindings)
    _, written = make_population(asked, received.unpacked.streams, work, run.redactions, run.resources)
    kept = RawObject(run.staging.put(written.file), RESTRICTED + name, "application/vnd.apache.parquet", written.rows)
    shutil.rmtree(work)
    return [kept]


def _collected(
    run: _Run, schema: PopulationSchema, known: Grade, mapped: Mapped, written: Written, mapping_sha256: str
) -> CollectedPopulation:
    return CollectedPopulation(
        population=schema.name,
        source=run.source.id,
        file=run.staging.put(written.file),
        rows=written.rows,
        outside_window=mapped.outside_window,
        first_key=written.first_key,
        last_key=written.last_key,
        logical_digest=written.logical_digest,
        mapping_sha256=mapping_sha256,
        completeness=Completeness.UNPROVEN if mapped.rejected else known.completeness,
        retrospective=run.backfill,
        rejected=mapped.rejected,
        collapsed=written.collapsed,
        discrepancy=known.discrepancy,
    )


def _provenance(
    run: _Run,
    request: CollectionRequest,
    received: _Received,
    collected: list[tuple[CollectedPopulation, Written]],
    times: tuple[datetime, datetime],
) -> Provenance:
    pulled, clean = received.pulled, run.scrubber.text
    refused = [*pulled.rejected, *received.unpacked.rejected]
    refused += [(f"{entry.population}: {reason}", n) for entry, _ in collected for reason, n in entry.rejected]
    return Provenance(
        source=run.source.id,
        system=run.source.system,
        connector=run.source.connector,
        query=clean(pulled.query),
        identity=clean(pulled.identity),
        can_write=pulled.can_write,
        window=run.window,
        started_at=times[0],
        finished_at=times[1],
        pages=pulled.pages,
        source_count=pulled.source_count,
        count_method=pulled.count_method,
        received=received.grade.received,
        rejected=tuple((clean(reason), count) for reason, count in refused),
        completeness=received.grade.completeness,
        code_version=request.code_version,
        secrets_masked=received.raw_masked + sum(written.secrets_masked for _, written in collected),
        raw=received.raw,
        notes=tuple(clean(note) for note in (*pulled.notes, *received.unpacked.notes)),
    )
