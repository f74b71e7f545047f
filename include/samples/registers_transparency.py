"""Registers of use of AI, competence and third parties: what differs from the committed files on some days."""

from __future__ import annotations

from datetime import date, timedelta

from samples.answers import Plant
from samples.register_edits import Cycle, Edit, Pending
from samples.register_texts import WRITTEN_FOR
from samples.world import World

PENDING: tuple[Pending, ...] = ()
CYCLES: tuple[Cycle, ...] = ()
#: the first day in the world that the registers are written for, with two quarters before its last
_FIRST = WRITTEN_FOR - timedelta(days=181)
#: days on which registers lag: whenever the year ends at the beginning of the sample, its yearly controls see it
_LAGGING = (0, 9)
_TWO_OF_THREE = ["confidentiality", "sub-processor-notice"]
#: the day until which the page on credit scoring tells of the version before
_REWRITTEN = 150
#: days from which a page must tell of credit scoring's version 4, which is approved on day 56
_DUE = 56 + 31
#: feedback of harm that nobody took on, and the day that it came
_FORGOTTEN, _RECEIVED = "FB-03", date(2026, 2, 11)


def edits(world: World) -> list[Edit]:
    """Changes to single rows."""
    return [*_tools(), *_people(), *_suppliers(), *_documents(), _no_reviewers()]


def _written(number: int) -> str:
    """A day of the timeline, by number, as the registers write it."""
    return (_FIRST + timedelta(days=number)).isoformat()


def _documents() -> list[Edit]:
    scoring, assistant = {"artifact_id": "TD-credit-scoring-4"}, {"artifact_id": "TD-support-assistant-3"}
    sections = ["intended-purpose", "usage-expectations", "human-oversight", "technical-limits", "monitoring",
                "impact-information", "ai-interaction-notice"]  # fmt: skip
    key = {"ai_system_id": "support-assistant", **assistant, "section": "contact-for-reporting"}
    plan, covered = {"policy_id": "communication-plan"}, ["internal", "external", "what", "when", "how", "by-whom"]
    return [
        Edit(
            "policies", 60, 150, key=plan, set={"covers": covered},
            story="The communication plan does not say with whom", found={"TR-01.T4": {"element": "with-whom"}},
        ),
        Edit("sdlc_artifacts", 0, 57, key=scoring, leave_out=True),
        # approved the day before the version that it should tell of
        Edit("sdlc_artifacts", 58, _REWRITTEN, key=scoring, set={"approved_at": f"{_written(55)}T09:00:00Z"}),
        Edit(
            "sdlc_artifacts", -30, -1, key=assistant, set={"sections": sections},
            story="The page on the assistant does not say where to report harm", found={"TR-01.T2": key},
        ),
    ]  # fmt: skip


def _no_reviewers() -> Edit:
    return Edit(
        "ai_resources", -30, -1, key={"resource_id": "support-reviewers"}, leave_out=True,
        story="Nobody is recorded who reviews the assistant's answers",
        found={"IN-01.T4": {"ai_system_id": "support-assistant", "kind": "human"}},
    )  # fmt: skip


def _tools() -> list[Edit]:
    translator, code = {"tool_id": "TOOL-TRANSLATE"}, {"tool_id": "TOOL-CODE"}
    drafts = {"tool_id": "TOOL-DRAFT"}
    return [
        Edit("ai_tool_approvals", 94, 111, key=translator, set={"expires_at": _written(100)}),
        Edit(
            "ai_tool_approvals", 66, 73, key=code, set={"approved_by": None},
            story="Nobody is named who approved a tool", found={"GA-01.T3": code},
        ),
        Edit(
            "ai_tool_approvals", 143, 150, key=drafts, set={"expires_at": "2026-10-02"},
            story="A tool was approved for a year and a day", found={"GA-01.T3": drafts},
        ),
    ]  # fmt: skip


def _people() -> list[Edit]:
    developer = {"person_id": "E1021", "ai_role": "ai-developer", "required_competence": "machine-learning"}
    hired = {"person_id": "E1004", "required_competence": "screening"}
    return [
        Edit(
            "competence_records", *_LAGGING, key=developer, set={"valid_until": _written(-5)},
            story="A developer's competence has run out",
            found={"TN-02.T1": {"role_id": "ai-developer", "person_id": "E1021"}},
        ),
        Edit(
            "competence_records", *_LAGGING, key=hired, leave_out=True,
            story="A security engineer was hired without a screening", found={"TN-02.T2": {"person_id": "E1004"}},
        ),
    ]  # fmt: skip


def _suppliers() -> list[Edit]:
    frame, unknown = {"contract_id": "CT-03"}, {"contract_id": "CT-99", "vendor_id": "V-77"}
    return [
        Edit(
            "vendor_contracts", *_LAGGING, key=frame, set={"clauses": _TWO_OF_THREE},
            story="A supplier may not be audited", found={"TP-02.T1": {"vendor_id": "V-03", "term": "audit-right"}},
        ),
        Edit(
            "vendor_contracts", *_LAGGING, key=frame, set={"responsibility_matrix_ref": None},
            story="Who answers for what of the assistant is not written down",
            found={"TP-02.T2": {"ai_system_id": "support-assistant"}},
        ),
        Edit(
            "vendor_contracts", *_LAGGING, add={**unknown, "signed_at": "2025-06-02", "clauses": ["confidentiality"]},
            story="A contract with a supplier whom procurement does not list",
            found={"TP-01.T2": {"named_by": "contract", "item": "CT-99", "vendor_id": "V-77"}},
        ),
    ]  # fmt: skip


def plants(world: World) -> list[Plant]:
    """Deviations that show on other days than those of their edit."""
    received = _RECEIVED + (world.timeline.last - WRITTEN_FOR)
    # a quarterly control is due on the last day of the quarter in which the feedback came
    third = received.replace(month=(received.month + 2) // 3 * 3, day=1)
    end = (third + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    key = {"report": "feedback", "item": _FORGOTTEN}
    day, scoring = world.timeline.day, {"ai_system_id": "credit-scoring"}
    return [
        Plant("Harm told by an applicant was not taken on", "TR-01.T3", key, received, min(end, world.timeline.last)),
        Plant(
            "The page on credit scoring tells of the version before", "TR-01.T1", scoring, day(_DUE), day(_REWRITTEN)
        ),
    ]
