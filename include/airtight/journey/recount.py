"""Late records: a day that was collected before its sources had settled is counted again.

A source's ``settles_after`` says how late records may come. Each of the last seven days whose sealed collection began
before that time is pulled once more; where the rows differ, the collection is sealed again and names what it
supersedes. The same rows leave everything as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from airtight.domain.bundle import BundleKind, BundleRef
from airtight.domain.collection import SourceOutcome
from airtight.domain.period import Window, day_window
from airtight.domain.source import Source
from airtight.installation import Installation
from airtight.publish.index import Chosen
from airtight.seal.read import BundleReader

DAYS = 7


def unsettled(opened: Installation, day: date) -> Iterator[tuple[BundleRef, tuple[Source, ...]]]:
    """Collections of the seven days up to ``day`` with the sources that were pulled before they had settled."""
    first = (day - timedelta(days=DAYS - 1)).isoformat()
    chosen = Chosen(kind=BundleKind.COLLECTION, first=first, last=day.isoformat(), current_only=True)
    for bundle in opened.index.bundles(chosen):
        with opened.store.open(bundle.ref.key) as file:
            outcomes = BundleReader(file).outcomes()
        window = day_window(date.fromisoformat(bundle.ref.slot.partition))
        early = tuple(opened.catalog.sources[o.source] for o in outcomes if _too_early(opened, o, window))
        if early:
            yield bundle.ref, early


def _too_early(opened: Installation, outcome: SourceOutcome, window: Window) -> bool:
    source = opened.catalog.sources.get(outcome.source)
    if source is None or not source.settles_after or outcome.provenance is None:
        return False
    return outcome.provenance.started_at < window.end + source.settles_after


def differs(fresh: SourceOutcome, sealed: SourceOutcome | None) -> bool:
    """Whether a source gives other rows than were sealed; one that gives less now changes nothing."""
    if sealed is None:
        return bool(fresh.collected)
    now = {population.population: population.logical_digest for population in fresh.collected}
    then = {population.population: population.logical_digest for population in sealed.collected}
    return then.keys() <= now.keys() and now != then
