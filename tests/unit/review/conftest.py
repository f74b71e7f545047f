"""Registers of a small organisation, and the command line over them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .governed import Governed


@pytest.fixture
def governed(tmp_path: Path, repository: Path) -> Governed:
    """An organisation without registers."""
    return Governed(tmp_path, repository)


@pytest.fixture
def command(governed: Governed) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command line, run as a person would."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "airtight.cli", *arguments],
            env={"PATH": "/usr/bin:/bin", **governed.environ},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
