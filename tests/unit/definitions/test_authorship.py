"""Authorship is read from real repositories, made here with git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from airtight.definitions.authorship import UNKNOWN, authorship_of, authorships

ANN, BOB, FORGE = ("Ann", "ann@example.org"), ("Bob", "bob@example.org"), ("GitHub", "noreply@github.com")
AT = 1_790_000_000


def git(folder: Path, *arguments: str, author=ANN, committer=ANN, at=AT) -> None:
    people = {"GIT_AUTHOR_NAME": author[0], "GIT_AUTHOR_EMAIL": author[1]}
    people |= {"GIT_COMMITTER_NAME": committer[0], "GIT_COMMITTER_EMAIL": committer[1]}
    times = {"GIT_AUTHOR_DATE": f"{at} +0200", "GIT_COMMITTER_DATE": f"{at} +0200"}
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"} | people | times
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init", "-q")
    return tmp_path


def committed(checkout, name="AC-01.yaml", message="Add", text="id: AC-01\n", **people):
    file = checkout / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    git(checkout, "add", name)
    git(checkout, "commit", "-q", "-m", message, **people)
    return file


def test_a_committed_file_has_commit_author_and_time_in_utc(checkout):
    authorship = authorship_of(committed(checkout))
    assert len(authorship.commit or "") == 40
    assert (authorship.author, authorship.committed_at) == ("Ann <ann@example.org>", "2026-09-21T14:13:20Z")
    assert (authorship.approver, authorship.reviewed) == (None, True)


@pytest.mark.parametrize("trailer", ["Reviewed-by", "Approved-by"])
def test_a_trailer_names_the_approver(checkout, trailer):
    file = committed(checkout, message=f"Add\n\n{trailer}: Bob <bob@example.org>")
    assert authorship_of(file).approver == "Bob <bob@example.org>"


def test_nobody_approves_their_own_work(checkout):
    file = committed(checkout, message="Add\n\nReviewed-by: Ann B. <ANN@example.org>")
    assert authorship_of(file).approver is None


def test_a_committer_other_than_the_author_approves(checkout):
    assert authorship_of(committed(checkout, committer=BOB)).approver == "Bob <bob@example.org>"


def test_a_forge_that_commits_approves_nothing(checkout):
    assert authorship_of(committed(checkout, committer=FORGE)).approver is None


def test_a_changed_file_is_not_reviewed(checkout):
    file = committed(checkout)
    file.write_text("id: AC-01\ntitle: changed\n")
    assert (authorship_of(file).reviewed, authorship_of(file).commit is not None) == (False, True)


def test_a_staged_or_untracked_file_is_not_reviewed(checkout):
    committed(checkout, "other.yaml")
    file = checkout / "AC-01.yaml"
    file.write_text("id: AC-01\n")
    assert authorship_of(file) == UNKNOWN
    git(checkout, "add", "AC-01.yaml")
    assert authorship_of(file) == UNKNOWN


def test_each_file_has_its_own_last_commit(checkout):
    first = committed(checkout, "controls/é 1.yaml", author=ANN, at=AT)
    second = committed(checkout, "controls/b.yaml", author=BOB, at=AT + 60)
    committed(checkout, "controls/é 1.yaml", text="id: changed\n", author=BOB, at=AT + 120)
    found = authorships([first, second])
    assert [found[file].author for file in (first, second)] == ["Bob <bob@example.org>"] * 2
    assert found[first].committed_at == "2026-09-21T14:15:20Z"
    assert found[second].committed_at == "2026-09-21T14:14:20Z"


def test_without_a_checkout_nothing_is_known(tmp_path):
    file = tmp_path / "AC-01.yaml"
    file.write_text("id: AC-01\n")
    assert authorship_of(file) == UNKNOWN


def test_without_git_nothing_is_known(checkout, monkeypatch):
    file = committed(checkout)
    monkeypatch.setenv("PATH", "/nowhere")
    assert authorship_of(file) == UNKNOWN
