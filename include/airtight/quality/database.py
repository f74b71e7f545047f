"""The database that one population's checks run on: views over its file and its neighbours', and nothing else.

Files are read where they lie, once they are named; everything else on the machine is out of reach.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from airtight.domain.period import Window
from airtight.errors import EvidenceError

#: View of one row with ``window_start`` and ``window_end``, for SQL rules.
WINDOW_VIEW = "collection_window"

#: What one check may hold in memory; beyond it DuckDB spills to a temporary folder.
MEMORY_LIMIT = "1GiB"

_GLOB = re.compile(r"([*?\[])")
Files = Path | Sequence[Path]


@contextmanager
def opened(views: Mapping[str, Files], window: Window) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with a view per name over its Parquet files.

    Raises:
        EvidenceError: a file cannot be read as Parquet.
    """
    with tempfile.TemporaryDirectory(prefix="airtight-quality-") as spill, duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        database.execute("SET memory_limit = $limit", {"limit": MEMORY_LIMIT})
        database.execute("SET temp_directory = $folder", {"folder": spill})
        for name, files in views.items():
            _create_view(database, name, [files] if isinstance(files, Path) else list(files))
        start, end = (_naive(bound) for bound in (window.start, window.end))
        database.execute(f"CREATE VIEW {WINDOW_VIEW} AS SELECT {start} AS window_start, {end} AS window_end")
        _close_the_door(database, views.values())
        yield database


def _create_view(database: duckdb.DuckDBPyConnection, name: str, files: list[Path]) -> None:
    try:
        database.read_parquet([_literal(file) for file in files], union_by_name=True).create_view(name)
    except duckdb.Error as error:
        fault = str(error).splitlines()[0]
        raise EvidenceError(f"the file of {name} cannot be read: {fault}", where=name) from None


def _literal(file: Path) -> str:
    """The path with nothing that DuckDB would take for a pattern."""
    return _GLOB.sub(r"[\1]", str(file))


def _naive(moment: datetime) -> str:
    return f"TIMESTAMP '{moment.replace(tzinfo=None).isoformat(sep=' ')}'"


def _close_the_door(database: duckdb.DuckDBPyConnection, files: Iterable[Files]) -> None:
    named = [file for each in files for file in ([each] if isinstance(each, Path) else each)]
    # the engine compares both what a view says and what that stands for
    paths = sorted({str(file) for file in named} | {_literal(file) for file in named})
    database.execute("SET allowed_paths = $paths", {"paths": paths})
    for option in ("autoinstall_known_extensions", "autoload_known_extensions", "enable_external_access"):
        database.execute(f"SET {option} = false")
