"""A mapping tried on a sample of its source: rows and errors in seconds, nothing staged, nothing sealed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace

import duckdb

from airtight.collect.connector import CollectionRequest
from airtight.collect.engine import Resources, batches, quoted
from airtight.collect.mapping import FAULT, Bindings, Mapped, MappingRun, mapping_engine, run_mapping
from airtight.collect.registry import connector
from airtight.collect.streams import unpack
from airtight.domain.population import PopulationSchema

#: Records of each raw file that a trial reads.
SAMPLE = 10_000
_RESOURCES = Resources(seconds=60)


@dataclass(frozen=True)
class Trial:
    """What a mapping gave.

    Attributes:
        rows: the first rows that fit the schema, as cells in the order of ``columns``; not redacted.
        mapped: rows that the mapping gave on the sample.
        rejected: reason -> rows that do not fit.
        outside_window: rows of other windows.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    mapped: int
    rejected: tuple[tuple[str, int], ...]
    outside_window: int


def try_mapping(request: CollectionRequest, schema: PopulationSchema, sql: str, where: str, show: int = 20) -> Trial:
    """Pull a sample, map it and show the first rows. The request's folder is made and removed.

    Args:
        request: its ``sample`` bounds the records read, ``SAMPLE`` by default.
        where: the mapping's file, for messages.
        show: number of rows.

    Raises:
        DefinitionError: the mapping or the source's options are wrong.
        SourceError: the source gave nothing to map, or rows of another shape.
    """
    request = replace(request, sample=request.sample or SAMPLE)
    source = request.source
    using = connector(source.connector, f"{source.file}: {source.id}.connector")
    using.check(source)
    raw, streams, work = (request.folder / part for part in ("raw", "streams", "work"))
    try:
        for folder in (raw, streams):
            folder.mkdir(parents=True)
        pulled = using.pull(replace(request, folder=raw))
        unpacked = unpack(pulled.files, streams, request.sample)
        bindings = Bindings(source.system, request.partition, request.window)
        with mapping_engine(unpacked.streams, work, _RESOURCES) as engine:
            asked = MappingRun(sql, schema, where, bindings)
            mapped = run_mapping(asked, unpacked.streams, engine, work, _RESOURCES)
            rows = _first_rows(engine, mapped, schema, show)
    finally:
        shutil.rmtree(request.folder)
    return Trial(
        schema.column_names,
        rows,
        mapped.rows,
        mapped.rejected,
        mapped.outside_window,
    )


def _first_rows(
    engine: duckdb.DuckDBPyConnection, mapped: Mapped, schema: PopulationSchema, show: int
) -> tuple[tuple[object, ...], ...]:
    columns = ", ".join(f'"{name}"' for name in schema.column_names)
    keys = ", ".join(f'"{name}"' for name in schema.key)
    first = (
        f"SELECT {columns} FROM read_parquet({quoted(mapped.file)}) WHERE {FAULT} IS NULL"  # noqa: S608  own names
        f" ORDER BY {keys} LIMIT {show:d}"
    )
    return tuple(tuple(row.values()) for batch in batches(engine, first, show) for row in batch.to_pylist())
