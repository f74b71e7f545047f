"""Publishing: a sealed bundle becomes the one bundle of its slot, in the store and in the index.

Three steps, each of which may be repeated and leaves nothing half-done:

1. the ZIP, under the digest of its signed bytes. Sealing again gives other signature bytes for the same digest, so the
   first ZIP of a digest stands and a later one is the same bundle;
2. the slot, create-only: the first bundle to fill it *is* the bundle of that kind, name, partition and revision;
3. the index, from what the store gives back.

A process killed between two steps leaves a ZIP without a slot (nothing lists it) or a bundle that the index does not
know (the retry, or ``reindex``, adds it). Of two processes that publish at once, one fills the slot; the other
returns the winner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

from airtight.domain.bundle import BundleRef, BundleSummary, SealedBundle, Slot
from airtight.errors import ConfigurationError, EvidenceError, StoreConflict
from airtight.publish.index import Index, slot_text
from airtight.publish.keys import bundle_key, parse_slot_content, slot_content, slot_key
from airtight.publish.store import ObjectMissing, Store

#: Reads a bundle's summary from the bundle itself, opened from the store, given its key.
SummaryReader = Callable[[BinaryIO, str], BundleSummary]

_LOG = logging.getLogger(__name__)


def publish(sealed: SealedBundle, read_summary: SummaryReader, store: Store, index: Index) -> BundleRef:
    """Publish a sealed bundle.

    Returns:
        the bundle that holds the slot: the sealed one, or the one that another process published there first; its
        ``digest`` then differs from ``sealed.digest`` and a warning names both.

    Raises:
        ConfigurationError: the bundle is of another environment than the store.
        EvidenceError: it supersedes another bundle than the store has, or the store's own content is damaged.
        StorageError: the store or the index could not do it; repeating is safe.
    """
    _check_environment(sealed, store)
    _check_predecessor(sealed, store)
    _put_bundle(sealed, read_summary, store)
    holder = _fill_slot(sealed, store)
    if holder != sealed.digest:
        _LOG.warning("bundle %s is superseded by winner %s in %s", sealed.digest, holder, slot_text(sealed.slot))
    summary, version = read_published(store, read_summary, sealed.slot, holder)
    index.record(summary, version)
    return summary.ref


def _check_environment(sealed: SealedBundle, store: Store) -> None:
    if sealed.environment is not store.owner.environment:
        raise ConfigurationError(
            f"{sealed.environment.value} evidence may not enter a store of {store.owner.environment.value} evidence.",
            where=slot_text(sealed.slot),
        )


def _check_predecessor(sealed: SealedBundle, store: Store) -> None:
    before = holder_of(store, replace(sealed.slot, revision=sealed.slot.revision - 1)) if sealed.slot.revision else None
    if before != sealed.supersedes:
        raise EvidenceError(
            f"it says that it supersedes {sealed.supersedes}; the revision before is {before}.",
            where=slot_text(sealed.slot),
            remedy="Seal it again on what the store holds.",
        )


def _put_bundle(sealed: SealedBundle, read_summary: SummaryReader, store: Store) -> None:
    key = bundle_key(sealed.slot, sealed.digest)
    try:
        store.create(key, sealed.file)
    except StoreConflict:
        # Same digest, other bytes: a bundle sealed twice has two signatures. Anything else is no bundle of ours.
        read_published(store, read_summary, sealed.slot, sealed.digest)


def _fill_slot(sealed: SealedBundle, store: Store) -> str:
    key = slot_key(sealed.slot)
    try:
        store.create(key, slot_content(sealed.digest))
    except StoreConflict:
        return parse_slot_content(store.read(key), key)
    return sealed.digest


def holder_of(store: Store, slot: Slot) -> str | None:
    """The digest of the bundle that fills a slot of the store, or None.

    Raises:
        EvidenceError: the slot holds something else than a digest.
    """
    key = slot_key(slot)
    try:
        return parse_slot_content(store.read(key), key)
    except ObjectMissing:
        return None


def read_published(
    store: Store, read_summary: SummaryReader, slot: Slot, digest: str
) -> tuple[BundleSummary, str | None]:
    """What a published bundle says of itself, and the version id of its object.

    Raises:
        EvidenceError: the bundle vanished, cannot be read, or is another than its key says.
    """
    key = bundle_key(slot, digest)
    entry = store.stat(key)
    if entry is None:
        raise EvidenceError("a slot names this bundle, and the store does not hold it.", where=key)
    with store.open(key, version=entry.version) as file:
        summary = read_summary(file, key)
    ref = summary.ref
    if (ref.digest, ref.slot, ref.environment) != (digest, slot, store.owner.environment):
        raise EvidenceError(f"holds bundle {ref.digest} for {slot_text(ref.slot)}.", where=key)
    return replace(summary, ref=replace(ref, key=key, size=entry.size)), entry.version
