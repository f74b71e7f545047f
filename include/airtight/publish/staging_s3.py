"""Staging in a bucket, for tasks that run on several machines.

Files are fetched into a folder of this process, which goes when the process ends. The bucket should keep no
versions: a release deletes, and nothing here is evidence yet.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from airtight.domain.collection import StagedFile
from airtight.errors import EvidenceError, StorageError
from airtight.publish.content import sha256_of
from airtight.publish.s3_client import Place, plain_errors, s3_client
from airtight.publish.store import ObjectMissing


class S3Staging:
    """Files under ``<prefix>/<scope>/<sha256>``."""

    def __init__(self, uri: str, scope: str, endpoint: str | None = None) -> None:
        self._place = Place.parse(uri)
        self._scope = scope
        self._client = s3_client(endpoint)

    def put(self, file: Path) -> StagedFile:
        digest = sha256_of(file)
        key = f"{self._place.prefix}{self._scope}/{digest}"
        uri = f"s3://{self._place.bucket}/{key}"
        with plain_errors(uri, writing=True):
            self._client.upload_file(str(file), self._place.bucket, key)
        return StagedFile(uri, digest, file.stat().st_size)

    def fetch(self, staged: StagedFile) -> Path:
        path = _process_folder(os.getpid()) / staged.sha256
        if path.is_file() and sha256_of(path) == staged.sha256:
            return path
        try:
            with plain_errors(staged.uri):
                self._client.download_file(self._place.bucket, self._key(staged), str(path))
        except ObjectMissing:
            raise EvidenceError(
                "a staged file is gone.", where=staged.uri, remedy="Run the task that staged it again."
            ) from None
        if sha256_of(path) != staged.sha256:
            raise EvidenceError("a staged file was changed.", where=staged.uri)
        return path

    def scratch(self) -> Path:
        return Path(tempfile.mkdtemp(dir=_process_folder(os.getpid())))

    def release(self, files: Iterable[StagedFile]) -> None:
        for staged in files:
            with plain_errors(staged.uri, writing=True):
                self._client.delete_object(Bucket=self._place.bucket, Key=self._key(staged))

    def expired(self, before: datetime) -> Iterator[StagedFile]:
        with plain_errors(str(self._place)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._place.bucket, Prefix=self._place.prefix
            )
            for entry in (entry for page in pages for entry in page.get("Contents", [])):
                if entry["LastModified"].astimezone(UTC) < before:
                    uri = f"s3://{self._place.bucket}/{entry['Key']}"
                    yield StagedFile(uri, entry["Key"].rpartition("/")[2], entry["Size"])

    def sweep_scratch(self, before: datetime) -> int:
        return 0  # scratch goes with its process

    def _key(self, staged: StagedFile) -> str:
        bucket = f"s3://{self._place.bucket}/"
        if not staged.uri.startswith(f"{bucket}{self._place.prefix}"):
            raise StorageError(
                "the file was staged elsewhere.",
                where=staged.uri,
                remedy="Use one staging place for all tasks of a run.",
            )
        return staged.uri.removeprefix(bucket)


@cache
def _process_folder(process: int) -> Path:
    """A folder of this process; a forked child gets one of its own and leaves its parent's alone."""
    folder = Path(tempfile.mkdtemp(prefix="airtight-"))
    atexit.register(lambda: shutil.rmtree(folder) if os.getpid() == process else None)
    return folder
