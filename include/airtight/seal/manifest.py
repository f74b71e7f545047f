"""The manifest: the SHA-256 of every file under ``data/``, in the form that ``sha256sum -c`` reads.

One exact byte sequence for given files: sorted names, lower-case digests, two spaces, newline. Reading refuses all
other forms, also those that ``sha256sum`` would accept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from airtight.errors import EvidenceError
from airtight.seal.layout import MANIFEST, check_member

_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def write_manifest(digests: Mapping[str, str]) -> bytes:
    """The manifest of files under ``data/``: name -> SHA-256 in lower-case hex."""
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode("ascii")


def parse_manifest(content: bytes) -> dict[str, str]:
    """Name -> SHA-256, in the manifest's order.

    Raises:
        EvidenceError: a line has another form, or lines are unsorted or duplicated.
    """
    digests = {}
    for number, line in enumerate(content.decode("utf-8", "replace").removesuffix("\n").split("\n"), start=1):
        match = _LINE.fullmatch(line)
        if not match:
            raise EvidenceError("is not '<64 lower-case hex digits>  data/...'.", where=f"{MANIFEST}: line {number}")
        digests[check_member(match[2])] = match[1]
    if write_manifest(digests) != content:
        raise EvidenceError("its lines are not in sorted order, one for each file.", where=MANIFEST)
    return digests
