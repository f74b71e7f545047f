"""The tracker of findings: one for all that the sample plants, those of incidents and audits, and a few odd ones.

A failed control needs a finding within two days, so every plant gets one on the day after it begins; plants of one
control that follow upon each other share it. What is planted here goes wrong with the findings themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from samples.answers import Plant
from samples.lifecycle_evaluations import ANSWERED, unfair
from samples.operations_watch import incidents
from samples.timeline import Timeline, at, iso
from samples.world import World

_DAY = timedelta(days=1)
#: a finding answers for failures of this many days, and is closed this long after the last of them
_LASTS, _CLOSED_AFTER = 20, 6
#: days between closing and the check that the action worked
_CHECKED_AFTER = timedelta(days=45)
#: days on which a finding's description holds an access key that somebody pasted
_PASTED = (68, 69)
#: a control of which the failures on these days of the timeline have no finding
_UNANSWERED, _UNANSWERED_DAYS = "OP-03", (-11, -10, -9)
_WAIVER = "W-301"


@dataclass(frozen=True)
class Finding:
    """A finding with everything that ever happens to it.

    Attributes:
        named: from when on it says which finding it reopens.
    """

    id: str
    origin: str
    reference: str
    controls: tuple[str, ...]
    description: str
    raised: datetime
    closed: datetime | None = None
    grade: str = "exception"
    checked: datetime | None = None
    closed_by: str = "E1037"
    cause: str | None = None
    reopens: str | None = None
    named: datetime | None = None
    waiver: str | None = None


def findings(world: World, day: date) -> list[dict[str, object]]:
    """The findings raised by the end of a day, as they stand then."""
    end = at(day + _DAY)
    known = (one for one in _all(world.timeline, world.seed) if one.raised < end)
    return [_record(world, day, one) for one in known]


@cache
def _all(timeline: Timeline, seed: int) -> tuple[Finding, ...]:
    world = World(timeline, seed)
    return (*_of_incidents(world), *_standing(world), *_faulty(world), *_of_evaluations(world), *_of_failures(world))


def _of_incidents(world: World) -> Iterator[Finding]:
    for incident in incidents(world):
        if incident.finding and incident.learned:
            raised, closed = incident.detected + _DAY, incident.learned + 2 * _DAY
            text = f"What {incident.id} taught"
            yield Finding(
                incident.finding, "incident", incident.id, ("IR-01",), text, raised, closed, "minor-nc",
                closed + _CHECKED_AFTER,
            )  # fmt: skip


def _standing(world: World) -> Iterator[Finding]:
    """From before the sample's first day: an audit's finding, a suggestion, and one under a waiver."""
    first = at(world.timeline.first, "09:00:00")
    closed = first - 15 * _DAY
    yield Finding(
        "F-10", "internal-audit", "IA-3", ("AC-02",), "Requests were approved by mail", first - 40 * _DAY, closed,
        checked=closed + _CHECKED_AFTER,
    )  # fmt: skip
    yield Finding(
        "F-11", "self-identified", "SELF-4", ("CF-01",), "Retention is set by hand", first - 10 * _DAY, grade="ofi"
    )
    yield Finding(
        "F-20", "self-identified", "SELF-5", ("AU-01", "EV-01"), "The product's own code is not reviewed yet",
        first - 20 * _DAY, waiver=_WAIVER,
    )  # fmt: skip


def _faulty(world: World) -> Iterator[Finding]:
    """Findings with which something goes wrong; ``plants`` tells what."""

    def when(number: int, clock: str = "10:00:00") -> datetime:
        return at(world.timeline.day(number), clock)

    yield Finding(
        "F-30", "self-identified", "SELF-6", ("TP-01",), "A vendor's report lies unread", when(40, "09:00:00"),
        when(80), checked=when(80) + _CHECKED_AFTER,
    )  # fmt: skip
    yield Finding(
        "F-31", "self-identified", "SELF-7", ("TN-01",), "Slides of a course are out of date", when(90), when(100),
        checked=when(100) + _CHECKED_AFTER, closed_by="E1010",
    )  # fmt: skip
    slow, again = "Nobody owns the page of policies", "Policies cannot be found again"
    yield Finding(
        "F-33", "self-identified", "SELF-9", ("PO-01",), "Links to policies are dead", when(0), when(5),
        checked=when(110), cause=slow,
    )  # fmt: skip
    yield Finding(
        "F-34", "self-identified", "SELF-10", ("PO-01",), again, when(120), when(140),
        checked=when(140) + _CHECKED_AFTER, cause=slow, reopens="F-33", named=when(131, "00:00:00"),
    )  # fmt: skip
    # closed and raised at the very end of their time
    closed = when(60) + 30 * _DAY
    yield Finding(
        "F-35", "simulated-audit", "SIM-1", ("AU-05",), "A sample was hard to draw", when(60), closed, "deficiency",
        closed + 90 * _DAY,
    )  # fmt: skip


def _of_evaluations(world: World) -> Iterator[Finding]:
    """The decision on a model that an evaluation found unfair."""
    for week, day, _, evaluation in unfair(world):
        if week == ANSWERED:
            raised, closed = at(day + 2 * _DAY, "09:00:00"), at(day + 20 * _DAY, "16:00:00")
            yield Finding(
                f"F-{evaluation}", "self-identified", evaluation, ("MO-03",), "A model was found unfair", raised,
                closed,
                checked=closed + _CHECKED_AFTER, cause=f"What {evaluation} found",
            )  # fmt: skip


def _of_failures(world: World) -> Iterator[Finding]:
    # the fields are complete only when all of them, this one among them, are imported
    from samples.generate import FIELDS

    stories: defaultdict[str, dict[date, Plant]] = defaultdict(dict)
    for plant in sorted((p for field in FIELDS for p in field.plants(world)), key=lambda p: (p.first, p.test)):
        for number in range((plant.last - plant.first).days + 1):
            stories[plant.test.partition(".")[0]].setdefault(plant.first + number * _DAY, plant)
    for number in _UNANSWERED_DAYS:
        stories[_UNANSWERED].pop(world.timeline.day(number), None)
    for control, days in sorted(stories.items()):
        for number, (first, last) in enumerate(_episodes(sorted(days)), 1):
            yield _of_episode(f"F-{control}-{number}", control, days[first], first, last)


def _episodes(days: list[date]) -> list[tuple[date, date]]:
    """First and last days of stretches that one finding answers for."""
    found: list[tuple[date, date]] = []
    for day in days:
        first, last = found[-1] if found else (day, day)
        if found and (day - first).days <= _LASTS and (day - last).days <= _CLOSED_AFTER:
            found[-1] = (first, day)
        else:
            found.append((day, day))
    return found


def _of_episode(name: str, control: str, plant: Plant, first: date, last: date) -> Finding:
    closed = at(last + _CLOSED_AFTER * _DAY, "16:00:00")
    raised = at(first + _DAY, "09:00:00")
    return Finding(
        name, "control-test", plant.test, (control,), plant.story, raised, closed, checked=closed + _CHECKED_AFTER,
        cause=f"{plant.story}, first on {first}",
    )  # fmt: skip


def _record(world: World, day: date, one: Finding) -> dict[str, object]:
    end = at(day + _DAY)
    closed = one.closed if one.closed and one.closed < end else None
    checked = one.checked if closed and one.checked and one.checked < end else None
    pasted = one.id == "F-11" and day in {world.timeline.day(number) for number in _PASTED}
    # put together here, so that no scanner of this repository takes it for a key
    key = "AKIA" + "QX3LUMENSAMPLE42"
    return {
        "id": one.id,
        "origin": one.origin,
        "reference": one.reference,
        "controls": list(one.controls),
        "grade": one.grade,
        "description": f"{one.description}; the job used {key}" if pasted else one.description,
        "raised": iso(one.raised),
        "owner": "E1010",
        "due": (one.raised + 30 * _DAY).date().isoformat(),
        "root_cause": one.cause or f"{one.description}: a step that nobody owned",
        "contained": iso(one.raised + _DAY) if one.raised + _DAY < end else None,
        "corrective_action": "The step has an owner",
        "evidence": f"https://tickets.lumen.example/{one.id}" if closed else None,
        "closed": iso(closed),
        "closed_by": one.closed_by if closed else None,
        "effectiveness_checked": iso(checked),
        "effectiveness": "effective" if checked else None,
        "similar_checked": True,
        "reopens": one.reopens if one.named and one.named <= end else None,
        "waiver": one.waiver,
    }


def plants(world: World) -> list[Plant]:
    """What goes wrong with findings, and the access key that was pasted into one: told on the next day."""
    day = world.timeline.day
    first, last = (day(number) + _DAY for number in _PASTED)
    key = {"subject": "collection", "item": "findings-register/findings"}
    return [
        Plant("Somebody pasted an access key into a finding", "EV-01.T4", key, first, last),
        Plant("A finding was open for 40 days", "AU-03.T2", {"finding_id": "F-30"}, day(70), day(86)),
        Plant("A finding was closed by its owner", "AU-03.T3", {"finding_id": "F-31"}, day(100), day(106)),
        Plant("Nobody checked for months", "AU-03.T4", {"finding_id": "F-33", "rule": "checked"}, day(95), day(116)),
        Plant("A repeat was taken for new", "AU-03.T4", {"finding_id": "F-34", "rule": "repeat"}, day(120), day(129)),
        *(_unanswered(day(number)) for number in _UNANSWERED_DAYS),
    ]


def _unanswered(failed: date) -> Plant:
    """The failure of a day shows on the one Sunday on which the days for its finding have run out."""
    sunday = failed + 3 * _DAY
    while sunday.weekday() != 6:
        sunday += _DAY
    key = {"result_id": f"{_UNANSWERED}/control/{failed}"}
    return Plant("Nobody took up a failure within two days", "AU-03.T1", key, sunday, sunday)
