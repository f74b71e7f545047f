"""Connector ``airtight``: what the product itself sealed before, so that controls can test the product too.

A population is its own stream: ``control_results``, ``collector_runs``, ``evidence_index`` and ``dq_results``. A
window holds what speaks of periods that end in it: the partition 2026-09-15 holds the results of 2026-09-14. The
records are read from sealed bundles, never from tables that somebody could have changed. ``attestations`` are what
persons answered for periods whose last day is the partition, from the append-only journal; ``requirements`` are the
catalog's, with the controls that answer them on the day. There are no options and no connection.
"""

from __future__ import annotations

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Pulled, RawFile
from airtight.collect.jsonlines import write_json_lines
from airtight.domain.source import Source
from airtight.errors import ConfigurationError, DefinitionError
from airtight.wire import timestamp

STREAMS = ("attestations", "collector_runs", "control_results", "dq_results", "evidence_index", "requirements")


class OwnResultsConnector:
    """Reads what the caller gives as ``CollectionRequest.earlier``."""

    def check(self, source: Source) -> None:
        """Refuse options, and populations that the product does not hold of itself."""
        options.check_keys(source, ())
        for population in source.populations:
            if population not in STREAMS:
                raise DefinitionError(
                    f"the product keeps no population '{population}' of itself.",
                    where=f"{source.file}: {source.id}.populations",
                    remedy=f"It keeps {', '.join(STREAMS)}.",
                )

    def keeps_history(self, source: Source) -> bool:
        """Bundles are kept: what was sealed for a past day can still be read."""
        return True

    def pull(self, request: CollectionRequest) -> Pulled:
        """One file of JSON lines for each population of the source.

        Raises:
            ConfigurationError: the caller gave no access to sealed results.
        """
        files = tuple(_file(request, population) for population in sorted(request.source.populations))
        start, end = timestamp(request.window.start), timestamp(request.window.end)
        return Pulled(
            files=files,
            query=f"sealed bundles whose period ends from {start} on and before {end}",
            identity="airtight",
            can_write=None,
            pages=len(files),
            exhausted=True,
        )


def _file(request: CollectionRequest, population: str) -> RawFile:
    if request.earlier is None:
        raise ConfigurationError(
            "connector airtight was called without access to what was sealed before.",
            where=request.source.id,
            remedy="Collect this source through a store.",
        )
    records = request.earlier.records(population, request.window)
    return write_json_lines(request.folder, population, map(dict, records), f"sealed {population}")
