"""SHA-256, the only digest that the evidence rests on, as 64 lower-case hex digits."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from airtight.errors import EvidenceError

_DIGEST = re.compile(r"[0-9a-f]{64}")


def sha256_of(content: bytes) -> str:
    """Digest of bytes."""
    return hashlib.sha256(content).hexdigest()


def sha256_file(file: Path) -> str:
    """Digest of a file, read in bounded memory."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def check_digest(digest: str, what: str) -> str:
    """The digest itself.

    Raises:
        EvidenceError: it is not 64 lower-case hex digits.
    """
    if not _DIGEST.fullmatch(digest):
        raise EvidenceError("is no SHA-256 in lower-case hex.", where=what)
    return digest
