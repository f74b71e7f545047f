"""The store in a local folder.

An object is written to a temporary file, forced to disk and then *linked* to its name: a link fails where the name
exists, so nothing is ever replaced, and the name appears with the whole content or not at all. The folder is forced to
disk last. Files are read-only for everyone, which is advice and no protection: ``capabilities().worm`` is False.

Temporary files lie in ``.writing`` at the root (a link needs the same file system). Each writer holds a lock on its
own; one that nobody holds was left by a killed writer and is swept on the next opening.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from airtight.errors import EvidenceError, StorageError, StoreUnwritable
from airtight.publish.content import copy, expect_digest, hashed, same_or_conflict, sha256_of
from airtight.publish.keys import RAW, checked_key, tombstone_key
from airtight.publish.store import Capabilities, Content, Entry, ObjectMissing, Stored, StoreOwner, Version

_WRITING = ".writing"


class LocalStore:
    """Create-only objects as read-only files below a folder."""

    def __init__(self, root: Path, owner: StoreOwner) -> None:
        self._root = root
        self._owner = owner

    @property
    def owner(self) -> StoreOwner:
        return self._owner

    def create(self, key: str, content: Content, sha256: str | None = None) -> Stored:
        final = self._path(key)
        if existing := self._existing(key):
            return same_or_conflict(existing, sha256_of(content), sha256)
        with _unwritable(final), self._temporary() as (temporary, handle):
            digest, size = copy(content, handle)
            expect_digest(digest, sha256, key)
            os.fchmod(handle.fileno(), 0o444)
            os.fsync(handle.fileno())
            _make_folders(final.parent)
            try:
                os.link(temporary, final)
            except FileExistsError:
                return same_or_conflict(self._hashed(key), digest, sha256)
            finally:
                _sync_folder(final.parent)
        return Stored(key, size, digest, None, existed=False)

    def stat(self, key: str) -> Entry | None:
        try:
            facts = self._path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Entry(key, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC), None)

    def read(self, key: str, start: int = 0, end: int | None = None, *, version: str | None = None) -> bytes:
        with self.open(key, version=version) as file:
            file.seek(start)
            return file.read(-1 if end is None else max(0, end - start))

    def open(self, key: str, *, version: str | None = None) -> BinaryIO:
        if version is not None:
            raise ObjectMissing(f"a folder has no version '{version}'.", where=key)
        path = self._path(key)
        try:
            return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise ObjectMissing("the store holds no such object.", where=key) from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise EvidenceError("is a symbolic link, which this store never writes.", where=str(path)) from None
            raise StorageError(f"cannot be read: {error.strerror}.", where=str(path)) from None

    def list(self, prefix: str = "") -> Iterator[Entry]:
        folders = prefix.split("/")[:-1]
        for path in _files(self._root.joinpath(*folders)) if ".." not in folders else ():
            key = path.relative_to(self._root).as_posix()
            entry = self.stat(key) if key.startswith(prefix) else None
            if entry:
                yield entry

    def versions(self, key: str) -> tuple[Version, ...]:
        entry = self.stat(key)
        return (Version(None, entry.size, entry.modified, latest=True, deleted=False),) if entry else ()

    def presign(self, key: str, ttl: timedelta, *, version: str | None = None) -> str:
        raise StorageError("a folder has no addresses to hand out.", where=key, remedy="Copy the file instead.")

    def retire(self, key: str, tombstone: bytes) -> Stored:
        path = self._path(key)
        if not key.startswith(RAW):
            raise StorageError("only raw objects may be deleted.", where=key)
        grave = tombstone_key(key, hashlib.sha256(tombstone).hexdigest())
        if self.stat(key) is None and self.stat(grave) is None:
            raise ObjectMissing("the store holds no such object.", where=key)
        stored = self.create(grave, tombstone)
        with _unwritable(path):
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)
        return stored

    def capabilities(self) -> Capabilities:
        return Capabilities(worm=False, many_writers=True, versions=False, presign=False, retention_days=0)

    def sweep(self) -> int:
        """Remove temporary files that killed writers left; returns how many. A mere reader leaves them."""
        folder = self._root / _WRITING
        if not os.access(folder, os.W_OK):
            return 0
        with _unwritable(folder):
            return sum(_remove_unless_held(leftover) for leftover in list(folder.iterdir()))

    def _path(self, key: str) -> Path:
        return self._root / checked_key(key)

    def _existing(self, key: str) -> Stored | None:
        try:
            return self._hashed(key)
        except ObjectMissing:
            return None

    def _hashed(self, key: str) -> Stored:
        with self.open(key) as file:
            digest, size = hashed(file)
        return Stored(key, size, digest, None, existed=True)

    @contextmanager
    def _temporary(self) -> Iterator[tuple[Path, BinaryIO]]:
        """A file of our own that is locked while we live; gone afterwards."""
        folder = self._root / _WRITING
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            path = folder / uuid.uuid4().hex
            with path.open("xb") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if not path.exists():
                    continue  # a sweeper took it between its birth and its lock
                try:
                    yield path, handle
                finally:
                    path.unlink(missing_ok=True)
                return


def _files(folder: Path) -> Iterator[Path]:
    """Files below a folder in the order of their keys' bytes; temporary ones left out."""
    try:
        found = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return
    is_folder = {entry.name: entry.is_dir(follow_symlinks=False) for entry in found}
    for name in sorted(is_folder, key=lambda name: f"{name}/" if is_folder[name] else name):
        if is_folder[name]:
            yield from _files(folder / name)
        else:
            yield folder / name


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, each one's entry forced to disk."""
    if folder.is_dir():
        return
    _make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_unless_held(path: Path) -> bool:
    with suppress(FileNotFoundError), path.open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        path.unlink(missing_ok=True)
        return True
    return False


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnwritable(f"cannot be written: {error.strerror}.", where=str(path), remedy=_advice(error)) from None


def _advice(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Free space on the store's disk; nothing was half-written."
    return "See that the store's folder exists and this user may write to it."
