"""What asks for a new assessment of risks: a new deployment, retraining, new training data, new law, an incident."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from airtight.review.registers import Incident, ModelVersion, Obligation, TrainingSet

#: How far back triggers are looked for, in days: a quarter, and the time that an assessment may take.
LOOK_BACK = 122
_BINDING = ("in-force", "adopted")
_SLIGHT = ("sev3", "sev4")


@dataclass(frozen=True)
class Trigger:
    """Something that changes risks: of an AI system, or of whatever an assessment names (``ref``)."""

    cause: str
    ref: str
    ai_system_id: str | None
    happened: date

    @property
    def subject(self) -> str:
        return self.ai_system_id or self.ref


@dataclass(frozen=True)
class Happenings:
    """Registers in which triggers stand; empty where nothing is sealed."""

    versions: Sequence[ModelVersion] = ()
    training_sets: Sequence[TrainingSet] = ()
    obligations: Sequence[Obligation] = ()
    incidents: Sequence[Incident] = ()


def triggers_of(happenings: Happenings, day: date) -> tuple[Trigger, ...]:
    """Triggers of the last ``LOOK_BACK`` days, the day included, oldest first."""
    first = day - timedelta(days=LOOK_BACK - 1)
    found = {trigger for trigger in _all(happenings) if first <= trigger.happened <= day}
    return tuple(sorted(found, key=lambda each: (each.happened, each.cause, each.ref)))


def _all(happenings: Happenings) -> Iterator[Trigger]:
    for version in happenings.versions:
        name = version.model_version_id or ""
        if version.deployed_at:
            yield Trigger("new deployment", name, version.ai_system_id, version.deployed_at.date())
        if version.trained_at:
            yield Trigger("retraining", name, version.ai_system_id, version.trained_at.date())
    for training in happenings.training_sets:
        if training.acquired_at:
            ref = f"{training.dataset_id} {training.version}"
            yield Trigger("new training data", ref, training.ai_system_id, training.acquired_at)
    for obligation in happenings.obligations:
        ruled_out = obligation.applicability == "does-not"
        if obligation.applies_from and obligation.legal_status in (*_BINDING, None) and not ruled_out:
            yield Trigger("new regulation", obligation.obligation_id or "", None, obligation.applies_from)
    for incident in happenings.incidents:
        if incident.detected_at and incident.severity not in _SLIGHT:
            yield Trigger("incident", incident.incident_id or "", incident.ai_system_id, incident.detected_at.date())
