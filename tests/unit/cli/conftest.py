"""The command line over the little organisation, one day of which is sealed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airtight import pipeline
from airtight.installation import Trigger

_SPEC = importlib.util.spec_from_file_location("little", Path(__file__).parents[1] / "journey" / "conftest.py")
assert _SPEC
assert _SPEC.loader
_LITTLE = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(_LITTLE)
DAY = _LITTLE.DAY
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, repository: Path):
    """The organisation with one day collected, judged and sealed."""
    organisation = _LITTLE.LittleOrganisation(tmp_path_factory.mktemp("cli"), repository)
    organisation.export()
    moment = datetime(2026, 7, 1, 2, tzinfo=UTC)
    pipeline.run_day(organisation.open(), DAY, trigger=Trigger(kind="scheduled"), clock=lambda: moment)
    return organisation


@pytest.fixture
def run(sealed) -> Run:
    """Run the command line as a person would; returns exit code and both outputs."""

    def command(*arguments: str, **environ: str):
        places = {
            "AIRTIGHT_HOME": str(sealed.home),
            "AIRTIGHT_ORGANISATION": str(sealed.overlay),
            "AIRTIGHT_STATE": str(sealed.state),
        }
        return subprocess.run(
            [sys.executable, "-m", "airtight.cli", *arguments],
            env={"PATH": "/usr/bin:/bin", **places, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    return command
