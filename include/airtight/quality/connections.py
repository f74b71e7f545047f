"""Open DuckDB databases, lent to Great Expectations one at a time."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper

if TYPE_CHECKING:
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.interfaces import Batch

    from airtight.quality.duckdb_datasource import DuckDBDatasource

#: The view that Great Expectations reads, whatever population it shows: one asset then serves the whole process, and
#: Great Expectations, which writes its configuration at each change, has none to write.
_VIEW = "_population"
#: The open database, while one is lent; one at a time.
_LENT: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def batch_over(context: EphemeralDataContext, database: duckdb.DuckDBPyConnection, population: str) -> Iterator[Batch]:
    """A population of an open database as a batch; the caller keeps the database and closes it afterwards."""
    database.execute(f'CREATE VIEW {_VIEW} AS FROM "{population}"')
    _LENT.append(database)
    try:
        yield _whole_view(context).get_batch()
    finally:
        _datasource(context).let_go()
        _LENT.remove(database)


@cache
def _datasource(context: EphemeralDataContext) -> DuckDBDatasource:
    import airtight.quality.duckdb_datasource  # noqa: F401  registers add_duckdb

    datasource: DuckDBDatasource = context.data_sources.add_duckdb("duckdb", connection_string="duckdb://")
    return datasource


@cache
def _whole_view(context: EphemeralDataContext) -> BatchDefinition[Any]:
    return _datasource(context).add_table_asset(_VIEW, table_name=_VIEW).add_batch_definition_whole_table("whole")


def engine() -> sqlalchemy.Engine:
    """An SQLAlchemy engine whose connections are cursors of the database that is lent."""
    return sqlalchemy.create_engine("duckdb://", creator=_cursor)


class _ReadOnly(ConnectionWrapper):
    """A connection without transactions: nothing is written, and one bad rule must not spoil the rest."""

    def begin(self) -> None:
        """Nothing to begin."""

    def commit(self) -> None:
        """Nothing to commit; a commit would also empty results that are not fetched yet."""

    def rollback(self) -> None:
        """Nothing to roll back."""


def _let_go_of_duckdb() -> None:
    """Take DuckDB's objects from the driver, which SQLAlchemy keeps for good: DuckDB would list them on stderr."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "duckdb_engine":
            vars(module).clear()


atexit.register(_let_go_of_duckdb)


def _cursor() -> _ReadOnly:
    (database,) = _LENT
    cursor = database.cursor()
    # On long queries DuckDB draws its bar even where nobody looks.
    cursor.execute("SET enable_progress_bar = false")
    return _ReadOnly(cursor)
