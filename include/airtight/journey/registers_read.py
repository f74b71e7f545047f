"""Sealed registers of a day, read back from the store for a review: the latest that nothing supersedes.

What was not collected is missing, with the reason; what a quality check called unreliable is given, with the trouble.
Refused: a bundle that is not the one which the index names, or not signed by this installation's key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

from airtight.domain.bundle import SealedPopulation
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.journey.judging import fetch_members
from airtight.review.records import Record, read_records

R = TypeVar("R", bound=Record)
_FIRST, _LAST = "0001-01-01", "9999-12-31"


@dataclass(frozen=True)
class Registers:
    """Registers as they stood on a day.

    Attributes:
        rows: population -> its records; a population without any sealed file is left out.
        bundles: population -> identities of the collection bundles that hold it.
        troubles: population -> why it is missing, or cannot be relied on.
    """

    day: date
    rows: Mapping[str, tuple[Record, ...]]
    bundles: Mapping[str, tuple[str, ...]]
    troubles: Mapping[str, tuple[str, ...]]

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """The records of one register; none where it is missing."""
        return cast("tuple[R, ...]", self.rows.get(kind.population, ()))

    def known(self, kind: type[R]) -> tuple[R, ...] | None:
        """The records of one register, or None where nothing was sealed: nothing known is not nothing there."""
        return self.of(kind) if kind.population in self.rows else None


def latest_day(opened: Installation, kind: type[Record]) -> date:
    """The newest day whose register of this kind is sealed.

    Raises:
        ConfigurationError: there is none.
    """
    sealed = opened.index.sealed_populations([kind.population], _FIRST, _LAST)
    days = [entry.partition for entry in sealed if entry.collected]
    if not days:
        raise ConfigurationError(
            f"no sealed evidence holds '{kind.population}'.",
            remedy="Declare a source that gives it in sources.yaml, and collect a day.",
        )
    return date.fromisoformat(max(days))


def required(opened: Installation, kind: type[Record], day: date | None) -> date:
    """The day asked for, or the latest: one on which the register is sealed.

    Raises:
        ConfigurationError: the register is not sealed for that day.
    """
    latest = latest_day(opened, kind)
    if day is None:
        return latest
    entries = opened.index.sealed_populations([kind.population], day.isoformat(), day.isoformat())
    if not any(entry.collected for entry in entries):
        reasons = "; ".join(filter(None, (entry.trouble for entry in entries)))
        told = f" ({reasons})" if reasons else ""
        raise ConfigurationError(
            f"'{kind.population}' is not sealed for {day.isoformat()}{told}.",
            remedy=f"The latest day that has it is {latest.isoformat()}.",
        )
    return day


def read_registers(opened: Installation, kinds: Sequence[type[Record]], day: date) -> Registers:
    """The registers of a day.

    Raises:
        EvidenceError: a bundle does not hold.
    """
    names = [kind.population for kind in kinds]
    sealed = opened.index.sealed_populations(names, day.isoformat(), day.isoformat())
    held: defaultdict[str, list[SealedPopulation]] = defaultdict(list)
    for entry in sealed:
        if entry.collected and entry.sha256:
            held[entry.population].append(entry)
    with TemporaryDirectory(prefix="airtight-review-") as folder:
        files = fetch_members(opened, [entry for entries in held.values() for entry in entries], Path(folder))
        rows = {
            kind.population: _records(kind, held[kind.population], files) for kind in kinds if kind.population in held
        }
    bundles = {name: tuple(sorted({entry.bundle for entry in entries})) for name, entries in held.items()}
    return Registers(day, rows, bundles, _troubles(names, sealed, day))


def read_history(opened: Installation, kind: type[R], first: date, last: date) -> tuple[R, ...]:
    """Every state of a register's rows on the days from first to last, each distinct row once, oldest first.

    Days whose sealed file is the same are read once.

    Raises:
        EvidenceError: a bundle does not hold.
    """
    sealed = opened.index.sealed_populations([kind.population], first.isoformat(), last.isoformat())
    distinct = {entry.sha256: entry for entry in sealed if entry.collected and entry.sha256}
    with TemporaryDirectory(prefix="airtight-review-") as folder:
        files = fetch_members(opened, distinct.values(), Path(folder))
        return _records(kind, distinct.values(), files)


def _records(kind: type[R], held: Iterable[SealedPopulation], files: Mapping[str, Path]) -> tuple[R, ...]:
    return read_records(kind, [files[entry.sha256 or ""] for entry in held])


def _troubles(names: Iterable[str], sealed: Iterable[SealedPopulation], day: date) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    seen = set()
    for entry in sealed:
        seen.add(entry.population)
        if entry.trouble:
            found[entry.population].append(f"{entry.source}: {entry.trouble}")
    for name in set(names) - seen:
        found[name].append(f"not sealed for {day.isoformat()}")
    return {name: tuple(reasons) for name, reasons in sorted(found.items())}
