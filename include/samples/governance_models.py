"""The AI register: systems, model versions and evaluations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from samples.answers import Plant
from samples.operations_models import model_version
from samples.timeline import at, iso
from samples.world import AiSystem, World

#: AI systems whose results people outside are told
_EXTERNAL = ("credit-scoring", "support-assistant")
#: days on which the inventory does not say whom a system affects, and on which rows were verified long ago
_UNTOLD, _STALE = (24, 55), (84, 115)
#: days on which nobody knows the class of fraud screening under the EU AI Act; a month ends among them
_UNCLASSIFIED = (104, 135)
_USES = {
    "credit-scoring": ("Estimates the risk that a loan is not repaid", "consumer-lending", "high", True),
    "document-reader": ("Reads figures from pay slips", "document-processing", "minimal", True),
    "fraud-screening": ("Marks applications that look like fraud", "fraud-detection", "limited", True),
    "support-assistant": ("Answers customers' questions about their loans", "customer-support", "limited", False),
}
#: day, AI system, kind and result; the routine ones of each month stand in ``_monthly``
_ADVERSARIAL = (
    (20, "credit-scoring", "red-team", "pass"),
    (80, "credit-scoring", "robustness", "fail"),
    (140, "credit-scoring", "security", "pass"),
    (10, "fraud-screening", "red-team", "pass"),
    (95, "fraud-screening", "red-team", "inconclusive"),
    (115, "fraud-screening", "red-team", "pass"),
)


def inventory(world: World, day: date) -> list[dict[str, object]]:
    """The inventory: four systems in production, one being made, one retired."""
    return [
        *(_kept(world, day, _system(world, system, day, *_USES[system.id])) for system in world.ai_systems),
        _other(world, day, "churn-forecast", "Churn forecast", "development"),
        _other(world, day, "rate-tables", "Rate tables", "retired"),
    ]


def _system(
    world: World, system: AiSystem, day: date, purpose: str, use: str, act_class: str, personal: bool
) -> dict[str, object]:
    return {
        "id": system.id,
        "name": system.name,
        "kind": system.kind,
        "purpose": purpose,
        "intended_use": f"{purpose}, for staff of Lumen Lending",
        "prohibited_uses": ["decisions without a person"],
        "use_case": use,
        "owner": system.owner,
        "executive": "E1000",
        "vendor": "V-03" if system.kind == "genai-app" else None,
        "tier": system.tier,
        "eu_ai_act": act_class,
        "lifecycle": "production",
        "affected": ["applicants"] if personal else ["customers"],
        "personal_data": personal,
        "autonomous": False,
        "endpoints": [system.endpoint],
        "monitoring": f"models/{system.id}.yaml",
        "verified": day.replace(day=1).isoformat(),
        "live_since": (world.timeline.first - timedelta(days=500)).isoformat(),
        "retired": None,
        "external": system.id in _EXTERNAL,
    }


def _kept(world: World, day: date, entry: dict[str, object]) -> dict[str, object]:
    """A row with what is planted, or stands at the limit, on a day."""
    if entry["id"] == "document-reader" and _within(world, day, _UNTOLD):
        return {**entry, "affected": []}
    if entry["id"] == "fraud-screening" and _within(world, day, _UNCLASSIFIED):
        return {**entry, "eu_ai_act": None}
    if not _within(world, day, _STALE):
        return entry
    if entry["id"] == "support-assistant":
        return {**entry, "verified": (world.timeline.day(_STALE[0]) - timedelta(days=181)).isoformat()}
    if entry["id"] == "document-reader":  # 180 days at the end of each of these days
        return {**entry, "verified": (day - timedelta(days=179)).isoformat()}
    return entry


def _within(world: World, day: date, days: tuple[int, int]) -> bool:
    return world.timeline.day(days[0]) <= day <= world.timeline.day(days[1])


def _other(world: World, day: date, id: str, name: str, lifecycle: str) -> dict[str, object]:  # noqa: A002
    system = AiSystem(id, name, "model", "low", "E1020", "")
    entry = _system(world, system, day, f"{name} for planning", "planning", "minimal", False)
    gone = at(world.timeline.first - timedelta(days=30)) if lifecycle == "retired" else None
    return {
        **entry,
        "lifecycle": lifecycle,
        "endpoints": [],
        "monitoring": None,
        "live_since": None,
        "retired": iso(gone),
    }


def versions(world: World, day: date) -> list[dict[str, object]]:
    """The model versions: the one before, the one in production, and from day 55 on the next of credit scoring."""
    known = [(system.id, number) for system in world.ai_systems for number in (2, 3)]
    if day >= world.timeline.day(55):
        known.append(("credit-scoring", 4))
    return [_version(world, day, system, number) for system, number in known]


def _version(world: World, day: date, system: str, number: int) -> dict[str, object]:
    running = int(model_version(world, system, day).rpartition(":")[2])
    trained = world.timeline.day(50) if number == 4 else world.timeline.first - timedelta(days=200 - 40 * number)
    return {
        "id": f"{system}:{number}",
        "system": system,
        "version": str(number),
        "sha256": hashlib.sha256(f"{system}:{number}".encode()).hexdigest(),
        "datasets": [f"{system}-training"],
        "commit": hashlib.sha256(f"code {system}:{number}".encode()).hexdigest()[:40],
        "trained": iso(at(trained, "04:00:00")),
        "stage": "production" if number == running else "archived" if number < running else "staging",
        "approved_by": "E1034" if number <= running else None,
        "approved": iso(at(trained + timedelta(days=6), "15:00:00")) if number <= running else None,
        "base": None,
        "metrics": {"auc": 0.81},
        "predecessor": f"{system}:{number - 1}",
    }


@dataclass(frozen=True)
class Evaluation:
    """An evaluation of the version in production."""

    system: str
    kind: str
    result: str


def evaluations(world: World, day: date) -> list[dict[str, object]]:
    """The evaluations performed on a day."""
    held = [*_adversarial(world, day), *_monthly(world, day)]
    return [_evaluation_record(world, day, number, one) for number, one in enumerate(held)]


def _adversarial(world: World, day: date) -> Iterator[Evaluation]:
    for number, system, kind, result in _ADVERSARIAL:
        if day == world.timeline.day(number):
            yield Evaluation(system, kind, result)


def _monthly(world: World, day: date) -> Iterator[Evaluation]:
    if day.day == 5:
        for system in world.ai_systems:
            yield Evaluation(system.id, "performance", "pass")
            if system.tier == "high":
                yield Evaluation(system.id, "bias", "pass")


def _evaluation_record(world: World, day: date, number: int, one: Evaluation) -> dict[str, object]:
    bias = one.kind == "bias"
    return {
        "id": f"EVAL-{day:%Y%m%d}-{number}",
        "system": one.system,
        "model_version": model_version(world, one.system, day),
        "kind": one.kind,
        "performed": iso(at(day, "10:00:00")),
        "by": "E1035",
        "metrics": {"parity": 0.93} if bias else {"score": 0.9},
        "attribute": "sex" if bias else None,
        "groups": {"female": 512, "male": 538} if bias else None,
        "result": one.result,
        "report_sha256": hashlib.sha256(f"{one.system} {one.kind} {day}".encode()).hexdigest(),
    }


def plants(world: World) -> list[Plant]:
    """The system that nobody attacked in time; an attempt without a result does not count. Rows of the inventory."""
    day = world.timeline.day
    key = {"ai_system_id": "fraud-screening"}
    untold = {"ai_system_id": "document-reader", "field": "affected persons"}
    stale = {"ai_system_id": "support-assistant"}
    unclassified = (day(_UNCLASSIFIED[0]), day(_UNCLASSIFIED[1]))
    return [
        Plant("A red-team exercise came two weeks late", "MO-07.T3", key, day(100), day(114)),
        Plant("Nobody said whom the document reader affects", "IN-01.T1", untold, day(_UNTOLD[0]), day(_UNTOLD[1])),
        Plant("A class is being looked at anew", "GV-05.T3", key, *unclassified),
        Plant("A class is being looked at anew", "IN-01.T1", {**key, "field": "EU class"}, *unclassified),
        Plant("A row was not verified for half a year", "IN-01.T3", stale, day(_STALE[0]), day(_STALE[1])),
    ]
