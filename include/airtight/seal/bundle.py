"""Sealing: contents and the facts about them become one signed file.

Everything is a pure function of the arguments but the signature, which need not be. The file appears under its final
name only when it is whole and on disk; whatever happens before leaves at most a temporary file. The bundle's identity
is the SHA-256 of the signed bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from airtight import __version__
from airtight.domain.bundle import Environment, Member, RunFacts, SealedBundle, Slot
from airtight.domain.period import Window
from airtight.errors import ConfigurationError, EvidenceError, StoreUnwritable
from airtight.seal.archive import ArchiveWriter
from airtight.seal.contents import Contents
from airtight.seal.digest import check_digest, sha256_of
from airtight.seal.envelope import Envelope, sign
from airtight.seal.instructions import instructions
from airtight.seal.layout import (
    BAGIT,
    BAGIT_CONTENT,
    DSSE,
    FORMAT_FILES,
    MANIFEST,
    PAE,
    SIGNATURE,
    SIGNER,
    VERIFY,
    check_names,
)
from airtight.seal.manifest import write_manifest
from airtight.seal.signers import Signer
from airtight.seal.statement import Bag, Statement


def seal(
    contents: Contents,
    *,
    slot: Slot,
    environment: Environment,
    organisation: str,
    window: Window,
    facts: RunFacts,
    signer: Signer,
    into: Path,
    supersedes: str | None = None,
    rests_on: Sequence[str] = (),
    software_version: str = __version__,
) -> SealedBundle:
    """Seal contents into ``<into>/<identity>.zip``.

    Args:
        contents: what a builder of ``contents`` made; its kind is the slot's.
        window: the period that the evidence speaks of.
        supersedes: identity of the bundle that this one corrects; given exactly when the slot's revision is not 0.
        rests_on: identities of bundles that this one was made from, besides those that the contents name.
        into: an existing folder.

    Raises:
        EvidenceError: the contents are empty, badly named, changed while they were read, or contradict the slot.
        ConfigurationError: the key did not sign, or signed what does not verify.
        StoreUnwritable: the folder is missing, full or read-only.
    """
    _check(contents, slot, supersedes)
    draft = Statement(
        slot=slot,
        environment=environment,
        organisation=organisation,
        window=window,
        facts=facts,
        software_version=software_version,
        rests_on=tuple(sorted({check_digest(digest, "rests_on") for digest in (*rests_on, *contents.rests_on)})),
        supersedes=supersedes,
        summary=contents.summary,
        bag=Bag("", "", "", ""),
        manifest="",
    )
    with _fresh_file(into) as (file, temporary):
        envelope = _write(file, contents.members, draft, signer)
        digest = sha256_of(envelope.pae)
        target = into / f"{digest}.zip"
        _put_in_place(file, temporary, target)
    return SealedBundle(digest, slot, environment, supersedes, target, target.stat().st_size)


def _check(contents: Contents, slot: Slot, supersedes: str | None) -> None:
    where = f"{slot.kind.value}/{slot.name}/{slot.partition}"
    if contents.kind is not slot.kind:
        raise EvidenceError(f"contents of a {contents.kind.value} bundle cannot fill this slot.", where=where)
    if not contents.members:
        raise EvidenceError("there is nothing to seal.", where=where)
    if (supersedes is not None) != (slot.revision > 0):
        needs = "must name the bundle that it supersedes" if slot.revision else "supersedes nothing"
        raise EvidenceError(f"revision {slot.revision} {needs}.", where=where)
    if supersedes is not None:
        check_digest(supersedes, "supersedes")
    check_names([*(member.path for member in contents.members), *FORMAT_FILES])


def _write(file: BinaryIO, members: Sequence[Member], draft: Statement, signer: Signer) -> Envelope:
    writer = ArchiveWriter(file)
    verify = writer.add(VERIFY, instructions(signer.public.fingerprint))
    bagit = writer.add(BAGIT, BAGIT_CONTENT)
    digests = {member.path: _add(writer, member) for member in sorted(members, key=lambda member: member.path)}
    bag = Bag(verify, bagit, writer.directory_sha256(), sha256_of(signer.public.pem))
    manifest = writer.add(MANIFEST, write_manifest(digests))
    envelope = _sign(replace(draft, bag=bag, manifest=manifest), signer)
    writer.add(SIGNER, signer.public.pem)
    writer.add(DSSE, envelope.dsse())
    writer.add(PAE, envelope.pae)
    writer.add(SIGNATURE, envelope.signature)
    writer.close()
    return envelope


def _add(writer: ArchiveWriter, member: Member) -> str:
    content = member.content if member.content is not None else member.source
    if content is None:
        raise EvidenceError("has neither content nor a source.", where=member.path)
    digest = writer.add(member.path, content)
    if member.sha256 not in (None, digest):
        raise EvidenceError(f"has SHA-256 {digest}, not {member.sha256} as when it was staged.", where=member.path)
    return digest


def _sign(statement: Statement, signer: Signer) -> Envelope:
    envelope = sign(statement.to_bytes(), signer)
    if not envelope.signed_by(signer.public):
        raise ConfigurationError(
            "the signature that the key service gave does not verify.",
            where=f"signing key {signer.public.fingerprint[:16]}",
            remedy="Check that the public half belongs to this key, and that the service signs digests.",
        )
    return envelope


@contextmanager
def _fresh_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file in the folder, removed unless it was put in place."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=".sealing-", suffix=".zip", dir=folder)
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file, Path(name)
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _put_in_place(file: BinaryIO, temporary: Path, target: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    temporary.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(folder: Path, error: OSError) -> StoreUnwritable:
    return StoreUnwritable(
        f"the bundle cannot be written: {error.strerror}.",
        where=str(error.filename or folder),
        remedy="Check that the folder exists, may be written and has room.",
    )
