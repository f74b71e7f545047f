"""Weaknesses and configuration: DefectDojo's findings, and Prowler's checks of every system that Lumen operates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at, dice, iso
from samples.world import World

OPERATED = ("aws", "core", "gateway")
_LIMIT = {"Critical": 7, "High": 30, "Medium": 90, "Low": 180}
#: days for which a closed weakness stays in the export
_KEPT = 21


@dataclass(frozen=True)
class Weakness:
    """A vulnerability; ``end`` is how it is closed, if it ever is: fixed, accepted or false-positive."""

    id: str
    component: str
    severity: str
    detected: datetime
    closed: datetime | None
    end: str = "fixed"
    waiver: str | None = None


def weaknesses(world: World) -> Iterator[Weakness]:
    """All vulnerabilities: one every third day, fixed in time, and those with a story."""
    timeline = world.timeline
    for number in range(-60, (timeline.last - timeline.first).days + 1, 3):
        roll = dice(world.seed, "weakness", number)
        severity = ("Critical", "High", "Medium", "Low")[roll.randrange(4)]
        found = at(timeline.first + timedelta(days=number), f"{roll.randrange(24):02d}:15:00")
        component = f"{OPERATED[roll.randrange(3)]}/service-{roll.randrange(9)}"
        fixed = found + timedelta(days=1 + roll.randrange(_LIMIT[severity] // 2 + 1))
        yield Weakness(f"DD-{2000 + number}", component, severity, found, fixed)
    yield from _told(world)


def _told(world: World) -> tuple[Weakness, ...]:
    def when(number: int, clock: str = "12:00:00") -> datetime:
        return at(world.timeline.day(number), clock)

    sunday = sunday_from(world.timeline.day(80))
    return (
        Weakness("DD-1", "core/web", "Critical", when(14), when(29)),
        Weakness("DD-2", "gateway/proxy", "High", when(45), when(90)),
        Weakness("DD-3", "aws/bastion", "Medium", when(20), when(30), "accepted", "W-201"),
        Weakness("DD-4", "aws/cluster", "Critical", at(sunday - timedelta(days=6)), at(sunday + timedelta(days=1))),
        Weakness("DD-5", "core/web", "Critical", when(100), when(103), "false-positive"),
        Weakness("DD-6", "core/batch", "Critical", when(-20), None),
    )


def sunday_from(day: date) -> date:
    """The first Sunday on or after a day: the last day of the week that weekly controls look at."""
    return day + timedelta(days=6 - day.weekday())


def weakness_records(world: World, day: date) -> list[dict[str, object]]:
    """The findings that DefectDojo lists at the end of a day."""
    end = at(day + timedelta(days=1))
    records = []
    for one in weaknesses(world):
        closed = one.closed if one.closed and one.closed < end else None
        if one.detected < end and not (closed and one.end == "fixed" and end - closed > timedelta(days=_KEPT)):
            records.append(_weakness_record(one, closed))
    return records


def _weakness_record(one: Weakness, closed: datetime | None) -> dict[str, object]:
    return {
        "id": one.id,
        "component": one.component,
        "severity": one.severity,
        "created": iso(one.detected),
        "is_mitigated": bool(closed) and one.end == "fixed",
        "mitigated": iso(closed) if one.end == "fixed" else None,
        "risk_accepted": bool(closed) and one.end == "accepted",
        "false_p": bool(closed) and one.end == "false-positive",
        "waiver": one.waiver if closed else None,
    }


@dataclass(frozen=True)
class Check:
    """What Prowler says of one resource, from ``first`` to ``last`` other than that it passes."""

    check: str
    resource: str
    first: int
    last: int
    code: str = "FAIL"
    muted: str | None = None
    tls: str | None = None

    def on(self, world: World, day: date) -> bool:
        """Whether it is so on a day."""
        return world.timeline.day(self.first) <= day <= world.timeline.day(self.last)


_CHECKS = (
    ("s3_bucket_public_access", "network", "High"),
    ("ec2_admin_port_open", "network", "High"),
    ("rds_storage_encrypted", "encryption", "High"),
    ("elb_tls_listener", "encryption", "Medium"),
    ("host_hardening_baseline", "hardening", "Medium"),
    ("host_malware_scanner", "malware", "High"),
    ("cloudtrail_enabled", "logging", "High"),
    ("backup_plan_attached", "backup", "Medium"),
)
_OTHERWISE = (
    Check("host_malware_scanner", "core", 24, 37),
    Check("host_hardening_baseline", "aws", 55, 76, muted="Replaced next quarter"),
    Check("cloudtrail_enabled", "gateway", 112, 125, muted="Waiting for the vendor"),
    Check("backup_plan_attached", "aws", 140, 150, "MANUAL"),
    Check("s3_bucket_public_access", "aws", -2, -1),
    Check("ec2_admin_port_open", "core", 36, 38, muted="Maintenance window"),
    Check("elb_tls_listener", "gateway", -40, -38, "PASS", tls="1.1"),
    Check("elb_tls_listener", "core", 105, 107, "MANUAL", tls="SSLv3"),
)
#: days on which no check ran on the gateway, and the system's last scan before
_UNSCANNED = (85, 100)


def check_records(world: World, day: date) -> list[dict[str, object]]:
    """Prowler's findings of a day, in OCSF."""
    return [
        _check_record(world, day, system, *check)
        for system in OPERATED
        for check in _CHECKS
        if not (check[0].startswith("cloudtrail") and system == "core")
    ]


def _check_record(world: World, day: date, system: str, check: str, area: str, severity: str) -> dict[str, object]:
    said = _otherwise(world, day, check, system)
    tls = (said.tls if said else None) or ("1.3" if check == "elb_tls_listener" else None)
    return {
        "metadata": {"event_code": check, "product": {"name": "Prowler"}},
        "severity": severity,
        "status": "Suppressed" if said and said.muted else "New",
        "status_code": said.code if said else "PASS",
        "finding_info": {"created_time_dt": iso(at(world.timeline.first - timedelta(days=100)))},
        "time_dt": iso(_scanned(world, day, system)),
        "resources": [{"uid": f"{system}-estate", "group": {"name": system}}],
        "unmapped": {"categories": [area], "muted_reason": said.muted if said else None, "tls_version": tls},
    }


def _otherwise(world: World, day: date, check: str, system: str) -> Check | None:
    return next(
        (one for one in _OTHERWISE if (one.check, one.resource) == (check, system) and one.on(world, day)), None
    )


def _scanned(world: World, day: date, system: str) -> datetime:
    first, last = (world.timeline.day(number) for number in _UNSCANNED)
    return at(first - timedelta(days=1) if system == "gateway" and first <= day <= last else day, "03:10:00")


def plants(world: World) -> list[Plant]:
    """Weaknesses that stay too long, checks that fail. What is tested weekly shows on the Sundays of its days."""
    day = world.timeline.day
    return [
        _weakness("A critical weakness stayed for two weeks", "DD-1", "core/web", day(21), day(35)),
        _weakness("A high one was fixed after six weeks", "DD-2", "gateway/proxy", day(75), day(96)),
        _weakness("Accepted under a waiver", "DD-3", "aws/bastion", day(110), day(-1)),
        _weakness("A critical weakness is still open", "DD-6", "core/batch", day(-13), day(-1)),
        _check("No malware scanner on a host", "OP-01.T2", "host_malware_scanner", "core", day(24), day(37)),
        _check("Muted, under a waiver", "OP-01.T2", "host_hardening_baseline", "aws", day(55), day(76)),
        _check("Muted; the waiver has expired", "OP-01.T2", "cloudtrail_enabled", "gateway", day(112), day(125)),
        Plant(
            "The gateway was not scanned for two weeks", "OP-01.T3", {"system_id": "gateway", "activity": "scan"},
            day(91), day(100),
        ),
        Plant(
            "A penetration test was a year old", "OP-01.T3", {"system_id": "core", "activity": "penetration test"},
            day(66), day(79),
        ),
        _edge("A bucket is public", "s3_bucket_public_access", "aws", day(-2), day(-1)),
        _edge("An open port, muted without a waiver", "ec2_admin_port_open", "core", day(36), day(38)),
        _edge("TLS 1.1 was accepted", "elb_tls_listener", "gateway", day(-40), day(-38)),
        _edge("A protocol that is no TLS", "elb_tls_listener", "core", day(105), day(107)),
    ]  # fmt: skip


def _weakness(story: str, key: str, component: str, first: date, last: date) -> Plant:
    return Plant(story, "OP-01.T1", {"vuln_id": key, "asset_id": component}, first, last)


def _check(story: str, test: str, check: str, system: str, first: date, last: date) -> Plant:
    return Plant(story, test, {"check_id": check, "resource_id": f"{system}-estate"}, first, last)


def _edge(story: str, check: str, system: str, first: date, last: date) -> Plant:
    key = {"subject": "check", "item": f"{system}-estate", "rule": check}
    return Plant(story, "OP-02.T1", key, first, last)
