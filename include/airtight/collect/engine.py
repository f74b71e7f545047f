"""DuckDB for station 1: bounded in memory, spilling to the work folder, and closed to everything else."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from airtight.errors import ConfigurationError


@dataclass(frozen=True)
class Resources:
    """What one population may take.

    Attributes:
        memory_mb: DuckDB's limit; the process takes some 250 MB on top for Python, Arrow and the files being read.
        threads: DuckDB's threads.
        seconds: time limit of one mapping.
    """

    memory_mb: int = 400
    threads: int = 2
    seconds: float = 3600


@contextmanager
def locked_engine(work: Path, readable: Collection[Path], resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the given files, reads and writes the work folder, and reaches nothing else.

    The order of the settings matters: external access closes after the paths are named, and the lock comes last.
    """
    work.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect(config={"threads": resources.threads})
    try:
        for setting, value in (
            ("enable_progress_bar", "false"),
            ("TimeZone", "'UTC'"),
            ("memory_limit", f"'{resources.memory_mb}MB'"),
            ("temp_directory", quoted(work / "spill")),
            ("preserve_insertion_order", "false"),
            ("allowed_directories", f"[{quoted(work)}]"),
            ("allowed_paths", f"[{', '.join(quoted(path) for path in readable)}]"),
            ("autoinstall_known_extensions", "false"),
            ("autoload_known_extensions", "false"),
            ("enable_external_access", "false"),
            ("lock_configuration", "true"),
        ):
            engine.execute(f"SET {setting} = {value}")
        yield engine
    except duckdb.OutOfMemoryException:
        raise ConfigurationError(
            f"the collection needs more than {resources.memory_mb} MB of memory.",
            remedy="Give it more, or make the mapping simpler.",
        ) from None
    except duckdb.IOException as error:
        raise ConfigurationError(f"the work folder cannot be used: {str(error).splitlines()[0]}") from None
    finally:
        engine.close()


def batches(engine: duckdb.DuckDBPyConnection, sql: str, rows: int) -> Iterator[pa.RecordBatch]:
    """The rows of a SELECT while they arrive, about so many at a time."""
    try:
        yield from engine.sql(sql).to_arrow_reader(rows) or ()
    except (pa.ArrowException, OSError) as error:
        raise ConfigurationError(f"the engine stopped: {str(error).splitlines()[0]}") from None


def quoted(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def parquet_list(files: Collection[Path]) -> str:
    """Parquet files as an argument of ``read_parquet``."""
    return f"[{', '.join(quoted(file) for file in files)}]"
