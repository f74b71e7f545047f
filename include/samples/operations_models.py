"""The log of the model gateway: every call to an AI system, numbered, with what the guardrails saw.

Each AI system is called every fifty minutes or so, so its log has no gap of an hour; what is otherwise on a day is
a plant or stands exactly at a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at, dice, iso
from samples.world import ROUTER, TRIAGE_AGENT, Act, AiSystem, World

_CALLS, _FIRST, _EVERY = 29, timedelta(minutes=5), timedelta(minutes=50)
_WEEK = 6
#: days on which a new version went into production
_RENEWED = {"credit-scoring": 60, "fraud-screening": -20}


@dataclass(frozen=True)
class Call:
    """One call; ``refused`` and ``injection`` are None where the gateway did not record them."""

    at: datetime
    system: AiSystem
    principal: str | None
    kind: str
    version: str | None
    status: int = 200
    refused: bool | None = False
    injection: bool | None = False
    number: int = 0


def model_version(world: World, system: str, day: date) -> str:
    """The version in production on a day: credit scoring and fraud screening get a new one."""
    renewed = system in _RENEWED and day >= world.timeline.day(_RENEWED[system])
    return f"{system}:{4 if renewed else 3}"


def gateway_log(world: World, day: date) -> list[dict[str, object]]:
    """The gateway's records of a day: calls by time, then what was done to the gateway itself."""
    calls = _spoilt_numbers(world, day, _numbered(_calls(world, day)))
    records = [_record(day, place, call) for place, call in enumerate(calls)]
    return records + [_act_record(act) for act in world.agent_writes if act.at.date() == day]


def _calls(world: World, day: date) -> list[Call]:
    calls = [call for system in world.ai_systems for call in _regular(world, system, day)]
    for number, spoil in _SPOILT:
        if day == world.timeline.day(number):
            calls = spoil(world, day, calls)
    return sorted(calls, key=lambda call: (call.at, call.system.id))


def _regular(world: World, system: AiSystem, day: date) -> Iterator[Call]:
    roll = dice(world.seed, "calls", system.id, day)
    chat = system.kind == "genai-app"
    for place in range(_CALLS):
        moment = at(day) + _FIRST + place * _EVERY + timedelta(seconds=roll.randrange(-240, 240))
        yield Call(
            at=moment,
            system=system,
            principal=TRIAGE_AGENT if chat else ROUTER,
            kind="ai-agent" if chat else "service",
            version=model_version(world, system.id, day),
            refused=chat and roll.randrange(12) == 0,
            injection=chat and roll.randrange(40) == 0,
        )


def _numbered(calls: Sequence[Call]) -> list[Call]:
    counts: dict[str, int] = {}
    numbered = []
    for call in calls:
        counts[call.system.id] = counts.get(call.system.id, 0) + 1
        numbered.append(replace(call, number=call.at.date().toordinal() * 1000 + counts[call.system.id]))
    return numbered


def _spoilt_numbers(world: World, day: date, calls: list[Call]) -> list[Call]:
    """The lost record: one call that the log numbered and does not hold any more."""
    if day != world.timeline.day(-20):
        return calls
    lost = [call for call in calls if call.system.id == "document-reader"][10]
    return [call for call in calls if call != lost]


def _record(day: date, place: int, call: Call) -> dict[str, object]:
    guardrail = {"refused": call.refused, "injection_detected": call.injection}
    return {
        "request_id": f"gw-{day:%Y%m%d}-{place:04d}",
        "time": iso(call.at),
        "operation": "invoke",
        "access": "read",
        "route": call.system.endpoint,
        "model": {"system": call.system.id, "version": call.version},
        "principal": {"id": call.principal, "type": call.kind},
        "status": call.status,
        "sequence": call.number,
        "guardrail": {name: seen for name, seen in guardrail.items() if seen is not None},
        "remote": "10.20.4.17",
    }


def _act_record(act: Act) -> dict[str, object]:
    return {
        "request_id": act.event_id,
        "time": iso(act.at),
        "operation": act.action,
        "access": act.activity,
        "route": act.target,
        "principal": {"id": act.account, "type": act.actor_kind},
        "status": 200,
        "remote": "10.20.4.17",
    }


def _of(calls: list[Call], system: str) -> tuple[list[Call], list[Call]]:
    """The calls to one system, and the others."""
    return [call for call in calls if call.system.id == system], [call for call in calls if call.system.id != system]


def _no_log(world: World, day: date, calls: list[Call]) -> list[Call]:
    return _of(calls, "fraud-screening")[1]


def _no_version(world: World, day: date, calls: list[Call]) -> list[Call]:
    own, others = _of(calls, "document-reader")
    return [*others, *(replace(call, version=None) if place < 3 else call for place, call in enumerate(own))]


def _one_in_a_hundred(world: World, day: date, calls: list[Call]) -> list[Call]:
    """Exactly 99 of 100 events are complete, and exactly 100 calls are not yet many."""
    own, others = _of(calls, "fraud-screening")
    more = [replace(own[0], at=own[0].at + timedelta(seconds=place)) for place in range(100 - len(own))]
    return [*others, replace(own[0], version=None), *own[1:], *more]


def _gap(world: World, day: date, calls: list[Call]) -> list[Call]:
    own, others = _of(calls, "credit-scoring")
    return [*others, *(call for call in own if call.at.hour not in (10, 11))]


def _each_hour(world: World, day: date, calls: list[Call]) -> list[Call]:
    """Gaps of sixty minutes to the second, from midnight to midnight."""
    own, others = _of(calls, "support-assistant")
    return [*others, *(replace(own[0], at=at(day, f"{hour:02d}:00:00")) for hour in range(24))]


def _stranger(world: World, day: date, calls: list[Call]) -> list[Call]:
    """An account that nobody knows: let in at one endpoint, turned away at another."""
    scoring, fraud = _of(calls, "credit-scoring")[0][5], _of(calls, "fraud-screening")[0][5]
    return [
        *calls,
        replace(scoring, at=scoring.at + timedelta(minutes=1), principal="svc-legacy-batch"),
        replace(fraud, at=fraud.at + timedelta(minutes=1), principal="svc-legacy-batch", status=401),
    ]


def _nobody(world: World, day: date, calls: list[Call]) -> list[Call]:
    scoring = _of(calls, "credit-scoring")[0][7]
    return [*calls, replace(scoring, at=scoring.at + timedelta(minutes=2), principal=None, kind="anonymous")]


def _flood(count: int, refused: int, injections: int) -> Callable[[World, date, list[Call]], list[Call]]:
    """So many calls to the assistant in all, the last of them refused or with an injection."""

    def spoil(world: World, day: date, calls: list[Call]) -> list[Call]:
        own, others = _of(calls, "support-assistant")
        clean = [replace(call, refused=False, injection=False) for call in own]
        start = at(day, "14:01:00")
        more = [replace(clean[0], at=start + timedelta(seconds=5 * place)) for place in range(count - len(own))]
        both = [
            replace(call, refused=place < refused, injection=place < injections)
            for place, call in enumerate(reversed([*clean, *more]))
        ]
        return [*others, *both]

    return spoil


def _unrecorded(world: World, day: date, calls: list[Call]) -> list[Call]:
    own, others = _of(calls, "support-assistant")
    return [*others, replace(own[0], refused=None, injection=None), *own[1:]]


_SPOILT: tuple[tuple[int, Callable[[World, date, list[Call]], list[Call]]], ...] = (
    (40, _no_log),
    (-9, _no_version),
    (71, _one_in_a_hundred),
    (55, _gap),
    (70, _each_hour),
    (33, _stranger),
    (-6, _stranger),
    (-25, _nobody),
    (75, _flood(140, 110, 3)),
    (100, _flood(160, 5, 20)),
    (110, _flood(100, 8, 10)),
    (-15, _flood(60, 4, 12)),
    (130, _unrecorded),
)


def plants(world: World) -> list[Plant]:
    """What the gateway's log must be found to lack or to show."""
    return [
        _weekly(world, 40, "MO-06.T1", "fraud-screening", "The gateway lost a day of the log of fraud screening"),
        _weekly(world, -9, "MO-06.T1", "document-reader", "Three events do not tell the model version"),
        _weekly(world, -25, "MO-06.T1", "credit-scoring", "One event does not tell who called"),
        _weekly(world, 55, "MO-06.T2", "credit-scoring", "No event for more than three hours"),
        _weekly(world, -20, "MO-06.T2", "document-reader", "An event was taken out of the log: its number is missing"),
        _called(world, 33, "svc-legacy-batch", "An account outside the identity provider scores credits"),
        _called(world, -6, "svc-legacy-batch", "The account outside the identity provider is back"),
        _called(world, -25, "(none)", "A call was let in without authentication"),
        _unusual(world, 75, "calls", "Five times the usual calls of the assistant, and no alert"),
        _unusual(world, 75, "refusals", "A hundred refusals in an hour, and no alert"),
        _unusual(world, -15, "injections", "Twelve prompt injections detected, and no alert"),
        _unusual(world, 130, "refusals", "The guardrail's verdict on a call was not recorded"),
        _unusual(world, 130, "injections", "The guardrail's verdict on a call was not recorded"),
    ]


def _weekly(world: World, number: int, test: str, system: str, story: str) -> Plant:
    day = world.timeline.day(number)
    key = {"ai_system_id": system, "day": day.isoformat()}
    return Plant(story, test, key, day, day + timedelta(days=_WEEK))


def _called(world: World, number: int, principal: str, story: str) -> Plant:
    day = world.timeline.day(number)
    return Plant(story, "MO-07.T1", {"endpoint": "/v1/score", "principal": principal}, day, day)


def _unusual(world: World, number: int, measure: str, story: str) -> Plant:
    day = world.timeline.day(number)
    key = {"ai_system_id": "support-assistant", "principal": TRIAGE_AGENT, "measure": measure}
    return Plant(story, "MO-07.T2", key, day, day)
