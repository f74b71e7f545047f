"""The register of waivers: who asked, who approved, how often renewed; and what is out of order about some.

A waiver that is needed for longer than ninety days is renewed every eighty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from samples.access_people import LAPSED
from samples.answers import Plant
from samples.releases import LATE_REVIEW, REVIEW_IN_TIME
from samples.timeline import at, iso, month_end, month_ends
from samples.world import Waiver, World

_TERM, _RENEWED_EVERY = timedelta(days=90), timedelta(days=80)
#: who asks for most waivers, and who approves them
_ASKS, _APPROVES = "E1010", "E1002"
#: first and last day on which waivers are out of order
_OWN, _BY_OWNER, _ENDLESS, _RENEWED = (40, 47), (70, 75), (100, 101), (20, 29)
#: the day after which a waiver for the yearly training has run out, while one person still lacks it
_LAPSED = 25


@dataclass(frozen=True)
class Asked:
    """A waiver and how it came about; asked for when it was approved, if not before. An ``endless`` one has no end."""

    waiver: Waiver
    by: str = _ASKS
    approved_by: str = _APPROVES
    risk: str = "R-07"
    asked: datetime | None = None
    endless: bool = False

    @property
    def known(self) -> datetime:
        """When it first stands in the register."""
        return self.asked or self.waiver.approved


def waivers(world: World, day: date) -> list[dict[str, object]]:
    """All waivers asked for by the end of a day, those that other fields count on among them."""
    end = at(day + timedelta(days=1))
    known = [*(Asked(waiver) for waiver in (*world.waivers, *_usual(world))), *_special(world)]
    known.sort(key=lambda asked: asked.waiver.id)
    return [_record(asked, end) for asked in known if asked.known < end]


def _record(asked: Asked, end: datetime) -> dict[str, object]:
    waiver, approved = asked.waiver, asked.waiver.approved < end
    spans = max(0, (min(end, waiver.expires) - waiver.approved) // _RENEWED_EVERY)
    renewed = waiver.approved + spans * _RENEWED_EVERY if spans else None
    expires = min(waiver.expires, (renewed or waiver.approved) + _TERM)
    ended = "revoked" if asked.endless else "expired"
    return {
        "id": waiver.id,
        "scope": _scope(waiver.reference),
        "reference": waiver.reference,
        "reason": waiver.reason,
        "risk": asked.risk,
        "compensating_control": None,
        "requested_by": asked.by,
        "approved_by": asked.approved_by if approved else None,
        "approved": iso(waiver.approved) if approved else None,
        "renewed": iso(renewed),
        "renewals": spans or None,
        "expires": None if asked.endless or not approved else iso(expires),
        "status": "requested" if not approved else "active" if end < expires else ended,
    }


def _scope(reference: str) -> str:
    if reference.startswith("policy:"):
        return "policy"
    return "record" if ":" in reference else "test" if "." in reference else "control"


def _usual(world: World) -> Iterator[Waiver]:
    first, later = at(world.timeline.first), at(world.timeline.last) + timedelta(days=90)
    yield Waiver("W-201", "OP-01.T1:DD-3/aws/bastion", "The bastion is replaced next quarter", first, later)
    yield Waiver("W-202", "OP-01.T2:host_hardening_baseline/aws-estate", "Images are replaced", first, later)
    yield Waiver("W-301", "AU-03.T2:F-20", "Reviews of the product's own code begin next quarter", first, later)
    expired = at(world.timeline.day(112))
    yield Waiver("W-203", "OP-01.T2:cloudtrail_enabled/gateway-estate", "Waiting for the vendor", first, expired)


def _special(world: World) -> Iterator[Asked]:
    day = world.timeline.day

    def waiver(name: str, reference: str, reason: str, first: date, last: date) -> Waiver:
        return Waiver(name, reference, reason, at(first, "09:00:00"), at(last + timedelta(days=1), "09:00:00"))

    def spell(name: str, reference: str, reason: str, days: tuple[int, int]) -> Waiver:
        return waiver(name, reference, reason, day(days[0]), day(days[1]))

    gate = "policy:ai-deployment-gate"
    late, in_time = at(day(LATE_REVIEW + 1), "18:00:00"), at(day(REVIEW_IN_TIME + 1), "12:00:00")
    week = timedelta(days=7)
    for name, number, approved in (("W-401", LATE_REVIEW, late), ("W-402", REVIEW_IN_TIME, in_time)):
        outage = Waiver(name, gate, "The assistant gave wrong opening hours", approved, approved + week)
        yield Asked(outage, by="E1019", approved_by="E1034", risk="R-10", asked=at(day(number), "09:00:00"))
    own = spell("W-411", "OP-01.T1:DD-99/aws/test-host", "The host goes next week", _OWN)
    yield Asked(own, approved_by=_ASKS)
    by_owner = spell("W-412", "IR-01.T1:INC-101", "The times were noted elsewhere", _BY_OWNER)
    yield Asked(by_owner, approved_by="E1003")
    yield Asked(spell("W-413", "OP-02.T1:none", "The vendor was asked", _ENDLESS), endless=True)
    since = day(_RENEWED[0]) - 3 * _RENEWED_EVERY
    yield Asked(waiver("W-414", "OP-01.T1:DD-98/aws/old-host", "A new host is built", since, day(_RENEWED[1])))
    yield Asked(
        Waiver("W-415", "TN-01.T3", "The course is renewed", at(day(5), "09:00:00"), at(day(_LAPSED), "09:00:00"))
    )


def plants(world: World) -> list[Plant]:
    """What the months of these waivers find."""
    found = [
        *_in_months(world, _OWN, "PO-02.T1", "W-411", "Somebody approved their own waiver"),
        *_in_months(world, _BY_OWNER, "PO-02.T1", "W-412", "The owner of a control waived it"),
        *_in_months(world, _ENDLESS, "PO-02.T1", "W-413", "A waiver without an end"),
        *_in_months(world, _RENEWED, "PO-02.T3", "W-414", "A waiver was renewed three times"),
    ]
    return [*found, *_still_there(world)]


def _in_months(world: World, days: tuple[int, int], test: str, waiver: str, story: str) -> Iterator[Plant]:
    first, last = (world.timeline.day(number) for number in days)
    ends = {month_end(world.timeline, first + timedelta(days=n)) for n in range((last - first).days + 1)}
    for end in sorted(end for end in ends if end):
        yield Plant(story, test, {"waiver_id": waiver}, end, end)


def _still_there(world: World) -> Iterator[Plant]:
    """The result of one month's end is looked at with the next month."""
    ends = month_ends(world.timeline)
    lapsed_first, lapsed_last = (world.timeline.day(number) for number in LAPSED)
    expired = world.timeline.day(_LAPSED)
    for judged, due in pairwise(ends):
        recent = due + timedelta(days=1) - expired <= timedelta(days=92)
        if lapsed_first <= judged <= lapsed_last and expired <= judged and recent:
            story = "The waiver for the yearly course ended, and one person still lacks it"
            yield Plant(story, "PO-02.T2", {"waiver_id": "W-415"}, due, due)
