"""Waivers: deviations that somebody with authority accepted for a time. They are marked, never removed.

A waiver is in force from its approval on until it expires, never before; requested, expired and revoked ones are not.
It covers a control, a test, or one record of a test, which it names as ``AC-01.T1:acct-17/okta``: the test, then the
values of its key columns in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from airtight.evaluate.sealed_rows import sealed_rows

_COLUMNS = ("waiver_id", "scope_kind", "scope_ref", "status", "approved_at", "expires_at")


@dataclass(frozen=True, order=True)
class Waiver:
    """One waiver as its register holds it; times in UTC."""

    id: str
    scope_kind: str
    scope_ref: str
    status: str
    approved_at: datetime
    expires_at: datetime

    def in_force(self, moment: datetime) -> bool:
        return self.status == "active" and self.approved_at <= moment < self.expires_at


def read_waivers(files: Iterable[Path]) -> tuple[Waiver, ...]:
    """The waivers of sealed ``waivers`` populations (Parquet), by id.

    A waiver without approval or expiry is left out: it is never in force.

    Raises:
        EvaluationError: a file is not there, or no such population.
    """
    return tuple(sorted({_waiver(row) for row in sealed_rows(files, _COLUMNS, "waivers") if None not in row}))


def _waiver(row: tuple[str, str, str, str, datetime, datetime]) -> Waiver:
    *texts, approved, expires = row
    name, kind, reference, status = (str(text) for text in texts)
    return Waiver(name, kind, reference, status, approved.replace(tzinfo=UTC), expires.replace(tzinfo=UTC))


def record_reference(test: str, key: Sequence[str]) -> str:
    """How a waiver names one record of a test."""
    return f"{test}:{'/'.join(key)}"


@dataclass(frozen=True)
class Coverage:
    """Which waivers in force at one moment cover what; of several, the one with the lowest id is named."""

    blanket: str | None
    records: dict[str, str]

    def of(self, reference: str) -> str | None:
        """The waiver that covers a record, or None."""
        return self.blanket or self.records.get(reference)


def coverage(waivers: Iterable[Waiver], control: str, test: str, moment: datetime) -> Coverage:
    """The waivers that matter to one test at the end of its window."""
    valid = sorted((waiver for waiver in waivers if waiver.in_force(moment)), reverse=True)
    scopes = {("control", control), ("test", test)}
    blanket = [waiver.id for waiver in valid if (waiver.scope_kind, waiver.scope_ref) in scopes]
    records = {waiver.scope_ref: waiver.id for waiver in valid if waiver.scope_kind == "record"}
    return Coverage(blanket[-1] if blanket else None, records)
