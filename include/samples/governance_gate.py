"""The ledger of the deployment gate: what it was asked, the facts that it judged, its verdict, and overrides.

The facts are stored byte for byte as they were hashed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.governance_models import use_case
from samples.releases import ALLOWED, LATE_REVIEW, REVIEW_IN_TIME, artifact_digest
from samples.timeline import at, iso
from samples.world import World

#: model version -> days before the timeline's last day on which its impact assessment was performed
_ASSESSED = {"credit-scoring:3": 253, "credit-scoring:4": 130, "fraud-screening:3": 237, "fraud-screening:4": 75}
_POLICY = "gate 2"
_APPROVER = "E1034"
#: days of a refusal, of a request without a tier that was let through, and of one with another version's assessment
_REFUSED, _NO_TIER, _OTHER_VERSION = 57, -10, -20
#: first and last day on which an override lacks its waiver and was given by the one who asked
_OVERRIDDEN = (140, 143)
_NO_APPROVAL: Mapping[str, str | None] = {"governance_approval": None}


@dataclass(frozen=True)
class Decision:
    """A decision of the gate; ``facts`` are those that differ from what stands in the registers."""

    id: str
    at: datetime
    system: str
    version: int
    facts: Mapping[str, str | None] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
    allowed: bool = True
    override_by: str | None = None
    waiver: str | None = None

    @property
    def model_version(self) -> str:
        return f"{self.system}:{self.version}"


def decisions(world: World, day: date) -> list[dict[str, object]]:
    """The whole ledger as it was at the end of a day."""
    end = at(day + timedelta(days=1))
    return [_record(world, one) for one in ledger(world, day) if one.at < end]


def ledger(world: World, day: date) -> list[Decision]:
    """All decisions, as a day shows those that somebody completes later."""

    def when(number: int) -> datetime:
        return at(world.timeline.day(number), "09:00:00")

    before = at(world.timeline.first - timedelta(days=40), "09:00:00")
    refused = ("governance-approval",)
    found = [Decision(f"GATE-{n}", before, system.id, 3) for n, system in enumerate(world.ai_systems, 101)]
    found += [Decision(f"GATE-{n}", when(one.day), one.system, one.version) for n, one in enumerate(ALLOWED, 111)]
    for name, number, waiver in (("GATE-121", LATE_REVIEW, "W-401"), ("GATE-122", REVIEW_IN_TIME, "W-402")):
        moment = when(number)
        found.append(Decision(name, moment, "support-assistant", 3, _NO_APPROVAL, refused, False, _APPROVER, waiver))
    bias = {"bias_evaluated_at": None}
    found.append(Decision("GATE-131", when(_REFUSED), "credit-scoring", 4, bias, ("bias-evaluation",), False))
    found.append(Decision("GATE-132", when(_NO_TIER), "document-reader", 3, {"risk_tier": None}))
    completed = day > world.timeline.day(_OVERRIDDEN[1])
    moment, named = when(_OVERRIDDEN[0]), "W-402" if completed else None
    by = _APPROVER if completed else _owner(world, "document-reader")
    found.append(Decision("GATE-133", moment, "document-reader", 3, _NO_APPROVAL, refused, False, by, named))
    return sorted(found, key=lambda one: (one.at, one.id))


def _owner(world: World, system: str) -> str:
    return next(each.owner for each in world.ai_systems if each.id == system)


def _record(world: World, one: Decision) -> dict[str, object]:
    facts = json.dumps(_facts(world, one), sort_keys=True, separators=(",", ":"))
    return {
        "id": one.id,
        "request": {"by": _owner(world, one.system), "at": iso(one.at)},
        "subject": {
            "ai_system": one.system,
            "model_version": one.model_version,
            "sha256": artifact_digest(one.model_version),
        },
        "metadata": facts,
        "metadata_sha256": hashlib.sha256(facts.encode()).hexdigest(),
        "verdict": {"allowed": one.allowed, "violations": list(one.violations), "policy": _POLICY},
        "override": {"by": one.override_by, "reason": "Wrong answers in public", "waiver": one.waiver}
        if one.override_by
        else None,
    }


def _facts(world: World, one: Decision) -> dict[str, str]:
    """What the gate knew: of high tier also evaluation and assessment of the version; what is not known is left out."""
    tier = next(system.tier for system in world.ai_systems if system.id == one.system)
    facts: dict[str, str | None] = {
        "use_case": use_case(one.system),
        "risk_tier": tier,
        "governance_approval": _APPROVER,
    }
    if tier == "high":
        assessed = world.timeline.last - timedelta(days=_ASSESSED[one.model_version])
        facts["bias_evaluated_at"] = iso(one.at - timedelta(days=2))
        facts["impact_assessed_at"] = iso(at(assessed))
    facts |= one.facts
    return {name: fact for name, fact in facts.items() if fact is not None}


def escalated(world: World) -> list[Decision]:
    """The decisions that the charter's authority has to confirm: high tier allowed, and every override."""
    high = {system.id for system in world.ai_systems if system.tier == "high"}
    known = ledger(world, world.timeline.last)
    return [one for one in known if one.override_by or (one.allowed and one.system in high)]


def plants(world: World) -> list[Plant]:
    """A verdict that does not follow, evidence of another version, an override that is not complete."""
    day = world.timeline.day
    own = {"decision_id": "GATE-133"}
    other = {"decision_id": "GATE-114", "requirement": "impact-assessment"}
    return [
        Plant("A request without a tier was let through", "PO-03.T2", {"decision_id": "GATE-132"}, day(-10), day(-10)),
        Plant("The assessment was of another version", "PO-03.T3", other, day(_OTHER_VERSION), day(_OTHER_VERSION)),
        Plant("Who asked for it overrode the gate", "PO-03.T4", own, *(day(number) for number in _OVERRIDDEN)),
    ]
