"""Management reviews and maturity scores, as the management system exports them; both go by calendar quarters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.governance_data import quarter_ends
from samples.timeline import at, iso
from samples.world import World

DOMAINS = (
    "AC", "AU", "CF", "CH", "DT", "DV", "EV", "GA", "GV", "IA", "IN", "IR", "MO", "OP", "PO", "PV", "RM", "TN", "TP",
    "TR",
)  # fmt: skip
INPUTS = ("a", "b", "c", "d1", "d2", "d3", "e")
#: domain that stays below its target; an action names it
IMPROVED = "CF"
_FORGOTTEN, _WEAK = "IR", "TP"
_TARGET = 3
#: days after the end of a quarter within which its review is to be held
_LIMIT = timedelta(days=45)


@dataclass(frozen=True)
class Review:
    """The review of one quarter, in order or not."""

    quarter_end: date
    held: datetime
    in_order: bool = True

    @property
    def id(self) -> str:
        return f"{self.quarter_end.year}-Q{self.quarter_end.month // 3}"

    @property
    def signed(self) -> datetime:
        return self.held + timedelta(days=4)

    @property
    def ready(self) -> datetime:
        return at(self.quarter_end + timedelta(days=12), "08:00:00")


def ended_quarters(day: date) -> list[date]:
    """The last days of the four quarters that ended before a day or on it, in order."""
    ends = [day + timedelta(days=1)]
    while len(ends) < 5:
        first = ends[-1].replace(day=1)
        while first.month % 3 != 1:
            first = (first - timedelta(days=1)).replace(day=1)
        ends.append(first - timedelta(days=1))
    return sorted(ends[1:])


def reviews(world: World, day: date) -> list[dict[str, object]]:
    """The reviews whose packs are ready by the end of a day."""
    end = at(day + timedelta(days=1))
    return [_record(one, end) for one in _reviews(world, day) if one.ready < end]


def _reviews(world: World, day: date) -> Iterator[Review]:
    faulty, on_the_edge = ({_before(end) for end in part} for part in _two_parts(quarter_ends(world.timeline)))
    for quarter_end in ended_quarters(day):
        limit = at(quarter_end + timedelta(days=1)) + _LIMIT
        if quarter_end in faulty:
            yield Review(quarter_end, limit + timedelta(seconds=1), in_order=False)
        else:
            yield Review(quarter_end, limit if quarter_end in on_the_edge else limit - timedelta(days=24))


def _two_parts(ends: list[date]) -> tuple[list[date], list[date]]:
    return ends[:1], ends[1:]


def _before(end: date) -> date:
    """The end of the quarter before the one that ends on a day."""
    return ended_quarters(end)[-2]


def _record(one: Review, end: datetime) -> dict[str, object]:
    pack = hashlib.sha256(f"pack {one.id}".encode()).hexdigest()
    other = hashlib.sha256(f"draft {one.id}".encode()).hexdigest()
    held, signed = one.held < end, one.signed < end
    shown = [letter for letter in INPUTS if one.in_order or letter != "d3"]
    said = {"suitability": "yes", "adequacy": "yes with actions", "effectiveness": "yes"}
    return {
        "id": one.id,
        "from": (_before(one.quarter_end) + timedelta(days=1)).isoformat(),
        "to": one.quarter_end.isoformat(),
        "prepared_by": "E1037",
        "pack_sha256": pack,
        "held": iso(one.held) if held else None,
        "chair": "E1000",
        "attendees": ["E1000", "E1001", "E1002", "E1037"] if held else [],
        "inputs": ["c: none, because nobody's needs changed" if letter == "c" else letter for letter in shown],
        "decisions": [{"kind": "improvement", "text": "Automate what is still collected by hand"}] if held else [],
        "conclusion": said if held else None,
        "signed_by": ["E1000"] if signed else [],
        "signed": iso(one.signed) if signed else None,
        "signed_pack_sha256": (pack if one.in_order else other) if signed else None,
        "status": "signed" if signed else "held" if held else "pack-ready",
    }


def maturity(world: World, day: date) -> list[dict[str, object]]:
    """The scores of the last quarters, each given on the last day of its quarter."""
    return [score for end in ended_quarters(day) for score in _scores(world, end)]


def _scores(world: World, end: date) -> Iterator[dict[str, object]]:
    planted = end in quarter_ends(world.timeline)[:1]
    for number, domain in enumerate(DOMAINS):
        if planted and domain == _FORGOTTEN:
            continue
        weak = domain == IMPROVED or (planted and domain == _WEAK)
        yield {
            "domain": domain,
            "as_of": end.isoformat(),
            "score": _TARGET - 1 if weak else _TARGET + number % 2,
            "target": _TARGET,
            "basis": "computed" if number % 3 else "assessed",
            "evidence": [f"controls/{end.isoformat()}"],
            "assessed_by": "E1037",
        }


def plants(world: World) -> list[Plant]:
    """A review that went wrong in every way, and two domains that nobody cared for."""
    return [plant for end in quarter_ends(world.timeline)[:1] for plant in _plants(end)]


def _plants(end: date) -> Iterator[Plant]:
    before = _before(end)
    review = Review(before, at(end)).id
    for story, test, key in (
        ("The review was held a second too late", "AU-04.T1", {"quarter_end": before.isoformat()}),
        ("The pack said nothing of audits", "AU-04.T2", {"review_id": review, "input": "d3"}),
        ("A draft of the pack was signed", "AU-04.T3", {"review_id": review, "rule": "pack"}),
        ("Nobody scored the handling of incidents", "AU-06.T1", {"domain": _FORGOTTEN}),
        ("A weak domain without an action", "AU-06.T2", {"domain": _WEAK}),
    ):
        yield Plant(story, test, key, end, end)
