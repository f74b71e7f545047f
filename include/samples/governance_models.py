"""The inventory of the AI register; versions and evaluations have modules of their own (``lifecycle_*``)."""

from __future__ import annotations

from datetime import date, timedelta

from samples.answers import Plant
from samples.releases import changed
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

#: days on which a retired system is listed with an endpoint
_ZOMBIE = (132, 134)


def use_case(system: str) -> str:
    """What an AI system in production is used for, as the inventory calls it."""
    return _USES[system][1]


def inventory(world: World, day: date) -> list[dict[str, object]]:
    """The inventory: four systems in production, one being made, two retired."""
    return [
        *(_kept(world, day, _system(world, system, day, *_USES[system.id])) for system in world.ai_systems),
        _other(world, day, "churn-forecast", "Churn forecast", "development"),
        _other(world, day, "rate-tables", "Rate tables", "retired"),
        _advisor(world, day),
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
        "changed": changed(world, system.id, day),
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


def _advisor(world: World, day: date) -> dict[str, object]:
    """A retired system of medium tier, which for some days is still listed with an endpoint."""
    entry = _other(world, day, "limit-advisor", "Limit advisor", "retired")
    return {**entry, "tier": "medium", "endpoints": ["/v1/limits"] if _within(world, day, _ZOMBIE) else []}


def plants(world: World) -> list[Plant]:
    """Rows of the inventory that are not in order, and a retired system that is still reachable."""
    day = world.timeline.day
    key = {"ai_system_id": "fraud-screening"}
    untold = {"ai_system_id": "document-reader", "field": "affected persons"}
    stale = {"ai_system_id": "support-assistant"}
    zombie = {"ai_system_id": "limit-advisor", "rule": "endpoint"}
    unclassified = (day(_UNCLASSIFIED[0]), day(_UNCLASSIFIED[1]))
    return [
        Plant("Nobody said whom the document reader affects", "IN-01.T1", untold, day(_UNTOLD[0]), day(_UNTOLD[1])),
        Plant("A class is being looked at anew", "GV-05.T3", key, *unclassified),
        Plant("A class is being looked at anew", "IN-01.T1", {**key, "field": "EU class"}, *unclassified),
        Plant("A retired system still has an endpoint", "DV-06.T3", zombie, day(_ZOMBIE[0]), day(_ZOMBIE[1])),
        Plant("A row was not verified for half a year", "IN-01.T3", stale, day(_STALE[0]), day(_STALE[1])),
    ]
