"""Whom the reader trusts to have signed: a key or a fingerprint that came by another way than the bundle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from airtight.errors import ConfigurationError
from airtight.seal.signers import PublicKey, load_public_key


@dataclass(frozen=True)
class Trust:
    """The signer whom the reader trusts: by key, or by fingerprint alone."""

    fingerprint: str
    key: PublicKey | None


def trust(key: PublicKey | Path | str) -> Trust:
    """Whom to trust: a key, the path of a PEM file, or a fingerprint in hex, colons and case aside.

    Raises:
        ConfigurationError: it is none of these.
    """
    if isinstance(key, PublicKey):
        return Trust(key.fingerprint, key)
    digits = str(key).replace(":", "").lower()
    if re.fullmatch(r"[0-9a-f]{64}", digits):
        return Trust(digits, None)
    try:
        public = load_public_key(Path(key).read_bytes(), str(key))
    except OSError as error:
        raise ConfigurationError(
            f"the trusted key cannot be read: {error.strerror}.",
            where=str(key),
            remedy="Give the path of a PEM file, or the 64 hex digits of a fingerprint.",
        ) from None
    return Trust(public.fingerprint, public)
