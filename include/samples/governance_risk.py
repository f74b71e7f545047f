"""The risk office: waivers, attestations and the statement of applicability."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

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


def waivers(world: World, day: date) -> list[dict[str, object]]:
    """The waivers approved by the end of a day, of all fields."""
    end = at(day + timedelta(days=1))
    known = sorted((*world.waivers, *_own(world)), key=lambda waiver: waiver.id)
    return [_waiver_record(waiver, end) for waiver in known if waiver.approved < end]


def _own(world: World) -> Iterator[Waiver]:
    first, later = at(world.timeline.first), at(world.timeline.last) + timedelta(days=90)
    yield Waiver("W-201", "OP-01.T1:DD-3/aws/bastion", "The bastion is replaced next quarter", first, later)
    yield Waiver("W-202", "OP-01.T2:host_hardening_baseline/aws-estate", "Images are replaced", first, later)
    yield Waiver("W-301", "AU-03.T2:F-20", "Reviews of the product's own code begin next quarter", first, later)
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
