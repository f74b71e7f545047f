"""A mapping at work: streams -> the one SELECT -> typed rows, each with its fault or none, in a Parquet file.

The SELECT is checked before it runs and runs locked in: it reads the streams and nothing else. Rows that do not
fit the schema are counted by reason; when more than half of them fail for one reason, the source's shape changed
and the population is not collected.
"""

# ruff: noqa: S608  the SQL is put together from the schema's own names and quoted paths

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

import duckdb

from airtight.collect.casting import Casting, casting, window_values
from airtight.collect.engine import Resources, locked_engine, parquet_list, quoted
from airtight.collect.streams import Stream
from airtight.domain.period import Window
from airtight.domain.population import PopulationSchema
from airtight.errors import AirtightError, DefinitionError, SourceChanged
from airtight.sql import read_select

#: Columns that the station adds beside the schema's; the population file does not have them.
FAULT, OUTSIDE = "_fault", "_outside"

#: Values bound by name in a mapping, besides the window's bounds.
PARAMETERS = ("system", "partition")

_MISSING_COLUMN = re.compile(r'Referenced column "([^"]*)" not found')


@dataclass(frozen=True)
class Bindings:
    """The values bound in a mapping: ``$system``, ``$partition``, ``$window_start``, ``$window_end``."""

    system: str
    partition: str
    window: Window

    def value(self, name: str) -> object:
        values = {
            "system": self.system,
            "partition": self.partition,
            "window_start": self.window.start.replace(tzinfo=None),
            "window_end": self.window.end.replace(tzinfo=None),
        }
        return values[name]


@dataclass(frozen=True)
class MappingRun:
    """A mapping and the schema that its rows must have."""

    sql: str
    schema: PopulationSchema
    where: str
    bindings: Bindings


@dataclass(frozen=True)
class Mapped:
    """Typed rows in a work file, faulty ones and those of other windows included, told by ``FAULT`` and ``OUTSIDE``.

    Attributes:
        streams: the streams that they were mapped from.
        rejected: reason -> rows.
    """

    streams: tuple[str, ...]
    file: Path
    rows: int
    rejected: tuple[tuple[str, int], ...]
    outside_window: int


@contextmanager
def mapping_engine(streams: Sequence[Stream], work: Path, resources: Resources) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that reads the streams and works in an empty folder, and reaches nothing else."""
    with locked_engine(work, [file for stream in streams for file in stream.parquet], resources) as engine:
        yield engine


def run_mapping(
    run: MappingRun, streams: Sequence[Stream], engine: duckdb.DuckDBPyConnection, work: Path, resources: Resources
) -> Mapped:
    """Map streams to one population.

    Args:
        engine: of ``mapping_engine``, with the same streams and folder.
        work: folder of the result.

    Raises:
        DefinitionError: the mapping is not one that may run, or does not give the schema's columns.
        SourceChanged: the streams do not have the shape that the mapping needs.
    """
    used, read = check_mapping(run.sql, [stream.name for stream in streams], run.where)
    target = work / "mapped.parquet"
    for stream in streams:
        engine.execute(_view(stream))
    watch = Timer(resources.seconds, engine.interrupt)
    watch.start()
    try:
        plan = _copy(engine, run, used, target)
    except duckdb.Error as error:
        raise _translated(error, run, engine, streams) from None
    finally:
        watch.cancel()
    return _counted(engine, target, plan.reasons, read)


def check_mapping(sql: str, streams: Collection[str], where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parameters that a mapping binds and the streams that it reads.

    It is one SELECT over the source's streams that always gives the same.

    Raises:
        DefinitionError: it is not.
    """
    select = read_select(sql, None, PARAMETERS, where=where)
    known = {name.lower(): name for name in streams}
    if unknown := sorted(name for name in select.views if name.lower() not in known):
        raise DefinitionError(
            f"the mapping reads '{unknown[0]}', which is no stream of this source.",
            where=where,
            remedy=f"Its streams: {', '.join(sorted(streams)) or 'none'}.",
        )
    return tuple(sorted(select.parameters)), tuple(sorted(known[name.lower()] for name in select.views))


def _view(stream: Stream) -> str:
    files = parquet_list(stream.parquet)
    name = stream.name.replace('"', '""')
    if stream.format in ("json", "jsonl"):
        return f'CREATE VIEW "{name}" AS SELECT TRY_CAST(record AS JSON) AS record FROM read_parquet({files})'
    return f'CREATE VIEW "{name}" AS SELECT * FROM read_parquet({files}, union_by_name = true)'


def _copy(engine: duckdb.DuckDBPyConnection, run: MappingRun, used: Collection[str], target: Path) -> Casting:
    select = f"SELECT * FROM (\n{run.sql.strip().rstrip(';')}\n)"
    parameters = {name: run.bindings.value(name) for name in used}
    described = engine.execute(f"DESCRIBE {select}", parameters or None).fetchall()
    plan = casting(run.schema, {str(row[0]): str(row[1]) for row in described}, run.where)
    rows = f"SELECT {plan.columns}, CAST({plan.fault} AS SMALLINT) AS {FAULT} FROM ({select}) AS m"
    if "$from" in plan.outside:
        parameters |= dict(zip(("from", "until"), window_values(run.bindings.window), strict=True))
    outside = plan.outside.replace("$from", "$from::TIMESTAMP").replace("$until", "$until::TIMESTAMP")
    engine.execute(
        f"COPY (SELECT *, {outside} AS {OUTSIDE} FROM ({rows})) TO {quoted(target)}"
        " (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE_BYTES '16MB')",
        parameters or None,
    )
    return plan


def _counted(
    engine: duckdb.DuckDBPyConnection, target: Path, reasons: Sequence[str], streams: tuple[str, ...]
) -> Mapped:
    counts: Mapping[tuple[int | None, bool], int] = {
        (fault, outside): count
        for fault, outside, count in engine.execute(
            f"SELECT {FAULT}, {OUTSIDE}, count(*) FROM read_parquet({quoted(target)}) GROUP BY ALL"
        ).fetchall()
    }
    rejected: dict[str, int] = {}
    for (fault, _), count in counts.items():
        if fault is not None:
            rejected[reasons[fault - 1]] = rejected.get(reasons[fault - 1], 0) + count
    rows = sum(counts.values())
    for reason, count in rejected.items():
        if count * 2 > rows:
            raise SourceChanged(
                f"{count} of {rows} rows were refused because {reason}.",
                remedy="Look at the source's records and at the mapping.",
            )
    return Mapped(streams, target, rows, tuple(sorted(rejected.items())), counts.get((None, True), 0))


def _translated(
    error: duckdb.Error, run: MappingRun, engine: duckdb.DuckDBPyConnection, streams: Sequence[Stream]
) -> AirtightError:
    first = str(error).splitlines()[0]
    if isinstance(error, duckdb.InterruptException):
        return DefinitionError("the mapping took too long and was stopped.", where=run.where)
    if isinstance(error, duckdb.ConversionException | duckdb.OutOfRangeException | duckdb.InvalidInputException):
        # the engine's message would quote the value
        return SourceChanged(
            "a value could not be converted.", where=run.where, remedy="Use TRY_CAST, or look at the records."
        )
    if (match := _MISSING_COLUMN.search(first)) and (found := _columns(engine, streams)):
        return SourceChanged(f"the mapping needs column '{match[1]}'; found: {found}.", where=run.where)
    if isinstance(error, duckdb.OutOfMemoryException | duckdb.IOException):
        raise error
    return DefinitionError(f"the mapping does not run: {first}", where=run.where)


def _columns(engine: duckdb.DuckDBPyConnection, streams: Sequence[Stream]) -> str:
    native = [stream for stream in streams if stream.format in ("csv", "parquet")]
    found = []
    for stream in native:
        rows = engine.execute(f"DESCRIBE SELECT * FROM read_parquet({parquet_list(stream.parquet)})").fetchall()
        found.append(f"{stream.name} ({', '.join(str(row[0]) for row in rows)})")
    return "; ".join(found)
