"""Which code ran: the commit, or a digest of the files where there is no commit, and the lock's digest."""

from __future__ import annotations

import hashlib
import subprocess
from functools import cache
from pathlib import Path

from airtight.errors import ConfigurationError


@cache
def running_code(home: Path) -> str:
    """The commit of the checkout at ``home``; ``<commit>+changed`` with local changes; else ``sha256:<digest>``."""
    commit = _git(home, "rev-parse", "HEAD")
    if commit is None:
        return f"sha256:{_digest_of_tree(home)}"
    changed = _git(home, "status", "--porcelain", "--", "include", "dags", "plugins", "expectations")
    return f"{commit}+changed" if changed else commit


@cache
def lock_digest(home: Path) -> str:
    """SHA-256 of ``requirements.txt``: the exact versions of everything that ran.

    Raises:
        ConfigurationError: there is no such file.
    """
    try:
        return hashlib.sha256((home / "requirements.txt").read_bytes()).hexdigest()
    except FileNotFoundError:
        raise ConfigurationError(
            "there is no lock file, so what ran could not be told.",
            where=str(home / "requirements.txt"),
            remedy="Set AIRTIGHT_HOME to the folder of the installation.",
        ) from None


def _git(home: Path, *arguments: str) -> str | None:
    try:
        finished = subprocess.run(["git", "-C", str(home), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:  # no git on this machine: the digest of the files serves
        return None
    return finished.stdout.strip() if finished.returncode == 0 else None


def _digest_of_tree(home: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(home.glob("include/airtight/**/*.py")):
        digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
