"""Connector ``files``: CSV, JSON, JSON lines and Parquet, plain or gzip, on local disk or in S3.

Options: ``path`` (for the stream ``raw``) or ``streams`` (name -> path, or a mapping of ``path`` and the options
below); templates and globs stand in paths. ``format`` (else by extension), ``records`` (where the list stands in
JSON, ``$.Records``), ``delimiter``, ``encoding``, ``header`` (column names of a file without a header line),
``required`` (columns), ``counts`` (path of a JSON object, file name -> number of records, which proves
completeness), ``keeps_history`` (true by itself when every path names its day).
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, CsvDialect, Probe, Pulled, RawFile, RawFormat
from airtight.collect.places import Found, Place, check_local, place_of
from airtight.collect.templates import fill, names_its_day, unknown_fields
from airtight.domain.source import OptionValue, Source
from airtight.errors import SourceIncomplete

_OF_STREAM = ("format", "records", "delimiter", "encoding", "header", "required")
_EXTENSION: dict[str, RawFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_MEDIA_TYPE = {
    "csv": "text/csv",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "parquet": "application/vnd.apache.parquet",
}


@dataclass(frozen=True)
class _Declared:
    """One stream as declared."""

    stream: str
    path: str
    format: RawFormat
    records_path: str | None
    dialect: CsvDialect


class FilesConnector:
    """Reads files that somebody or something exported."""

    def check(self, source: Source) -> None:
        several = "streams" in source.options
        options.check_keys(
            source,
            required=("streams",) if several else ("path",),
            optional=(*_OF_STREAM, "counts", "keeps_history"),
        )
        options.flag(source, "keeps_history", default=False)
        for path in (*(declared.path for declared in _declared(source)), *_counts_path(source)):
            if unknown := unknown_fields(path):
                raise options.refuse(
                    source, "path", f"'{{{unknown[0]}}}' is no field.", "Fields: {partition}, {year}, {month}, {day}."
                )
            if not path.startswith("s3://"):
                check_local(path, source)

    def keeps_history(self, source: Source) -> bool:
        dated = all(names_its_day(declared.path) for declared in _declared(source))
        return options.flag(source, "keeps_history", default=dated)

    def pull(self, request: CollectionRequest) -> Pulled:
        source = request.source
        files: list[RawFile] = []
        identities: dict[str, None] = {}
        paths: list[str] = []
        for declared in _declared(source):
            path = fill(declared.path, request.partition, request.window)
            place = place_of(path, source, request.base, request.credentials)
            paths.append(path)
            identities[place.identity] = None
            found = place.find(path)
            files += [_fetched(place, file, declared, request.folder, len(files) + n) for n, file in enumerate(found)]
        counts = _counts(request)
        files = [replace(file, expected=_expected(file.name, counts)) for file in files] if counts else files
        return Pulled(
            files=tuple(files),
            query=" ".join(paths),
            identity=", ".join(identities),
            can_write=None,
            pages=len(files),
            source_count=sum(counts.values()) if counts is not None else None,
            count_method=f"counts file {_filled_counts(request)}" if counts is not None else None,
        )

    def probe(self, request: CollectionRequest) -> Probe:
        found: list[Found] = []
        identities: dict[str, None] = {}
        for declared in _declared(request.source):
            path = fill(declared.path, request.partition, request.window)
            place = place_of(path, request.source, request.base, request.credentials)
            identities[place.identity] = None
            found += place.find(path)
        counts = _counts(request)
        return Probe(
            identity=", ".join(identities),
            can_write=None,
            records=sum(counts.values()) if counts is not None else None,
            size=sum(file.size for file in found),
            notes=(f"{len(found)} files",),
        )


def _declared(source: Source) -> tuple[_Declared, ...]:
    if "streams" not in source.options:
        return (_one(source, "raw", options.required_text(source, "path"), source.options, "path"),)
    if "path" in source.options:
        raise options.refuse(source, "path", "stands beside streams.", "Write path or streams.")
    streams = options.mapping(source, "streams")
    return tuple(_of_streams(source, str(name), value) for name, value in streams.items())


def _of_streams(source: Source, name: str, value: OptionValue) -> _Declared:
    key = f"streams.{name}"
    own: Mapping[str, OptionValue] = value if isinstance(value, dict) else {"path": value}
    if unknown := sorted(set(own) - {"path", *_OF_STREAM}):
        raise options.refuse(source, f"{key}.{unknown[0]}", "a stream has no such option.")
    path = own.get("path")
    if not isinstance(path, str) or not path or not name.isidentifier():
        raise options.refuse(source, key, "must be a name with a path.")
    return _one(source, name, path, {**source.options, **own}, key)


def _one(source: Source, stream: str, path: str, given: Mapping[str, OptionValue], key: str) -> _Declared:
    own = replace(source, options={name: given[name] for name in _OF_STREAM if name in given})
    format_ = options.one_of(own, "format", tuple(_MEDIA_TYPE)) or _by_extension(source, path, key)
    return _Declared(stream, path, format_, _records_path(own, format_), _dialect(own, path))  # type: ignore[arg-type]


def _records_path(source: Source, format_: str) -> str | None:
    path = options.text(source, "records")
    if path is not None and (format_ != "json" or not path.startswith("$.")):
        raise options.refuse(source, "records", "must be the path of a list in JSON.", "Write it as $.Records.")
    return path


def _dialect(source: Source, path: str) -> CsvDialect:
    delimiter, encoding = options.text(source, "delimiter"), options.text(source, "encoding")
    if delimiter is not None and len(delimiter) != 1:
        raise options.refuse(source, "delimiter", "must be one character.")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise options.refuse(source, "encoding", f"there is no encoding '{encoding}'.") from None
    header = None if source.options.get("header") is True else options.texts(source, "header")
    tab = "\t" if PurePosixPath(path.removesuffix(".gz")).suffix == ".tsv" else None
    return CsvDialect(delimiter or tab, encoding, header or None, options.texts(source, "required"))


def _by_extension(source: Source, path: str, key: str) -> RawFormat:
    suffix = PurePosixPath(path.removesuffix(".gz")).suffix.lower()
    if suffix not in _EXTENSION:
        raise options.refuse(source, key, f"the extension '{suffix}' does not tell the format.", "Declare format.")
    return _EXTENSION[suffix]


def _fetched(place: Place, found: Found, declared: _Declared, folder: Path, number: int) -> RawFile:
    target = folder / f"{number:06d}-{_base_name(found.name)}"
    place.fetch(found, target)
    return RawFile(
        path=target,
        stream=declared.stream,
        format=declared.format,
        media_type=_MEDIA_TYPE[declared.format],
        name=found.name,
        records_path=declared.records_path,
        dialect=declared.dialect,
    )


def _base_name(name: str) -> str:
    return PurePosixPath(name).name


def _counts_path(source: Source) -> tuple[str, ...]:
    path = options.text(source, "counts")
    return (path,) if path else ()


def _filled_counts(request: CollectionRequest) -> str:
    return fill(options.required_text(request.source, "counts"), request.partition, request.window)


def _counts(request: CollectionRequest) -> dict[str, int] | None:
    """The counts file: file name -> number of records."""
    if not _counts_path(request.source):
        return None
    path = _filled_counts(request)
    place = place_of(path, request.source, request.base, request.credentials)
    target = request.folder / "counts.json"
    place.fetch(place.find(path)[0], target)
    try:
        counts = json.loads(target.read_bytes())
    except ValueError:
        raise SourceIncomplete("the counts file is not JSON.", where=path) from None
    finally:
        target.unlink()
    if not isinstance(counts, dict) or not all(type(count) is int and count >= 0 for count in counts.values()):
        raise SourceIncomplete("the counts file is no object of file names and numbers.", where=path)
    return counts


def _expected(name: str, counts: Mapping[str, int]) -> int | None:
    """The count of a file, which a counts file calls by its name or by the end of its path."""
    return next((count for known, count in counts.items() if f"/{name}".endswith(f"/{known}")), None)
