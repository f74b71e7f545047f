"""Open DuckDB databases, lent to Great Expectations by the name of the datasource that reads them."""

from __future__ import annotations

import atexit
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import sqlalchemy
from duckdb_engine import ConnectionWrapper

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

    from airtight.quality.duckdb_datasource import DuckDBDatasource

_OPEN: dict[str, duckdb.DuckDBPyConnection] = {}
_NUMBERS = itertools.count(1)


@contextmanager
def datasource_over(context: EphemeralDataContext, database: duckdb.DuckDBPyConnection) -> Iterator[DuckDBDatasource]:
    """A datasource that reads an open database; the caller keeps the database and closes it afterwards."""
    import airtight.quality.duckdb_datasource  # noqa: F401  registers add_duckdb

    name = f"duckdb-{next(_NUMBERS)}"
    _OPEN[name] = database
    datasource: DuckDBDatasource = context.data_sources.add_duckdb(name, connection_string="duckdb://")
    try:
        yield datasource
    finally:
        _close(datasource)
        context.data_sources.delete(name)
        del _OPEN[name]


def _close(datasource: DuckDBDatasource) -> None:
    engine = datasource.get_engine()
    datasource.get_execution_engine().close()
    engine.dispose()
    # SQLAlchemy remembers types by DuckDB's own objects; see _let_go_of_duckdb
    vars(engine.dialect).pop("_type_memos", None)


def engine_over(name: str) -> sqlalchemy.Engine:
    """An SQLAlchemy engine whose connections are cursors of the open database of that name."""
    return sqlalchemy.create_engine("duckdb://", creator=lambda: _cursor(name))


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


def _cursor(name: str) -> _ReadOnly:
    cursor = _OPEN[name].cursor()
    # On long queries DuckDB draws its bar even where nobody looks.
    cursor.execute("SET enable_progress_bar = false")
    return _ReadOnly(cursor)
