"""Rows of a database as Parquet, written while they arrive.

The first rows give a column its type. A value that does not fit later opens another file with a wider type, so
nothing is read again and nothing is rounded: whole numbers beyond 64 bits, decimals and mixtures are kept as text.
Times with an offset become UTC; JSON and arrays of anything but text become JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from airtight.collect.connector import RawFile

ROWS = 20_000

_INT64 = range(-(2**63), 2**63)
_TIME, _DAY, _TEXT = pa.timestamp("us"), pa.date32(), pa.string()


def write_rows(
    folder: Path, stream: str, columns: Sequence[str], batches: Iterator[Sequence[Sequence[object]]]
) -> list[RawFile]:
    """Write batches of rows to ``<stream>-<n>.parquet`` files, at least one.

    Args:
        batches: rows of as many values as there are columns, fixed numbers of rows a batch.
    """
    files: list[RawFile] = []
    types: list[pa.DataType] = [pa.null()] * len(columns)
    writer: pq.ParquetWriter | None = None
    count = 0
    for batch in batches:
        wider, plain = _typed(batch, types)
        if writer is None or wider != types:
            if writer is not None:
                writer.close()
                files.append(_raw_file(folder, stream, len(files), count))
            types, count = wider, 0
            writer = pq.ParquetWriter(_path(folder, stream, len(files)), _schema(columns, types), compression="zstd")
        arrays = [pa.array(values, kind) for values, kind in zip(plain, _written(types), strict=True)]
        writer.write_table(pa.table(arrays, schema=_schema(columns, types)), row_group_size=ROWS)
        count += len(batch)
    if writer is None:
        pq.write_table(_schema(columns, types).empty_table(), _path(folder, stream, 0), compression="zstd")
    else:
        writer.close()
    return [*files, _raw_file(folder, stream, len(files), count)]


def _path(folder: Path, stream: str, number: int) -> Path:
    return folder / f"{stream}-{number}.parquet"


def _raw_file(folder: Path, stream: str, number: int, count: int) -> RawFile:
    path = _path(folder, stream, number)
    return RawFile(path, stream, "parquet", "application/vnd.apache.parquet", count, f"query of stream {stream}")


def _schema(columns: Sequence[str], types: Sequence[pa.DataType]) -> pa.Schema:
    return pa.schema(list(zip(columns, _written(types), strict=True)))


def _written(types: Sequence[pa.DataType]) -> list[pa.DataType]:
    """A column without a value so far is text: every other type can join it."""
    return [_TEXT if kind == pa.null() else kind for kind in types]


def _typed(
    batch: Sequence[Sequence[object]], types: Sequence[pa.DataType]
) -> tuple[list[pa.DataType], list[list[object]]]:
    wider: list[pa.DataType] = []
    columns: list[list[object]] = []
    for position, known in enumerate(types):
        values = [_plain(row[position]) for row in batch]
        kind = known
        for seen in dict.fromkeys(_kind(value) for value in values):
            kind = _join(kind, seen)
        wider.append(kind)
        columns.append([_as_text(value) if kind == _TEXT else value for value in values])
    return wider, columns


def _plain(value: object) -> object:
    """A value as one of None, bool, int, float, str, datetime, date, bytes and list of texts."""
    match value:
        case None | bool() | float() | str():
            return value
        case int():
            return value if value in _INT64 else str(value)
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        case date():
            return value
        case bytes() | bytearray() | memoryview():
            return bytes(value)
        case list() if all(item is None or isinstance(item, str) for item in value):
            return value
        case list() | dict():
            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _kind(value: object) -> pa.DataType:
    match value:
        case None:
            return pa.null()
        case bool():
            return pa.bool_()
        case int():
            return pa.int64()
        case float():
            return pa.float64()
        case datetime():
            return _TIME
        case date():
            return _DAY
        case bytes():
            return pa.binary()
        case list():
            return pa.list_(_TEXT)
        case _:
            return _TEXT


def _join(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if one == other or other == pa.null():
        return one
    return other if one == pa.null() else _TEXT


def _as_text(value: object) -> str | None:
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return repr(value)
