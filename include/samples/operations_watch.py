"""Alerts and incidents, as PagerDuty exports them. An alert is exported once, with how it was handled; an incident is
exported every day, as far as it has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.lifecycle_monitor import notices
from samples.timeline import at, dice, iso
from samples.world import World


@dataclass(frozen=True)
class Alert:
    """An alert raised on a day of the timeline; ``acknowledged`` so many minutes later, None: never."""

    day: int
    clock: str
    kind: str
    severity: str
    acknowledged: int | None
    disposition: str = "true-positive"
    ai_system: str | None = None
    incident: str | None = None
    about: str | None = None


_ALERTS = (
    Alert(58, "09:00:00", "security", "high", 40, "incident", incident="INC-999"),
    Alert(86, "10:00:00", "availability", "medium", 30, "incident"),
    Alert(57, "11:00:00", "security", "high", 541),
    Alert(59, "11:00:00", "security", "high", 480),
    Alert(93, "08:30:00", "security", "critical", None),
    Alert(94, "08:30:00", "misuse", "critical", 60, ai_system="support-assistant"),
    Alert(99, "12:00:00", "security", "medium", 48 * 60),
    Alert(-7, "16:00:00", "misuse", "medium", 48 * 60 + 1),
    Alert(101, "12:00:00", "security", "low", None),
    Alert(100, "14:20:00", "misuse", "high", 25, ai_system="support-assistant"),
    Alert(47, "10:00:00", "security", "high", 15, "incident", incident="INC-102"),
    Alert(95, "20:00:00", "security", "critical", 10, "incident", incident="INC-103"),
    Alert(120, "09:30:00", "bias", "medium", 90, "incident", "credit-scoring", "INC-104"),
    Alert(-3, "08:00:00", "security", "high", 20, "incident", incident="INC-105"),
)


def alerts(world: World, day: date) -> list[dict[str, object]]:
    """The alerts raised on a day."""
    told = [alert for alert in _ALERTS if world.timeline.day(alert.day) == day]
    raised = [*told, *_routine(world, day), *_monitored(world, day)]
    return [_alert_record(day, place, alert) for place, alert in enumerate(raised)]


def _routine(world: World, day: date) -> Iterator[Alert]:
    """One or two alerts a day, handled well within every limit."""
    roll = dice(world.seed, "alerts", day)
    for place in range(1 + roll.randrange(2)):
        kind = ("security", "availability", "performance", "data-quality")[roll.randrange(4)]
        about = world.ai_systems[roll.randrange(4)].id if kind == "performance" else None
        severity = ("critical", "high", "medium", "low")[roll.randrange(4)]
        disposition = ("true-positive", "false-positive", "accepted")[roll.randrange(3)]
        clock = f"{1 + 9 * place + roll.randrange(9):02d}:{roll.randrange(60):02d}:00"
        yield Alert(0, clock, kind, severity, 5 + roll.randrange(50), disposition, about)


def _monitored(world: World, day: date) -> Iterator[Alert]:
    """What the model monitor raised."""
    for one in notices(world, day):
        yield Alert(0, one.clock, one.kind, one.severity, one.acknowledged, ai_system=one.system, about=one.about)


def _alert_record(day: date, place: int, alert: Alert) -> dict[str, object]:
    raised = at(day, alert.clock)
    seen = None if alert.acknowledged is None else raised + timedelta(minutes=alert.acknowledged)
    return {
        "id": f"PD-{day:%Y%m%d}-{place}",
        "severity": alert.severity,
        "created_at": iso(raised),
        "acknowledged_at": iso(seen),
        "acknowledged_by": "E1003" if seen else None,
        "resolved_at": iso(seen + timedelta(hours=3)) if seen else None,
        "custom": {
            "kind": alert.kind,
            "ai_system": alert.ai_system,
            "about": alert.about,
            "disposition": alert.disposition if seen else None,
            "incident": alert.incident,
        },
    }


@dataclass(frozen=True)
class Incident:
    """An incident with everything that ever happens to it; the times after a day are not yet known on it."""

    id: str
    category: str
    severity: int
    detected: datetime
    triaged: datetime | None
    contained: datetime | None
    resolved: datetime | None = None
    learned: datetime | None = None
    finding: str | None = None
    ai_system: str | None = None
    notify_by: datetime | None = None
    notified: datetime | None = None
    notify: bool = False


def incidents(world: World) -> tuple[Incident, ...]:
    """All incidents of the sample; three from before its first day are over and done with."""

    def when(number: int, clock: str) -> datetime:
        return at(world.timeline.day(number), clock)

    return (
        Incident(
            "INC-101", "availability", 3, when(12, "06:00:00"), when(13, "06:00:00"), when(13, "09:00:00"),
            when(14, "10:00:00"),
        ),
        Incident(
            "INC-102", "security", 2, when(47, "10:00:00"), when(47, "16:00:00"), when(48, "09:00:00"),
            when(49, "12:00:00"), when(70, "15:00:00"), "F-12",
        ),
        Incident(
            "INC-103", "privacy", 1, when(95, "20:00:00"), when(95, "20:30:00"), when(97, "09:00:00"),
            when(98, "12:00:00"), when(112, "12:00:00"), "F-13", notify=True, notify_by=when(98, "20:00:00"),
            notified=when(100, "10:00:00"),
        ),
        Incident(
            "INC-104", "ai-bias", 2, when(120, "09:30:00"), when(120, "13:30:00"), when(121, "09:30:00"),
            when(122, "10:00:00"), when(130, "10:00:00"), "F-14", "credit-scoring", notify=True,
            notified=when(123, "09:30:00"),
        ),
        Incident("INC-105", "security", 2, when(-3, "08:00:00"), when(-3, "09:10:00"), None),
    )  # fmt: skip


def incident_records(world: World, day: date) -> list[dict[str, object]]:
    """The incidents as they stand at the end of a day."""
    end = at(day + timedelta(days=1))

    def known(moment: datetime | None) -> str | None:
        return iso(moment) if moment and moment < end else None

    return [
        {
            "id": incident.id,
            "priority": f"P{incident.severity}",
            "created_at": iso(incident.detected),
            "resolved_at": known(incident.resolved),
            "custom": {
                "category": incident.category,
                "ai_system": incident.ai_system,
                "triaged_at": known(incident.triaged),
                "contained_at": known(incident.contained),
                "personal_data": incident.category == "privacy",
                "notify": incident.notify,
                "notify_by": iso(incident.notify_by),
                "notified_at": known(incident.notified),
                "root_cause": "Traced to one configuration change" if known(incident.learned) else None,
                "postmortem_at": known(incident.learned),
                "finding": incident.finding if known(incident.learned) else None,
            },
        }
        for incident in incidents(world)
        if incident.detected < end
    ]


def plants(world: World) -> list[Plant]:
    """What was handled too late, or not recorded."""
    day = world.timeline.day
    return [
        _alert(world, 57, "OP-03.T3", "A high alert was acknowledged a minute after nine hours"),
        _alert(world, 93, "OP-03.T3", "Nobody acknowledged a critical alert"),
        _alert(world, -7, "OP-03.T3", "A medium alert was acknowledged a minute too late"),
        _alert(world, 58, "IR-01.T5", "An alert names an incident that the register does not hold"),
        _alert(world, 86, "IR-01.T5", "An alert turned out to be an incident and names none"),
        _step("Triaged two hours late", "INC-102", "triage", day(47), day(47)),
        _step("A severe incident was contained after a day and a half", "INC-103", "containment", day(96), day(97)),
        _step("An incident is still not contained", "INC-105", "containment", day(-2), day(-1)),
        Plant("Post-mortem three weeks after", "IR-01.T2", {"incident_id": "INC-102"}, day(63), day(70)),
        Plant("Notified two days late", "IR-01.T3", {"incident_id": "INC-103"}, day(98), day(100)),
    ]


def _alert(world: World, number: int, test: str, story: str) -> Plant:
    day = world.timeline.day(number)
    return Plant(story, test, {"alert_id": f"PD-{day:%Y%m%d}-0"}, day, day)


def _step(story: str, incident: str, step: str, first: date, last: date) -> Plant:
    return Plant(story, "IR-01.T1", {"incident_id": incident, "step": step}, first, last)
