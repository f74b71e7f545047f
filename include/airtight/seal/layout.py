"""Which files a bundle holds, and how their names may look.

::

    VERIFY.txt                 how to check the bundle by hand; informative
    bagit.txt                  BagIt 1.0 (RFC 8493)
    data/...                   everything with meaning
    manifest-sha256.txt        SHA-256 of every file under data/, as sha256sum writes it
    proof/signer.pub           the signer's public key, PEM; worth what the reader knows of its fingerprint
    proof/statement.dsse.json  the statement and its signature, DSSE
    proof/statement.pae        the signed bytes themselves
    proof/statement.sig        the same signature, DER

No other file is part of a bundle, and none of these may be missing. Names are refused that any file system or
``sha256sum`` could take for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from airtight.errors import EvidenceError

VERIFY = "VERIFY.txt"
BAGIT = "bagit.txt"
MANIFEST = "manifest-sha256.txt"
SIGNER = "proof/signer.pub"
DSSE = "proof/statement.dsse.json"
PAE = "proof/statement.pae"
SIGNATURE = "proof/statement.sig"
FORMAT_FILES = (VERIFY, BAGIT, MANIFEST, SIGNER, DSSE, PAE, SIGNATURE)
DATA = "data/"

BAGIT_CONTENT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

#: More files than any day owes; bounds what a hostile archive can make a reader do.
MAX_MEMBERS = 10_000
MAX_NAME = 240

_NAME = re.compile(r"data(/(?!\.{1,2}(/|$))[A-Za-z0-9._-]+)+")


def check_member(name: str) -> str:
    """The name itself, of a file under ``data/``.

    Raises:
        EvidenceError: it is not ``data/`` and parts of ``A-Za-z0-9._-``, or is longer than 240 characters.
    """
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        raise EvidenceError(
            "is no name that a file of a bundle may have.",
            where=ascii(name[:MAX_NAME]),
            remedy="Names are data/ and parts of letters, digits, '.', '_' and '-'.",
        )
    return name


def check_names(names: Iterable[str]) -> None:
    """All files of a bundle.

    Raises:
        EvidenceError: one is duplicated (also when only its case differs), outside the format, badly named, at once
            a file and a folder, or missing from the format's own; or there are more than 10,000.
    """
    listed = list(names)
    if len(listed) > MAX_MEMBERS:
        raise EvidenceError(f"a bundle of {len(listed)} files is refused; {MAX_MEMBERS} is the limit.")
    for name in listed:
        if name not in FORMAT_FILES:
            check_member(name)
    _refuse_collisions(listed)
    for required in FORMAT_FILES:
        if required not in listed:
            raise EvidenceError("is missing from the bundle.", where=required)


def _refuse_collisions(names: list[str]) -> None:
    folded = set()
    for name in names:
        if name.lower() in folded:
            raise EvidenceError("stands in the bundle twice.", where=name)
        folded.add(name.lower())
    for name in sorted(folded):
        for folder in _folders(name):
            if folder in folded:
                raise EvidenceError("is both a file and a folder.", where=folder)


def _folders(name: str) -> Iterable[str]:
    parts = name.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))
