"""Rebuilding the index from the store, also where the index file itself is damaged."""

from __future__ import annotations

from dataclasses import dataclass

from airtight.journey.publishing import read_summary
from airtight.publish.opening import Locking, open_store
from airtight.publish.reindex import open_or_mend, rebuild
from airtight.settings import Settings


@dataclass(frozen=True)
class Mending:
    """What a rebuild came to.

    Attributes:
        aside: where a damaged index file lies; None where it was not damaged.
        lost: tables of acts that could not be read from it.
        problems: (slot, reason) of bundles that cannot be read.
    """

    bundles: int
    aside: str | None
    lost: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def rebuild_index(settings: Settings) -> Mending:
    """Make the index say exactly what the store holds.

    Raises:
        StorageError: a PostgreSQL index is damaged, or the store does not answer.
    """
    mended = open_or_mend(settings.index)
    locking = Locking(
        days=settings.object_lock_days,
        raw_days=min(settings.object_lock_days, settings.raw_retention_days),
        confirmed=settings.object_lock_confirmed or None,
        lock=mended.index.store_lock(),
    )
    store = open_store(settings.store, settings.environment, settings.organisation, locking=locking)
    rebuilt = rebuild(mended.index, store, read_summary)
    return Mending(rebuilt.bundles, str(mended.aside) if mended.aside else None, mended.lost, rebuilt.problems)
