"""Rebuilding the index from the store: the same rows again, whatever happened to the index.

The store's slots say which bundles there are. What the store cannot tell, the journal, alerted states and
verifications, is kept: where it can still be read from a damaged SQLite file it is carried over, and the damaged
file is moved aside, never deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from airtight.domain.bundle import BundleSummary, Slot
from airtight.errors import AirtightError, StorageError
from airtight.publish.database import Database, IndexBroken
from airtight.publish.index import Index
from airtight.publish.keys import SLOTS, parse_slot_key, slot_key
from airtight.publish.publisher import SummaryReader, holder_of, read_published
from airtight.publish.rows import erase_bundle, insert_summary, to_ref
from airtight.publish.store import Store
from airtight.publish.tables import BUNDLES, KEPT


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild found.

    Attributes:
        bundles: bundles in the index.
        problems: slots of the store whose bundle vanished or cannot be read, each as key and reason; they are not
            in the index.
    """

    bundles: int
    problems: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mended:
    """An index that can be used.

    Attributes:
        aside: where the damaged file lies, None where nothing was damaged.
        lost: kept tables that could not be read from it.
    """

    index: Index
    aside: Path | None
    lost: tuple[str, ...]


def rebuild(index: Index, store: Store, read_summary: SummaryReader) -> Rebuilt:
    """Make the index's derived tables say exactly what the store holds.

    Bundles published meanwhile stay. A bundle that cannot be read stops nothing: it is reported.
    """
    listed = [entry.key for entry in store.list(SLOTS)]
    found: dict[str, tuple[BundleSummary, str | None]] = {}
    problems: list[tuple[str, str]] = []
    for key in listed:
        try:
            summary, version = _of_slot(parse_slot_key(key), store, read_summary)
            found[summary.ref.digest] = (summary, version)
        except AirtightError as error:
            problems.append((key, str(error)))
    with index.database.writing() as connection:
        _lock_out_publishers(connection)
        for digest in {*found, *_obsolete(connection, store, set(listed))}:
            erase_bundle(connection, digest)
        for summary, version in found.values():
            insert_summary(connection, summary, version)
        bundles = connection.execute(sa.select(sa.func.count()).select_from(BUNDLES)).scalar_one()
    return Rebuilt(bundles, tuple(problems))


def _of_slot(slot: Slot, store: Store, read_summary: SummaryReader) -> tuple[BundleSummary, str | None]:
    digest = holder_of(store, slot)
    if digest is None:
        raise StorageError("the slot vanished while it was read.")
    return read_published(store, read_summary, slot, digest)


def _lock_out_publishers(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE bundles IN SHARE ROW EXCLUSIVE MODE"))


def _obsolete(connection: Connection, store: Store, listed: Collection[str]) -> set[str]:
    """Digests in the index that the store does not bear out; what was published after the listing is borne out."""
    refs = [to_ref(row) for row in connection.execute(sa.select(BUNDLES)).mappings()]
    return {ref.digest for ref in refs if slot_key(ref.slot) in listed or holder_of(store, ref.slot) != ref.digest}


def open_or_mend(url: str) -> Mended:
    """Open the index; move a damaged SQLite file aside and begin a fresh one with what can be carried over.

    Raises:
        StorageError: a PostgreSQL database is damaged: it is not ours to move.
    """
    try:
        index = Index(url)
        _check_pages(index.database)
        return Mended(index, None, ())
    except IndexBroken as error:
        file = Path(make_url(url).database or "")
        if make_url(url).get_backend_name() != "sqlite":
            raise StorageError(
                error.message, where=error.where, remedy="Set 'index' to an empty database and reindex into it."
            ) from None
    aside = _move_aside(file)
    index = Index(url)
    return Mended(index, aside, _carry_over(Database(f"sqlite:///{aside}"), index.database))


def _check_pages(database: Database) -> None:
    if database.file is None:
        return
    with database.reading() as connection:
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if verdict != "ok":
        raise IndexBroken(f"the index is damaged: {verdict}.", where=database.place)


def _move_aside(file: Path) -> Path:
    number = 1
    while (aside := file.with_name(f"{file.name}.damaged-{number}")).exists():
        number += 1
    for suffix in ("-wal", "-shm", ""):
        part = file.with_name(f"{file.name}{suffix}")
        if part.exists():
            part.rename(aside.with_name(f"{aside.name}{suffix}"))
    return aside


def _carry_over(damaged: Database, fresh: Database) -> tuple[str, ...]:
    """Copy the kept tables; returns the names of those that cannot be read."""
    lost = []
    for table in KEPT:
        try:
            with damaged.reading() as connection:
                rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]
        except (StorageError, ValueError):
            lost.append(table.name)
            continue
        with fresh.writing() as connection:
            if rows:
                connection.execute(sa.insert(table), rows)
    return tuple(lost)


def lags_behind(index: Index, store: Store) -> bool:
    """Whether the index knows no bundle although the store holds some: it was lost, and ``reindex`` is due."""
    return not index.bundles() and any(True for _ in store.list(SLOTS))
