"""CloudTrail's log files of a day from their bucket, byte for byte.

A trail writes to ``[prefix/]AWSLogs/[organisation/]account/CloudTrail/region/yyyy/mm/dd/``. A file's day is that of
its delivery, up to some minutes after the events: so the files of the day are read, and those of the next day's first
hours. What they hold of other days is left out, and counted, when the records are mapped.

Where the trail also writes digest files (log file validation), they prove that nothing is missing: every log file
that they name must be there with the digest that they give, and they must follow one another without a gap. Their
signatures are not checked here.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airtight.collect.aws_session import translated
from airtight.collect.connector import RawFile
from airtight.collect.json_records import record_batches
from airtight.domain.period import Window
from airtight.errors import SourceIncomplete, SourceRefused

_ACCOUNT = re.compile(r"\d{12}")
_ORGANISATION = re.compile(r"o-[a-z0-9]{10,32}")
_DELIVERED = re.compile(r"_(\d{8}T\d{4,6}Z)(?:_[^/]*)?\.json\.gz$")
_CHUNK = 1024 * 1024
_AT_ONCE = 8
#: Digest files come once an hour and speak of the hour before.
_DIGEST_DELAY = timedelta(hours=2)


@dataclass(frozen=True)
class Trail:
    """Where a trail writes.

    Attributes:
        prefix: before ``AWSLogs``, without the slash at its end.
        organisations, accounts, regions: what to read; empty: all that the bucket holds.
        late: how long after the window its files may still arrive.
    """

    bucket: str
    prefix: str
    organisations: tuple[str, ...]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    late: timedelta


@dataclass(frozen=True)
class Fetched:
    """The window's files; ``proven``: records in files that the trail's own digests vouch for, None without."""

    files: tuple[RawFile, ...]
    pages: int
    proven: int | None
    notes: tuple[str, ...]


class CloudTrailBucket:
    """Reads one bucket."""

    def __init__(self, client: Any, trail: Trail) -> None:
        self._client = client
        self._trail = trail
        self._pages = 0

    def fetch(self, window: Window, folder: Path, stream: str) -> Fetched:
        """Download the window's log files.

        Raises:
            SourceError: the bucket refuses, holds no such trail or lacks a file that its digests name.
        """
        homes = sorted(self._homes())
        if not homes:
            raise SourceRefused(
                "the bucket holds no CloudTrail files in that place.",
                where=f"s3://{self._trail.bucket}/{self._root()}",
                remedy="Check bucket, prefix, accounts and regions.",
            )
        keys = [key for home in homes for key in self._keys(home, window)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            paths = list(
                pool.map(lambda item: self._download(item[1], folder / f"{item[0]:06d}.json.gz"), enumerate(keys))
            )
        files = tuple(self._raw(path, key, stream) for path, key in zip(paths, keys, strict=True))
        proven = self._proof(homes, window, dict(zip(keys, files, strict=True)))
        if not files:
            files = (_nothing(folder, stream),)
        note = f"{len(keys)} log files of {len(homes)} accounts and regions."
        return Fetched(files, self._pages, proven, (note,))

    def _root(self) -> str:
        return f"{self._trail.prefix}/AWSLogs/" if self._trail.prefix else "AWSLogs/"

    def _homes(self) -> Iterator[str]:
        """Folders ``.../CloudTrail/region/``."""
        root = self._root()
        owners = [f"{root}{organisation}/" for organisation in self._trail.organisations]
        if not owners:
            owners = [root, *(f"{root}{name}/" for name in self._folders(root) if _ORGANISATION.fullmatch(name))]
        for owner in owners:
            accounts = self._trail.accounts or tuple(n for n in self._folders(owner) if _ACCOUNT.fullmatch(n))
            for account in accounts:
                logs = f"{owner}{account}/CloudTrail/"
                wanted = [
                    name for name in self._folders(logs) if not self._trail.regions or name in self._trail.regions
                ]
                yield from (f"{logs}{region}/" for region in wanted)

    def _folders(self, place: str) -> list[str]:
        return [prefix[len(place) : -1] for prefix, _ in self._list(place, "/") if prefix.endswith("/")]

    def _list(self, place: str, delimiter: str = "") -> Iterator[tuple[str, int]]:
        """Keys, or folders where a delimiter is given, each with its size."""
        with translated(f"s3:ListBucket {self._trail.bucket}/{place}"):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._trail.bucket, Prefix=place, Delimiter=delimiter
            )
            for page in pages:
                self._pages += 1
                yield from ((each["Prefix"], 0) for each in page.get("CommonPrefixes", ()))
                yield from ((each["Key"], each["Size"]) for each in page.get("Contents", ()))

    def _keys(self, home: str, window: Window, late: timedelta | None = None) -> list[str]:
        """Keys delivered in the window or up to ``late`` after it, in order of their names."""
        until = window.end + (self._trail.late if late is None else late)
        found = []
        for day in Window(window.start, max(until, window.end)).days():
            for key, _ in self._list(f"{home}{day:%Y/%m/%d}/"):
                delivered = _DELIVERED.search(key)
                if delivered and (day <= window.last_day or _moment(delivered[1]) < until):
                    found.append(key)
        return sorted(found)

    def _download(self, key: str, target: Path) -> Path:
        place = f"s3:GetObject {self._trail.bucket}/{key}"
        with translated(place):
            answer = self._client.get_object(Bucket=self._trail.bucket, Key=key)
            with target.open("xb") as out:
                for chunk in answer["Body"].iter_chunks(_CHUNK):
                    out.write(chunk)
        if target.stat().st_size != answer["ContentLength"]:
            raise SourceIncomplete("AWS broke off in the middle of a file.", where=place)
        return target

    def _raw(self, path: Path, key: str, stream: str) -> RawFile:
        name = f"s3://{self._trail.bucket}/{key}"
        return RawFile(path, stream, "json", "application/gzip", None, name, records_path="$.Records")

    def _proof(self, homes: list[str], window: Window, files: dict[str, RawFile]) -> int | None:
        """Records in the window's files when digest files vouch for all of them; None where there are none."""
        for home in homes:
            digests = self._digests(home.replace("/CloudTrail/", "/CloudTrail-Digest/"), window)
            if not _covers(digests, window.start, window.end + self._trail.late):
                return None
            for digest in digests:
                _check(digest, window, files)
        return sum(len(batch) for file in files.values() for batch in record_batches(file))

    def _digests(self, home: str, window: Window) -> list[dict[str, Any]]:
        found = []
        for key in self._keys(home, window, self._trail.late + _DIGEST_DELAY):
            with translated(f"s3:GetObject {self._trail.bucket}/{key}"):
                body = self._client.get_object(Bucket=self._trail.bucket, Key=key)["Body"].read()
            found.append(_digest(body, key))
        return sorted(found, key=lambda digest: str(digest.get("digestStartTime")))


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%MZ" if len(stamp) == 14 else "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _nothing(folder: Path, stream: str) -> RawFile:
    """The file of a day without any log file: no records."""
    path = folder / "none.json"
    path.write_bytes(b'{"Records":[]}')
    return RawFile(path, stream, "json", "application/json", 0, "no log files", records_path="$.Records")


def _digest(body: bytes, key: str) -> dict[str, Any]:
    try:
        digest = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
    except (ValueError, EOFError, OSError, zlib.error):
        digest = None
    if not isinstance(digest, dict):
        raise SourceIncomplete("the digest file is damaged.", where=key)
    return digest


def _covers(digests: list[dict[str, Any]], start: datetime, end: datetime) -> bool:
    """Whether digests follow one another without a gap from start to end."""
    reached = start
    for digest in digests:
        begun, ended = _time(digest, "digestStartTime"), _time(digest, "digestEndTime")
        if begun is None or ended is None or begun > reached:
            return False
        reached = max(reached, ended)
    return reached >= end


def _time(record: dict[str, Any], key: str) -> datetime | None:
    try:
        return datetime.fromisoformat(record[key])
    except (KeyError, TypeError, ValueError):
        return None


def _check(digest: dict[str, Any], window: Window, files: dict[str, RawFile]) -> None:
    """Refuse a digest that names a log file with events of the window which is absent or differs."""
    for log in digest.get("logFiles", ()):
        key = str(log.get("s3Object"))
        oldest, newest = _time(log, "oldestEventTime"), _time(log, "newestEventTime")
        if key not in files:
            if (newest is None or newest >= window.start) and (oldest is None or oldest < window.end):
                raise SourceIncomplete("a log file that the trail's digest names is not there.", where=key)
        elif _sha256(files[key].path) != log.get("hashValue"):
            raise SourceIncomplete("a log file differs from the trail's digest of it.", where=key)


def _sha256(path: Path) -> str:
    """Digest of the unpacked content, which is what CloudTrail vouches for."""
    try:
        with gzip.open(path) as unpacked:
            return hashlib.file_digest(unpacked, "sha256").hexdigest()
    except (EOFError, OSError, zlib.error):
        return ""
