"""Staging: where data lies between tasks, content-addressed, emptied after publishing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from airtight.domain.collection import StagedFile


class Staging(Protocol):
    """A folder or an S3 prefix. Airflow carries ``StagedFile`` references between tasks, never rows."""

    def put(self, file: Path) -> StagedFile:
        """Keep a copy of a local file under its digest; keeping the same bytes again is success."""
        ...

    def fetch(self, staged: StagedFile) -> Path:
        """A local path to the bytes, checked against the digest.

        Raises:
            EvidenceError: the bytes are gone or differ from the digest.
        """
        ...

    def scratch(self) -> Path:
        """A fresh local folder for work in progress, on the same file system where possible."""
        ...

    def release(self, files: Iterable[StagedFile]) -> None:
        """Remove files that are published; removing one twice is success."""
        ...

    def expired(self, before: datetime) -> Iterator[StagedFile]:
        """Files of any run that were staged before a time (UTC) and never released."""
        ...

    def sweep_scratch(self, before: datetime) -> int:
        """Remove work in progress that was last touched before a time (UTC); returns how many folders."""
        ...
