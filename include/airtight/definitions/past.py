"""The definitions as they stood on a date, from git: an old verdict can be reached again with the rules of its time.

The last commit of the checked-out branch before the end of that day (UTC) counts, for the installation and for the
organisation's folder each in its own repository. Refused: a folder that is in no repository, and a date before its
first commit. The checkout itself is not touched.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from datetime import date
from pathlib import Path

from airtight.definitions.authorship import environment
from airtight.domain.period import day_window
from airtight.errors import DefinitionError

#: Folders of an installation that hold definitions.
_PARTS = ("include/catalog", "expectations")


def definitions_at(home: Path, overlay: Path, day: date, target: Path) -> tuple[Path, Path]:
    """Write the definitions of a day below ``target``; returns where home and organisation lie there.

    Raises:
        DefinitionError: git does not know the folder, or not on that day.
    """
    then_home, then_overlay = target / "home", target / "organisation"
    for part in _PARTS:
        _export(home / part, day, then_home / part)
    _export(overlay, day, then_overlay)
    return then_home, then_overlay


def _export(folder: Path, day: date, target: Path) -> None:
    """Git's own files of a folder on a day, as far as it had any."""
    end = day_window(day).end.isoformat()
    commit = _git(folder, "rev-list", "-1", "--first-parent", f"--before={end}", "HEAD").decode().strip()
    if not commit:
        raise DefinitionError(
            f"has no commit on or before {day}.",
            where=str(folder),
            remedy="Give a later date: definitions come from git.",
        )
    target.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(_git(folder, "archive", "--format=tar", commit))) as archive:
        archive.extractall(target, filter="data")


def _git(folder: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ("git", "-C", str(folder), *arguments), capture_output=True, env=environment(), timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DefinitionError("git cannot be run.", where=str(folder), remedy="Install git.") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["git failed"]
        raise DefinitionError(
            f"its past is not known: {said[0]}", where=str(folder), remedy="Keep the folder in a git repository."
        )
    return done.stdout
