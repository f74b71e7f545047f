"""Records of JSON and JSON lines files as the text that the source wrote, in batches of bounded size.

Numbers keep their digits, and nothing is turned into Python objects unless a record needs a more patient parser
(half a surrogate pair). Broken JSON is a ``SourceIncomplete`` that names file and line; a list of records that is
not where it was declared is a ``SourceChanged``.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import IO, Never

import ijson  # type: ignore[import-untyped]  # it has no types
import msgspec
from msgspec import Raw

from airtight.collect.connector import RawFile
from airtight.collect.unpacking import unpacked
from airtight.errors import SourceChanged, SourceIncomplete

#: Unpacked bytes that a JSON file may have to be parsed in one piece; a larger one is parsed as a stream.
IN_ONE_PIECE = 64 * 1024 * 1024
_CHUNK = 8 * 1024 * 1024

_ANY = msgspec.json.Decoder(Raw)
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])


def record_batches(file: RawFile, in_one_piece: int = IN_ONE_PIECE) -> Iterator[list[bytes]]:
    """The file's records as UTF-8 JSON texts, some thousands at a time.

    Raises:
        SourceIncomplete: the file is cut off or is not JSON; names file and line.
        SourceChanged: there is no list at ``records_path``.
    """
    with unpacked(file.path, file.name) as opened:
        if file.format == "jsonl":
            yield from _lines(opened, file.name)
            return
        data = opened.read(in_one_piece + 1)
        if len(data) <= in_one_piece:
            yield _whole(_as_utf8(data, file.name), file)
            return
    with unpacked(file.path, file.name) as opened:
        yield from _streamed(opened, file)


def _lines(opened: IO[bytes], name: str) -> Iterator[list[bytes]]:
    first_line, rest = 1, b""
    while chunk := opened.read(_CHUNK):
        head, newline, tail = (rest + chunk).rpartition(b"\n")
        rest = tail
        if newline:
            yield _parse_lines(head, name, first_line)
            first_line += head.count(b"\n") + 1
    if rest.strip():
        yield _parse_lines(rest, name, first_line)


def _parse_lines(block: bytes, name: str, first_line: int) -> list[bytes]:
    block = block.removeprefix(codecs.BOM_UTF8) if first_line == 1 else block
    try:
        block.decode("utf-8")
        return [bytes(record) for record in _ANY.decode_lines(block)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [_patiently(line, name, first_line + n) for n, line in enumerate(block.split(b"\n")) if line.strip()]


def _patiently(line: bytes, name: str, number: int) -> bytes:
    try:
        return _dumped(json.loads(line.decode("utf-8"), parse_constant=_no_constant))
    except (ValueError, RecursionError) as error:
        _refuse(name, number, error)


def _whole(data: bytes, file: RawFile) -> list[bytes]:
    try:
        return _split(data, file)
    except (msgspec.DecodeError, RecursionError):
        return _whole_patiently(data, file)


def _split(data: bytes, file: RawFile) -> list[bytes]:
    if file.records_path is None:
        opener = data.lstrip()[:1]
        return [bytes(record) for record in _LIST.decode(data)] if opener == b"[" else [bytes(_ANY.decode(data))]
    found: bytes | Raw = data
    for step in _steps(file.records_path):
        try:
            found = _OBJECT.decode(found)[step]
        except (KeyError, msgspec.ValidationError):
            raise _not_there(file) from None
    if bytes(found).lstrip()[:1] != b"[":
        raise _not_there(file)
    return [bytes(record) for record in _LIST.decode(found)]


def _whole_patiently(data: bytes, file: RawFile) -> list[bytes]:
    try:
        found = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        _refuse(file.name, error.lineno if isinstance(error, json.JSONDecodeError) else 1, error)
    for step in _steps(file.records_path or "$"):
        if not isinstance(found, dict) or step not in found:
            raise _not_there(file)
        found = found[step]
    if file.records_path is not None and not isinstance(found, list):
        raise _not_there(file)
    return [_dumped(record) for record in (found if isinstance(found, list) else [found])]


def _streamed(opened: IO[bytes], file: RawFile) -> Iterator[list[bytes]]:
    prefix = ".".join([*_steps(file.records_path or "$"), "item"])
    batch: list[bytes] = []
    size = count = 0
    try:
        for record in ijson.items(opened, prefix, use_float=False):
            batch.append(_dumped(record))
            size += len(batch[-1])
            count += 1
            if size > _CHUNK:
                yield batch
                batch, size = [], 0
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        raise SourceIncomplete(
            f"not whole JSON after record {count}: {_plain(error)}.", where=file.name, remedy="Fetch it again."
        ) from None
    yield batch
    if not count:
        _check_empty_list(file, prefix.removesuffix("item").rstrip("."))


def _check_empty_list(file: RawFile, prefix: str) -> None:
    with unpacked(file.path, file.name) as opened:
        if not any(place == prefix and event == "start_array" for place, event, _ in ijson.parse(opened)):
            raise _not_there(file)


def _as_utf8(data: bytes, name: str) -> bytes:
    try:
        if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return data.decode("utf-16").encode()
        data = data.removeprefix(codecs.BOM_UTF8)
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(name, data[: error.start].count(b"\n") + 1, error)
    if not data.strip():
        raise SourceIncomplete("the file is empty, which is not JSON.", where=name, remedy="Fetch it again.")
    return data


def _steps(path: str) -> list[str]:
    return [step for step in path.removeprefix("$").split(".") if step]


def _dumped(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float).encode("utf-8", "replace")


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _not_there(file: RawFile) -> SourceChanged:
    return SourceChanged(f"there is no list of records at {file.records_path or '$'}.", where=file.name)


def _refuse(name: str, line: int, error: Exception) -> Never:
    raise SourceIncomplete(
        f"line {line} is not JSON: {_plain(error)}.",
        where=name,
        remedy="Fetch it again, or declare format: jsonl when each line is a record.",
    ) from None


def _plain(error: Exception) -> str:
    """What is wrong without the text that is wrong: it may hold personal data."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is not UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (column {error.colno})"
    return "it is cut off or damaged" if isinstance(error, ijson.JSONError) else str(error)
