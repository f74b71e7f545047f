"""Where files of a source lie: a local folder or a bucket, matched by paths with ``*``, ``?`` and ``**``.

A relative path counts from the organisation's base folder and may not climb out of it by ``..``; an absolute path
says plainly where it points.
"""

from __future__ import annotations

import glob
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from airtight.domain.source import Credentials, Source
from airtight.errors import DefinitionError, SourceRefused, SourceUnreachable

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True)
class Found:
    """One file at its place: ``name`` for messages, ``size`` in bytes."""

    name: str
    size: int


class Place(Protocol):
    """A local file system or a bucket."""

    @property
    def identity(self) -> str:
        """Who reads."""
        ...

    def find(self, pattern: str) -> list[Found]:
        """Files that match a filled path, by name.

        Raises:
            SourceUnreachable: there is none, or the place cannot be reached.
        """
        ...

    def fetch(self, found: Found, target: Path) -> None:
        """Copy a file, whole, to a local path."""
        ...


def place_of(path: str, source: Source, base: Path, credentials: Credentials) -> Place:
    """The place that a path of a source points at.

    Raises:
        DefinitionError: a relative path climbs out of its base.
    """
    if path.startswith("s3://"):
        from airtight.collect.s3_files import Bucket

        return Bucket(credentials)
    check_local(path, source)
    return LocalFolder(base)


def check_local(path: str, source: Source) -> None:
    """Refuse ``..`` in a path that counts from the base folder."""
    if not Path(path).is_absolute() and ".." in Path(path).parts:
        raise DefinitionError(
            f"the path '{path}' leaves the base folder.",
            where=f"{source.file}: {source.id}.options",
            remedy="Write an absolute path if that is meant.",
        )


def no_file(pattern: str) -> SourceUnreachable:
    """The error when nothing matches."""
    return SourceUnreachable(f"no file matches {pattern}.", remedy="Check the path, or whether the export ran.")


def is_wild(pattern: str) -> bool:
    """Whether a path stands for several files."""
    return bool(_WILD.search(pattern))


class LocalFolder:
    """Files on local disk, seen from a base folder."""

    identity = "local file system"

    def __init__(self, base: Path) -> None:
        self._base = base

    def find(self, pattern: str) -> list[Found]:
        absolute = self._base / pattern
        matches = [str(absolute)]
        if not absolute.is_file():
            matches = sorted(glob.glob(str(absolute), recursive=True)) if is_wild(pattern) else []
        files = [Path(match) for match in matches if Path(match).is_file()]
        if not files:
            raise no_file(pattern)
        return [Found(self._named(file), file.stat().st_size) for file in files]

    def fetch(self, found: Found, target: Path) -> None:
        try:
            shutil.copyfile(self._base / found.name, target)
        except PermissionError:
            raise SourceRefused("the file may not be read.", where=found.name) from None
        except FileNotFoundError:
            raise no_file(found.name) from None

    def _named(self, file: Path) -> str:
        return str(file.relative_to(self._base)) if file.is_relative_to(self._base) else str(file)
