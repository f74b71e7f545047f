"""Bundles as ZIP archives: written in one pass, opened without trust.

``ArchiveWriter`` copies, hashes and checks CRCs in the same pass, in bounded memory. ``Archive`` opens a file from
anywhere: it reads the end and the central directory, refuses every archive that ``ArchiveWriter`` would not have
written, and then reads by range only what it is asked for.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from airtight.errors import EvidenceError
from airtight.seal.layout import MAX_MEMBERS, check_names
from airtight.seal.zipform import (
    END,
    ZIP64,
    Entry,
    central_header,
    directory,
    end_records,
    end_size,
    local_header,
    local_size,
    parse_directory,
)

_CHUNK = 1 << 20
_TAIL = 1 << 16
_MAX_DIRECTORY = MAX_MEMBERS * 400


class ArchiveWriter:
    """Writes the members of a bundle into a fresh, seekable file, in sorted order."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._entries: list[Entry] = []

    def add(self, name: str, content: bytes | Path) -> str:
        """Write one member, after all whose names sort before it.

        Returns:
            SHA-256 of its bytes, in hex.

        Raises:
            EvidenceError: the source cannot be read, or its size changed meanwhile.
        """
        if isinstance(content, bytes):
            return self._copy(name, io.BytesIO(content), len(content))
        try:
            source = content.open("rb", buffering=0)
        except OSError as error:
            raise EvidenceError(f"cannot be read: {error.strerror}.", where=name) from None
        with source:
            return self._copy(name, source, os.fstat(source.fileno()).st_size)

    def directory_sha256(self) -> str:
        """SHA-256 of the central directory of the members so far."""
        return hashlib.sha256(directory(self._entries)).hexdigest()

    def close(self) -> None:
        """Write the central directory. The file stays open."""
        offset, records = self._offset(), directory(self._entries)
        self._file.write(records + end_records(len(self._entries), len(records), offset))
        self._file.flush()

    def _offset(self) -> int:
        return self._entries[-1].end if self._entries else 0

    def _copy(self, name: str, source: io.RawIOBase | io.BytesIO, size: int) -> str:
        entry = Entry(name, 0, size, self._offset())
        self._file.seek(local_size(name, size), io.SEEK_CUR)
        sha256, crc, copied = _pump(source, self._file)
        if copied != size:
            raise EvidenceError(f"{copied} bytes were read of a file of {size}; it changed meanwhile.", where=name)
        entry = replace(entry, crc=crc)
        self._file.seek(entry.offset)
        self._file.write(local_header(entry))
        self._file.seek(entry.end)
        self._entries.append(entry)
        return sha256


def _pump(source: io.RawIOBase | io.BytesIO, target: BinaryIO) -> tuple[str, int, int]:
    digest, crc, copied = hashlib.sha256(), 0, 0
    buffer = memoryview(bytearray(_CHUNK))
    while count := source.readinto(buffer):
        chunk = buffer[:count]
        digest.update(chunk)
        crc = zlib.crc32(chunk, crc)
        target.write(chunk)
        copied += count
    return digest.hexdigest(), crc, copied


class Archive:
    """A bundle's ZIP, opened for reading; ``file`` is seekable and may fetch ranges from afar.

    Opening proves the central directory; ``check`` proves the rest of the structure, contents excepted.

    Raises:
        EvidenceError: it is not an archive that a sealing writes: the first difference is named.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = file.seek(0, io.SEEK_END)
        self._tail_start, self._tail = self._size, b""
        start = max(0, self._size - _TAIL)
        self._tail_start, self._tail = start, self._range(start, self._size - start)
        self._directory_offset = self._find_directory()
        self.entries = {entry.name: entry for entry in self._parse()}

    @property
    def names(self) -> tuple[str, ...]:
        """All members, sorted."""
        return tuple(self.entries)

    def size(self, name: str) -> int:
        """A member's size in bytes."""
        return self._entry(name).size

    def read(self, name: str, limit: int) -> bytes:
        """A member's bytes.

        Raises:
            EvidenceError: there is no such member, it is larger than ``limit``, or its local header or CRC differs
                from the central directory.
        """
        entry = self._entry(name)
        if entry.size > limit:
            raise EvidenceError(f"{entry.size} bytes are more than the {limit} that such a file may have.", where=name)
        header = local_header(entry)
        content = self._range(entry.offset, len(header) + entry.size)
        if content[: len(header)] != header:
            raise EvidenceError("its local header differs from the central directory.", where=name)
        if zlib.crc32(content := content[len(header) :]) != entry.crc:
            raise EvidenceError("its CRC differs from the central directory.", where=name)
        return content

    def sha256(self, name: str, into: BinaryIO | None = None) -> str:
        """SHA-256 of a member's bytes, in hex; the bytes go to ``into`` as well."""
        entry = self._entry(name)
        self._check_local(entry)
        digest, left = hashlib.sha256(), entry.size
        self._file.seek(entry.content_offset)
        while left:
            chunk = self._file.read(min(left, _CHUNK))
            if not chunk:
                raise EvidenceError("the archive ends inside this file.", where=name)
            digest.update(chunk)
            if into is not None:
                into.write(chunk)
            left -= len(chunk)
        return digest.hexdigest()

    def directory_sha256(self, before: str) -> str:
        """SHA-256 of the central directory's records of the members that sort before ``before``."""
        earlier = [entry for name, entry in self.entries.items() if name < before]
        return hashlib.sha256(directory(earlier)).hexdigest()

    def check(self) -> None:
        """Compare every local header with the central directory.

        Raises:
            EvidenceError: one differs.
        """
        for entry in self.entries.values():
            self._check_local(entry)

    def _check_local(self, entry: Entry) -> None:
        header = local_header(entry)
        if self._range(entry.offset, len(header)) != header:
            raise EvidenceError("its local header differs from the central directory.", where=entry.name)

    def _entry(self, name: str) -> Entry:
        if name not in self.entries:
            raise EvidenceError("is missing from the bundle.", where=name)
        return self.entries[name]

    def _find_directory(self) -> int:
        """Offset of the central directory: the end records are the last bytes, whatever else looks like them."""
        if self._size < END.size or self._tail[-END.size :][:4] != b"PK\5\6":
            raise EvidenceError("does not end as an archive does: it is cut off, or data follows it.")
        *_, size, offset, _comment = END.unpack(self._tail[-END.size :])
        offset = self._size - size - end_size(ZIP64) if offset == ZIP64 else offset
        if size > _MAX_DIRECTORY or offset < 0 or offset + size + end_size(offset) != self._size:
            raise EvidenceError("holds data before, between or after its parts.")
        return int(offset)

    def _parse(self) -> list[Entry]:
        length = self._size - end_size(self._directory_offset) - self._directory_offset
        content = self._range(self._directory_offset, length)
        try:
            entries = parse_directory(content)
        except ValueError as error:
            raise EvidenceError(f"its central directory cannot be read: {error}.") from None
        check_names(entry.name for entry in entries)
        self._check_canonical(entries, content)
        return entries

    def _check_canonical(self, entries: list[Entry], content: bytes) -> None:
        offset, position, last = 0, 0, ""
        for entry in entries:
            expected = central_header(replace(entry, offset=offset))
            if entry.name < last:
                raise EvidenceError("its members are not in sorted order.", where=entry.name)
            if content[position : position + len(expected)] != expected:
                raise EvidenceError(
                    "is not a plain stored file in its place: compressed, encrypted, linked, commented or overlapping.",
                    where=entry.name,
                )
            offset, position, last = entry.end, position + len(expected), entry.name
        if self._range(self._size - end_size(offset), end_size(offset)) != end_records(len(entries), position, offset):
            raise EvidenceError("its end records differ from what it holds, or data stands before its directory.")

    def _range(self, offset: int, length: int) -> bytes:
        """Up to ``length`` bytes; fewer only where the file ends."""
        if offset >= self._tail_start:
            return self._tail[offset - self._tail_start :][:length]
        self._file.seek(offset)
        parts: list[bytes] = []
        while length > 0 and (part := self._file.read(min(length, _CHUNK))):
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
