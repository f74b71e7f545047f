"""Registers of development, data and monitoring: what differs from the committed files on some days."""

from __future__ import annotations

from samples.answers import Plant
from samples.register_edits import Cycle, Edit, Pending
from samples.world import World

PENDING: tuple[Pending, ...] = ()
CYCLES: tuple[Cycle, ...] = ()
_DOCUMENTS = "sdlc_artifacts"
#: documents and the last day on which they are not written yet
_TO_COME = {
    "CARD-credit-scoring-4": 61,
    "DOC-credit-scoring-4": 76,
    "CARD-fraud-screening-4": -16,
    "DOC-fraud-screening-4": -16,
}


def edits(world: World) -> list[Edit]:
    """Documents that are still to come, a plan that nobody approved, and sections that were cut."""
    to_come = [Edit(_DOCUMENTS, 0, last, key={"artifact_id": name}, leave_out=True) for name, last in _TO_COME.items()]
    fraud, assistant = {"ai_system_id": "fraud-screening"}, {"ai_system_id": "support-assistant"}
    return [
        *to_come,
        Edit(
            _DOCUMENTS, 70, 73, key={"artifact_id": "PLAN-fraud-screening"}, set={"approved_by": "E1021"},
            story="A plan was approved by who wrote it", found={"DV-01.T1": fraud},
        ),
        Edit(
            _DOCUMENTS, -9, -8, key={"artifact_id": "PLAN-support-assistant"},
            set={"sections": ["purpose", "intended-use", "data", "fairness", "non-discrimination", "oversight",
                              "explainability", "acceptance-thresholds", "monitoring-plan"]},
            story="A plan lost its way back", found={"DV-01.T2": {**assistant, "section": "rollback"}},
        ),
        Edit(
            _DOCUMENTS, 84, 86, key={"artifact_id": "DOC-support-assistant-3"},
            set={"sections": ["data", "oversight", "explainability-method"]},
            story="Nobody says how the assistant fails", found={"DV-02.T2": {**assistant, "section": "failure-modes"}},
        ),
    ]  # fmt: skip


def plants(world: World) -> list[Plant]:
    """The technical document of credit scoring, which came two weeks and three days after the version."""
    key, day = {"model_version_id": "credit-scoring:4", "kind": "technical-doc"}, world.timeline.day
    return [Plant("A version runs undocumented for more than two weeks", "DV-02.T1", key, day(74), day(76))]
