"""Who wrote and who approved a definition, from git.

One pass over the history serves any number of files. Where there is no git, no checkout or no commit, everything is
unknown and the definition counts as not reviewed: nothing here fails a run, and nothing is guessed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from airtight.domain.control import Authorship
from airtight.wire import timestamp

UNKNOWN = Authorship(commit=None, author=None, committed_at=None, approver=None, reviewed=False)

_APPROVALS = (
    "%(trailers:key=Reviewed-by,valueonly,separator=%x1f)%x1f%(trailers:key=Approved-by,valueonly,separator=%x1f)"
)
_FORMAT = f"%x1e%H%x00%an <%ae>%x00%cn <%ce>%x00%ct%x00{_APPROVALS}%x00"
#: A forge that commits on behalf of whoever pressed its button says nothing about who that was.
_FORGES = ("noreply@github.com", "noreply@gitlab.com", "noreply@bitbucket.org")


@dataclass(frozen=True)
class _Commit:
    hash: str
    author: str
    committer: str
    at: int
    approvals: tuple[str, ...]


def authorship_of(file: Path) -> Authorship:
    """Last commit of one file; for several files ``authorships`` is quicker."""
    return authorships([file])[file]


def authorships(files: Sequence[Path]) -> dict[Path, Authorship]:
    """Last commit of each file, its author and its approver.

    The approver is whom a ``Reviewed-by`` or ``Approved-by`` trailer names, or the committer; never the author.
    A file that is changed since, or not committed, is not reviewed. Files may lie in several checkouts.
    """
    found = dict.fromkeys(files, UNKNOWN)
    folders = {root for file in files if (root := _checkout(file.parent))}
    for root in folders:
        inside = {file: file.resolve().relative_to(root).as_posix() for file in files if _lies_in(file, root)}
        last, changed = _last_commits(root, set(inside.values())), _changed(root, set(inside.values()))
        found |= {file: _authorship(last.get(path), path in changed) for file, path in inside.items()}
    return found


def _authorship(commit: _Commit | None, changed: bool) -> Authorship:
    if commit is None:
        return UNKNOWN
    return Authorship(
        commit=commit.hash,
        author=commit.author,
        committed_at=timestamp(datetime.fromtimestamp(commit.at, UTC)),
        approver=_approver(commit),
        reviewed=not changed,
    )


def _approver(commit: _Commit) -> str | None:
    committer = () if commit.committer.endswith(tuple(f"<{forge}>" for forge in _FORGES)) else (commit.committer,)
    named = (name for name in (*commit.approvals, *committer) if name and not _same(name, commit.author))
    return next(named, None)


def _same(one: str, other: str) -> bool:
    address = one.rpartition("<")[2].rstrip("> ").lower(), other.rpartition("<")[2].rstrip("> ").lower()
    return one.strip().lower() == other.strip().lower() or address[0] == address[1]


def _checkout(folder: Path) -> Path | None:
    shown = _git(folder, "rev-parse", "--show-toplevel").strip()
    return Path(shown).resolve() if shown else None


def _lies_in(file: Path, root: Path) -> bool:
    return file.resolve().is_relative_to(root)


def _last_commits(root: Path, paths: set[str]) -> dict[str, _Commit]:
    last: dict[str, _Commit] = {}
    for record in _git(root, "log", "-z", f"--format={_FORMAT}", "--name-only", "--", *sorted(paths)).split("\x1e")[1:]:
        head, author, committer, at, approvals, *names = record.split("\x00")
        commit = _Commit(head, author, committer, int(at), tuple(name.strip() for name in approvals.split("\x1f")))
        for name in names:
            last.setdefault(name.lstrip("\n"), commit)
    return last


def _changed(root: Path, paths: set[str]) -> set[str]:
    listed = _git(root, "status", "-z", "--porcelain", "--no-renames", "--untracked-files=all", "--", *sorted(paths))
    return {entry[3:] for entry in listed.split("\x00") if entry}


def _git(folder: Path, *arguments: str) -> str:
    """What git prints, or nothing where it cannot answer."""
    command = ("git", "-C", str(folder), "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments)
    try:
        done = subprocess.run(command, capture_output=True, env=environment(), timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def environment() -> dict[str, str]:
    """The environment for git, without what would point it at another repository, as inside a hook."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
