"""The organisation's licensed texts of frameworks: ``texts/<framework>/<requirement>.md`` or ``.txt`` in its folder.

They are shown where people read, and nowhere else: no bundle, no digest and no page of this repository holds them, and
``.gitignore`` keeps the folder out. Refused: a file that names no framework or requirement, or is not UTF-8 text.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from airtight.domain.framework import Framework
from airtight.errors import DefinitionError

FOLDER = "texts"
_KINDS = (".md", ".txt")


def load_texts(overlay: Path, frameworks: Mapping[str, Framework]) -> dict[tuple[str, str], str]:
    """(framework, requirement) -> its text; empty where the organisation keeps none.

    Raises:
        DefinitionError: a file is refused.
    """
    files = sorted(file for file in (overlay / FOLDER).glob("*/*") if file.suffix in _KINDS)
    return {_meant(file, frameworks): _read(file) for file in files}


def _meant(file: Path, frameworks: Mapping[str, Framework]) -> tuple[str, str]:
    name, requirement = file.parent.name, file.stem
    where = f"{FOLDER}/{name}/{file.name}"
    if name not in frameworks:
        raise DefinitionError(f"there is no framework '{name}'.", where=where, remedy="Rename the folder.")
    if requirement not in {node.id for node in frameworks[name].requirements}:
        raise DefinitionError(f"{name} has no requirement {requirement}.", where=where, remedy="Rename the file.")
    return name, requirement


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        raise DefinitionError(
            "cannot be read as UTF-8 text.", where=f"{FOLDER}/{file.parent.name}/{file.name}"
        ) from None
