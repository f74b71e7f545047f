"""An empty organisation: written once, never over what exists, and fit to be judged."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

FILES = ["airtight.yaml", "controls.yaml", "people.yaml", "sources.yaml"]


def _airtight(repository: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "airtight.cli", *arguments]
    where = {**os.environ, "AIRTIGHT_HOME": str(repository), **environ}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=where)


@pytest.mark.parametrize("name", ["Acme", 'Ünï "quoted": Org', "# {braces}"])
def test_empty_organisation_keeps_its_name_and_is_production(repository: Path, tmp_path: Path, name: str) -> None:
    done = _airtight(repository, "init", str(tmp_path / "acme"), "--organisation", name)
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in (tmp_path / "acme").iterdir()) == FILES
    settings = yaml.safe_load((tmp_path / "acme" / "airtight.yaml").read_text(encoding="utf-8"))
    assert (settings["organisation"], settings["environment"]) == (name, "production")


def test_empty_organisation_is_judged_and_nothing_passes(repository: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "acme")
    _airtight(repository, "init", folder, "--organisation", "Acme", "--sample")
    place = {"AIRTIGHT_ORGANISATION": folder, "AIRTIGHT_STATE": str(tmp_path / "var")}
    assert _airtight(repository, "keys", "new", **place).returncode == 0
    done = _airtight(repository, "day", "--partition", "2026-06-30", **place)
    assert done.returncode == 0, done.stderr
    shown = _airtight(repository, "show", "AC-01", "--partition", "2026-06-30", **place)
    assert "not-collected" in shown.stdout
    assert "planned" in shown.stdout


def test_nothing_is_written_over_what_exists(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text("mine")
    done = _airtight(repository, "init", str(tmp_path), "--organisation", "Acme")
    assert done.returncode == 2
    assert "sources.yaml: exists already; nothing was written" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["sources.yaml"]
    assert (tmp_path / "sources.yaml").read_text() == "mine"


def test_a_file_is_no_folder_for_an_organisation(repository: Path, tmp_path: Path) -> None:
    file = tmp_path / "acme"
    file.touch()
    done = _airtight(repository, "init", str(file), "--organisation", "Acme")
    assert done.returncode == 2
    assert "is a file" in done.stderr
