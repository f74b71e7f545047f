"""The ZIP records of a bundle: for given names, sizes and CRCs exactly one byte sequence is right.

Members are stored (never compressed), sorted by name, dated 1980-01-01 00:00, mode 0644, without comments, extra
fields, data descriptors or gaps. ZIP64 (APPNOTE 4.5.3) is used where a size or an offset reaches 4 GiB - 1, and only
there. Writer and reader build the same records with these functions; the reader compares instead of interpreting, so
no two tools can see different members in one bundle.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64 = struct.Struct("<4sIQI")

#: The value that says "see the ZIP64 field", and the first that needs one.
ZIP64 = 0xFFFFFFFF
_MIDNIGHT, _NEW_YEAR_1980 = 0, (1 << 5) | 1
_UNIX = 3 << 8
_REGULAR_0644 = 0o100644 << 16


@dataclass(frozen=True)
class Entry:
    """One member of the archive: its name, its content's CRC-32 and size, and where its local header starts."""

    name: str
    crc: int
    size: int
    offset: int

    @property
    def content_offset(self) -> int:
        """Where the content starts."""
        return self.offset + local_size(self.name, self.size)

    @property
    def end(self) -> int:
        """Where the content ends and the next record starts."""
        return self.content_offset + self.size


def local_size(name: str, size: int) -> int:
    """Length of a local header, name and extra field included."""
    return _LOCAL.size + len(name) + (20 if size >= ZIP64 else 0)


def local_header(entry: Entry) -> bytes:
    """The record before a member's content."""
    large = entry.size >= ZIP64
    extra = struct.pack("<2H2Q", 1, 16, entry.size, entry.size) if large else b""
    shown = ZIP64 if large else entry.size
    name = entry.name.encode("ascii")
    return (
        _LOCAL.pack(
            b"PK\3\4", _version(large), 0, 0, _MIDNIGHT, _NEW_YEAR_1980, entry.crc, shown, shown, len(name), len(extra)
        )
        + name
        + extra
    )


def central_header(entry: Entry) -> bytes:
    """The member's record in the central directory."""
    sizes = struct.pack("<2Q", entry.size, entry.size) if entry.size >= ZIP64 else b""
    values = sizes + (struct.pack("<Q", entry.offset) if entry.offset >= ZIP64 else b"")
    extra = struct.pack("<2H", 1, len(values)) + values if values else b""
    version, size, name = _version(bool(values)), min(entry.size, ZIP64), entry.name.encode("ascii")
    head = _CENTRAL.pack(
        b"PK\1\2",
        _UNIX | version,
        version,
        0,
        0,
        _MIDNIGHT,
        _NEW_YEAR_1980,
        entry.crc,
        size,
        size,
        len(name),
        len(extra),
        0,
        0,
        0,
        _REGULAR_0644,
        min(entry.offset, ZIP64),
    )
    return head + name + extra


def directory(entries: Sequence[Entry]) -> bytes:
    """The central directory."""
    return b"".join(map(central_header, entries))


def end_records(count: int, size: int, offset: int) -> bytes:
    """What follows the central directory of ``count`` entries, ``size`` bytes long, that starts at ``offset``."""
    large = offset >= ZIP64
    end = END.pack(b"PK\5\6", 0, 0, count, count, size, min(offset, ZIP64), 0)
    return _zip64_end(count, size, offset) + end if large else end


def _zip64_end(count: int, size: int, offset: int) -> bytes:
    version = _version(large=True)
    record = _END64.pack(b"PK\6\6", _END64.size - 12, _UNIX | version, version, 0, 0, count, count, size, offset)
    return record + _LOCATOR64.pack(b"PK\6\7", 0, offset + size, 1)


def end_size(offset: int) -> int:
    """Length of the end records of a central directory that starts at ``offset``."""
    return len(end_records(0, 0, offset))


def parse_directory(content: bytes) -> list[Entry]:
    """The entries that a central directory seems to list.

    What is returned is a claim: it holds only if ``directory`` gives the same bytes again.

    Raises:
        ValueError: the bytes are no central directory, or a name is not ASCII.
    """
    entries, position = [], 0
    while position < len(content):
        entry, position = _parse_entry(content, position)
        entries.append(entry)
    return entries


def _parse_entry(content: bytes, position: int) -> tuple[Entry, int]:
    try:
        fields = _CENTRAL.unpack_from(content, position)
    except struct.error:
        raise ValueError("the central directory ends inside a record") from None
    crc, size, offset = fields[7], fields[9], fields[16]
    name_length, extra_length, comment_length = fields[10:13]
    start = position + _CENTRAL.size
    name = content[start : start + name_length].decode("ascii")
    values = list(_eights(content[start + name_length : start + name_length + extra_length][4:]))
    if size == ZIP64 and len(values) >= 2:
        size, values = values[0], values[2:]
    if offset == ZIP64 and values:
        offset = values[0]
    return Entry(name, crc, size, offset), start + name_length + extra_length + comment_length


def _eights(content: bytes) -> list[int]:
    return [value for (value,) in struct.iter_unpack("<Q", content[: len(content) // 8 * 8])]


def _version(large: bool) -> int:
    return 45 if large else 20
