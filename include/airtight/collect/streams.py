"""Raw files become streams: Parquet on local disk that a mapping reads as a view.

A stream of JSON holds one column ``record``, the record's own text. A stream of CSV holds its columns as text. A
stream of Parquet keeps its native columns. Files are read once, in pieces of bounded size, and counted.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from airtight.collect.connector import RawFile, RawFormat
from airtight.collect.csv_records import open_csv
from airtight.collect.json_records import record_batches
from airtight.collect.unpacking import is_gzip, unpacked
from airtight.errors import SourceChanged, SourceIncomplete

#: Small groups keep the reader of wide records within its memory.
_ROW_GROUP_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Stream:
    """One stream, ready to be read.

    Attributes:
        parquet: its files, never empty.
    """

    name: str
    format: RawFormat
    parquet: tuple[Path, ...]


@dataclass(frozen=True)
class Unpacked:
    """All streams of a pull.

    Attributes:
        files: the raw files, each with its number of records.
        rejected: reason -> records that were refused while reading.
    """

    streams: tuple[Stream, ...]
    files: tuple[RawFile, ...]
    rejected: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Read:
    parquet: Path
    records: int
    rejected: Counter[str]
    notes: tuple[str, ...] = ()


def unpack(files: Sequence[RawFile], folder: Path, limit: int | None = None) -> Unpacked:
    """Read raw files into streams.

    Args:
        folder: an empty folder for the Parquet files.
        limit: stop after about so many records of each file, for a trial.

    Raises:
        SourceError: a file is broken or has another shape than it should.
    """
    streams: list[Stream] = []
    counted: dict[Path, RawFile] = {}
    rejected: Counter[str] = Counter()
    notes: list[str] = []
    records = [file for file in files if file.format != "document"]
    for name in dict.fromkeys(file.stream for file in records):
        members = [file for file in records if file.stream == name]
        _refuse_mixture(name, members)
        reads = _read_stream(members, folder / name, limit)
        streams.append(Stream(name, members[0].format, tuple(dict.fromkeys(read.parquet for read in reads))))
        for file, read in zip(members, reads, strict=True):
            counted[file.path] = replace(file, records=read.records)
            rejected.update(read.rejected)
            notes += read.notes
    ordered = tuple(counted.get(file.path, file) for file in files)
    return Unpacked(tuple(streams), ordered, tuple(sorted(rejected.items())), tuple(notes))


def _refuse_mixture(name: str, members: Sequence[RawFile]) -> None:
    if len({"json" if file.format == "jsonl" else file.format for file in members}) > 1:
        raise SourceChanged(f"stream '{name}' mixes file formats.", where=members[0].name)


def _read_stream(members: Sequence[RawFile], target: Path, limit: int | None) -> list[_Read]:
    if members[0].format in ("json", "jsonl"):
        return _read_json(members, target.with_suffix(".parquet"), limit)
    target.mkdir()
    read_one = _read_csv if members[0].format == "csv" else _read_parquet
    return [read_one(file, target / f"{number:06d}.parquet", limit) for number, file in enumerate(members)]


def _read_json(members: Sequence[RawFile], target: Path, limit: int | None) -> list[_Read]:
    with _JsonWriter(target) as writer:
        counts = [sum(map(writer.write, _limited(record_batches(file), limit))) for file in members]
    return [_Read(target, count, Counter()) for count in counts]


def _limited(batches: Iterable[list[bytes]], limit: int | None) -> Iterator[list[bytes]]:
    if limit is None:
        yield from batches
        return
    records = (record for batch in batches for record in batch)
    yield list(islice(records, limit))


class _JsonWriter:
    """Writes records to one Parquet file, a row group for some megabytes."""

    _SCHEMA = pa.schema([("record", pa.string())])

    def __init__(self, target: Path) -> None:
        self._writer = pq.ParquetWriter(
            target, self._SCHEMA, compression="lz4", use_dictionary=False, write_statistics=False
        )
        self._pending: list[bytes] = []
        self._size = 0

    def __enter__(self) -> _JsonWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def write(self, records: list[bytes]) -> int:
        self._pending += records
        self._size += sum(map(len, records))
        if self._size > _ROW_GROUP_BYTES:
            self._flush()
        return len(records)

    def _flush(self) -> None:
        if not self._pending:
            return
        # the reader made sure that the bytes are UTF-8
        column = pa.array(self._pending, pa.binary()).view(pa.string())
        self._writer.write_table(pa.table({"record": column}))
        self._pending, self._size = [], 0


def _read_csv(file: RawFile, target: Path, limit: int | None) -> _Read:
    rows = open_csv(file)
    schema = pa.schema([(column, pa.string()) for column in rows.columns])
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        for batch in rows.batches():
            columns = list(zip(*batch, strict=True)) or [()] * len(rows.columns)
            writer.write_table(pa.table([pa.array(column, pa.string()) for column in columns], schema=schema))
            if limit is not None and rows.records >= limit:
                break
    return _Read(target, rows.records, rows.rejected, rows.notes)


def _read_parquet(file: RawFile, target: Path, limit: int | None) -> _Read:
    del limit  # a footer tells the count without reading the rows
    readable = file.path
    if is_gzip(file.path):
        with unpacked(file.path, file.name) as packed, target.open("xb") as out:
            shutil.copyfileobj(packed, out)
        readable = target
    try:
        with pq.ParquetFile(readable) as opened:
            return _Read(readable, opened.metadata.num_rows, Counter())
    except (pa.ArrowInvalid, OSError):
        raise SourceIncomplete("the Parquet file is cut off or damaged.", where=file.name) from None
