"""An old verdict is reached again with the definitions of its time."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from airtight import pipeline
from airtight.domain.result import ResultState
from airtight.errors import DefinitionError
from airtight.journey.reproducing import judge_as_of

from .conftest import DAY, LittleOrganisation

TEST = "AC-01.T1"


def _git(folder: Path, *arguments: str, day: str = DAY) -> None:
    names = {f"GIT_{who}_{what}": "ada@little.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    moment = {"GIT_COMMITTER_DATE": f"{day}T12:00:00Z", "GIT_AUTHOR_DATE": f"{day}T12:00:00Z"}
    subprocess.run(
        ["git", "-C", folder, *arguments], check=True, capture_output=True, env={**os.environ, **names, **moment}
    )


@pytest.fixture
def kept_in_git(tmp_path: Path, repository: Path) -> LittleOrganisation:
    """The little organisation with a home of its own, committed on 30 June and changed on 2 July."""
    home = tmp_path / "home"
    shutil.copytree(repository / "include" / "catalog", home / "include" / "catalog")
    shutil.copytree(repository / "expectations", home / "expectations")
    shutil.copy(repository / "requirements.txt", home)
    (home / "include" / "organisation").mkdir()
    shutil.copy(repository / "include" / "organisation" / "controls.yaml", home / "include" / "organisation")
    organisation = LittleOrganisation(tmp_path, home)
    organisation.export()
    _git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("var\n")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "First")
    return organisation


def _allow_a_month(organisation: LittleOrganisation) -> None:
    file = organisation.home / "include" / "catalog" / "controls" / "AC-01.yaml"
    text = file.read_text()
    assert "{hours: 24, involuntary_hours: 4}" in text
    file.write_text(text.replace("{hours: 24, involuntary_hours: 4}", "{hours: 720, involuntary_hours: 4}"))
    _git(organisation.home, "commit", "-qam", "Allow a month", day="2026-07-02")


def test_verdict_is_reached_again_with_the_definitions_of_its_day(kept_in_git, scheduled, clock):
    pipeline.run_day(kept_in_git.open(), DAY, trigger=scheduled, clock=clock)
    _allow_a_month(kept_in_git)
    opened = kept_in_git.open()
    then = {each.test: each for each in judge_as_of(opened, date(2026, 6, 30), date(2026, 6, 30))}
    later = {each.test: each for each in judge_as_of(opened, date(2026, 6, 30), date(2026, 7, 2))}
    assert (then[TEST].state, then[TEST].deviations) == (ResultState.FAIL, 1)
    assert all(each.agrees for each in then.values())
    assert (later[TEST].state, later[TEST].sealed_state) == (ResultState.PASS, ResultState.FAIL)
    assert not later[TEST].agrees


def test_reaching_a_verdict_again_seals_nothing(kept_in_git, scheduled, clock):
    opened = kept_in_git.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    before = [bundle.ref for bundle in opened.index.bundles()]
    judge_as_of(opened, date(2026, 6, 30), date(2026, 6, 30))
    assert [bundle.ref for bundle in opened.index.bundles()] == before


def test_date_before_the_first_commit_is_refused(kept_in_git):
    with pytest.raises(DefinitionError, match="no commit on or before 2026-06-29"):
        judge_as_of(kept_in_git.open(), date(2026, 6, 30), date(2026, 6, 29))


def test_folder_without_history_is_refused(little, tmp_path):
    shutil.copytree(little.home / "include" / "catalog", tmp_path / "bare" / "include" / "catalog")
    shutil.copytree(little.home / "expectations", tmp_path / "bare" / "expectations")
    little.home = tmp_path / "bare"
    with pytest.raises(DefinitionError, match="its past is not known"):
        judge_as_of(little.open(), date(2026, 6, 30), date(2026, 6, 30))
