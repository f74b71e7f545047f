"""The external auditor's portal: what was asked for in the SOC 2 examination, and when it was answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at, iso
from samples.world import World
from samples.writers import Cell

#: as the register of audit engagements calls it; its fieldwork begins on this day of the timeline
ENGAGEMENT = "ENG-SOC2-1"
FIELDWORK = -98
COLUMNS = (
    "Request", "Engagement", "Text", "Controls", "Kind", "Requested", "Due", "Assignee", "Delivered", "Bundle",
    "Returned", "Status",
)  # fmt: skip
_CONTROLS = ("AC-01", "AC-03", "CH-01", "OP-04", "IR-01", "MO-06", "CF-01", "TN-01")
_KINDS = ("population", "sample", "document", "walkthrough", "inquiry")
#: number of the request that was answered a day late, and of those that came back
_LATE, _RETURNED = 5, (11, 14)


@dataclass(frozen=True)
class Asked:
    """One request, numbered from 1: made every second day, answered on the third day after it."""

    number: int
    made: datetime

    @property
    def due(self) -> date:
        return self.made.date() + timedelta(days=5)

    @property
    def delivered(self) -> datetime:
        return self.made + timedelta(days=6 if self.number == _LATE else 3, hours=6)

    @property
    def returned(self) -> datetime | None:
        return self.made + timedelta(days=4) if self.number in _RETURNED else None

    @property
    def accepted(self) -> datetime:
        return self.made + timedelta(days=8)


def _asked(world: World) -> Iterator[Asked]:
    for number in range(1, 21):
        yield Asked(number, at(world.timeline.day(FIELDWORK) + timedelta(days=2 * number - 2), "09:00:00"))


def requests(world: World, day: date) -> list[Mapping[str, Cell]]:
    """The requests made by the end of a day, as they stand then."""
    end = at(day + timedelta(days=1))
    return [_row(one, end) for one in _asked(world) if one.made < end]


def _row(one: Asked, end: datetime) -> Mapping[str, Cell]:
    came_back = one.returned is not None and one.returned < end
    again = one.made + timedelta(days=5) if came_back else one.delivered
    delivered = one.delivered if not came_back or again >= end else again
    return {
        "Request": f"REQ-{one.number:02}",
        "Engagement": ENGAGEMENT,
        "Text": f"Evidence for {_CONTROLS[one.number % len(_CONTROLS)]}",
        "Controls": _CONTROLS[one.number % len(_CONTROLS)],
        "Kind": _KINDS[one.number % len(_KINDS)],
        "Requested": iso(one.made),
        "Due": one.due.isoformat(),
        "Assignee": "E1037",
        "Delivered": iso(delivered) if delivered < end else None,
        "Bundle": f"bundle-{one.number:02}" if delivered < end else None,
        "Returned": 1 if came_back else 0,
        "Status": _status(one, end, again if came_back else None),
    }


def _status(one: Asked, end: datetime, again: datetime | None) -> str:
    if one.accepted < end:
        return "Accepted"
    if again and again >= end:
        return "Returned"
    return "Delivered" if one.delivered < end else "Open"


def plants(world: World) -> list[Plant]:
    """An answer that came a day late, and too many that came back until others made up for them."""
    asked = {one.number: one for one in _asked(world)}
    late = asked[_LATE].due + timedelta(days=1)
    back, enough = asked[_RETURNED[-1]].returned, asked[20].delivered.date()
    if back is None:
        return []
    answer = {"subject": "request", "engagement_id": ENGAGEMENT, "item": f"REQ-{_LATE:02}"}
    returns = {"subject": "returns", "engagement_id": ENGAGEMENT, "item": "-"}
    return [
        Plant("The auditor waited a day too long", "AU-05.T2", answer, late, late),
        Plant("Two answers of fourteen came back", "AU-05.T2", returns, back.date(), enough - timedelta(days=1)),
    ]
