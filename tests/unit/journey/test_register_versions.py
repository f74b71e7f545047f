"""The version of a register in force on each day of a period, from sealed evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from airtight import pipeline
from airtight.errors import ConfigurationError, DefinitionError
from airtight.installation import Installation, Trigger
from airtight.journey.register_versions import register_on, versions

from .conftest import LittleOrganisation

SOURCE = """\
- id: kept
  collection: governance_records
  system: little
  connector: registers
  options: {folder: "registers/{partition}"}
  populations: {notes: identity, concerns: identity}
"""
NOTES = """\
name: notes
title: Notes
kind: register
sensitivity: internal
key: [note_id]
columns:
  note_id: {type: id}
  tags: {type: list, nullable: true}
"""
DAYS = {27: "- {note_id: A-1}", 28: "- note_id: A-1", 29: "- {note_id: A-2, tags: [x, y]}", 30: "- nothing"}


def _morning() -> datetime:
    return datetime(2026, 7, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Installation:
    """Four days: the register changes on the third, and is broken on the fourth."""
    little = LittleOrganisation(tmp_path_factory.mktemp("versions"), repository)
    little.overlay.joinpath("sources.yaml").write_text(SOURCE)
    populations = little.overlay / "catalog" / "populations"
    populations.mkdir()
    populations.joinpath("notes.yaml").write_text(NOTES)
    opened = little.open()
    for day, text in DAYS.items():
        folder = little.state / "registers" / f"2026-06-{day}"
        folder.mkdir(parents=True)
        folder.joinpath("notes.yaml").write_text(text)
        folder.joinpath("concerns.yaml").write_text("[]\n")
        partition = f"2026-06-{day}"
        pipeline.collect_day(opened, "governance_records", partition, trigger=Trigger(), clock=_morning)
    return opened


def test_the_rows_of_a_day_are_those_sealed_for_it(sealed) -> None:
    for day, action in ((28, "A-1"), (29, "A-2")):
        found = register_on(sealed, "notes", date(2026, 6, day))
        assert (found.columns[0], found.rows[0][0]) == ("note_id", action)
        assert found.sealed[0].source == "kept"


def test_an_empty_register_is_one(sealed) -> None:
    assert register_on(sealed, "concerns", date(2026, 6, 29)).rows == ()


def test_a_day_without_a_version_says_why_and_what_there_is(sealed) -> None:
    with pytest.raises(ConfigurationError, match=r"not sealed for 2026-06-30 \(kept: .*notes.yaml:1") as refused:
        register_on(sealed, "notes", date(2026, 6, 30))
    assert refused.value.remedy == "The latest day before that has it is 2026-06-29."


def test_days_with_equal_rows_are_one_version(sealed) -> None:
    found = versions(sealed, "notes", date(2026, 6, 27), date(2026, 6, 30))
    assert [(each.first.day, each.last.day, each.rows, each.sha256 is None) for each in found] == [
        (27, 28, 1, False),
        (29, 29, 1, False),
        (30, 30, 0, True),
    ]


def test_a_day_that_was_never_collected_ends_a_version(sealed) -> None:
    days = versions(sealed, "concerns", date(2026, 6, 20), date(2026, 6, 30))
    assert [(each.first.day, each.last.day) for each in days] == [(27, 30)]


@pytest.mark.parametrize("name", ["audit_events", "nothing"])
def test_only_registers_have_versions(sealed, name) -> None:
    with pytest.raises(DefinitionError, match=f"there is no register '{name}'"):
        register_on(sealed, name, date(2026, 6, 30))
