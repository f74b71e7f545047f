"""The index's database: SQLite or PostgreSQL, opened, migrated forward, with its errors told plainly.

Two processes that open a database at once migrate it once: SQLite serialises writers (WAL, 30 s of patience),
PostgreSQL does so by advisory locks, which end with the process that holds them. Connections are not pooled, so
that a process may fork.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.pool import NullPool

from airtight.errors import ConfigurationError, StorageError, StoreUnwritable
from airtight.publish.tables import METADATA, SCHEMA, VERSION_TABLE

REINDEX = "Run 'airtight reindex' to rebuild it from the store."
_PATIENCE_SECONDS = 30
_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2"}
_MIGRATION_LOCK = "airtight/index/migrate"


class IndexBroken(StorageError):
    """The index cannot be used as it is; ``reindex`` mends it."""


class Database:
    """Transactions on the index's database."""

    def __init__(self, url: str) -> None:
        self.url = _checked_url(url)
        self._engine = _engine(self.url)

    @property
    def place(self) -> str:
        """The database's address without its password, for messages."""
        return self.url.render_as_string(hide_password=True)

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @property
    def has_locks(self) -> bool:
        """Whether ``lock`` holds against other processes."""
        return self.file is None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the index."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, lock: str | None = None) -> Iterator[Connection]:
        """A transaction that is alone in writing (SQLite), or alone under the named lock (PostgreSQL)."""
        with self._translated(), self._engine.execution_options(writing=True).begin() as connection:
            if lock and self.has_locks:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_lock_number(lock))))
            yield connection

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a named lock against all processes that use this PostgreSQL database; a killed holder frees it.

        Raises:
            StorageError: the database is SQLite, or the connection was lost while the lock was held.
        """
        if not self.has_locks:
            raise StorageError("only a PostgreSQL index can lock a store.", where=self.place)
        with self.writing(lock=f"airtight/store/{name}"):
            yield

    def migrate(self) -> None:
        """Bring the schema forward and see that every table is there.

        Raises:
            IndexBroken: not a database, a table is missing, or a newer version wrote it.
        """
        with self.reading() as connection:
            current = _schema_version(connection)
        if current != SCHEMA:
            with self.writing(lock=_MIGRATION_LOCK) as connection:
                if _schema_version(connection) != SCHEMA:
                    self._refuse_foreign_tables(connection)
                    _upgrade(connection, self.place)
        with self.reading() as connection:
            missing = set(METADATA.tables) - set(sa.inspect(connection).get_table_names())
        if missing:
            raise IndexBroken(f"the index lacks its table '{min(missing)}'.", where=self.place, remedy=REINDEX)

    def _refuse_foreign_tables(self, connection: Connection) -> None:
        present = set(METADATA.tables) & set(sa.inspect(connection).get_table_names())
        if present and _schema_version(connection) is None:
            raise IndexBroken(
                f"it has a table '{min(present)}' but no version of the index.", where=self.place, remedy=REINDEX
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise _plain(error, self.place) from error


def _checked_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in _DRIVERS:
        raise ConfigurationError(
            "the index is no address of a database that is supported.",
            where="airtight.yaml: index",
            remedy="Write sqlite:///index.db or postgresql://user:password@host/database.",
        )
    return parsed.set(drivername=_DRIVERS[parsed.get_backend_name()])


def _engine(url: URL) -> sa.Engine:
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("the index must be a file.", where="airtight.yaml: index")
    _make_folder(Path(url.database).parent)
    engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": _PATIENCE_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnwritable(f"the index's folder cannot be made: {error.strerror}.", where=str(folder)) from None


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # the driver would otherwise commit before DDL
    connection.execute("PRAGMA foreign_keys = ON")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading cannot always become a writing one: writers say so at the start.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _schema_version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    version = sa.table(VERSION_TABLE, sa.column("version_num", sa.String))
    return connection.execute(sa.select(version.c.version_num)).scalar()


def _upgrade(connection: Connection, place: str) -> None:
    from alembic import command  # needed once in a database's life
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise IndexBroken(
            f"a newer version of Airtight wrote this index ({_schema_version(connection)}).",
            where=place,
            remedy=f"Upgrade Airtight, or: {REINDEX}",
        ) from None


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


_UNWRITABLE = ("readonly", "read-only", "unable to open", "disk is full", "No space left", "permission denied")
_BROKEN = ("not a database", "malformed", "no such table", "no such column", "has no column")
_UNDEFINED_IN_POSTGRESQL = ("42P01", "42703")


def _plain(error: sa.exc.DBAPIError, place: str) -> StorageError:
    lines = str(error.orig).strip().splitlines()
    # The first line only: what follows in PostgreSQL's messages shows values of rows.
    said = lines[0] if lines else type(error.orig).__name__
    if "database is locked" in said:
        return StorageError("another process keeps the index busy.", where=place, remedy="Run this again.")
    if any(sign in said for sign in _UNWRITABLE):
        return StoreUnwritable(f"the index cannot be written: {said}.", where=place)
    if any(sign in said for sign in _BROKEN) or getattr(error.orig, "pgcode", None) in _UNDEFINED_IN_POSTGRESQL:
        return IndexBroken(f"the index is damaged: {said}.", where=place, remedy=REINDEX)
    if isinstance(error, sa.exc.OperationalError):
        return StorageError(f"the index does not answer: {said}", where=place)
    return StorageError(f"the index refuses: {said}", where=place)
