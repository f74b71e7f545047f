"""The index: answers fast what the store holds, and remembers what people and verifiers did.

The store is the truth. Everything here about bundles can be rebuilt from it (``reindex``); what cannot, the journal,
alerted states and verifications, lives in tables of its own (``acts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from airtight.domain.bundle import BundleKind, BundleRef, BundleSummary, SealedPopulation, Slot
from airtight.errors import StorageError
from airtight.publish.acts import Alerts, Journal, Verifications
from airtight.publish.database import REINDEX, Database
from airtight.publish.rows import (
    IndexedBundle,
    IndexedResult,
    erase_bundle,
    insert_summary,
    to_bundle,
    to_population,
    to_ref,
    to_result,
)
from airtight.publish.tables import BUNDLES, POPULATIONS, RESULTS

_LATER = BUNDLES.alias("later")
_SUPERSEDED = (
    sa.exists()
    .where(
        _LATER.c.kind == BUNDLES.c.kind,
        _LATER.c.name == BUNDLES.c.name,
        _LATER.c.partition == BUNDLES.c.partition,
        _LATER.c.revision > BUNDLES.c.revision,
    )
    .label("superseded")
)
_BY_SLOT = (BUNDLES.c.partition, BUNDLES.c.kind, BUNDLES.c.name, BUNDLES.c.revision)


@dataclass(frozen=True)
class Chosen:
    """Which bundles or results are asked for; None: any. ``first`` and ``last`` are partitions, both included."""

    kind: BundleKind | None = None
    name: str | None = None
    first: str | None = None
    last: str | None = None
    control: str | None = None
    current_only: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """On the table of bundles; ``control`` apart."""
        wanted: list[sa.ColumnElement[bool]] = []
        if self.kind is not None:
            wanted.append(BUNDLES.c.kind == self.kind.value)
        if self.name is not None:
            wanted.append(BUNDLES.c.name == self.name)
        if self.first is not None:
            wanted.append(BUNDLES.c.partition >= self.first)
        if self.last is not None:
            wanted.append(BUNDLES.c.partition <= self.last)
        if self.current_only:
            wanted.append(~_SUPERSEDED.element)
        return wanted


class Index:
    """Published bundles and what is in them.

    Attributes:
        journal: acts of people, append-only.
        alerts: states last alerted.
        verifications: when which bundle was verified, with what verdict.
    """

    def __init__(self, url: str) -> None:
        """Open the index, making or bringing forward its schema.

        Args:
            url: ``sqlite:////path/index.db`` or ``postgresql://...``.

        Raises:
            ConfigurationError: the address is no such database.
            StorageError: it does not answer; or is damaged, and the message names ``airtight reindex``.
        """
        self.database = Database(url)
        self.database.migrate()
        self.journal = Journal(self.database)
        self.alerts = Alerts(self.database)
        self.verifications = Verifications(self.database)

    def store_lock(self) -> Callable[[str], AbstractContextManager[None]] | None:
        """What lets several writers share a store whose server cannot refuse a second write; None on SQLite."""
        return self.database.lock if self.database.has_locks else None

    def record(self, summary: BundleSummary, version: str | None = None) -> None:
        """Take a published bundle into the index; repeating it changes nothing.

        Args:
            version: the store's version id of the bundle's object.

        Raises:
            StorageError: another bundle is indexed in the same slot.
        """
        slot = summary.ref.slot
        with self.database.writing(lock=f"airtight/index/{slot}") as connection:
            holder = _digest_in(connection, slot)
            if holder not in (None, summary.ref.digest):
                raise StorageError(f"the index holds bundle {holder} in {slot_text(slot)}.", remedy=REINDEX)
            erase_bundle(connection, summary.ref.digest)
            insert_summary(connection, summary, version)

    def head(self, kind: BundleKind, name: str, partition: str) -> BundleRef | None:
        """The latest revision, or None where nothing was published."""
        history = self.history(Slot(kind, name, partition))
        return history[-1] if history else None

    def history(self, slot: Slot) -> tuple[BundleRef, ...]:
        """Every revision of the slot's kind, name and partition, first to latest."""
        with self.database.reading() as connection:
            query = sa.select(BUNDLES).where(*_same_place(slot)).order_by(BUNDLES.c.revision)
            return tuple(to_ref(row) for row in connection.execute(query).mappings())

    def find(self, digest: str) -> IndexedBundle | None:
        """The bundle of that identity."""
        with self.database.reading() as connection:
            query = sa.select(BUNDLES, _SUPERSEDED).where(BUNDLES.c.digest == digest)
            row = connection.execute(query).mappings().first()
            return to_bundle(row) if row else None

    def bundles(self, chosen: Chosen | None = None) -> tuple[IndexedBundle, ...]:
        """Bundles by partition, kind, name and revision."""
        chosen = chosen or Chosen()
        query = sa.select(BUNDLES, _SUPERSEDED).where(*chosen.conditions()).order_by(*_BY_SLOT)
        if chosen.control is not None:
            query = query.where(
                BUNDLES.c.digest.in_(sa.select(RESULTS.c.digest).where(RESULTS.c.control == chosen.control))
            )
        with self.database.reading() as connection:
            return tuple(to_bundle(row) for row in connection.execute(query).mappings())

    def sealed_populations(self, names: Iterable[str], first_day: str, last_day: str) -> tuple[SealedPopulation, ...]:
        """Populations of the days from first to last, both included, in bundles that nothing supersedes.

        Args:
            names: populations, not views.
            first_day, last_day: as ``2026-09-14``.

        Returns:
            collected and missing ones alike, by population, day, source.
        """
        query = (
            sa.select(POPULATIONS, BUNDLES.c.key)
            .join(BUNDLES, BUNDLES.c.digest == POPULATIONS.c.digest)
            .where(
                POPULATIONS.c.population.in_(sorted(set(names))),
                POPULATIONS.c.partition.between(first_day, last_day),
                ~_SUPERSEDED.element,
            )
            .order_by(POPULATIONS.c.population, POPULATIONS.c.partition, POPULATIONS.c.source, BUNDLES.c.name)
        )
        with self.database.reading() as connection:
            return tuple(to_population(row) for row in connection.execute(query).mappings())

    def results(self, chosen: Chosen | None = None) -> tuple[IndexedResult, ...]:
        """Result lines by partition, revision, then as their bundle lists them."""
        chosen = chosen or Chosen()
        query = _result_query().where(*chosen.conditions())
        if chosen.control is not None:
            query = query.where(RESULTS.c.control == chosen.control)
        with self.database.reading() as connection:
            return tuple(to_result(row) for row in connection.execute(query).mappings())

    def latest_results(self, on_or_before: str | None = None) -> tuple[IndexedResult, ...]:
        """The current line of each control and test with the latest partition, by control and test."""
        latest: dict[tuple[str, str], IndexedResult] = {}
        for result in self.results(Chosen(last=on_or_before, current_only=True)):
            latest[(result.line.control, result.line.test)] = result
        return tuple(latest[key] for key in sorted(latest))


def slot_text(slot: Slot) -> str:
    """A slot as people read it."""
    return f"{slot.kind.value} '{slot.name}' of {slot.partition}, revision {slot.revision}"


def _same_place(slot: Slot) -> tuple[sa.ColumnElement[bool], ...]:
    return (BUNDLES.c.kind == slot.kind.value, BUNDLES.c.name == slot.name, BUNDLES.c.partition == slot.partition)


def _digest_in(connection: Connection, slot: Slot) -> str | None:
    query = sa.select(BUNDLES.c.digest).where(*_same_place(slot), BUNDLES.c.revision == slot.revision)
    return connection.execute(query).scalar()


def _result_query() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(RESULTS, BUNDLES.c.partition, BUNDLES.c.revision, _SUPERSEDED)
        .join(BUNDLES, BUNDLES.c.digest == RESULTS.c.digest)
        .order_by(*_BY_SLOT, RESULTS.c.position)
    )
