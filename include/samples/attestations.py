"""Answers to attestation tests, as the form of the risk office keeps them, exported with the last day of their period.

Logs are reviewed every week, resources and the channel for concerns judged at the end of each quarter, the hosting
provider at the end of the year. Some answers say that the control does not hold; one week nobody answers, and twice
somebody answers who owns the control.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from samples.answers import Plant
from samples.timeline import at, iso
from samples.world import World

#: who answers as people.yaml names them: compliance lead, committee chair; and two who own what they speak of
COMPLIANCE, CHAIR, LOGS_OWNER, SPONSOR = "E1037", "E1001", "E1003", "E1000"
HOLDS, EXCEPTIONS, DOES_NOT_HOLD = "holds", "exceptions", "does-not-hold"
#: number of the Sunday -> what is out of order with the review of logs that week
_LOGS = {4: DOES_NOT_HOLD, 8: EXCEPTIONS, 11: "nobody", 14: "owner"}
_WEEK, _YEAR = 7, 366


@dataclass(frozen=True)
class Answer:
    """One answer; it speaks of the days up to ``last``, which it is part of the evidence of."""

    test: str
    first: date
    last: date
    answer: str
    by: str
    statement: str

    @property
    def id(self) -> str:
        return f"ATT-{self.test}-{self.last:%Y%m%d}"


def attestations(world: World, day: date) -> list[dict[str, object]]:
    """The answers for periods that end with a day."""
    return [_record(one) for one in _answers(world) if one.last == day]


def plants(world: World) -> list[Plant]:
    """Answers that say that a control does not hold, or not wholly, for as long as they are the latest."""
    found = []
    answers = sorted(_answers(world), key=lambda one: one.last)
    for one in answers:
        if one.answer != HOLDS and one.by not in (LOGS_OWNER, SPONSOR):
            later = [other.last for other in answers if other.test == one.test and other.last > one.last]
            until = min(later) - timedelta(days=1) if later else world.timeline.last
            last = until if one.test == "GV-07.T3" else one.last
            key = {"attestation_id": one.id}
            found.append(Plant("Somebody answered that it does not wholly hold", one.test, key, one.last, last))
    return found


def _answers(world: World) -> Iterator[Answer]:
    yield from _logs(world)
    yield from _quarterly(world)
    for day in world.timeline.days():
        if (day.month, day.day) == (12, 31):
            said = "The provider's report covers the year; its exceptions were weighed, our own controls are in place."
            yield Answer("AC-06.T1", day - timedelta(days=_YEAR - 1), day, HOLDS, COMPLIANCE, said)


def _logs(world: World) -> Iterator[Answer]:
    sundays = [day for day in world.timeline.days() if day.weekday() == 6]
    for number, day in enumerate(sundays):
        odd = _LOGS.get(number, HOLDS)
        said = "I read the gateway's log of the week and found no inappropriate use."
        if odd in (DOES_NOT_HOLD, EXCEPTIONS):
            said = "The log of two hours could not be read." if odd == EXCEPTIONS else "Nobody read the logs."
        if odd != "nobody":
            by, answer = (LOGS_OWNER, HOLDS) if odd == "owner" else (COMPLIANCE, odd)
            yield Answer("MO-06.T3", day - timedelta(days=_WEEK - 1), day, answer, by, said)


def _quarterly(world: World) -> Iterator[Answer]:
    first_day, last_day = world.timeline.first, world.timeline.last
    ends = [day for day in world.timeline.days() if _ends_a_quarter(day)]
    planted = next((day for day in ends if day > first_day + timedelta(days=30)), None)
    for day in ends:
        short = day == planted
        said = (
            "Two engineers for evaluations are missing, the budget was not decided." if short else "Resources suffice."
        )
        by = SPONSOR if day < first_day + timedelta(days=30) else CHAIR
        yield Answer("GV-06.T3", date(day.year, day.month - 2, 1), day, DOES_NOT_HOLD if short else HOLDS, by, said)
    mended = [planted + timedelta(days=14)] if planted else []
    for day in sorted({first_day, *ends, *mended, last_day}):
        silent = day == planted
        said = (
            "A concern sent without a name got no answer." if silent else "A concern sent without a name was answered."
        )
        answer = DOES_NOT_HOLD if silent else HOLDS
        yield Answer("GV-07.T3", day - timedelta(days=_YEAR - 1), day, answer, COMPLIANCE, said)


def _ends_a_quarter(day: date) -> bool:
    following = day + timedelta(days=1)
    return following.day == 1 and following.month % 3 == 1


def _record(one: Answer) -> dict[str, object]:
    return {
        "id": one.id,
        "control": one.test.partition(".")[0],
        "test": one.test,
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "answer": one.answer,
        "statement": one.statement,
        "by": one.by,
        "at": iso(at(one.last, "15:00:00")),
        "reviewed_by": "E1036",
        "reviewed_at": iso(at(one.last, "16:30:00")),
    }
