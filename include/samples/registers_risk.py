"""Registers of risks, treatments and assessments: what differs from the committed files on some days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from samples.answers import Plant
from samples.governance_data import quarter_ends
from samples.governance_gate import escalated
from samples.operations_watch import incidents
from samples.register_edits import Cycle, Edit, Pending
from samples.releases import CHANGED
from samples.timeline import iso
from samples.world import World

#: days after which a risk is assessed again
_REVIEW = 91
PENDING: tuple[Pending, ...] = ()
CYCLES: tuple[Cycle, ...] = (Cycle("risk_register", ("last_assessed_at", "next_review_at"), days=_REVIEW),)
#: the last day of the world for which registers are written, and the latest assessment of the risk of incidents there
_WRITTEN_FOR, _INCIDENT_RISK, _ASSESSED = date(2026, 6, 30), "R-07", date(2026, 6, 10)
#: days after its change on which the assistant's assessment is due, and on which it is approved
_DUE, _APPROVED = 30, 42
_DIMENSIONS = (
    "fairness", "accountability", "transparency", "privacy", "security", "accessibility", "human_oversight",
    "environment", "societal", "operational", "regulatory", "ethical", "business",
)  # fmt: skip


def edits(world: World) -> list[Edit]:
    """Changes to single rows."""
    return [*_quarter(world), *_assessments(), *_after_incidents(world), *_confirmed(world)]


def _quarter(world: World) -> Iterator[Edit]:
    """Risks that are out of order at the last but one quarter's end, and a treatment at the last."""
    ends = quarter_ends(world.timeline)
    for end in ends[-2:-1]:
        yield from _risks(world, end)
    for end in ends[-1:]:
        number = (end - world.timeline.first).days
        overdue = {"due_at": _written(world, end - timedelta(days=10))}
        yield Edit(
            "risk_treatments", number - 9, number, key={"treatment_id": "T-04"}, set=overdue,
            story="A treatment is overdue", found={"RM-02.T1": {"subject": "treatment", "item": "T-04"}},
        )  # fmt: skip


def _risks(world: World, end: date) -> Iterator[Edit]:
    def ago(days: int) -> str:
        return _written(world, end - timedelta(days=days))

    drift = {"ai_system_id": "fraud-screening", "category": "drift"}
    scored = {"subject": "risk", "item": "R-09"}
    forgotten = {"last_assessed_at": ago(100), "next_review_at": ago(9)}
    for risk, changes, story, test, key in (
        ("R-02", forgotten, "A risk was not assessed for a hundred days", "RM-01.T1", {"risk_id": "R-02"}),
        ("R-06", {"closed_at": ago(5)}, "Somebody closed the risk of drift", "RM-01.T2", drift),
        ("R-09", {"impact": 7, "inherent": 28}, "A risk has an impact of 7", "RM-01.T4", scored),
        ("R-12", {"accepted_until": ago(1)}, "The acceptance of a risk ended", "RM-02.T2", {"risk_id": "R-12"}),
        ("R-10", {"control_ids": []}, "No control stands behind a low score", "RM-02.T3", {"risk_id": "R-10"}),
    ):
        number = (end - world.timeline.first).days
        days = (number - 2, min(number + 2, (world.timeline.last - world.timeline.first).days))
        yield Edit("risk_register", *days, key={"risk_id": risk}, set=changes, story=story, found={test: key})


def _assessments() -> Iterator[Edit]:
    """A screening that is gone, a dimension without an answer, and an assessment approved by who performed it."""
    answers = dict.fromkeys(_DIMENSIONS, "As in the assessment before.")
    yield Edit(
        "impact_assessments", 30, 32, key={"assessment_id": "IA-DR-1"}, leave_out=True,
        story="The screening of the document reader was withdrawn",
        found={"IA-01.T1": {"ai_system_id": "document-reader"}},
    )  # fmt: skip
    yield Edit(
        "impact_assessments", 80, 81, key={"assessment_id": "IA-FS-1"}, set={"dimensions": answers},
        story="An assessment says nothing of safety",
        found={"IA-01.T3": {"assessment_id": "IA-FS-1", "item": "safety"}},
    )  # fmt: skip
    yield Edit(
        "impact_assessments", 65, 66, key={"assessment_id": "IA-SA-1"}, set={"approved_by": "E1019"},
        story="Who performed an assessment approved it", found={"IA-01.T4": {"assessment_id": "IA-SA-1"}},
    )  # fmt: skip


def _after_incidents(world: World) -> Iterator[Edit]:
    """The risk of incidents is assessed a week after each severe one, until its next review comes round."""
    reviewed = world.timeline.last - (_WRITTEN_FOR - _ASSESSED)
    for incident in incidents(world):
        assessed = incident.detected.date() + timedelta(days=7)
        review = assessed + timedelta(days=(reviewed - assessed).days % _REVIEW or _REVIEW)
        last = min(review - timedelta(days=1), world.timeline.last)
        if incident.severity <= 2 and world.timeline.first <= assessed <= last:
            since, until = ((day - world.timeline.first).days for day in (assessed, last))
            found = {"trigger_ref": incident.id, "last_assessed_at": _written(world, assessed)}
            yield Edit("risk_register", since, until, key={"risk_id": _INCIDENT_RISK}, set=found)


def _confirmed(world: World) -> Iterator[Edit]:
    """The sponsor confirms what the charter wants escalated, five hours after the gate was asked."""
    for one in escalated(world):
        if one.at.date() >= world.timeline.first:
            number = (one.at.date() - world.timeline.first).days
            moved = world.timeline.last - _WRITTEN_FOR
            closed = one.at - moved + timedelta(hours=5)
            day = closed.date().isoformat()
            yield Edit(
                "actions", number, -1,
                add={
                    "action_id": f"ACT-{one.id}", "origin_kind": "deployment", "origin_ref": one.id, "kind": "decision",
                    "description": f"Version {one.version} of {one.system}", "raised_at": day, "owner_id": "E1000",
                    "due_at": day, "status": "done", "closed_at": iso(closed),
                    "evidence_ref": f"https://board.lumen.example/gate/{one.id}", "verified_by": "E1037",
                },
            )  # fmt: skip


def _written(world: World, day: date) -> str:
    """A day as the registers write it, before their dates move."""
    return (day - (world.timeline.last - _WRITTEN_FOR)).isoformat()


def plants(world: World) -> list[Plant]:
    """The assistant's assessment came too late after its purpose changed."""
    changed = world.timeline.day(CHANGED)
    days = (changed + timedelta(days=_DUE), changed + timedelta(days=_APPROVED - 1))
    key = {"ai_system_id": "support-assistant", "subject": "change"}
    return [Plant("A changed purpose was not assessed in time", "IA-01.T2", key, *days)]
