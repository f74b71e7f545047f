"""The store: create-only objects under keys, whatever keeps them.

What every store promises:

1. ``create`` writes a key once. The same content again is success; other content is ``StoreConflict`` and
   nothing is replaced.
2. An object is there whole or not at all, also when its writer is killed.
3. The only delete is ``retire``: objects under ``raw/``, each leaving a tombstone that was written before.
4. A store belongs to one environment of one organisation, named by ``store.json`` at its root.

``create``, ``retire`` and ``open`` speak of the *first* version of a key: where a server keeps versions, a later one or
a delete marker hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from airtight.domain.bundle import Environment
from airtight.errors import StorageError

Content = Path | bytes


class ObjectMissing(StorageError):
    """The store holds no object under the key."""


@dataclass(frozen=True)
class StoreOwner:
    """Whose evidence a store holds."""

    environment: Environment
    organisation: str


@dataclass(frozen=True)
class Stored:
    """An object in the store.

    Attributes:
        size: bytes.
        sha256: lower-case hex digest of the bytes.
        version: the server's version id, None where the store keeps no versions.
        existed: the key held the same content before.
    """

    key: str
    size: int
    sha256: str
    version: str | None
    existed: bool


@dataclass(frozen=True)
class Entry:
    """An object as a listing shows it; ``modified`` is the store's own clock, in UTC."""

    key: str
    size: int
    modified: datetime
    version: str | None


@dataclass(frozen=True)
class Version:
    """One version of a key. ``deleted`` marks a delete marker, which has no bytes."""

    id: str | None
    size: int
    modified: datetime
    latest: bool
    deleted: bool


@dataclass(frozen=True)
class Capabilities:
    """What this store can promise.

    Attributes:
        worm: written objects cannot be removed before their retention ends, not even by an administrator.
        many_writers: several processes may create at the same time.
        versions: the server keeps versions.
        presign: addresses of limited life can be handed out.
        retention_days: retention put on each new object; 0: none.
    """

    worm: bool
    many_writers: bool
    versions: bool
    presign: bool
    retention_days: int


class Store(Protocol):
    """Create-only objects. Keys are ``/``-separated, see ``keys``."""

    @property
    def owner(self) -> StoreOwner:
        """Environment and organisation, as ``store.json`` names them."""
        ...

    def create(self, key: str, content: Content, sha256: str | None = None) -> Stored:
        """Write an object once.

        Args:
            content: the bytes, or a file that holds them.
            sha256: the digest that the content must have; None where the caller does not know it.

        Raises:
            EvidenceError: the content does not have that digest; nothing was written.
            StoreConflict: the key holds other content; nothing was replaced.
            StoreUnwritable: read-only, full or not reachable.
        """
        ...

    def stat(self, key: str) -> Entry | None:
        """The object's place in a listing, or None where there is none."""
        ...

    def read(self, key: str, start: int = 0, end: int | None = None, *, version: str | None = None) -> bytes:
        """Bytes ``[start, end)`` of an object, to its end where ``end`` is None.

        Raises:
            ObjectMissing: no such object or version.
            StorageError: the store did not answer.
        """
        ...

    def open(self, key: str, *, version: str | None = None) -> BinaryIO:
        """A seekable file over an object, which fetches what is read and a little ahead. Raises as ``read``."""
        ...

    def list(self, prefix: str = "") -> Iterator[Entry]:
        """Objects whose key starts with the prefix, in the order of their keys' bytes."""
        ...

    def versions(self, key: str) -> tuple[Version, ...]:
        """Every version of a key, first written first; a store without versions shows one."""
        ...

    def presign(self, key: str, ttl: timedelta, *, version: str | None = None) -> str:
        """An address that reads the object until ``ttl`` has passed: a bearer secret, not for logs or XCom.

        Raises:
            StorageError: this store cannot.
        """
        ...

    def retire(self, key: str, tombstone: bytes) -> Stored:
        """Write a tombstone, then delete a raw object; the tombstone is returned. Repeating it is success.

        Raises:
            StorageError: the key is not under ``raw/``, or the server still holds it locked.
            ObjectMissing: neither the object nor this tombstone is there.
        """
        ...

    def capabilities(self) -> Capabilities:
        """What this store can promise."""
        ...
