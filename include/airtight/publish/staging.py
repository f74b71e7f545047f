"""Staging in a folder: files by their digest, for the tasks of one run.

Nothing here is evidence yet: files are not forced to disk, and what a task fetches is checked against its digest. Each
run stages under a *scope* of its own (``access_reviews/2026-09-14``), so that releasing its files never takes
the same bytes from another run. ``staging_s3`` does the same in a bucket, ``open_staging`` chooses.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from airtight.domain.collection import StagedFile
from airtight.domain.staging import Staging
from airtight.errors import ConfigurationError, EvidenceError, StorageError, StoreUnwritable
from airtight.publish.content import copy, sha256_of
from airtight.publish.keys import checked_key

_FILES = "files"
_SCRATCH = "scratch"


def open_staging(uri: str, scope: str, *, distributed: bool = False, endpoint: str | None = None) -> Staging:
    """Staging at a folder or at ``s3://bucket/prefix``.

    Args:
        scope: which run's files are put here, as parts between slashes.
        distributed: tasks may run on other machines, which see no local folder.

    Raises:
        ConfigurationError: a local folder under a distributed executor, or no such place.
        StoreUnwritable: the folder cannot be made.
    """
    checked_key(scope)
    if uri.startswith("s3://"):
        from airtight.publish.staging_s3 import S3Staging

        return S3Staging(uri, scope, endpoint)
    if distributed:
        raise ConfigurationError(
            f"staging is the folder {uri}, and tasks may run on other machines.",
            where="airtight.yaml: staging",
            remedy="Set staging to s3://bucket/prefix.",
        )
    return FolderStaging(Path(uri), scope)


class FolderStaging:
    """Files under ``<root>/files/<scope>/<sha256>``."""

    def __init__(self, root: Path, scope: str) -> None:
        self._root = root.absolute()
        self._folder = self._root / _FILES / scope
        with plain_os_errors(self._root):
            self._folder.mkdir(parents=True, exist_ok=True)

    def put(self, file: Path) -> StagedFile:
        self._folder.mkdir(parents=True, exist_ok=True)  # a release may have removed it
        temporary = self._folder / f".{uuid.uuid4().hex}"
        with plain_os_errors(self._folder):
            try:
                with temporary.open("xb") as handle:
                    digest, size = copy(file, handle)
                final = self._folder / digest
                temporary.replace(final)
            finally:
                temporary.unlink(missing_ok=True)
        return StagedFile(final.as_uri(), digest, size)

    def fetch(self, staged: StagedFile) -> Path:
        path = self._path(staged)
        if not path.is_file():
            raise EvidenceError("a staged file is gone.", where=staged.uri, remedy="Run the task that staged it again.")
        if sha256_of(path) != staged.sha256:
            raise EvidenceError("a staged file was changed.", where=staged.uri)
        return path

    def scratch(self) -> Path:
        folder = self._root / _SCRATCH
        with plain_os_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return Path(tempfile.mkdtemp(dir=folder))

    def release(self, files: Iterable[StagedFile]) -> None:
        with plain_os_errors(self._root):
            for staged in files:
                path = self._path(staged)
                path.unlink(missing_ok=True)
                if path.parent.is_dir() and not any(path.parent.iterdir()):
                    path.parent.rmdir()

    def expired(self, before: datetime) -> Iterator[StagedFile]:
        for path in sorted((self._root / _FILES).rglob("*")):
            if path.is_file() and _modified(path) < before:
                yield StagedFile(path.as_uri(), path.name, path.stat().st_size)

    def sweep_scratch(self, before: datetime) -> int:
        stale = [path for path in (self._root / _SCRATCH).glob("*") if _modified(path) < before]
        for path in stale:
            shutil.rmtree(path)
        return len(stale)

    def _path(self, staged: StagedFile) -> Path:
        path = Path(url2pathname(urlsplit(staged.uri).path))
        if not path.is_relative_to(self._root / _FILES) or ".." in path.parts:
            raise StorageError(
                "the file was staged elsewhere.",
                where=staged.uri,
                remedy="Use one staging place for all tasks of a run.",
            )
        return path


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@contextmanager
def plain_os_errors(where: Path) -> Iterator[None]:
    """Turn the file system's refusals into ours.

    Raises:
        StoreUnwritable
    """
    try:
        yield
    except OSError as error:
        raise StoreUnwritable(
            f"staging cannot be written: {error.strerror or os.strerror(error.errno or 0)}.", where=str(where)
        ) from None
