"""Great Expectations on DuckDB: its SQL engine with one connection that stays open.

Great Expectations closes its SQL connection before it fetches the rows, and DuckDB's driver then returns none instead
of failing, so that every rule would look kept. Here one connection stays open for as long as the engine lives.

Importing this module imports Great Expectations, which takes seconds: import it inside the function that needs it. The
classes register themselves for good, so nothing of DuckDB stands in this module: it would outlive DuckDB's own
clean-up, which complains at the end of the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import sqlalchemy
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """The SQL engine of Great Expectations with one connection that stays open."""

    @contextmanager
    def get_connection(self) -> Iterator[sqlalchemy.Connection]:
        if not self._connection:
            self._connection = self.engine.connect()
        yield self._connection


class DuckDBDatasource(SQLDatasource):
    """A datasource over a database that is open; registers itself as ``context.data_sources.add_duckdb``."""

    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]  # how Great Expectations tells datasources apart

    def get_engine(self) -> sqlalchemy.Engine:
        if self._engine is None:
            from airtight.quality.connections import engine

            self._engine = engine()
        return self._engine

    def get_execution_engine(self) -> SqlAlchemyExecutionEngine:
        if self._execution_engine is None:
            self._execution_engine = DuckDBExecutionEngine(engine=self.get_engine(), create_temp_table=False)
        return self._execution_engine

    def let_go(self) -> None:
        """Close what was opened over a database; the next batch opens its own."""
        if self._execution_engine is not None:
            self._execution_engine.close()
        if self._engine is not None:
            self._engine.dispose()
            # SQLAlchemy remembers types by DuckDB's own objects; see connections._let_go_of_duckdb
            vars(self._engine.dialect).pop("_type_memos", None)
        self._execution_engine = self._engine = None
