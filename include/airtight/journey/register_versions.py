"""Which version of a register was in force: read back from sealed evidence, day by day.

Refused: a bundle that is not the one which the index names, or not signed by this installation's key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from airtight.domain.bundle import SealedPopulation
from airtight.domain.population import PopulationKind
from airtight.errors import ConfigurationError, DefinitionError
from airtight.installation import Installation
from airtight.journey.judging import fetch_members

_FIRST = "0001-01-01"


@dataclass(frozen=True)
class RegisterOfDay:
    """A register as it was sealed for a day; cells are text, ``None`` is empty.

    Attributes:
        sealed: what holds it: source, bundle and digest of the rows, one entry a source.
    """

    population: str
    day: date
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    sealed: tuple[SealedPopulation, ...]


@dataclass(frozen=True)
class Version:
    """One state of one source's register, in force from one day to another, both sealed and included.

    Attributes:
        sha256: digest of its rows; None: it was not collected, for ``trouble``.
        bundle: identity of the bundle that first holds it.
    """

    source: str
    first: date
    last: date
    rows: int
    sha256: str | None
    bundle: str
    trouble: str | None


def register_on(opened: Installation, population: str, day: date) -> RegisterOfDay:
    """The rows that were in force at the end of a day, by what was sealed last for it.

    Raises:
        DefinitionError: there is no such register.
        ConfigurationError: it is not sealed for that day.
        EvidenceError: a bundle does not hold.
    """
    columns = _columns(opened, population)
    entries = opened.index.sealed_populations([population], day.isoformat(), day.isoformat())
    held = tuple(entry for entry in entries if entry.collected)
    if not held:
        raise _not_sealed(opened, population, day, entries)
    with TemporaryDirectory(prefix="airtight-register-") as folder:
        files = fetch_members(opened, held, Path(folder))
        tables = [pq.read_table(files[entry.sha256 or ""]) for entry in held]
        rows = [tuple(map(_text, row.values())) for table in tables for row in table.select(columns).to_pylist()]
    return RegisterOfDay(population, day, columns, tuple(rows), held)


def versions(opened: Installation, population: str, first: date, last: date) -> tuple[Version, ...]:
    """Each state of a register over a period, by source and day: days in a row with equal rows are one version.

    Raises:
        DefinitionError: there is no such register.
    """
    _columns(opened, population)
    found: list[Version] = []
    entries = opened.index.sealed_populations([population], first.isoformat(), last.isoformat())
    for entry in sorted(entries, key=lambda entry: (entry.source, entry.partition)):
        day = date.fromisoformat(entry.partition)
        latest = found[-1] if found else None
        if latest and _goes_on(latest, entry, day):
            found[-1] = replace(latest, last=day)
        else:
            digest = entry.sha256 if entry.collected else None
            found.append(Version(entry.source, day, day, entry.rows, digest, entry.bundle, entry.trouble))
    return tuple(found)


def _goes_on(latest: Version, entry: SealedPopulation, day: date) -> bool:
    same = (latest.source, latest.sha256, latest.trouble) == (entry.source, entry.sha256, entry.trouble)
    return same and (day - latest.last).days == 1


def _columns(opened: Installation, population: str) -> tuple[str, ...]:
    schema = opened.catalog.populations.get(population)
    if schema is None or schema.kind is PopulationKind.EVENT:
        known = sorted(
            name for name, each in opened.catalog.populations.items() if each.kind is PopulationKind.REGISTER
        )
        raise DefinitionError(f"there is no register '{population}'.", remedy=f"There are {', '.join(known)}.")
    return schema.column_names


def _not_sealed(
    opened: Installation, population: str, day: date, entries: Iterable[SealedPopulation]
) -> ConfigurationError:
    reasons = "; ".join(f"{entry.source}: {entry.trouble}" for entry in entries)
    before = opened.index.sealed_populations([population], _FIRST, day.isoformat())
    days = [entry.partition for entry in before if entry.collected]
    remedy = f"The latest day before that has it is {max(days)}." if days else "Collect the day first."
    told = f" ({reasons})" if reasons else ""
    return ConfigurationError(f"'{population}' is not sealed for {day.isoformat()}{told}.", remedy=remedy)


def _text(cell: object) -> str | None:
    if isinstance(cell, list):
        return ", ".join(map(str, cell))
    return None if cell is None else str(cell)
