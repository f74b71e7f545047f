"""``make run`` as a newcomer meets it: what it refuses, in which words, and that it leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow_organisation import AirflowOrganisation
from airflow_story import free_port

from airtight_launch.server import members

LAUNCH = [sys.executable, "-m", "airtight_launch"]


@pytest.fixture
def environ(tmp_path: Path, repository: Path) -> dict[str, str]:
    """An environment in which the launcher keeps its state in a folder of its own."""
    organisation = AirflowOrganisation(tmp_path, repository, datetime.now(UTC).date())
    moved = {"AIRTIGHT_STATE": str(organisation.state), "AIRTIGHT_ORGANISATION": str(organisation.folder)}
    return {**os.environ, **moved, "COLUMNS": "200", "PYTHONPATH": str(repository / "include")}


def _run(command: list[str], environ: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def test_port_in_use_is_refused_in_a_sentence(environ, repository):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = _run([*LAUNCH, "run", "--port", str(port)], environ, repository)
    assert done.returncode == 2
    assert f"port {port} of this machine is in use" in done.stdout
    assert f"make run PORT={port + 1}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_full_disk_is_refused_in_a_sentence(environ, repository, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o size=1m small "$0" && exec "$@"']
    if subprocess.run([*mount, str(small), "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    environ |= {"AIRTIGHT_STATE": str(small / "var")}
    done = _run([*mount, str(small), *LAUNCH, "run", "--port", str(free_port())], environ, repository)
    assert done.returncode == 2
    assert "the disk has 1 MiB free" in done.stdout or "the disk has 0 MiB free" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_wrong_python_is_refused_before_anything_is_made(environ, repository, tmp_path):
    old = tmp_path / "python3.9"
    text = "import runpy, sys; sys.version_info = (3, 9, 18); runpy.run_path(sys.argv[1], run_name='__main__')"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{text}" "$@"\n')
    old.chmod(0o755)
    done = _run(["make", f"PYTHON={old}", "run"], environ, repository)
    assert done.returncode == 2
    assert "Airtight needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert "is 3.9.18" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_make_hands_the_port_on(environ, repository):
    assert "--port 8090" in _run(["make", "-n", "run", "PORT=8090"], environ, repository).stdout


@pytest.mark.slow
@pytest.mark.airflow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_leaves_no_process(environ, repository, sign):
    command = [*LAUNCH, "run", "--port", str(free_port())]
    with subprocess.Popen(command, env=environ, cwd=repository, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        assert any("waiting for the API server" in line for line in launcher.stdout)
        (airflow,) = _children(launcher.pid)
        assert members(airflow)
        launcher.send_signal(sign)
        assert "Stopped." in launcher.stdout.read()
    assert launcher.returncode == 0
    assert members(airflow) == ()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
