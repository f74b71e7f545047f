"""A bundle that somebody unpacked: a folder, read without trusting what lies in it.

Links, devices, pipes and empty folders are refused: a bundle holds plain files only.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from airtight.errors import EvidenceError
from airtight.seal.digest import sha256_file
from airtight.seal.layout import MAX_MEMBERS, check_names


class Folder:
    """An unpacked bundle, opened.

    Raises:
        EvidenceError: it holds something that is no plain file, or files that no bundle has.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.names = tuple(sorted(_plain_files(root)))
        check_names(self.names)

    def check(self) -> None:
        """An unpacked bundle has no structure besides its files."""

    def read(self, name: str, limit: int) -> bytes:
        """A file's bytes, at most ``limit``.

        Raises:
            EvidenceError: there is no such file, or it is larger.
        """
        file = self._file(name)
        if file.stat().st_size > limit:
            raise EvidenceError(f"is larger than the {limit} bytes that such a file may have.", where=name)
        return file.read_bytes()

    def sha256(self, name: str) -> str:
        """SHA-256 of a file, in hex."""
        return sha256_file(self._file(name))

    def directory_sha256(self, before: str) -> None:
        """An unpacked bundle has no central directory."""

    def _file(self, name: str) -> Path:
        if name not in self.names:
            raise EvidenceError("is missing from the bundle.", where=name)
        return self._root / name


def _plain_files(root: Path) -> list[str]:
    names = []
    for folder, folders, files in os.walk(root):
        if not folders and not files:
            raise EvidenceError("is an empty folder.", where=_relative(folder, root))
        for entry in (*folders, *files):
            _check_kind(Path(folder, entry), root)
        names += [_relative(os.path.join(folder, file), root) for file in files]
        if len(names) > MAX_MEMBERS:
            raise EvidenceError(f"more than {MAX_MEMBERS} files are no bundle.")
    return names


def _check_kind(path: Path, root: Path) -> None:
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "no plain file"
        raise EvidenceError(f"is {kind}.", where=_relative(str(path), root))


def _relative(path: str, root: Path) -> str:
    return Path(path).relative_to(root).as_posix()
