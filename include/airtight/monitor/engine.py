"""DuckDB for the monitors: bounded in memory, spilling to the work folder, and closed to everything else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from airtight.errors import EvaluationError

_BATCH = 122_880


@dataclass(frozen=True)
class Resources:
    """What a run may take: DuckDB's memory in MB, and its threads."""

    memory_mb: int = 400
    threads: int = 2


@contextmanager
def engine(work: Path, readable: Collection[Path], resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the given files, reads and writes the work folder, and reaches nothing else.

    Rows arrive in the order of the files, so that sums of floating-point numbers are the same each time.

    Raises:
        EvaluationError: memory did not suffice, or a file cannot be read.
    """
    connection = duckdb.connect(config={"threads": resources.threads})
    try:
        for setting, value in (
            ("enable_progress_bar", "false"),
            ("TimeZone", "'UTC'"),
            ("memory_limit", f"'{resources.memory_mb}MB'"),
            ("temp_directory", quoted(work / "spill")),
            ("preserve_insertion_order", "true"),
            ("allowed_directories", f"[{quoted(work)}]"),
            ("allowed_paths", f"[{', '.join(quoted(path) for path in readable)}]"),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("enable_external_access", "false"),
            ("lock_configuration", "true"),
        ):
            connection.execute(f"SET {setting} = {value}")
        yield connection
    except duckdb.OutOfMemoryException:
        raise EvaluationError(f"the monitor needs more than {resources.memory_mb} MB of memory.") from None
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise EvaluationError(f"a file cannot be read: {str(error).splitlines()[0]}") from None
    finally:
        connection.close()


def batches(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatch]:
    """The rows of a SELECT while they arrive."""
    yield from connection.sql(sql).to_arrow_reader(_BATCH)


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    """All rows of a small SELECT."""
    return list(connection.execute(sql).fetchall())


def quoted(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def named(column: str) -> str:
    """A name as an SQL identifier."""
    return '"' + column.replace('"', '""') + '"'


def parquet(files: Collection[Path]) -> str:
    """Parquet files as a relation; a column that only some of them have is null in the others."""
    return f"read_parquet([{', '.join(quoted(file) for file in files)}], union_by_name => true)"
