"""The risk office: waivers, attestations, the statement of applicability; and the register of findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.operations_watch import incidents
from samples.timeline import at, iso
from samples.world import Waiver, World
from samples.writers import Cell

SOA_COLUMNS = (
    "annex_id", "version", "applicable", "justification", "implementation", "controls", "risks", "approved_by",
    "approved_at",
)  # fmt: skip
#: sections of Annex A of ISO/IEC 42001 and their controls
_ANNEX = {
    "A.2": "234", "A.3": "23", "A.4": "23456", "A.5": "2345", "A.6.1": "23", "A.6.2": "2345678", "A.7": "23456",
    "A.8": "2345", "A.9": "234", "A.10": "234",
}  # fmt: skip
_CONTROLS = {"A.4.5": "OP-01 OP-04", "A.6.2.6": "MO-07", "A.6.2.8": "MO-06", "A.8.4": "IR-01", "A.4.3": "CF-01"}
#: days on which a finding's description holds an access key that somebody pasted
_PASTED = (68, 69)


def waivers(world: World, day: date) -> list[dict[str, object]]:
    """The waivers approved by the end of a day, of all fields."""
    end = at(day + timedelta(days=1))
    known = sorted((*world.waivers, *_own(world)), key=lambda waiver: waiver.id)
    return [_waiver_record(waiver, end) for waiver in known if waiver.approved < end]


def _own(world: World) -> Iterator[Waiver]:
    first, later = at(world.timeline.first), at(world.timeline.last) + timedelta(days=90)
    yield Waiver("W-201", "OP-01.T1:DD-3/aws/bastion", "The bastion is replaced next quarter", first, later)
    yield Waiver("W-202", "OP-01.T2:host_hardening_baseline/aws-estate", "Images are replaced", first, later)
    expired = at(world.timeline.day(112))
    yield Waiver("W-203", "OP-01.T2:cloudtrail_enabled/gateway-estate", "Waiting for the vendor", first, expired)


def _waiver_record(waiver: Waiver, end: datetime) -> dict[str, object]:
    scope = "record" if ":" in waiver.reference else "test" if "." in waiver.reference else "control"
    return {
        "id": waiver.id,
        "scope": scope,
        "reference": waiver.reference,
        "reason": waiver.reason,
        "risk": "R-07",
        "compensating_control": None,
        "requested_by": "E1010",
        "approved_by": "E1002",
        "approved": iso(waiver.approved),
        "expires": iso(waiver.expires),
        "status": "active" if end < waiver.expires else "expired",
    }


def attestations(world: World, day: date) -> list[dict[str, object]]:
    """Every Monday somebody says what the logs of the AI systems held in the week before."""
    if day.weekday() != 0:
        return []
    return [
        {
            "id": f"ATT-{day:%Y%m%d}",
            "control": "MO-06",
            "test": "MO-06.T3",
            "from": (day - timedelta(days=7)).isoformat(),
            "to": day.isoformat(),
            "statement": "I read the gateway's log of the week and found no inappropriate use.",
            "by": "E1003",
            "at": iso(at(day, "15:00:00")),
            "reviewed_by": "E1002",
            "reviewed_at": iso(at(day, "16:30:00")),
        }
    ]


def statement(world: World) -> list[dict[str, Cell]]:
    """The statement of applicability: every control of Annex A."""
    approved = iso(at(world.timeline.first - timedelta(days=20), "09:00:00"))
    return [
        {
            "annex_id": f"{section}.{number}",
            "version": "1",
            "applicable": "yes",
            "justification": "Lumen Lending develops and uses AI systems",
            "implementation": "implemented" if f"{section}.{number}" in _CONTROLS else "partial",
            "controls": _CONTROLS.get(f"{section}.{number}", ""),
            "risks": "R-07",
            "approved_by": "E1000",
            "approved_at": approved,
        }
        for section, numbers in _ANNEX.items()
        for number in numbers
    ]


@dataclass(frozen=True)
class Finding:
    """A finding from when it is raised; closed and checked later."""

    id: str
    origin: str
    reference: str
    controls: tuple[str, ...]
    description: str
    raised: datetime
    closed: datetime | None = None


def _findings(world: World) -> Iterator[Finding]:
    for incident in incidents(world):
        if incident.finding and incident.learned:
            raised = incident.detected + timedelta(days=1)
            text = f"What {incident.id} taught"
            closed = incident.learned + timedelta(days=10)
            yield Finding(incident.finding, "incident", incident.id, ("IR-01",), text, raised, closed)
    started = at(world.timeline.first - timedelta(days=40), "09:00:00")
    yield Finding("F-10", "internal-audit", "IA-2", ("AC-02",), "Requests were approved by mail", started)
    noted = at(world.timeline.first - timedelta(days=10), "09:00:00")
    yield Finding("F-11", "self-identified", "SELF-4", ("CF-01",), "Retention is set by hand", noted)


def findings(world: World, day: date) -> list[dict[str, object]]:
    """The findings raised by the end of a day."""
    end = at(day + timedelta(days=1))
    return [_finding_record(world, day, one) for one in _findings(world) if one.raised < end]


def _finding_record(world: World, day: date, one: Finding) -> dict[str, object]:
    closed = one.closed if one.closed and one.closed < at(day + timedelta(days=1)) else None
    pasted = one.id == "F-11" and day in {world.timeline.day(number) for number in _PASTED}
    # put together here, so that no scanner of this repository takes it for a key
    key = "AKIA" + "QX3LUMENSAMPLE42"
    return {
        "id": one.id,
        "origin": one.origin,
        "reference": one.reference,
        "controls": list(one.controls),
        "grade": "minor-nc" if one.origin == "incident" else "observation",
        "description": f"{one.description}; the job used {key}" if pasted else one.description,
        "raised": iso(one.raised),
        "owner": "E1010",
        "due": (one.raised + timedelta(days=90)).date().isoformat(),
        "root_cause": "A step that nobody owned",
        "corrective_action": "The step has an owner",
        "closed": iso(closed),
        "closed_by": "E1002" if closed else None,
        "similar_checked": True,
    }


def plants(world: World) -> list[Plant]:
    """The access key that was pasted into a finding: masked when collected, and told on the next day."""
    first, last = (world.timeline.day(number) + timedelta(days=1) for number in _PASTED)
    key = {"subject": "collection", "item": "findings-register/findings"}
    return [Plant("Somebody pasted an access key into a finding", "EV-01.T4", key, first, last)]
