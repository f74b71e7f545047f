"""How well it is known that a pull is complete: the source's own counts against the records received."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from airtight.collect.connector import Pulled, RawFile
from airtight.collect.streams import Unpacked
from airtight.domain.collection import Completeness


@dataclass(frozen=True)
class Grade:
    """The verdict on one pull.

    Attributes:
        received: records of all streams, refused ones included.
        discrepancy: where the source's count differs; None when it agrees or there is none.
    """

    received: int
    completeness: Completeness
    discrepancy: str | None


def grade(pulled: Pulled, unpacked: Unpacked, streams: Collection[str] | None = None) -> Grade:
    """Compare counts. Refused records leave completeness unproven: it is not known what they were.

    Args:
        streams: those that matter, such as the ones that a population is mapped from; None: all. A count of the whole
            source speaks for each of its streams; a count of one file only for that file's.
    """
    refused = sum(count for _, count in pulled.rejected)
    received = sum(file.records or 0 for file in unpacked.files) + refused
    files = [file for file in unpacked.files if streams is None or file.stream in streams]
    discrepancy = _of_files(files) or _of_source(pulled, received, unpacked.files)
    if discrepancy or pulled.rejected or unpacked.rejected:
        return Grade(received, Completeness.UNPROVEN, discrepancy)
    if pulled.source_count is not None or (files and all(file.expected is not None for file in files)):
        return Grade(received, Completeness.PROVEN, None)
    return Grade(received, Completeness.EXHAUSTED if pulled.exhausted else Completeness.UNPROVEN, None)


def _of_files(files: Sequence[RawFile]) -> str | None:
    for file in files:
        if file.expected is not None and file.expected != file.records:
            return f"{file.name}: the source counts {file.expected} records, {file.records} were received"
    return None


def _of_source(pulled: Pulled, received: int, files: Sequence[RawFile]) -> str | None:
    # What single files lack is said of them; only the rest is the whole source's.
    lacking = sum(file.expected - (file.records or 0) for file in files if file.expected is not None)
    if pulled.source_count is None or received + lacking == pulled.source_count:
        return None
    return f"the source counts {pulled.source_count} records, {received} were received"
