"""The cloud access broker's log: who used which generative AI with what data, and which agents watched.

On work days the agent on everybody's device reports once. Tools are those of the register of AI tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at, dice
from samples.world import Person, World

_WEEK = 6
_AGENT = "agent.broker.example"
#: host, tool as the broker names it (none: it cannot tell), labels of data that people give it
_TOOLS: tuple[tuple[str, str | None, tuple[str, ...]], ...] = (
    ("team.drafting.example", "TOOL-DRAFT", ("Public", "Internal", "Confidential")),
    ("code.companion.example", None, ("Public", "Internal")),
    ("Chat.open-model.example", "TOOL-CHAT-TEAM", ("Internal",)),
)
#: days on which the agents of every fourth person do not report
_UNSEEN = (80, 92)


@dataclass(frozen=True)
class Use:
    """One use of generative AI that is not routine; ``tests`` must find it."""

    day: int
    host: str
    tool: str | None
    label: str | None
    action: str
    story: str = ""
    tests: tuple[str, ...] = ()


_TRANSLATOR = ("translate.words.example", "TOOL-TRANSLATE")
_FREE = ("chat.open-model.example", "TOOL-CHAT-FREE")
_USES = (
    Use(38, "summarise.example", None, "Internal", "none", "A tool that nobody knows", ("GA-01.T1", "IN-01.T2")),
    # turned away in time
    Use(45, "summarise.example", None, "Customer", "block"),
    Use(52, "team.drafting.example", "TOOL-DRAFT", "Customer", "allow", "Customers' data in a draft", ("GA-01.T2",)),
    Use(58, "team.drafting.example", "TOOL-DRAFT", "Secret", "block"),
    # the approval of the translator ends on day 100 and is renewed on day 112: see the register
    Use(100, *_TRANSLATOR, "Public", "allow"),
    Use(101, *_TRANSLATOR, "Public", "allow", "Used after its approval had ended", ("GA-01.T1",)),
    Use(125, *_TRANSLATOR, "Public", "allow"),
    Use(135, "code.companion.example", None, None, "none", "Nobody knows what was pasted", ("GA-01.T2",)),
    Use(-25, *_FREE, "Internal", "useralert", "The free plan of a chat, after a warning", ("GA-01.T1",)),
    Use(-11, *_FREE, "Personal", "block"),
)


def events(world: World, day: date) -> list[dict[str, object]]:
    """The broker's records of a day, by time."""
    found = [*_heartbeats(world, day), *_routine(world, day)]
    found += [_record(world, day, place, use) for place, use in enumerate(_USES) if world.timeline.day(use.day) == day]
    return sorted(found, key=lambda record: (str(record["timestamp"]), str(record["_id"])))


def _heartbeats(world: World, day: date) -> Iterator[dict[str, object]]:
    for number, person in enumerate(_seen(world, day)):
        if day.weekday() < 5:
            moment = at(day, "07:00:00") + timedelta(minutes=number)
            yield _event(
                f"hb-{day:%Y%m%d}-{person.id}", moment, person.id, person.email, _AGENT, None, "Public", "none"
            ) | {"type": "heartbeat"}


def _seen(world: World, day: date) -> list[Person]:
    """The people here of whom the broker sees anything on a day."""
    first, last = (world.timeline.day(number) for number in _UNSEEN)
    return [one for one in world.employed(day) if not (first <= day <= last and int(one.id[1:]) % 4 == 0)]


def _routine(world: World, day: date) -> Iterator[dict[str, object]]:
    roll = dice(world.seed, "generative ai", day)
    for place in range(roll.randrange(6, 12) if day.weekday() < 5 else 1):
        person = roll.choice(_seen(world, day))
        host, tool, labels = roll.choice(_TOOLS)
        moment = at(day, "08:30:00") + timedelta(minutes=roll.randrange(540))
        label, action = roll.choice(labels), roll.choice(("allow", "none"))
        yield _event(f"use-{day:%Y%m%d}-{place:02d}", moment, person.id, person.email, host, tool, label, action)


def _record(world: World, day: date, place: int, use: Use) -> dict[str, object]:
    person, moment = world.person(12), at(day, "14:00:00") + timedelta(minutes=place)
    return _event(_id(day, place), moment, person.id, person.email, use.host, use.tool, use.label, use.action)


def _id(day: date, place: int) -> str:
    return f"use-{day:%Y%m%d}-9{place}"


def _event(
    id: str,  # noqa: A002
    moment: datetime,
    person: str,
    email: str,
    host: str,
    tool: str | None,
    label: str | None,
    action: str,
) -> dict[str, object]:
    return {
        "_id": id,
        "timestamp": int(moment.timestamp()),
        "type": "nspolicy",
        "user": email,
        "employee_id": person,
        "hostname": host,
        "app_instance": tool,
        "data_label": label,
        "action": action,
    }


def plants(world: World) -> list[Plant]:
    """What the uses above must show, and the week in which too few devices report."""
    day = world.timeline.day
    seen = {"subject": "workforce"}
    # each Sunday in whose week no work day lies outside the outage; weekends bring no report anyway
    found = [
        Plant(
            "The agents of every fourth device fell silent",
            "GA-01.T4",
            seen,
            day(_UNSEEN[0] + _WEEK),
            day(_UNSEEN[1] + 2),
        )
    ]
    for place, use in enumerate(_USES):
        found += [_plant(world, place, use, test) for test in use.tests]
    return found


def _plant(world: World, place: int, use: Use, test: str) -> Plant:
    day, host = world.timeline.day(use.day), use.host.lower()
    week = min(day + timedelta(days=_WEEK), world.timeline.last)
    if test == "GA-01.T2":
        return Plant(use.story, test, {"event_id": _id(day, place)}, day, week)
    if test == "GA-01.T1":
        return Plant(use.story, test, {"host": host, "tool": use.tool or "-"}, day, week)
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    month = min(following - timedelta(days=1), world.timeline.last)
    return Plant(use.story, test, {"seen_in": "use", "item": host}, day, month)
