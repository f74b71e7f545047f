"""Which files define the catalog: the installation's, and the organisation's on top.

A file of the organisation wins over the installation's file of the same name; other files add to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from airtight.errors import DefinitionError

T = TypeVar("T")

#: What to do with a refusal: raise it at once, or keep it and go on with the next file.
Refuse = Callable[[DefinitionError], None]


def at_once(error: DefinitionError) -> None:
    """The ordinary way: the first refusal ends the loading."""
    raise error


def layered(pattern: str, *folders: Path) -> dict[str, Path]:
    """Files matching the pattern, by name, in order of names; a later folder's file wins."""
    found = {file.name: file for folder in folders for file in folder.glob(pattern) if not file.name.startswith(".")}
    return dict(sorted(found.items()))


def layered_below(pattern: str, *folders: Path) -> dict[str, Path]:
    """Files at any depth that match the pattern, by path below their folder; a later folder's file wins."""
    found = {file.relative_to(folder).as_posix(): file for folder in folders for file in folder.glob(pattern)}
    return dict(sorted(found.items()))


def read_each(files: Mapping[str, Path], read: Callable[[Path], T], refuse: Refuse) -> dict[str, T]:
    """What ``read`` makes of each file, by the file's stem; a file that is refused is left out."""
    made: dict[str, T] = {}
    for file in files.values():
        try:
            made[file.stem] = read(file)
        except DefinitionError as error:
            refuse(error)
    return made


def digest_of(files: Mapping[str, Path]) -> str:
    """SHA-256 over the lines ``<sha256 of the bytes>  <relative path>``, in path order.

    The same as ``sha256sum`` of the files, hashed again, so that anyone can repeat it.
    """
    lines = (f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {path}\n" for path, file in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
