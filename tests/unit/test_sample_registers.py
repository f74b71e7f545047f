"""The sample's registers: committed once, moved to the timeline, one state a day; edits and plants as told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from airtight.collect.register_check import check_registers
from airtight.collect.register_folder import PlainFolder
from airtight.collect.register_rows import Register, read_register
from airtight.definitions.populations import load_populations
from samples import registers
from samples.register_edits import Cycle, Edit, Pending
from samples.register_texts import WRITTEN_FOR, moved
from samples.timeline import Timeline
from samples.world import World

_SCHEMA = "name: {0}\ntitle: {0}\nkind: register\nsensitivity: internal\nkey: [{1}]\ncolumns:\n"
POPULATIONS = {
    "actions": _SCHEMA.format("actions", "action_id")
    + """
  action_id: {type: id}
  due_at: {type: date}
  status: {type: enum, values: [open, done]}
  closed_at: {type: ts, nullable: true}
""",
    "concerns": _SCHEMA.format("concerns", "concern_id")
    + """
  concern_id: {type: id}
  received_at: {type: ts}
""",
    "policies": _SCHEMA.format("policies", "policy_id")
    + """
  policy_id: {type: id}
  version: {type: str}
  content_sha256: {type: sha256}
  published_sha256: {type: sha256, nullable: true}
""",
    "risks": _SCHEMA.format("risks", "risk_id")
    + """
  risk_id: {type: id}
  identified_at: {type: date}
  last_assessed_at: {type: date}
  next_review_at: {type: date}
""",
}
ACTIONS = """
- {action_id: ACT-1, due_at: 2026-05-31, status: done, closed_at: 2026-05-20T10:00:00Z}
- {action_id: ACT-2, due_at: 2026-09-30, status: open}
"""
RISKS = """
- {risk_id: R-1, identified_at: 2025-01-10, last_assessed_at: 2026-06-10, next_review_at: 2026-09-09}
"""
CONCERN = """---
concern_id: C-1
received_at: 2026-06-01T08:00:00Z
---
# What was said
On 2026-06-01 somebody asked.
"""


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of committed registers of the test's own, and no author but the test."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr(registers, "KEPT", folder)
    schemas = tmp_path / "populations"
    schemas.mkdir()
    for name, text in POPULATIONS.items():
        (schemas / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(registers, "POPULATIONS", schemas)
    monkeypatch.setattr(registers, "AUTHORS", (author(),))
    registers._read.cache_clear()
    yield folder
    registers._read.cache_clear()


def author(edits=(), pending=(), cycles=(), plants=()) -> SimpleNamespace:
    return SimpleNamespace(
        edits=lambda world: list(edits), PENDING=pending, CYCLES=cycles, plants=lambda world: list(plants)
    )


def world(last: date = WRITTEN_FOR) -> World:
    return World(Timeline(last - timedelta(days=181), last))


def rows(population: str, day: date, root: Path, sample: World | None = None) -> dict[str, dict[str, object]]:
    """What connector ``registers`` reads of a day, by the first key column."""
    read = register(population, day, root, sample)
    assert read.faults == []
    return {str(next(iter(row.values()))): row for row in read.rows}


def register(population: str, day: date, root: Path, sample: World | None = None) -> Register:
    registers.write_day(sample or world(), day, root)
    folder = PlainFolder(root / "registers" / day.isoformat(), "day")
    return read_register(folder, population, load_populations(registers.POPULATIONS)[population])


def test_dates_move_with_the_last_day(kept, tmp_path) -> None:
    (kept / "risks.yaml").write_text(RISKS)
    found = rows("risks", date(2027, 6, 30), tmp_path, world(date(2027, 6, 30)))
    assert found["R-1"]["last_assessed_at"] == "2027-06-10"
    assert moved("2026-06-30T09:00:00Z, 12026-06-30 and 2026-06-31", timedelta(days=1)) == (
        "2026-07-01T09:00:00Z, 12026-06-30 and 2026-06-31"
    )


def test_a_time_to_come_is_empty_and_what_holds_until_then_is_told(kept, tmp_path, monkeypatch) -> None:
    (kept / "actions.yaml").write_text(ACTIONS)
    pending = (Pending("actions", "closed_at", {"status": "open"}),)
    monkeypatch.setattr(registers, "AUTHORS", (author(pending=pending),))
    before, after = (rows("actions", date(2026, 5, n), tmp_path)["ACT-1"] for n in (19, 20))
    assert (before["closed_at"], before["status"], before["due_at"]) == (None, "open", "2026-05-31")
    assert (after["closed_at"], after["status"]) == ("2026-05-20T10:00:00Z", "done")


def test_a_row_is_left_out_until_it_begins(kept, tmp_path) -> None:
    (kept / "concerns").mkdir()
    (kept / "concerns" / "c1.md").write_text(CONCERN)
    registers.write_day(world(), date(2026, 5, 31), tmp_path)
    registers.write_day(world(), date(2026, 6, 1), tmp_path)
    assert not (tmp_path / "registers" / "2026-05-31" / "concerns").exists()
    assert "On 2026-06-01 somebody asked." in (tmp_path / "registers/2026-06-01/concerns/c1.md").read_text()


def test_a_review_that_is_to_come_is_the_one_before(kept, tmp_path, monkeypatch) -> None:
    (kept / "risks.yaml").write_text(RISKS)
    cycles = (Cycle("risks", ("last_assessed_at", "next_review_at"), days=91),)
    monkeypatch.setattr(registers, "AUTHORS", (author(cycles=cycles),))
    found = rows("risks", date(2026, 6, 9), tmp_path)["R-1"]
    assert (found["last_assessed_at"], found["next_review_at"]) == ("2026-03-11", "2026-06-10")


def test_a_time_that_must_be_told_needs_its_author(kept, tmp_path) -> None:
    (kept / "risks.yaml").write_text(RISKS)
    with pytest.raises(ValueError, match="risks R-1: last_assessed_at lies after 2026-06-09"):
        registers.write_day(world(), date(2026, 6, 9), tmp_path)


def test_edits_change_leave_out_and_add_on_their_days(kept, tmp_path, monkeypatch) -> None:
    (kept / "actions.yaml").write_text(ACTIONS)
    third = {"action_id": "ACT-3", "due_at": "2026-06-29", "status": "open"}
    edits = [
        Edit(
            "actions",
            -2,
            -1,
            key={"action_id": "ACT-2"},
            set={"due_at": "2026-06-29"},
            story="Late",
            found={"X.T1": {"action_id": "ACT-2"}},
        ),
        Edit("actions", -1, -1, key={"action_id": "ACT-1"}, leave_out=True),
        Edit("actions", -1, -1, add=third),
    ]
    monkeypatch.setattr(registers, "AUTHORS", (author(edits=edits),))
    sample = world(date(2026, 7, 1))
    day = {n: register("actions", sample.timeline.day(n), tmp_path, sample).rows for n in (-3, -2, -1)}
    assert [[row["action_id"] for row in found] for found in day.values()] == [
        ["ACT-1", "ACT-2"],
        ["ACT-1", "ACT-2"],
        ["ACT-2", "ACT-3"],
    ]
    assert [day[n][-1 if n < -1 else 0]["due_at"] for n in day] == ["2026-10-01", "2026-06-30", "2026-06-30"]
    [plant] = registers.plants(sample)
    assert (plant.test, plant.key, plant.first, plant.last) == (
        "X.T1", {"action_id": "ACT-2"}, date(2026, 6, 30), date(2026, 7, 1),
    )  # fmt: skip


def test_a_digest_follows_its_document_until_somebody_alters_it(kept, tmp_path, monkeypatch) -> None:
    document = b"# Access\nApproved on 2026-01-10.\n"
    (kept / "documents").mkdir()
    (kept / "documents" / "access.md").write_bytes(document)
    (kept / "policies.yaml").write_text(
        f"- {{policy_id: P-1, version: 1.10, content_sha256: {hashlib.sha256(document).hexdigest()},"
        " file: documents/access.md}\n"
    )
    edits = [Edit("policies", -1, -1, document="documents/access.md")]
    monkeypatch.setattr(registers, "AUTHORS", (author(edits=edits),))
    sample = world(date(2026, 7, 1))
    before, after = (rows("policies", sample.timeline.day(n), tmp_path, sample)["P-1"] for n in (-2, -1))
    assert before["version"] == "1.10"
    assert before["content_sha256"] == before["published_sha256"] != hashlib.sha256(document).hexdigest()
    assert after["content_sha256"] != after["published_sha256"]
    assert after["content_sha256"] == before["content_sha256"]


@pytest.mark.parametrize("last", [WRITTEN_FOR, date(2028, 2, 29)])
def test_the_committed_registers_can_be_read_on_every_day(last: date, tmp_path: Path) -> None:
    sample = world(last)
    schemas = load_populations(registers.POPULATIONS)
    for number, day in enumerate(sample.timeline.days()):
        registers.write_day(sample, day, tmp_path)
        if number % 30 == 0 or day == last:
            checked = check_registers(tmp_path / "registers" / day.isoformat(), schemas)
            assert checked.faults == ()
            assert len(checked.rows) >= 15
