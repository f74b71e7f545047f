"""The population file: mapped rows, redacted, in one order that their content decides, as deterministic Parquet.

Sorted by key, then by the digest of the row; identical rows become one; row groups close at fixed numbers of rows
or bytes. The same rows in any order give the same bytes (under the same library versions) and the same logical
digest.
"""

# ruff: noqa: S608  the SQL is put together from the schema's own names and quoted paths

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtight.collect.engine import Resources, batches, locked_engine, quoted
from airtight.collect.mapping import FAULT, OUTSIDE, Mapped, MappingRun, mapping_engine, run_mapping
from airtight.collect.redaction import Redactions, Replacement, join, replacements
from airtight.collect.streams import Stream
from airtight.domain.population import Column, ColumnType, PopulationSchema

ROW_GROUP_ROWS = 122_880
_ROW_GROUP_BYTES = 64 * 1024 * 1024
_SLICE = 8_192
#: An engine more costs some 15 ms; a sort of more rows than these pays for one of its own.
_ROWS_SORTED_IN_THREADS = 200_000
_ROW, _HITS = "_row", "_hits"

_ARROW_TYPE = {
    ColumnType.INT: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.BOOL: pa.bool_(),
    ColumnType.TS: pa.timestamp("us"),
    ColumnType.DATE: pa.date32(),
    ColumnType.LIST: pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Written:
    """A population file and what it holds.

    Attributes:
        collapsed: rows left out because an identical one is there.
        secrets_masked: secrets that the scan masked.
        logical_digest: SHA-256 over column names and row digests in order; tells whether two files hold the same rows.
    """

    file: Path
    rows: int
    collapsed: int
    secrets_masked: int
    first_key: str | None
    last_key: str | None
    logical_digest: str


def make_population(
    run: MappingRun, streams: Sequence[Stream], work: Path, redactions: Redactions, resources: Resources
) -> tuple[Mapped, Written]:
    """Map streams to a population and write the rows that fit the schema and lie in the window.

    Args:
        work: an empty folder for spilled data, what is made on the way and the result.

    Raises:
        DefinitionError, SourceChanged: as ``run_mapping``; ConfigurationError: as ``replacements``.
    """
    with mapping_engine(streams, work, resources) as engine:
        mapped = run_mapping(run, streams, engine, work, resources)
        rules = replacements(engine, mapped.file, run.schema, work, redactions)
        if mapped.rows <= _ROWS_SORTED_IN_THREADS:
            return mapped, _write(engine, mapped.file, run.schema, rules, work)
    # each thread of a sort that spills pins memory of its own; with one, 10 million rows stay within the limit
    with locked_engine(work, [mapped.file], replace(resources, threads=1)) as engine:
        return mapped, _write(engine, mapped.file, run.schema, rules, work)


def _write(
    engine: duckdb.DuckDBPyConnection, mapped: Path, schema: PopulationSchema, rules: Sequence[Replacement], work: Path
) -> Written:
    with _Writer(work / "population.parquet", schema) as writer:
        for batch in batches(engine, _ordered(mapped, schema, rules), _SLICE):
            writer.add(batch)
    return writer.written()


def _ordered(mapped: Path, schema: PopulationSchema, rules: Sequence[Replacement]) -> str:
    columns = ", ".join(f'{rule.expression} AS "{rule.column}"' for rule in rules)
    joins = " ".join(join(rule, schema.column(rule.column)) for rule in rules)
    hits = " + ".join(f'coalesce("l_{rule.column}"."hits", 0)' for rule in rules if rule.lookup) or "0"
    packed = ", ".join(_unmistakable(column) for column in schema.columns)
    keys = ", ".join(f'"{name}"' for name in schema.key)
    return (
        f"SELECT *, from_hex(sha256(concat({packed}))) AS {_ROW} FROM ("
        f"SELECT {columns}, CAST({hits} AS BIGINT) AS {_HITS} FROM read_parquet({quoted(mapped)}) AS m {joins}"
        f" WHERE {FAULT} IS NULL AND NOT {OUTSIDE}) ORDER BY {keys}, {_ROW}"
    )


def _unmistakable(column: Column) -> str:
    """A column's value after its length, so that no two rows of cells read the same."""
    value = f'to_json("{column.name}")' if column.type is ColumnType.LIST else f'"{column.name}"'
    text = f"CAST({value} AS VARCHAR)"
    return f"coalesce(strlen({text}) || ':' || {text}, '-')"


class _Writer:
    """Takes ordered batches; writes, counts and digests them."""

    def __init__(self, file: Path, schema: PopulationSchema) -> None:
        self._file = file
        self._key = schema.key
        self._schema = pa.schema([(c.name, _ARROW_TYPE.get(c.type, pa.string())) for c in schema.columns])
        self._parquet = pq.ParquetWriter(file, self._schema, compression="zstd", compression_level=3)
        self._digest = hashlib.sha256("\x1f".join(schema.column_names).encode())
        self._pending: list[pa.Table] = []
        self._group: list[pa.Table] = []
        self._last_row: bytes | None = None
        self._rows = self._collapsed = self._hits = 0
        self._first: str | None = None
        self._last: str | None = None

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._slice(at_end=True)
            self._close_group()
        self._parquet.close()

    def add(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        self._hits += pc.sum(batch.column(_HITS)).as_py()
        kept = self._without_repeats(batch)
        if not kept.num_rows:
            return
        self._digest.update(_bytes_of(kept.column(_ROW)))
        self._first = self._first or _key_text(kept, self._key, 0)
        self._last = _key_text(kept, self._key, kept.num_rows - 1)
        self._rows += kept.num_rows
        self._pending.append(pa.Table.from_batches([kept]).select(self._schema.names).cast(self._schema))
        self._slice(at_end=False)

    def _without_repeats(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = batch.column(_ROW)
        before = pa.concat_arrays([pa.array([self._last_row or b""], rows.type), rows.slice(0, len(rows) - 1)])
        kept = batch.filter(pc.not_equal(rows, before))
        self._last_row = rows[len(rows) - 1].as_py()
        self._collapsed += batch.num_rows - kept.num_rows
        return kept

    def _slice(self, *, at_end: bool) -> None:
        """Move whole slices of fixed length on to the row group, so that batch sizes leave no trace in the bytes."""
        table = pa.concat_tables(self._pending) if self._pending else None
        while table is not None and (table.num_rows >= _SLICE or (at_end and table.num_rows)):
            self._group.append(table.slice(0, _SLICE).combine_chunks())
            table = table.slice(_SLICE)
            if self._group_is_full():
                self._close_group()
        self._pending = [table] if table is not None and table.num_rows else []

    def _group_is_full(self) -> bool:
        rows = sum(part.num_rows for part in self._group)
        return bool(rows >= ROW_GROUP_ROWS or sum(part.nbytes for part in self._group) >= _ROW_GROUP_BYTES)

    def _close_group(self) -> None:
        if self._group:
            self._parquet.write_table(pa.concat_tables(self._group), row_group_size=ROW_GROUP_ROWS)
            self._group = []

    def written(self) -> Written:
        return Written(
            file=self._file,
            rows=self._rows,
            collapsed=self._collapsed,
            secrets_masked=self._hits,
            first_key=self._first,
            last_key=self._last,
            logical_digest=self._digest.hexdigest(),
        )


def _bytes_of(rows: pa.Array) -> memoryview:
    fixed = rows.cast(pa.binary(32))
    return memoryview(fixed.buffers()[1])[fixed.offset * 32 : (fixed.offset + len(fixed)) * 32]


def _key_text(batch: pa.RecordBatch, key: Sequence[str], row: int) -> str:
    return " | ".join(str(batch.column(name)[row].as_py()) for name in key)
