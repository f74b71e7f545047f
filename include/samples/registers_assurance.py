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
    return [*_notices(), *_audits(), *_engagements(), *_actions(world)]


def plants(world: World) -> list[Plant]:
    """Deviations that show on other days than those of their edit."""
    return [
        Plant("An action of the review was forgotten", "AU-04.T4", {"action_id": "ACT-M2"}, end, end)
        for end in quarter_ends(world.timeline)[:1]
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
        number, due = (end - world.timeline.first).days, _WRITTEN - (world.timeline.last - end) - timedelta(days=1)
        forgotten = _action("ACT-M2", "management-review", "Hire a second validator", due.isoformat())
        kept.append(Edit("actions", number - 5, number + 5, add=forgotten))
    return kept


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
