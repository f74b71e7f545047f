"""Registers of charter, committee, obligations and concerns: what differs from the committed files on some days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from samples.answers import Plant
from samples.register_edits import Cycle, Edit, Pending
from samples.register_texts import WRITTEN_FOR
from samples.world import World

PENDING: tuple[Pending, ...] = (
    Pending("actions", "closed_at", {"status": "open", "evidence_ref": None, "verified_by": None}),
    Pending("concerns", "resolved_at", {"outcome": None}),
)
CYCLES: tuple[Cycle, ...] = (
    Cycle("context_register", ("reviewed_at",), days=91),
    Cycle("regulatory_obligations", ("verified_at",), days=60),
)
#: the first day in the world that the registers are written for
_FIRST = WRITTEN_FOR - timedelta(days=181)
#: days on which registers lag: where a year ends then, its yearly controls see it
_LAGGING = (0, 9)
_CHARTER = {"charter_id": "AIG", "version": "2"}


def edits(world: World) -> list[Edit]:
    """Changes to single rows."""
    return [*_charter(world), *_committee(world), *_context(), *_obligations(world), *_objectives(world), *_concerns()]


def plants(world: World) -> list[Plant]:
    """Deviations that show on other days than those of their edit."""
    day = world.timeline.day
    late = {"concern_id": "CON-03", "rule": "acknowledged"}
    open_still = {"concern_id": "CON-06", "rule": "resolved"}
    return [
        Plant("A concern was acknowledged after eight days", "GV-07.T2", late, day(52), day(55)),
        Plant("A concern is not resolved after 45 days", "GV-07.T2", open_still, day(-5), day(-1)),
        *_minutes(world),
        *_unassessed(world),
        *_unprepared(world),
    ]


def _written(number: int) -> str:
    """A day of the timeline, by number, as the registers write it."""
    return (_FIRST + timedelta(days=number)).isoformat()


def _month_ends(world: World) -> list[int]:
    """Numbers of the days on which months end, without those of the first month."""
    days = list(world.timeline.days())
    return [number for number, day in enumerate(days) if number >= 30 and (day + timedelta(days=1)).day == 1]


def _quarter_ends(world: World) -> list[int]:
    return [number for number in _month_ends(world) if world.timeline.day(number).month % 3 == 0]


def _quarter_of(world: World, number: int) -> int | None:
    """The number of the day on which the quarter of a day ends, where the timeline has it."""
    day, ends = world.timeline.day(number), _quarter_ends(world)
    return next((end for end in ends if end >= number and _quarter(world.timeline.day(end)) == _quarter(day)), None)


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def _charter(world: World) -> Iterator[Edit]:
    yield Edit(
        "governance_charter", *_LAGGING, key=_CHARTER,
        set={"escalation": {"authority": "executive-sponsor", "hours": "as soon as possible"},
             "systems_covered": ["tier:high", "tier:medium"]},
        story="The charter gives no hours for escalation, and leaves out the document reader",
        found={"GV-01.T2": {**_CHARTER, "element": "escalation"}, "GV-01.T4": {"ai_system_id": "document-reader"}},
    )  # fmt: skip
    for end in _quarter_ends(world)[:1]:
        yield Edit(
            "governance_charter", end - 2, end + 1, key=_CHARTER, set={"committee_name": "AI board"},
            story="The charter names a committee that never met", found={"GV-02.T1": {"committee_name": "AI board"}},
        )  # fmt: skip


def _committee(world: World) -> Iterator[Edit]:
    for end in _quarter_ends(world)[:1]:
        yield Edit(
            "committee_meetings", end - 3, end + 2, key={"meeting_id": _meeting("2025-09-24", world)},
            set={"topics": ["resources", "ai-risk"]},
            story="No meeting of a year spoke of ethics", found={"GV-02.T4": {"topic": "ethics"}},
        )  # fmt: skip
    # the meeting of day 78 had no quorum; the minutes of that of day 120 were approved after 36 days
    yield Edit(
        "committee_meetings", 78, -1, key={"meeting_id": _meeting("2026-03-19", world)},
        set={"quorum_met": False},
    )  # fmt: skip
    late = {"meeting_id": _meeting("2026-04-30", world)}
    yield Edit("committee_meetings", 120, 155, key=late, set={"minutes_approved_at": None})
    yield Edit("committee_meetings", 156, -1, key=late, set={"minutes_approved_at": f"{_written(156)}T09:00:00Z"})
    for end in (number for number in _quarter_ends(world) if number > 171):
        yield Edit(
            "actions", end - 2, end, key={"action_id": "ACT-07"},
            set={"status": "open", "closed_at": None, "evidence_ref": None, "verified_by": None},
            story="What the incidents taught is not written down in time",
            found={"GV-02.T3": {"action_id": "ACT-07"}},
        )  # fmt: skip


def _minutes(world: World) -> Iterator[Plant]:
    for story, written, due, rule in (
        ("A meeting had no quorum", "2026-03-19", 78, "quorum"),
        ("Minutes were approved after 36 days", "2026-04-30", 150, "minutes"),
    ):
        if end := _quarter_of(world, due):
            day = world.timeline.day(end)
            yield Plant(story, "GV-02.T2", {"meeting_id": _meeting(written, world), "rule": rule}, day, day)


def _meeting(written: str, world: World) -> str:
    """The id of a meeting: its day, which moves with the timeline."""
    moved = date.fromisoformat(written) + (world.timeline.last - WRITTEN_FOR)
    return f"TRC-{moved}"


def _context() -> Iterator[Edit]:
    yield Edit(
        "context_register", *_LAGGING, key={"item_id": "CTX-04"}, set={"reviewed_at": "2024-11-18"},
        story="Nobody has looked at the vendor's model for a year", found={"GV-04.T1": {"item_id": "CTX-04"}},
    )  # fmt: skip
    yield Edit(
        "context_register", *_LAGGING, key={"item_id": "CTX-12"}, leave_out=True,
        story="The scope does not speak of the model gateway", found={"GV-04.T2": {"system_id": "gateway"}},
    )  # fmt: skip


def _obligations(world: World) -> Iterator[Edit]:
    annex = {"obligation_id": "EU-AIA-ANNEX-III"}
    yield Edit("regulatory_obligations", 0, 179, key=annex, set={"legal_status": "provisional"})
    # the circular changed on day 45; the risk of overlooked rules was assessed on day 70 because of that
    yield Edit("risk_register", 70, 120, key={"risk_id": "R-17"}, set={"trigger_ref": "DE-MARISK"})
    ends = _month_ends(world)
    for end in ends[1:2]:
        yield Edit(
            "regulatory_obligations", end - 3, end + 4, key={"obligation_id": "EU-CCD2"}, set={"owner_id": None},
            story="Nobody prepares for an obligation that comes within a year",
            found={"GV-05.T2": {"obligation_id": "EU-CCD2"}},
        )  # fmt: skip
    for end in ends[2:3]:
        yield Edit(
            "regulatory_obligations", end - 3, end + 4, key={"obligation_id": "DE-MARISK"},
            set={"verified_at": _written(end - 100)},
            story="An obligation was not compared with its source for 100 days",
            found={"GV-05.T1": {"obligation_id": "DE-MARISK"}},
        )  # fmt: skip


def _unassessed(world: World) -> Iterator[Plant]:
    """The guidelines changed on day 104; no risk was assessed for that by day 134."""
    for end in [number for number in _month_ends(world) if number >= 134][:1]:
        day = world.timeline.day(end)
        yield Plant(
            "Guidelines changed, and no risk was assessed", "GV-05.T4", {"obligation_id": "EU-EBA-LOM"}, day, day
        )


def _unprepared(world: World) -> Iterator[Plant]:
    """Competence (TN-02) fails where a year ends while registers lag; an obligation rests on it for a month."""
    for year_end in [day for day in list(world.timeline.days())[: _LAGGING[1] + 1] if (day.month, day.day) == (12, 31)]:
        month_end = year_end.replace(year=year_end.year + 1, month=1)
        key = {"obligation_id": "EU-AIA-4"}
        yield Plant("The control of AI literacy failed at the year's end", "GV-05.T2", key, month_end, month_end)


def _objectives(world: World) -> Iterator[Edit]:
    yield Edit("objectives", 0, 74, key={"objective_id": "O-5"}, set={"status": "at-risk"})
    yield Edit("objectives", 0, 151, key={"objective_id": "O-6"}, set={"status": "at-risk"})
    yield Edit(
        "actions", 152, -1, key={"action_id": "ACT-12"}, leave_out=True,
        story="Nothing is done about an objective that was missed", found={"GV-06.T2": {"objective_id": "O-6"}},
    )  # fmt: skip
    for end in _quarter_ends(world)[:1]:
        yield Edit(
            "objectives", end - 5, end + 5, key={"objective_id": "O-3"}, set={"resources": None},
            story="An objective has no means", found={"GV-06.T1": {"subject": "objective", "item": "O-3"}},
        )  # fmt: skip
    if due := _quarter_of(world, 30):
        yield Edit(
            "actions", due - 5, due, key={"action_id": "ACT-23"}, set={"approved_by": None, "approved_at": None},
            story="Nobody approved the plan for the new AI policy",
            found={"GV-06.T4": {"subject": "policy:ai-policy@2.0"}},
        )  # fmt: skip


def _concerns() -> Iterator[Edit]:
    yield Edit("concerns", 49, 54, key={"concern_id": "CON-03"}, set={"ack_at": None})
    yield Edit("concerns", 55, -1, key={"concern_id": "CON-03"}, set={"ack_at": f"{_written(55)}T11:00:00Z"})
    yield Edit("concerns", 156, -1, key={"concern_id": "CON-06"}, set={"resolved_at": None, "outcome": None})
