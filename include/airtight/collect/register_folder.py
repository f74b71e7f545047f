"""Where registers lie: a folder as it is, or as a branch of its git repository had it at the end of a day.

From history the files are those of the newest commit of the branch (along its first parents) before the instant: what
nobody had committed by then was not in force. The times are those that the committers wrote.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

from dulwich.errors import ChecksumMismatch, NotGitRepository
from dulwich.objects import Commit, ShaFile, Tree
from dulwich.repo import Repo

from airtight.collect.git_history import in_force
from airtight.errors import SourceIncomplete, SourceRefused, SourceUnreachable
from airtight.wire import timestamp

#: Largest file, in bytes, that people are believed to have written.
LARGEST = 16 * 1024 * 1024


class RegisterFolder(Protocol):
    """A folder of files, which are named by their paths in it."""

    @property
    def version(self) -> str:
        """What was read: the folder, and the commit where there is one."""
        ...

    def names(self, below: str = ".") -> tuple[str, ...]:
        """The files directly in the folder or in one below it, in order; none where there is no such folder."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file's bytes; None where there is no such file.

        Raises:
            SourceError: it may not be read, or is larger than ``LARGEST``.
        """
        ...


class PlainFolder:
    """The files as they are on disk."""

    def __init__(self, folder: Path, shown: str) -> None:
        if not folder.is_dir():
            remedy = "Check option folder, or whether the export ran."
            raise SourceUnreachable(f"there is no folder {shown}.", remedy=remedy)
        self._folder = folder
        self.version = shown

    def names(self, below: str = ".") -> tuple[str, ...]:
        folder = self._folder / below
        return _named(below, (entry.name for entry in folder.iterdir() if entry.is_file()) if folder.is_dir() else ())

    def read(self, name: str) -> bytes | None:
        file = self._folder / name
        try:
            if not file.is_file():
                return None
            _refuse_large(file.stat().st_size, name)
            return file.read_bytes()
        except PermissionError:
            raise SourceRefused("the file may not be read.", where=name) from None


class CommittedFolder:
    """The files of one commit."""

    def __init__(self, repository: Repo, commit: Commit, folder: str, shown: str) -> None:
        self._repository = repository
        self._root = commit.tree
        self._folder = PurePosixPath(folder)
        moment = timestamp(datetime.fromtimestamp(commit.commit_time, UTC))
        self.version = f"{shown} at commit {commit.id.decode()} of {moment}"
        if not isinstance(self._find("."), Tree):
            raise SourceUnreachable("the folder was not there yet.", where=self.version, remedy="Check option folder.")

    def names(self, below: str = ".") -> tuple[str, ...]:
        tree = self._find(below)
        entries = tree.items() if isinstance(tree, Tree) else []
        return _named(below, (entry.path.decode("utf-8", "replace") for entry in entries if stat.S_ISREG(entry.mode)))

    def read(self, name: str) -> bytes | None:
        found = self._find(name)
        if found is None or isinstance(found, Tree):
            return None
        _refuse_large(found.raw_length(), name)
        return found.as_raw_string()

    def _find(self, name: str) -> ShaFile | None:
        found: ShaFile = self._repository[self._root]
        for part in (self._folder / name).parts:
            if not isinstance(found, Tree) or part.encode() not in found:
                return None
            found = self._repository[found[part.encode()][1]]
        return found


@contextmanager
def committed_folder(folder: Path, branch: str | None, end: datetime, shown: str) -> Iterator[CommittedFolder]:
    """The folder as the branch of its repository had it at an instant, UTC; open as long as the block lasts.

    Raises:
        SourceError: the folder lies in no git repository, or the repository is cut off, damaged or younger.
    """
    try:
        with Repo.discover(str(folder)) as repository:
            if repository.get_shallow():
                remedy = "Fetch all its history (git fetch --unshallow)."
                raise SourceIncomplete("the repository is a shallow copy.", where=shown, remedy=remedy)
            below = folder.resolve().relative_to(Path(repository.path).resolve())
            yield CommittedFolder(repository, in_force(repository, branch, end, shown), below.as_posix(), shown)
    except NotGitRepository:
        remedy = "Take out 'history: git', or put the folder under version control."
        raise SourceRefused("the folder lies in no git repository.", where=shown, remedy=remedy) from None
    except ChecksumMismatch:
        raise SourceIncomplete(
            "an object of the repository does not have the hash that names it.", where=shown
        ) from None
    except KeyError:
        raise SourceIncomplete("the repository lacks an object that it names.", where=shown) from None


def _named(below: str, names: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(PurePosixPath(below) / name) for name in sorted(names) if not name.startswith("."))


def _refuse_large(size: int, name: str) -> None:
    if size > LARGEST:
        raise SourceIncomplete(f"the file has more than {LARGEST // 1024**2} MiB.", where=name, remedy="Split it.")
