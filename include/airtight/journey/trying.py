"""A first look at a source and at a mapping, for the engineer who writes them: nothing is sealed, nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow.parquet as pq

from airtight.collect.connector import CollectionRequest, Probe, Probing
from airtight.collect.registry import connector
from airtight.collect.scrubbing import Scrubber
from airtight.collect.station import collect_source
from airtight.domain.collection import CollectedPopulation, Provenance
from airtight.domain.period import day_window, parse_day
from airtight.domain.source import Credentials, Source
from airtight.domain.staging import Staging
from airtight.errors import DefinitionError, SourceError
from airtight.installation import Installation
from airtight.journey.earlier import SealedResults
from airtight.journey.staged import scratch

LogIn = Callable[[Source], Credentials]


@dataclass(frozen=True)
class Tried:
    """What a mapping made of a source's day; ``trouble`` where it made nothing. Cells are text."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    count: int = 0
    outside_window: int = 0
    rejected: tuple[tuple[str, int], ...] = ()
    trouble: str | None = None


def probe_source(opened: Installation, source_id: str, partition: str, log_in: LogIn) -> Probe:
    """Log in to a source and look, pulling as little as possible.

    Raises:
        DefinitionError: no such source, or its connector cannot look without pulling.
        SourceError: the source is down or refuses.
    """
    source = opened.source(source_id)
    chosen = connector(source.connector, source.file)
    chosen.check(source)
    if not isinstance(chosen, Probing):
        raise DefinitionError(
            f"connector '{source.connector}' cannot look without pulling.", remedy="Run 'airtight mapping try' instead."
        )
    credentials = log_in(source)
    with scratch(opened.staging("trial", partition)) as folder:
        request = CollectionRequest(
            source,
            day_window(parse_day(partition)),
            partition,
            folder,
            opened.settings.state,
            credentials,
            opened.code_version,
            earlier=SealedResults(opened),
            organisation=opened.settings.overlay,
            schemas=opened.catalog.populations,
        )
        try:
            return chosen.probe(request)
        except SourceError as error:
            clean = Scrubber(credentials).text
            raise type(error)(clean(error.message), where=error.where, remedy=error.remedy) from None


def try_mapping(
    opened: Installation, source_id: str, population: str, partition: str, log_in: LogIn, rows: int
) -> Tried:
    """Collect one population of one source and show the first rows, redacted as they would be sealed.

    Raises:
        DefinitionError: no such source or population.
    """
    source = opened.source(source_id)
    if population not in source.populations:
        owed = ", ".join(sorted(source.populations))
        raise DefinitionError(f"{source_id} gives no '{population}'.", where=source.file, remedy=f"It gives {owed}.")
    staging = opened.staging("trial", partition, source_id)
    outcome = collect_source(
        replace(source, populations={population: source.populations[population]}),
        schemas=opened.catalog.populations,
        mappings=opened.catalog.mappings,
        window=day_window(parse_day(partition)),
        partition=partition,
        credentials=log_in(source),
        staging=staging,
        pseudonym_key=opened.pseudonym_key,
        clock=lambda: datetime.now(UTC),
        code_version=opened.code_version,
        base=opened.settings.state,
        organisation=opened.settings.overlay,
        earlier=SealedResults(opened),
    )
    if outcome.missing:
        return Tried(trouble=outcome.missing[0].reason)
    tried = _shown(outcome.collected[0], outcome.provenance, staging, rows)
    raw = outcome.provenance.raw if outcome.provenance else ()
    staging.release([outcome.collected[0].file, *(entry.file for entry in raw)])
    return tried


def _shown(collected: CollectedPopulation, told: Provenance | None, staging: Staging, rows: int) -> Tried:
    first = pq.read_table(staging.fetch(collected.file)).slice(0, rows)
    return Tried(
        columns=tuple(first.column_names),
        rows=tuple(tuple("" if cell is None else str(cell) for cell in row.values()) for row in first.to_pylist()),
        count=collected.rows,
        outside_window=collected.outside_window,
        rejected=told.rejected if told else (),
    )
