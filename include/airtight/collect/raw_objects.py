"""Raw files go to staging as objects of their own, in parts below 4 GiB."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from airtight.collect.connector import RawFile
from airtight.domain.collection import RawObject
from airtight.domain.staging import Staging

#: Largest part in bytes: below 4 GiB, where archives and file systems begin to differ.
LARGEST_PART = 4 * 1024**3 - 1024**2
_CHUNK = 8 * 1024 * 1024


def stage_raw(files: Iterable[RawFile], staging: Staging, largest: int = LARGEST_PART) -> tuple[RawObject, ...]:
    """Stage files in order; of a file in parts, the first carries the number of records."""
    staged: list[RawObject] = []
    for file in files:
        if file.path.stat().st_size <= largest:
            staged.append(RawObject(staging.put(file.path), file.stream, file.media_type, file.records))
        else:
            staged += _in_parts(file, staging, largest)
    return tuple(staged)


def _in_parts(file: RawFile, staging: Staging, largest: int) -> list[RawObject]:
    parts: list[RawObject] = []
    total = file.path.stat().st_size
    for number, start in enumerate(range(0, total, largest)):
        part = file.path.with_name(f"{file.path.name}.part{number}")
        _cut(file.path, part, start, min(largest, total - start))
        records = file.records if number == 0 else None
        parts.append(RawObject(staging.put(part), file.stream, file.media_type, records))
        part.unlink()
    return parts


def _cut(source: Path, target: Path, start: int, length: int) -> None:
    with source.open("rb") as whole, target.open("xb") as part:
        whole.seek(start)
        while length and (chunk := whole.read(min(_CHUNK, length))):
            part.write(chunk)
            length -= len(chunk)
