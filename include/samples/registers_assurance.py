"""Registers of privacy, audits, reviews and maturity: what differs from the committed files on some days."""

from __future__ import annotations

from datetime import date, timedelta

from samples.answers import Plant
from samples.assurance_reviews import IMPROVED
from samples.governance_data import quarter_ends
from samples.register_edits import Cycle, Edit, Pending
from samples.world import World

PENDING: tuple[Pending, ...] = (
    Pending("internal_audits", "performed_at", {"report_sha256": None, "reported_to": None, "independent": None}),
    Pending("audit_engagements", "completed_at", {"sample_seed": None, "sample_n": None, "reperformed_n": None}),
)
CYCLES: tuple[Cycle, ...] = ()
#: the last day of the world that registers are written for
_WRITTEN = date(2026, 6, 30)


def edits(world: World) -> list[Edit]:
    """Changes to single rows."""
    return [*_notices(), *_audits(), *_engagements(), *_actions(world), *_survey(world)]


def plants(world: World) -> list[Plant]:
    """Deviations that show on other days than those of their edit."""
    forgotten, unhappy = {"action_id": "ACT-M2"}, {"scope": "all stakeholders"}
    return [
        plant
        for end in quarter_ends(world.timeline)[:1]
        for plant in (
            Plant("An action of the review was forgotten", "AU-04.T4", forgotten, end, end),
            Plant("Staff were not content for a quarter", "AU-06.T3", unhappy, end, end),
        )
    ]


def _notices() -> list[Edit]:
    applicants = {"notice_id": "applicants", "version": "2"}
    customers = {"notice_id": "customers", "version": "1"}
    return [
        Edit(
            "privacy_notices", 0, 3, key=applicants, set={"purposes": ["consumer-lending", "document-processing"]},
            story="The notice did not tell of fraud screening",
            found={"PV-01.T1": {"ai_system_id": "fraud-screening"}},
        ),
        Edit(
            "privacy_notices", 40, 42, key=customers, set={"published_at": "2024-01-15"},
            story="A notice had not been looked through for two years",
            found={"PV-01.T2": {"subject": "notice", "item": "customers"}},
        ),
    ]  # fmt: skip


def _audits() -> list[Edit]:
    return [
        Edit(
            "internal_audits", 0, 3, key={"audit_id": "IA-3"}, set={"scope": ["internal audit"]},
            story="A high-tier AI system was left out of the programme",
            found={"AU-02.T1": {"subject": "ai system", "item": "fraud-screening"}},
        ),
        Edit(
            "internal_audits", 50, 52, key={"audit_id": "IA-2"}, set={"reported_to": None},
            story="Nobody in charge received the report of an audit",
            found={"AU-02.T2": {"audit_id": "IA-2", "rule": "reported"}},
        ),
    ]  # fmt: skip


def _engagements() -> list[Edit]:
    stage1 = {"engagement_id": "ENG-ISO-1"}
    return [
        # the day was agreed when 90 days before it had passed already
        Edit("audit_engagements", 0, -31, key=stage1, set={"fieldwork_start": None}),
        Edit(
            "audit_engagements", -10, -10, key=stage1, set={"auditor": None},
            story="Sixty days before the audit nobody was chosen to do it",
            found={"AU-05.T1": {"engagement_id": "ENG-ISO-1", "milestone": "scoping", "item": "auditor"}},
        ),
        Edit(
            "audit_engagements", 30, 31, key={"engagement_id": "SIM-1"}, set={"reperformed_n": 20},
            story="Five items of the simulated audit were not tested again",
            found={"AU-05.T3": {"subject": "simulated audit"}},
        ),
    ]  # fmt: skip


def _actions(world: World) -> list[Edit]:
    """Actions of management reviews and for weak domains; one of them overdue as a quarter ends."""
    improvement = _action("ACT-M3", "other", "Write down retention", "2026-12-31")
    kept = [
        Edit("actions", 0, -1, add=_action("ACT-M1", "management-review", "Automate collection", "2026-12-31")),
        Edit("actions", 0, -1, add={**improvement, "origin_ref": f"maturity:{IMPROVED}"}),
    ]
    for end in quarter_ends(world.timeline)[:1]:
        number, due = (end - world.timeline.first).days, _written(world, end - timedelta(days=1))
        forgotten = _action("ACT-M2", "management-review", "Hire a second validator", due.isoformat())
        kept.append(Edit("actions", number - 5, number + 5, add=forgotten))
    return kept


def _survey(world: World) -> list[Edit]:
    """What staff answer every ten days; in the first whole quarter they are not content."""
    until = quarter_ends(world.timeline)[:1]
    found = []
    for number in range(5, (world.timeline.last - world.timeline.first).days, 10):
        day = world.timeline.day(number)
        answer = {
            "feedback_id": f"SURVEY-{number}",
            "received_at": f"{_written(world, day)}T12:00:00Z",
            "stakeholder": "employee",
            "adverse_effect": False,
            "score": 3.0 if until and day <= until[0] else 5.0,
        }
        found.append(Edit("stakeholder_feedback", number, number, add=answer))
    return found


def _written(world: World, day: date) -> date:
    """The day in the world that registers are written for."""
    return _WRITTEN - (world.timeline.last - day)


def _action(name: str, origin: str, description: str, due: str) -> dict[str, object]:
    return {
        "action_id": name,
        "origin_kind": origin,
        "origin_ref": "2025-Q4",
        "kind": "action",
        "description": description,
        "owner_id": "E1010",
        "raised_at": "2025-11-18",
        "due_at": due,
        "status": "in-progress",
    }
