"""The forger's workshop: a good bundle, another one, the signer's key and a stranger's, and tools for archives."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sealed_evidence import collection, golden_signer, register, sealed

from airtight.seal.archive import ArchiveWriter
from airtight.seal.contents import register_contents
from airtight.seal.envelope import Envelope
from airtight.seal.layout import BAGIT, DSSE, MANIFEST, PAE, SIGNATURE, SIGNER, VERIFY
from airtight.seal.pae import parse_pae
from airtight.seal.signers import PublicKey, Signer

Files = dict[str, bytes]
Edit = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Workshop:
    """Everything that a tampering may start from. ``signer`` is trusted, ``stranger`` is not."""

    good: Path
    other: Path
    key: Path
    signer: Signer
    stranger: Signer
    files: Files
    other_files: Files

    @property
    def raw(self) -> bytes:
        return self.good.read_bytes()

    def forge(self, files: Files, signer: Signer | None = None, edit: Edit = lambda statement: statement) -> Files:
        """The files with a statement that fits them, edited, and signed: by default with the trusted key itself."""
        signer = signer or self.signer
        files = {**files, SIGNER: signer.public.pem}
        statement = parse_pae(self.files[PAE])
        for name in (VERIFY, BAGIT, SIGNER, MANIFEST):
            statement = statement.replace(sha256(self.files[name]), sha256(files[name]))
        statement = statement.replace(directory(self.files), directory(files))
        return sign_files(files, edit(statement), signer)


def build_workshop(folder: Path) -> Workshop:
    signer, stranger = golden_signer(folder), golden_signer(folder, secret=666)
    key = folder / "trusted.pem"
    key.write_bytes(signer.public.pem)
    good = sealed(collection(folder), folder, signer).file
    other = sealed(register_contents(register()), folder, signer).file
    return Workshop(good, other, key, signer, stranger, files_of(good), files_of(other))


def files_of(bundle: Path) -> Files:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def unpack(files: Mapping[str, bytes], folder: Path) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def pack(files: Mapping[str, bytes]) -> bytes:
    """A well-formed archive of any files, as a sealing would write it."""
    buffer = io.BytesIO()
    writer = ArchiveWriter(buffer)
    for name in sorted(files):
        writer.add(name, files[name])
    writer.close()
    return buffer.getvalue()


def entry(name: str) -> zipfile.ZipInfo:
    """What a sealing says of a member, in the terms of Python's zipfile."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.create_system, info.external_attr = 3, 0o100644 << 16
    return info


def zip_of(members: Iterable[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    """An archive that Python's zipfile writes."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "w") as archive:  # of duplicate names
        for info, content in members:
            archive.writestr(info, content)
    return buffer.getvalue()


def members_of(files: Mapping[str, bytes]) -> list[tuple[zipfile.ZipInfo, bytes]]:
    return [(entry(name), files[name]) for name in sorted(files)]


class Signs(Protocol):
    """Whoever makes a signature, honest or not."""

    @property
    def public(self) -> PublicKey: ...
    def sign(self, payload: bytes) -> bytes: ...


def sign_files(files: Files, statement: bytes, signer: Signs) -> Files:
    """The files with that statement in both encodings and the signer's key."""
    pae = b"DSSEv1 28 application/vnd.in-toto+json %d %s" % (len(statement), statement)
    envelope = Envelope(pae, signer.sign(pae), signer.public.fingerprint)
    return {**files, PAE: pae, SIGNATURE: envelope.signature, DSSE: envelope.dsse(), SIGNER: signer.public.pem}


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def directory(files: Mapping[str, bytes]) -> bytes:
    writer = ArchiveWriter(io.BytesIO())
    for name in sorted(name for name in files if name < MANIFEST):
        writer.add(name, files[name])
    return writer.directory_sha256().encode()


def local_at(raw: bytes, name: str) -> int:
    """Offset of a member's local header."""
    return _record_at(raw, b"PK\3\4", 30, name)


def central_at(raw: bytes, name: str) -> int:
    """Offset of a member's record in the central directory."""
    return _record_at(raw, b"PK\1\2", 46, name)


def _record_at(raw: bytes, magic: bytes, name_offset: int, name: str) -> int:
    start = -1
    while (start := raw.index(magic, start + 1)) >= 0:
        if raw[start + name_offset :].startswith(name.encode()):
            return start
    raise LookupError(name)


def patched(raw: bytes, offset: int, form: str, value: int | bytes) -> bytes:
    """The bytes with one field replaced."""
    field = struct.pack(form, value)
    return raw[:offset] + field + raw[offset + len(field) :]
