"""The registers that reviews read: one class each, with the columns that a review needs. See ``records``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from airtight.review.records import Record

Names = tuple[str, ...]


@dataclass(frozen=True)
class Decision(Record):
    """A decision of the statement of applicability (ISO/IEC 42001, 6.1.3 f)."""

    population: ClassVar[str] = "soa"
    annex_id: str | None = None
    version: str | None = None
    applicable: bool | None = None
    justification: str | None = None
    implementation: str | None = None
    control_ids: Names | None = None
    risk_ids: Names | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True)
class Risk(Record):
    """A risk with its scores before (inherent) and after (residual) treatment."""

    population: ClassVar[str] = "risk_register"
    risk_id: str | None = None
    title: str | None = None
    category: str | None = None
    ai_system_id: str | None = None
    likelihood: int | None = None
    impact: int | None = None
    inherent: int | None = None
    treatment: str | None = None
    control_ids: Names | None = None
    residual_likelihood: int | None = None
    residual_impact: int | None = None
    residual: int | None = None
    appetite: int | None = None
    owner_id: str | None = None
    accepted_by: str | None = None
    accepted_until: date | None = None
    last_assessed_at: date | None = None
    trigger_ref: str | None = None
    closed_at: date | None = None


@dataclass(frozen=True)
class Treatment(Record):
    """What is done about a risk."""

    population: ClassVar[str] = "risk_treatments"
    treatment_id: str | None = None
    risk_id: str | None = None
    strategy: str | None = None
    owner_id: str | None = None
    due_at: date | None = None
    status: str | None = None
    validated_at: datetime | None = None


@dataclass(frozen=True)
class AiSystem(Record):
    """An entry of the AI inventory."""

    population: ClassVar[str] = "ai_inventory"
    ai_system_id: str | None = None
    name: str | None = None
    risk_tier: str | None = None
    lifecycle: str | None = None


@dataclass(frozen=True)
class ModelVersion(Record):
    """A version of a model, when it was trained and when it went into production."""

    population: ClassVar[str] = "model_versions"
    model_version_id: str | None = None
    ai_system_id: str | None = None
    trained_at: datetime | None = None
    deployed_at: datetime | None = None


@dataclass(frozen=True)
class TrainingSet(Record):
    """A version of a data set that a model learns from."""

    population: ClassVar[str] = "training_datasets"
    dataset_id: str | None = None
    version: str | None = None
    ai_system_id: str | None = None
    acquired_at: date | None = None


@dataclass(frozen=True)
class Obligation(Record):
    """A legal obligation, with the day from which it applies."""

    population: ClassVar[str] = "regulatory_obligations"
    obligation_id: str | None = None
    reference: str | None = None
    applies_from: date | None = None
    legal_status: str | None = None
    applicability: str | None = None


@dataclass(frozen=True)
class Incident(Record):
    """An incident."""

    population: ClassVar[str] = "incidents"
    incident_id: str | None = None
    ai_system_id: str | None = None
    severity: str | None = None
    detected_at: datetime | None = None


@dataclass(frozen=True)
class Vendor(Record):
    """A supplier with its latest assessment and assurance report."""

    population: ClassVar[str] = "vendors"
    vendor_id: str | None = None
    name: str | None = None
    tier: str | None = None
    provides_ai: bool | None = None
    data_classes: Names | None = None
    subprocessor: bool | None = None
    last_assessed_at: date | None = None
    assessment_result: str | None = None
    assurance_report: str | None = None
    report_period_end: date | None = None
    bridge_letter_until: date | None = None
    exceptions_evaluated: bool | None = None
    cuecs_mapped: bool | None = None
    ai_answers: Names | None = None
    next_review_at: date | None = None
    status: str | None = None


@dataclass(frozen=True)
class Person(Record):
    """A person of the roster: where they work."""

    population: ClassVar[str] = "hr_roster"
    person_id: str | None = None
    department: str | None = None
    job_title: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class RoleHeld(Record):
    """A role that a person holds."""

    population: ClassVar[str] = "roles"
    role_id: str | None = None
    person_id: str | None = None


@dataclass(frozen=True)
class CharterVersion(Record):
    """A version of the governance charter, in force from ``effective_at`` until the day before ``superseded_at``."""

    population: ClassVar[str] = "governance_charter"
    charter_id: str | None = None
    version: str | None = None
    executive_sponsor_id: str | None = None
    sponsor_role: str | None = None
    approved_at: datetime | None = None
    effective_at: date | None = None
    superseded_at: date | None = None


@dataclass(frozen=True)
class Meeting(Record):
    """A meeting of a committee; ``attendees`` is JSON: a list of objects with person and function."""

    population: ClassVar[str] = "committee_meetings"
    meeting_id: str | None = None
    held_at: datetime | None = None
    attendees: str | None = None


@dataclass(frozen=True)
class MaturityScore(Record):
    """A score of a domain of controls, computed or assessed."""

    population: ClassVar[str] = "maturity_scores"
    domain: str | None = None
    as_of: date | None = None
    score: int | None = None
    target: int | None = None
    basis: str | None = None


@dataclass(frozen=True)
class Finding(Record):
    """A finding, open until it is closed."""

    population: ClassVar[str] = "findings"
    finding_id: str | None = None
    control_ids: Names | None = None
    due_at: date | None = None
    closed_at: datetime | None = None
