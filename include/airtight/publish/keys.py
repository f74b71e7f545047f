"""Keys of the store: which object lies where. Pure functions.

::

    store.json                                             whose store this is
    bundles/<kind>/<name>/<partition>/<digest>.zip         a bundle
    slots/<kind>/<name>/<partition>/<revision, 4 digits>   the digest of the one bundle that fills the slot
    raw/<sha256>                                           bytes as a source gave them
    tombstones/<key>/<sha256 of the tombstone>             why an object was deleted
"""

from __future__ import annotations

import re

from airtight.domain.bundle import BundleKind, Slot
from airtight.errors import EvidenceError, StorageError

MARKER = "store.json"
BUNDLES = "bundles/"
SLOTS = "slots/"
RAW = "raw/"
TOMBSTONES = "tombstones/"
PROBES = "probes/"

_SEGMENT = re.compile(r"[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]{0,199}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SLOT = re.compile(r"slots/([^/]+)/([^/]+)/([^/]+)/(\d{4,})")


def checked_key(key: str) -> str:
    """The key itself.

    Raises:
        StorageError: a part is empty, starts with a dot or holds other characters than ``A-Za-z0-9._=+@-``;
            or the key is longer than 900 bytes.
    """
    if len(key) > 900 or not all(_SEGMENT.fullmatch(part) for part in key.split("/")):
        raise StorageError(
            f"'{key[:200]}' is no key of a store.", remedy="Use letters, digits and . _ = + @ - between slashes."
        )
    return key


def checked_digest(digest: str) -> str:
    """The digest itself.

    Raises:
        EvidenceError: it is not 64 lower-case hex digits.
    """
    if not _DIGEST.fullmatch(digest):
        raise EvidenceError(f"'{digest[:80]}' is no SHA-256 digest.")
    return digest


def slot_key(slot: Slot) -> str:
    """The object that says which bundle fills a slot."""
    return checked_key(f"{_slot_folder(SLOTS, slot)}/{slot.revision:04d}")


def bundle_key(slot: Slot, digest: str) -> str:
    """The object that is the bundle."""
    return checked_key(f"{_slot_folder(BUNDLES, slot)}/{checked_digest(digest)}.zip")


def _slot_folder(prefix: str, slot: Slot) -> str:
    return f"{prefix}{slot.kind.value}/{slot.name}/{slot.partition}"


def parse_slot_key(key: str) -> Slot:
    """The slot that a key under ``slots/`` stands for.

    Raises:
        EvidenceError: the key has no such form.
    """
    match = _SLOT.fullmatch(key)
    try:
        if match:
            return Slot(BundleKind(match[1]), match[2], match[3], int(match[4]))
    except ValueError:
        pass
    raise EvidenceError("not the name of a slot.", where=key)


def raw_key(sha256: str) -> str:
    """The object that holds raw bytes of that digest."""
    return f"{RAW}{checked_digest(sha256)}"


def tombstone_key(key: str, sha256: str) -> str:
    """The tombstone with that digest of a deleted object."""
    return checked_key(f"{TOMBSTONES}{key}/{checked_digest(sha256)}")


def slot_content(digest: str) -> bytes:
    """What a slot object holds."""
    return f"{checked_digest(digest)}\n".encode()


def parse_slot_content(content: bytes, key: str) -> str:
    """The digest that a slot object holds.

    Raises:
        EvidenceError: it holds something else.
    """
    if len(content) != 65 or not content.endswith(b"\n"):
        raise EvidenceError("does not hold the digest of a bundle.", where=key)
    return checked_digest(content[:-1].decode("ascii", "replace"))
