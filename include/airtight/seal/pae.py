"""The bytes that are signed: DSSE's pre-authentication encoding (DSSE v1, protocol) of an in-toto statement."""

from __future__ import annotations

from airtight.errors import EvidenceError
from airtight.seal.layout import PAE

PAYLOAD_TYPE = "application/vnd.in-toto+json"


def pae_of(statement: bytes) -> bytes:
    """The encoding of a statement."""
    kind = PAYLOAD_TYPE.encode("ascii")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(statement), statement)


def parse_pae(pae: bytes) -> bytes:
    """The statement inside signed bytes.

    Raises:
        EvidenceError: the bytes are not the pre-authentication encoding of an in-toto statement.
    """
    statement = pae.split(b" ", 4)[-1]
    if pae_of(statement) != pae:
        raise EvidenceError("is not a DSSE encoding of an in-toto statement.", where=PAE)
    return statement
