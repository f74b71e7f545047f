"""A connection's secrets show up nowhere: not in messages, not in provenance, not in raw files.

Values are masked as they stand and in the forms that software gives them: percent-encoded, as JSON text, and as the
base64 of HTTP basic authentication.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from airtight.collect.connector import RawFile
from airtight.collect.unpacking import is_gzip, unpacked
from airtight.domain.source import Credentials

MASK = "***"
#: A shorter value is no secret, and masking it would leave nothing readable.
_SHORTEST = 4
_CHUNK = 8 * 1024 * 1024


class Scrubber:
    """Masks the secrets of one connection."""

    def __init__(self, credentials: Credentials) -> None:
        forms = {form for value in credentials.secrets() for form in _forms(value, credentials.login or "")}
        self._forms = sorted((form for form in forms if len(form) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without any secret."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def raw(self, file: RawFile) -> int:
        """Mask a raw file in place; how many values were masked. A file without secrets keeps its bytes."""
        if not self._forms:
            return 0
        if file.format == "parquet":
            return self._parquet(file)
        count = self._count(file)
        if count:
            self._rewrite(file)
        return count

    def _count(self, file: RawFile) -> int:
        with unpacked(file.path, file.name) as opened:
            return sum(count for _, count in self._masked(opened))

    def _rewrite(self, file: RawFile) -> None:
        clean = file.path.with_name(file.path.name + ".clean")
        with unpacked(file.path, file.name) as opened, clean.open("xb") as out:
            if is_gzip(file.path):
                with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
                    packed.writelines(piece for piece, _ in self._masked(opened))
            else:
                out.writelines(piece for piece, _ in self._masked(opened))
        clean.replace(file.path)

    def _masked(self, opened: IO[bytes]) -> Iterator[tuple[bytes, int]]:
        """Pieces of the file, masked, each with its number of masked values; no value is split between two."""
        overlap = max(map(len, (form.encode() for form in self._forms))) - 1
        rest = b""
        while chunk := opened.read(_CHUNK):
            piece, count = self._replace(rest + chunk)
            keep = min(overlap, len(piece))
            rest = piece[len(piece) - keep :]
            yield piece[: len(piece) - keep], count
        yield rest, 0

    def _replace(self, piece: bytes) -> tuple[bytes, int]:
        count = 0
        for form in self._forms:
            found = piece.count(form.encode())
            if found:
                piece, count = piece.replace(form.encode(), MASK.encode()), count + found
        return piece, count

    def _parquet(self, file: RawFile) -> int:
        """Texts of a Parquet file, row group by row group."""
        count = 0
        clean = file.path.with_name(file.path.name + ".clean")
        with (
            pq.ParquetFile(file.path) as opened,
            pq.ParquetWriter(clean, opened.schema_arrow, compression="zstd") as out,
        ):
            for group in range(opened.num_row_groups):
                table, found = self._masked_table(opened.read_row_group(group))
                out.write_table(table, row_group_size=max(table.num_rows, 1))
                count += found
        clean.replace(file.path) if count else clean.unlink()
        return count

    def _masked_table(self, table: pa.Table) -> tuple[pa.Table, int]:
        count = 0
        for position, field in enumerate(table.schema):
            column = table.column(position)
            if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
                column, found = self._masked_texts(column)
            elif pa.types.is_nested(field.type) or pa.types.is_dictionary(field.type):
                values, found = self._masked_value(column.to_pylist())
                column = pa.chunked_array([pa.array(values, field.type)]) if found else column
            else:
                continue
            table, count = table.set_column(position, field, column), count + found
        return table, count

    def _masked_texts(self, column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, int]:
        count = 0
        for form in self._forms:
            found = pc.sum(pc.count_substring(column, form)).as_py() or 0
            if found:
                column, count = pc.replace_substring(column, form, MASK), count + found
        return column, count

    def _masked_value(self, value: object) -> tuple[object, int]:
        """Texts inside lists and records."""
        if isinstance(value, str):
            return self.text(value), int(self.text(value) != value)
        if isinstance(value, list | tuple):
            items = [self._masked_value(item) for item in value]
            return type(value)(item for item, _ in items), sum(found for _, found in items)
        if isinstance(value, dict):
            parts = {key: self._masked_value(item) for key, item in value.items()}
            return {key: item for key, (item, _) in parts.items()}, sum(found for _, found in parts.values())
        return value, 0


def _forms(value: str, login: str) -> set[str]:
    basic = base64.b64encode(f"{login}:{value}".encode()).decode()
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    return {value, quote(value, safe=""), quote_plus(value), basic, *escaped}
