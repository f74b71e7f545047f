"""What the project says, and what it never says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

SHOWN = ("*.py", "*.md", "*.yaml", "*.yml", "*.sql", "*.json", "*.sh", "*.txt", "Makefile", "Dockerfile")
#: "certified" or "compliant" as a verdict; the framework files name kinds of engagement in the standards' own words.
VERDICTS = re.compile(r"\b(compliant|certified)\b", re.IGNORECASE)


def _tracked(repository: Path, *patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=repository, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of the project's files is not known")
    return [repository / name for name in listed.stdout.split("\0") if name]


def test_no_output_calls_anything_compliant_or_certified(repository):
    found = [
        f"{file.relative_to(repository)}:{number}"
        for file in _tracked(repository, "include", "dags", "plugins", "expectations")
        if file.suffix in {".py", ".yaml", ".sql", ".json", ".sh"}
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if VERDICTS.search(line)
    ]
    assert found == []


def test_readme_names_only_files_that_exist(repository):
    for document in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (repository / document).read_text()):
            assert (repository / target).exists(), f"{document} names {target}"


def test_readme_names_only_commands_that_exist(repository):
    from typer.main import get_command

    from airtight.cli.app import app

    known = set(get_command(app).commands)
    text = "\n".join((repository / name).read_text() for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"))
    named = set(re.findall(r"(?:\.venv/bin/|`)airtight ([a-z]+)", text))
    assert named <= known


def test_every_module_says_what_it_promises(repository):
    import ast

    silent = [
        str(file.relative_to(repository))
        for file in _tracked(repository, "include", "dags", "plugins")
        if file.suffix == ".py" and file.read_text().strip() and not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert silent == []
