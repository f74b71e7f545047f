"""Raw objects: bytes as a source gave them, beside the bundles and with a retention of their own.

Bundles carry their digests; ``airtight retention`` deletes those that have expired and leaves a tombstone for each,
which the caller makes (and signs).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from airtight.domain.collection import RawObject
from airtight.domain.staging import Staging
from airtight.publish.keys import RAW, raw_key
from airtight.publish.store import Entry, Store, Stored


def put_raw(objects: Iterable[RawObject], staging: Staging, store: Store) -> tuple[Stored, ...]:
    """Put staged raw objects into the store, each once. Done before the bundle that names them is published.

    Raises:
        EvidenceError: staging lost an object or gives back other bytes.
        StorageError: the store could not take one; repeating is safe.
    """
    unique = {raw.file.sha256: raw.file for raw in objects}
    return tuple(store.create(raw_key(digest), staging.fetch(unique[digest]), digest) for digest in sorted(unique))


def expired_raw(store: Store, before: datetime, needed: Collection[str]) -> Iterator[Entry]:
    """Raw objects that the store has held since before a time and that nothing needs any more.

    Args:
        before: UTC; what was written earlier has expired.
        needed: digests that bundles younger than that name: the same bytes may have been collected again.
    """
    for entry in store.list(RAW):
        if entry.modified < before and entry.key.removeprefix(RAW) not in needed:
            yield entry
