"""The evaluations in the AI register: before a version goes live, every week for bias, now and then an attack."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from samples.answers import Plant
from samples.operations_models import model_version
from samples.timeline import at, dice, iso
from samples.world import World

#: attacks and the like on the version in production: day, AI system, kind and result
_ADVERSARIAL = (
    (20, "credit-scoring", "red-team", "pass"),
    (80, "credit-scoring", "robustness", "fail"),
    (140, "credit-scoring", "security", "pass"),
    (10, "fraud-screening", "red-team", "pass"),
    (95, "fraud-screening", "red-team", "inconclusive"),
    (115, "fraud-screening", "red-team", "pass"),
)
#: days on which a new version was evaluated before it went into production, and the kind that was left out
_BEFORE: tuple[tuple[int, str, str | None], ...] = (
    (58, "credit-scoring:4", None),
    (-22, "fraud-screening:4", "red-team"),
)
_KINDS = ("performance", "robustness", "security", "red-team", "explainability")
_ATTRIBUTES: Mapping[str, tuple[tuple[str, int], ...]] = {
    "sex": (("female", 512), ("male", 538), ("other", 41)),
    "age": (("under-30", 260), ("30-to-60", 610), ("over-60", 99)),
}
_THURSDAY, _MONTHLY = 3, 5
_WEEK = timedelta(days=7)
#: week of the timeline, system, attribute and what it showed
_UNFAIR: tuple[tuple[int, str, str, str], ...] = (
    (3, "credit-scoring", "sex", "selected"),
    (9, "fraud-screening", "age", "false_positive"),
    (16, "fraud-screening", "sex", "selected"),
)
#: the evaluation whose failure led to a finding and a decision; the other led to none
ANSWERED = 3
_SKIPPED, _SKIPPED_MONTH = (13, "fraud-screening"), 2
#: day on which somebody evaluated what they had trained
_OWN = (93, "support-assistant")
#: who trains what, and what the latest plans ask of accuracy
TRAINERS = {
    "credit-scoring": "E1020",
    "document-reader": "E1020",
    "fraud-screening": "E1021",
    "support-assistant": "E1021",
}
_ACCURACY, _TOO_LOW = 0.9, 0.79


@dataclass(frozen=True)
class Evaluation:
    """An evaluation of a model version; ``shift`` names the rate in which the first group is planted apart."""

    version: str
    kind: str
    result: str = "pass"
    attribute: str | None = None
    shift: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    performer: str | None = None


def evaluations(world: World, day: date) -> list[dict[str, object]]:
    """The evaluations performed on a day."""
    return [_record(world, day, number, one) for number, one in enumerate(_held(world, day))]


def _held(world: World, day: date) -> Iterator[Evaluation]:
    yield from _adversarial(world, day)
    yield from _before_production(world, day)
    if day.weekday() == _THURSDAY:
        yield from _weekly(world, day)
    if day.day == _MONTHLY:
        yield from _monthly(world, day)
    if day == world.timeline.day(_OWN[0]):
        yield Evaluation(model_version(world, _OWN[1], day), "explainability", performer=TRAINERS[_OWN[1]])


def _adversarial(world: World, day: date) -> Iterator[Evaluation]:
    for number, system, kind, result in _ADVERSARIAL:
        if day == world.timeline.day(number):
            yield Evaluation(model_version(world, system, day), kind, result, metrics={"score": 0.9})


def _before_production(world: World, day: date) -> Iterator[Evaluation]:
    for number, version, left_out in _BEFORE:
        if day == world.timeline.day(number):
            for kind in _KINDS:
                accuracy = _TOO_LOW if version == "fraud-screening:4" else _ACCURACY + 0.01
                metrics = {"accuracy": accuracy} if kind == "performance" else {"score": 0.9}
                if kind != left_out:
                    yield Evaluation(version, kind, metrics=metrics)
            for attribute in _ATTRIBUTES:
                yield Evaluation(version, "bias", attribute=attribute)


def _weekly(world: World, day: date) -> Iterator[Evaluation]:
    week = (day - world.timeline.first) // _WEEK
    for system in world.ai_systems:
        if system.tier == "high" and (week, system.id) != _SKIPPED:
            for attribute in _ATTRIBUTES:
                shift = next(
                    (what for one, *where, what in _UNFAIR if [week, system.id, attribute] == [one, *where]), None
                )
                result = "fail" if shift == "selected" else "pass"
                yield Evaluation(model_version(world, system.id, day), "bias", result, attribute, shift)


def _monthly(world: World, day: date) -> Iterator[Evaluation]:
    for system in world.ai_systems:
        version = model_version(world, system.id, day)
        yield Evaluation(version, "performance", metrics={"accuracy": _ACCURACY})
        if system.tier == "medium" and day != _skipped_month(world):
            yield Evaluation(version, "bias", attribute="sex")


def _skipped_month(world: World) -> date | None:
    months = [day for day in world.timeline.days() if day.day == _MONTHLY]
    return months[_SKIPPED_MONTH] if len(months) > _SKIPPED_MONTH + 1 else None


def _record(world: World, day: date, number: int, one: Evaluation) -> dict[str, object]:
    rates = _rates(world, day, one) if one.attribute else None
    selected = [rates[name]["selected"] for name, size in _ATTRIBUTES[one.attribute] if size >= 100] if rates else []  # type: ignore[index]
    validator = "E1035" if world.person(35).employed_on(day) else "E1036"
    parity = {"parity": round(max(selected) - min(selected), 4)} if selected else {}
    return {
        "id": f"EVAL-{day:%Y%m%d}-{number}",
        "system": one.version.partition(":")[0],
        "model_version": one.version,
        "artifact_sha256": hashlib.sha256(one.version.encode()).hexdigest(),
        "kind": one.kind,
        "performed": iso(at(day, "10:00:00")),
        "by": one.performer or validator,
        "metrics": {**one.metrics, **parity},
        "attribute": one.attribute,
        "groups": dict(_ATTRIBUTES[one.attribute]) if one.attribute else None,
        "rates": rates,
        "threshold": 0.05 if one.kind == "bias" else None,
        "result": one.result,
        "report_sha256": hashlib.sha256(f"{one.version} {one.kind} {one.attribute} {day}".encode()).hexdigest(),
    }


def _rates(world: World, day: date, one: Evaluation) -> dict[str, dict[str, float]]:
    """Rates by group, close together; the first group is apart where something is planted, small ones always are."""
    found = {}
    for place, (name, size) in enumerate(_ATTRIBUTES[str(one.attribute)]):
        roll = dice(world.seed, "rates", one.version, one.attribute, name, day)
        rates = {"selected": 0.42, "true_positive": 0.81, "false_positive": 0.1}
        rates = {rate: round(value + roll.randrange(200) / 10000, 4) for rate, value in rates.items()}
        if place == 0 and one.shift:
            rates[one.shift] += 0.12 if one.shift == "false_positive" else 0.06
        if size < 100:
            rates["selected"] += 0.2
        found[name] = rates
    return found


def evaluation_id(world: World, day: date, version: str, kind: str, attribute: str | None = None) -> str:
    """The id of an evaluation performed on a day."""
    for number, one in enumerate(_held(world, day)):
        if (one.version, one.kind, one.attribute) == (version, kind, attribute):
            return f"EVAL-{day:%Y%m%d}-{number}"
    raise LookupError(f"no {kind} evaluation of {version} on {day}")


def unfair(world: World) -> Iterator[tuple[int, date, str, str]]:
    """The planted evaluations for bias: week, day, what differed, id of the evaluation."""
    for week, system, attribute, what in _UNFAIR:
        day = _thursday(world, week)
        if day <= world.timeline.last:
            yield week, day, what, evaluation_id(world, day, model_version(world, system, day), "bias", attribute)


def _thursday(world: World, week: int) -> date:
    days = (world.timeline.first + week * _WEEK + timedelta(days=number) for number in range(7))
    return next(day for day in days if day.weekday() == _THURSDAY)


def plants(world: World) -> list[Plant]:
    """Evaluations that failed, came late, or were done by the wrong person."""
    day = world.timeline.day
    fraud = {"ai_system_id": "fraud-screening"}
    own = evaluation_id(world, day(_OWN[0]), model_version(world, _OWN[1], day(_OWN[0])), "explainability")
    low = evaluation_id(world, day(-22), "fraud-screening:4", "performance")
    version = {"model_version_id": "fraud-screening:4", "kind": "red-team"}
    threshold = {"evaluation_id": low, "threshold": "performance accuracy >= 0.8"}
    found = [
        Plant("A red-team exercise came two weeks late", "MO-07.T3", fraud, day(100), day(114)),
        Plant("A version went live that nobody attacked", "DV-03.T1", version, day(-20), day(-20)),
        Plant("Somebody evaluated their own model", "DV-03.T2", {"evaluation_id": own}, day(_OWN[0]), day(_OWN[0])),
        Plant("A version is less accurate than its plan asks", "DV-03.T3", threshold, day(-22), day(-22)),
    ]
    skipped = _thursday(world, _SKIPPED[0])
    first, last = skipped + timedelta(days=1), skipped + timedelta(days=6)
    found.append(Plant("A week without an evaluation for bias", "MO-03.T3", fraud, first, last))
    if month := _skipped_month(world):
        found.append(_uncovered(month))
    return [*found, *_unfairness(world)]


def _uncovered(month: date) -> Plant:
    """The days on which the month before lies out of the window, and the next month's evaluation is still to come."""
    before = (month.replace(day=1) - timedelta(days=1)).replace(day=_MONTHLY)
    after = (month + timedelta(days=31)).replace(day=_MONTHLY)
    key = {"ai_system_id": "support-assistant"}
    story = "Nobody evaluated the assistant for bias that month"
    return Plant(story, "MO-04.T1", key, before + timedelta(days=31), after - timedelta(days=1))


def _unfairness(world: World) -> Iterator[Plant]:
    for week, day, what, evaluation in unfair(world):
        last = min(day + timedelta(days=6), world.timeline.last)
        if what == "selected":
            yield Plant("One group is selected more often", "MO-03.T1", {"evaluation_id": evaluation}, day, last)
        else:
            key = {"evaluation_id": evaluation, "measure": "equalised-odds"}
            yield Plant("One group gets more false alarms", "MO-03.T2", key, day, last)
        if what == "selected" and week != ANSWERED:
            late = day + timedelta(days=14)
            key = {"evaluation_id": evaluation}
            yield Plant("Nobody decided what to do about it", "MO-03.T4", key, late, late + timedelta(days=6))
