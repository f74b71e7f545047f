"""Requests of data subjects, as the privacy tool exports them, and the legal department's list of disclosures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.operations_watch import incidents
from samples.timeline import at, iso
from samples.world import World
from samples.writers import Cell

DISCLOSURE_COLUMNS = ("Nr", "Empfänger", "Rechtsgrundlage", "Genehmigt", "Weitergegeben", "Erfasst", "Vorfall")
_KINDS = ("access", "correction", "complaint", "deletion", "access", "objection", "accounting")
_RECIPIENTS = (
    ("Auskunftei Nord", "contract"),
    ("Finanzamt Köln", "law"),
    ("Treuhand Süd", "consent"),
    ("Landgericht Bonn", "order"),
)


@dataclass(frozen=True)
class Request:
    """A request with everything that ever happens to it."""

    id: str
    kind: str
    received: datetime
    verified: datetime | None
    acted: datetime | None
    closed: datetime
    passed_on: bool | None = None

    @property
    def due(self) -> datetime:
        return self.received + timedelta(days=30)


def month_ends(world: World) -> list[date]:
    """The last days of months within the timeline: monthly controls are due on them."""
    return [day for day in world.timeline.days() if (day + timedelta(days=1)).day == 1]


def requests(world: World, day: date) -> list[dict[str, object]]:
    """The requests received by the end of a day, as they stand then."""
    end = at(day + timedelta(days=1))
    known = (one for one in (*_routine(world), *_planted(world)) if one.received < end)
    return [_record(one, end) for one in known]


def _routine(world: World) -> Iterator[Request]:
    """A request every nine days; one of them is closed at the very end of its time."""
    for number in range(28):
        received = at(world.timeline.first + timedelta(days=9 * number - 63), "09:40:00")
        kind, passed = _KINDS[number % len(_KINDS)], None
        if kind == "correction":
            passed = True
        verified = None if kind == "complaint" else received + timedelta(days=2)
        closed = received + timedelta(days=30 if number == 9 else 12)
        yield Request(f"DSR-{100 + number}", kind, received, verified, received + timedelta(days=9), closed, passed)


def _planted(world: World) -> Iterator[Request]:
    """One closed late, one answered to somebody unknown, one correction that was kept to ourselves."""
    ends = month_ends(world)
    late, end = at(ends[-4], "11:00:00"), at(ends[-3], "11:00:00")
    days = timedelta(days=1)
    yield Request("DSR-201", "deletion", late - 42 * days, late - 40 * days, late - 12 * days, late - 10 * days)
    yield Request("DSR-202", "access", end - 20 * days, end - 9 * days, end - 12 * days, end - 8 * days)
    corrected = end - 6 * days
    yield Request("DSR-203", "correction", end - 15 * days, end - 13 * days, corrected, corrected, False)


def _record(one: Request, end: datetime) -> dict[str, object]:
    def known(moment: datetime | None) -> str | None:
        return iso(moment) if moment and moment < end else None

    closed = known(one.closed)
    return {
        "id": one.id,
        "type": one.kind.upper(),
        "received": iso(one.received),
        "identityVerified": known(one.verified),
        "deadline": iso(one.due),
        "extension": None,
        "firstAction": known(one.acted),
        "closed": closed,
        "resolution": "COMPLETED" if closed else None,
        "thirdPartiesInformed": one.passed_on if closed else None,
    }


def disclosures(world: World, day: date) -> list[Mapping[str, Cell]]:
    """The disclosures recorded by the end of a day."""
    end = at(day + timedelta(days=1))
    return [row for recorded, row in _disclosures(world) if recorded < end]


def _disclosures(world: World) -> Iterator[tuple[datetime, Mapping[str, Cell]]]:
    for number in range(20):
        made = at(world.timeline.first + timedelta(days=12 * number - 58), "14:00:00")
        recipient, basis = _RECIPIENTS[number % len(_RECIPIENTS)]
        # one is recorded at the very end of its time
        yield _disclosure(
            f"OFF-{300 + number}", recipient, basis, made, made + timedelta(days=5 if number == 12 else 1)
        )
    breach = next(incident for incident in incidents(world) if incident.category == "privacy")
    found = breach.detected + timedelta(hours=12)
    yield _disclosure("OFF-390", "unbekannt", None, breach.detected, found, incident=breach.id)
    ends = month_ends(world)
    late, hidden = at(ends[-4], "10:00:00") - timedelta(days=9), at(ends[-2], "10:00:00") - timedelta(days=9)
    yield _disclosure("OFF-391", "Auskunftei Nord", "contract", late, late + timedelta(days=5, seconds=1))
    yield _disclosure("OFF-392", "Werbeagentur West", None, hidden, hidden + timedelta(days=1), allowed=False)


def _disclosure(
    number: str,
    recipient: str,
    basis: str | None,
    made: datetime,
    recorded: datetime,
    *,
    incident: str | None = None,
    allowed: bool = True,
) -> tuple[datetime, Mapping[str, Cell]]:
    row: dict[str, Cell] = {
        "Nr": number,
        "Empfänger": recipient,
        "Rechtsgrundlage": basis,
        "Genehmigt": "ja" if allowed and incident is None else "nein",
        "Weitergegeben": f"{made:%d.%m.%Y %H:%M:%S}",
        "Erfasst": f"{recorded:%d.%m.%Y %H:%M:%S}",
        "Vorfall": incident,
    }
    return recorded, row


def plants(world: World) -> list[Plant]:
    """What the ends of months find."""
    late, careless, hidden = (month_ends(world)[place] for place in (-4, -3, -2))
    return [
        _request("A deletion took 32 days", late, "DSR-201", "in time"),
        _request("Data was handed out before anyone knew to whom", careless, "DSR-202", "identity"),
        _request("Nobody told those who had received the wrong address", careless, "DSR-203", "passed on"),
        _given_away("A disclosure was recorded a second too late", late, "OFF-391"),
        _given_away("Marketing gave away a list, and no incident was opened", hidden, "OFF-392"),
    ]


def _request(story: str, end: date, request: str, rule: str) -> Plant:
    return Plant(story, "PV-02.T1", {"request_id": request, "rule": rule}, end, end)


def _given_away(story: str, end: date, number: str) -> Plant:
    return Plant(story, "PV-02.T2", {"disclosure_id": number}, end, end)
