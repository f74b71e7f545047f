"""Backups (AWS Backup's job report), recovery tests (the continuity office's list) and capacity (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.operations_estate import OPERATED
from samples.timeline import at, dice, iso
from samples.world import World
from samples.writers import Cell

BACKUP_COLUMNS = (
    "Job Id", "Resource Name", "Region", "Copy Region", "Start Date", "Job Status", "Is Encrypted", "Size (bytes)",
)  # fmt: skip
TEST_COLUMNS = (
    "Test", "Kind", "System", "Performed", "RTO target (min)", "RTO actual (min)", "RPO target (min)",
    "RPO actual (min)", "Result", "Approved by", "Scenario",
)  # fmt: skip

#: day and system of the backup that failed, the one without encryption, the one without a copy in another region
_FAILED, _PLAIN, _NO_COPY = (52, "core"), (-5, "aws"), (127, "gateway")
#: day and system of the backup at 22:00, after which a day without any is 26 hours to the second
_LATE = (66, "gateway")


def backup_jobs(world: World, day: date) -> Iterator[dict[str, Cell]]:
    """The backup jobs of a day, one for each system that Lumen operates."""
    for system in OPERATED:
        if (world.timeline.day(_LATE[0] + 1), _LATE[1]) != (day, system):
            yield _backup(world, day, system)


def _backup(world: World, day: date, system: str) -> dict[str, Cell]:
    def planted(what: tuple[int, str]) -> bool:
        return (world.timeline.day(what[0]), what[1]) == (day, system)

    start = "22:00:00" if planted(_LATE) else "01:30:00"
    return {
        "Job Id": f"job-{system}-{day:%Y%m%d}",
        "Resource Name": system,
        "Region": "eu-central-1",
        "Copy Region": None if planted(_NO_COPY) else "eu-west-1",
        "Start Date": iso(at(day, start)),
        "Job Status": "FAILED" if planted(_FAILED) else "COMPLETED",
        "Is Encrypted": str(not planted(_PLAIN)).upper(),
        "Size (bytes)": dice(world.seed, "backup", system, day).randrange(10**9, 9 * 10**9),
    }


@dataclass(frozen=True)
class RecoveryTest:
    """A recovery test; minutes needed for recovery and of data lost."""

    kind: str
    system: str
    performed: datetime
    recovered: int | None = 95
    lost: int | None = 10
    result: str = "PASS"
    scenario: str | None = None


def _tests(world: World) -> Iterator[RecoveryTest]:
    """Restores every sixty days and disaster recovery every half year, but for what is planted."""

    def when(number: int) -> datetime:
        return at(world.timeline.first + timedelta(days=number), "10:00:00")

    for system in OPERATED:
        for number in (-20, 40, 100, 160):
            late = (system, number) == ("core", 100)
            exact = (system, number) == ("aws", 100)
            yield RecoveryTest("Restore", system, when(number), 300 if late else 240 if exact else 95)
    yield RecoveryTest("DR", "aws", when(-100), scenario="outage")
    yield RecoveryTest("DR", "core", when(-90), scenario="ransomware")
    yield RecoveryTest("DR", "gateway", when(-330), scenario="outage")
    yield RecoveryTest("DR", "gateway", when(36), None, result="PARTIAL", scenario="outage")
    yield RecoveryTest("DR", "gateway", when(45), scenario="outage")
    yield RecoveryTest("DR", "core", when(72), scenario="outage")
    yield RecoveryTest("Tabletop", "gateway", when(-340), scenario="prompt-injection")
    yield RecoveryTest("Tabletop", "core", when(26), scenario="ransomware")
    yield RecoveryTest("Tabletop", "gateway", when(38), scenario="bias-harm")

    for system, number in (
        ("credit-scoring", -60),
        ("credit-scoring", 100),
        ("fraud-screening", -150),
        ("fraud-screening", 35),
    ):
        yield RecoveryTest("Model rollback", system, when(number), 12, 0)


def recovery_tests(world: World, day: date) -> list[dict[str, Cell]]:
    """Every recovery test held by the end of a day."""
    held = (test for test in _tests(world) if test.performed < at(day + timedelta(days=1)))
    return [
        {
            "Test": f"RT-{number:03d}",
            "Kind": test.kind,
            "System": test.system,
            "Performed": iso(test.performed),
            "RTO target (min)": 240,
            "RTO actual (min)": test.recovered,
            "RPO target (min)": 60,
            "RPO actual (min)": test.lost,
            "Result": test.result,
            "Approved by": "E1011",
            "Scenario": test.scenario,
        }
        for number, test in enumerate(sorted(held, key=lambda test: (test.performed, test.system, test.kind)))
    ]


_METRICS = (("aws", "cpu"), ("core", "cpu"), ("gateway", "cpu"), ("gateway", "gpu_memory"))
#: day, system, metric, first reading of the day over 85 per cent, and how many in a row
_BUSY = (
    (28, "gateway", "gpu_memory", 20, 4),
    (29, "gateway", "gpu_memory", 20, 3),
    (-8, "core", "cpu", 30, 6),
    (118, "core", "cpu", 44, 4),
)
_UNREAD = (82, "aws")
_STEP = timedelta(minutes=30)


def capacity_series(world: World, day: date) -> list[dict[str, object]]:
    """A reading each half hour of each metric, as ``query_range`` answers."""
    return [
        {
            "metric": {"__name__": metric, "system": system, "limit": "100"},
            "values": [[(at(day) + place * _STEP).timestamp(), f"{value}"] for place, value in enumerate(values)],
        }
        for system, metric in _METRICS
        if (world.timeline.day(_UNREAD[0]), _UNREAD[1]) != (day, system)
        for values in [_readings(world, day, system, metric)]
    ]


def _readings(world: World, day: date, system: str, metric: str) -> list[float]:
    roll = dice(world.seed, "capacity", system, metric, day)
    values = [round(25 + 55 * roll.random(), 1) for _ in range(48)]
    values[roll.randrange(48)] = 85.0  # at the limit, not over it
    for number, busy, what, first, count in _BUSY:
        if (world.timeline.day(number), busy, what) == (day, system, metric):
            values = [
                97.5 if first <= place < first + count else min(value, 80.0) for place, value in enumerate(values)
            ]
    return values


def plants(world: World) -> list[Plant]:
    """Backups, recoveries and reserves that were missing."""
    day = world.timeline.day

    def found(story: str, test: str, first: int, last: int, **key: str) -> Plant:
        return Plant(story, test, key, day(first), day(last))

    return [
        found("Rolling back was exercised too late", "DV-06.T2", 30, 34, ai_system_id="fraud-screening"),
        found("A backup failed", "OP-04.T1", 52, 52, system_id="core"),
        found("A backup was not encrypted", "OP-04.T1", -5, -5, system_id="aws"),
        found("A backup had no copy in another region", "OP-04.T1", 127, 127, system_id="gateway"),
        found("A restore took longer than its target", "OP-04.T2", 130, 159, system_id="core", kind="restore"),
        found("Disaster recovery was tested too late", "OP-04.T2", 35, 44, system_id="gateway", kind="dr"),
        found(
            "The models' memory ran full for 90 minutes", "OP-04.T3", 28, 28, system_id="gateway", metric="gpu_memory"
        ),
        found("Lending ran at its limit for hours", "OP-04.T3", -8, -8, system_id="core", metric="cpu"),
        found("Lending ran at its limit before midnight", "OP-04.T3", 118, 118, system_id="core", metric="cpu"),
        found("A system was not measured", "OP-04.T3", 82, 82, system_id="aws", metric="any"),
        found(
            "The exercise with an AI scenario was overdue", "IR-01.T4", 25, 37, exercise="tabletop with an AI scenario"
        ),
    ]
