"""Opening a store: which kind, whose, and whether it may lock what it is given.

``store.json`` at the root names environment and organisation; it is written on the first opening of an empty place.
Another environment or organisation is refused, and so is a place that holds things but no ``store.json``: sample
evidence never enters a production store. Opening a store that exists writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from airtight.domain.bundle import Environment
from airtight.errors import ConfigurationError, StorageError, StoreConflict, StoreUnwritable
from airtight.publish.keys import MARKER, PROBES
from airtight.publish.local import LocalStore
from airtight.publish.s3_client import Place, s3_client
from airtight.publish.s3_locking import (
    Locking,
    check_bucket,
    check_confirmation,
    confirmation,
    remember_confirmation,
)
from airtight.publish.store import ObjectMissing, Store, StoreOwner

__all__ = ["Locking", "confirmation", "open_store"]

FORMAT = 1


def open_store(
    uri: str,
    environment: Environment,
    organisation: str,
    *,
    locking: Locking | None = None,
    endpoint: str | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Store:
    """The store at a folder or at ``s3://bucket/prefix``.

    Args:
        endpoint: address of an S3 server other than AWS; by default what ``AWS_ENDPOINT_URL`` says.
        clock: what retention counts from; the wall clock by default.

    Raises:
        ConfigurationError: it belongs to another environment or organisation; the bucket is missing or cannot lock;
            a retention is not confirmed.
        StoreUnwritable: it does not exist and cannot be made.
        StorageError: it does not answer, or its ``store.json`` is damaged.
    """
    owner, locking = StoreOwner(environment, organisation), locking or Locking()
    if not uri.startswith("s3://"):
        return _open_folder(Path(uri), owner, locking)
    from airtight.publish.s3 import S3Store, utc_now

    place, client = Place.parse(uri), s3_client(endpoint)
    store = S3Store(client, place, owner, locking=locking, clock=clock or utc_now)
    if not locking.days:
        _claim(store, str(place))
        return store
    # Before anything is written: store.json is locked like the rest.
    check_bucket(client, place)
    check_confirmation(store, locking, str(place))
    _claim(store, str(place))
    remember_confirmation(store, locking)
    return store


def _open_folder(root: Path, owner: StoreOwner, locking: Locking) -> Store:
    if locking.days:
        raise ConfigurationError(
            "a folder cannot lock objects against deletion.",
            where=str(root),
            remedy="Set object_lock_days to 0, or use a store in S3.",
        )
    if root.exists() and not root.is_dir():
        raise ConfigurationError("the store is no folder.", where=str(root))
    if not root.is_dir():
        _make(root)
    store = LocalStore(root, owner)
    _claim(store, str(root))
    store.sweep()
    return store


def _make(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnwritable(f"the store's folder cannot be made: {error.strerror}.", where=str(root)) from None


def _claim(store: Store, where: str) -> None:
    found = _marker(store)
    if found is None and _holds_anything(store):
        # Another process may have claimed and filled the place since.
        found = _marker(store)
        if found is None:
            raise ConfigurationError(
                f"it holds objects but no {MARKER}: it is no store of ours, or someone removed the file.", where=where
            )
    if found is None:
        found = _write_marker(store)
    if found != store.owner:
        raise ConfigurationError(
            f"this store holds {found.environment.value} evidence of '{found.organisation}', not "
            f"{store.owner.environment.value} evidence of '{store.owner.organisation}'.",
            where=where,
            remedy="Correct 'store', 'environment' or 'organisation' in airtight.yaml.",
        )


def _holds_anything(store: Store) -> bool:
    return any(not entry.key.startswith(PROBES) for entry in store.list())


def _marker(store: Store) -> StoreOwner | None:
    try:
        content = store.read(MARKER)
    except ObjectMissing:
        return None
    try:
        fields = json.loads(content)
        owner = StoreOwner(Environment(fields["environment"]), str(fields["organisation"]))
        written = int(fields["format"])
    except (ValueError, KeyError, TypeError):
        raise StorageError("does not say whose store this is: it is damaged.", where=MARKER) from None
    if written > FORMAT:
        raise ConfigurationError("a newer version of Airtight made this store.", where=MARKER, remedy="Upgrade.")
    return owner


def _write_marker(store: Store) -> StoreOwner:
    owner = store.owner
    fields = {"environment": owner.environment.value, "format": FORMAT, "organisation": owner.organisation}
    try:
        store.create(MARKER, (json.dumps(fields, sort_keys=True) + "\n").encode())
    except StoreConflict:
        return _marker(store) or owner
    return owner
