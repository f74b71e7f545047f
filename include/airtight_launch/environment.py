"""Prepare the virtual environment: run by the machine's own Python, so the standard library only.

Installs exactly the locked files with their hashes, then the library itself without dependencies, and does
nothing when the lock has not changed. Refuses a wrong Python, a full disk and a broken download in one plain
sentence, with exit code 2.

Usage: ``python3 include/airtight_launch/environment.py [--dev]``
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = Path(os.environ.get("AIRTIGHT_VENV") or ROOT / ".venv")
NEEDED_BYTES = 4 * 1024**3


class Refused(Exception):
    """The environment cannot be prepared; the message says why and what to do."""


def main(arguments: list[str]) -> int:
    """Prepare the environment; 0 when it is ready, 2 when it cannot be."""
    try:
        check_python()
        prepare(development="--dev" in arguments)
    except Refused as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def check_python() -> None:
    """Refuse a Python that Airflow 3.3 does not run on."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:3]))
        raise Refused(
            f"Airtight needs Python 3.11, 3.12 or 3.13; {sys.executable} is {found}. "
            "Name another one: make PYTHON=python3.12 run"
        )


def prepare(*, development: bool) -> None:
    """Install the lock into the virtual environment unless it is there already."""
    lock = ROOT / ("requirements-dev.txt" if development else "requirements.txt")
    stamp = VENV / ".lock-sha256"
    wanted = {fingerprint(lock), fingerprint(ROOT / "requirements-dev.txt")}
    if stamp.exists() and stamp.read_text() in wanted:
        return
    check_disk()
    say(f"Preparing {VENV} with {lock.name} (about two minutes, once)")
    unfinished = VENV / ".unfinished"
    create(clear=unfinished.exists() or not made_by_this_python())
    unfinished.touch()
    stamp.unlink(missing_ok=True)
    pip("install", "--no-deps", "--require-hashes", "-r", str(lock))
    pip("install", "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    stamp.write_text(fingerprint(lock))
    unfinished.unlink()


def fingerprint(lock: Path) -> str:
    """Digest of everything that decides what is installed."""
    parts = (lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def made_by_this_python() -> bool:
    """Whether the environment, where there is one, is for this version of Python."""
    return (VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}").is_dir()


def check_disk() -> None:
    """Refuse to start what would fill the disk half-way."""
    free = shutil.disk_usage(VENV.parent).free
    if free < NEEDED_BYTES:
        raise Refused(
            f"The disk of {VENV.parent} has {free / 1024**3:.1f} GiB free; the environment needs "
            f"{NEEDED_BYTES // 1024**3} GiB. Free some space and try again."
        )


def create(*, clear: bool) -> None:
    """A virtual environment with pip; what is there already is kept unless it has to be cleared."""
    try:
        venv.EnvBuilder(with_pip=True, clear=clear, symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused(
            f"A virtual environment could not be made at {VENV}: {error}. "
            "On Debian and Ubuntu, install the package python3-venv."
        ) from None


def pip(*arguments: str) -> None:
    """Run pip in the environment; its own words are shown only when it fails."""
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        shown = "\n".join(finished.stderr.strip().splitlines()[-8:])
        raise Refused(f"pip could not install what the lock names:\n{shown}")


def say(sentence: str) -> None:
    """One line of progress."""
    print(sentence, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
