"""Content on its way into a store: measured, copied, compared with what a key holds."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing
from dataclasses import dataclass, replace
from typing import BinaryIO

from airtight.errors import EvidenceError, StorageError, StoreConflict
from airtight.publish.store import Content, Stored

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Measured:
    """What content is: ``md5`` is the base64-free digest that S3 checks the transport with, no more."""

    sha256: str
    md5: bytes
    size: int


def open_content(content: Content) -> BinaryIO:
    """The content as a file.

    Raises:
        StorageError: the file cannot be read.
    """
    if isinstance(content, bytes):
        return io.BytesIO(content)
    try:
        return content.open("rb")
    except OSError as error:
        raise StorageError(f"what is to be stored cannot be read: {error.strerror}.", where=str(content)) from None


def measure(content: Content) -> Measured:
    """Digests and size, in one pass."""
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    with closing(open_content(content)) as file:
        while block := file.read(_BLOCK):
            sha256.update(block)
            md5.update(block)
            size += len(block)
    return Measured(sha256.hexdigest(), md5.digest(), size)


def sha256_of(content: Content) -> str:
    """SHA-256 as lower-case hex."""
    with closing(open_content(content)) as file:
        return hashed(file)[0]


def hashed(file: BinaryIO) -> tuple[str, int]:
    """SHA-256 of what is left of a file, and how many bytes that was."""
    digest, size = hashlib.sha256(), 0
    while block := file.read(_BLOCK):
        digest.update(block)
        size += len(block)
    return digest.hexdigest(), size


def copy(content: Content, into: BinaryIO) -> tuple[str, int]:
    """Copy and hash in one pass; returns SHA-256 and size in bytes."""
    digest, size = hashlib.sha256(), 0
    with closing(open_content(content)) as source:
        while block := source.read(_BLOCK):
            digest.update(block)
            into.write(block)
            size += len(block)
    into.flush()
    return digest.hexdigest(), size


def expect_digest(digest: str, wanted: str | None, key: str) -> None:
    """Refuse content that is not what the caller says it is.

    Raises:
        EvidenceError: the digests differ.
    """
    if wanted not in (None, digest):
        raise EvidenceError(f"its content has digest {digest}, not {wanted}; nothing was written.", where=key)


def same_or_conflict(existing: Stored, digest: str, wanted: str | None) -> Stored:
    """What a key holds, where that is the content to be written.

    Raises:
        EvidenceError: the content is not what the caller says it is.
        StoreConflict: the key holds other content.
    """
    expect_digest(digest, wanted, existing.key)
    if existing.sha256 != digest:
        raise StoreConflict(
            f"holds other content ({existing.sha256}) than was to be written ({digest}); nothing was replaced.",
            where=existing.key,
        )
    return replace(existing, existed=True)
