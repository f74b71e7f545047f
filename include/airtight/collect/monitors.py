"""Connector ``monitor``: what the monitors of AI systems find, as populations beside the vendors' own.

The set-ups are in ``expectations/models``; there are no options and no connection. Its populations are
``drift_results``, ``model_metrics``, ``evaluations`` and ``monitor_figures``, which keeps the counts and bins behind
them. Reports for readers are kept as raw documents: they may show values of single rows.
"""

from __future__ import annotations

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Pulled, RawFile
from airtight.collect.jsonlines import write_json_lines
from airtight.domain.monitor import POPULATIONS
from airtight.domain.source import MONITOR, MONITORED, Source
from airtight.errors import ConfigurationError, DefinitionError

_MEDIA_TYPES = {".html": "text/html", ".json": "application/json"}


class MonitorConnector:
    """Runs what the caller gives as ``CollectionRequest.monitors``."""

    def check(self, source: Source) -> None:
        """Refuse options, another collection, and populations that no monitor gives."""
        options.check_keys(source, ())
        if source.collection != MONITORED:
            raise DefinitionError(
                f"monitors belong to the collection {MONITORED}.",
                where=f"{source.file}: {source.id}.collection",
                remedy=f"Write 'collection: {MONITORED}'.",
            )
        for population in source.populations:
            if population not in POPULATIONS:
                raise DefinitionError(
                    f"no monitor gives the population '{population}'.",
                    where=f"{source.file}: {source.id}.populations",
                    remedy=f"They give {', '.join(POPULATIONS)}.",
                )

    def keeps_history(self, source: Source) -> bool:
        """The rows of a past day are computed from what was collected for it, as long as that is kept."""
        return True

    def pull(self, request: CollectionRequest) -> Pulled:
        """One file of JSON lines for each population of the source, and the reports.

        Raises:
            ConfigurationError: the caller gave no monitors.
        """
        if request.monitors is None:
            raise ConfigurationError(
                "connector monitor was called without access to what was collected.",
                where=request.source.id,
                remedy="Collect this source through a store.",
            )
        run = request.monitors.run(request.partition, request.folder)
        files = [
            write_json_lines(request.folder, population, run.records.get(population, ()), f"monitors: {population}")
            for population in sorted(request.source.populations)
        ]
        files += [
            RawFile(path, "reports", "document", _MEDIA_TYPES[path.suffix], name=path.name) for path in run.documents
        ]
        return Pulled(
            files=tuple(files),
            query=run.about,
            identity=MONITOR,
            can_write=None,
            pages=len(files),
            exhausted=True,
            notes=run.notes,
        )
