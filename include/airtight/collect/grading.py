"""How well it is known that a pull is complete: the source's own counts against the records received."""

from __future__ import annotations

from collections.abc import Sequence
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


def grade(pulled: Pulled, unpacked: Unpacked) -> Grade:
    """Compare counts. Refused records leave completeness unproven: it is not known what they were."""
    refused = sum(count for _, count in pulled.rejected)
    received = _records(unpacked.files) + refused
    discrepancy = _discrepancy(pulled, unpacked.files, refused)
    if discrepancy or pulled.rejected or unpacked.rejected:
        return Grade(received, Completeness.UNPROVEN, discrepancy)
    if pulled.source_count is not None:
        return Grade(received, Completeness.PROVEN, None)
    return Grade(received, Completeness.EXHAUSTED if pulled.exhausted else Completeness.UNPROVEN, None)


def _records(files: Sequence[RawFile]) -> int:
    return sum(file.records or 0 for file in files)


def _discrepancy(pulled: Pulled, files: Sequence[RawFile], refused: int) -> str | None:
    for file in files:
        if file.expected is not None and file.expected != file.records:
            return f"{file.name}: the source counts {file.expected} records, {file.records} were received"
    if pulled.source_count is None:
        return None
    counted = [file for file in files if not pulled.counted_streams or file.stream in pulled.counted_streams]
    received = _records(counted) + refused
    if received == pulled.source_count:
        return None
    return f"the source counts {pulled.source_count} records, {received} were received"
