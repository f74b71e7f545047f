"""The field of operations: logs, alerts and incidents, weaknesses and configuration, backups and capacity.

Vendors: CloudTrail (gzip), Okta's System Log, GitHub's audit log, the model gateway (gzip) and the lending
application; PagerDuty; DefectDojo and Prowler; AWS Backup (CSV), a list with a BOM and semicolons, Prometheus.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from samples import operations_continuity as continuity
from samples import operations_estate as estate
from samples import operations_logs as logs
from samples import operations_models as models
from samples import operations_watch as watch
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Export

#: days on which Prometheus was down, DefectDojo's export failed (a Sunday), and Prowler's was cut off (no Sunday)
_NO_CAPACITY, _NO_WEAKNESSES, _CUT_OFF = 45, 138, 23


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    _write_logs(world, day, root)
    _write_continuity(world, day, root)
    name = day.isoformat()
    pager = Export(root, "pagerduty", name)
    pager.json("alerts.json", watch.alerts(world, day), under="alerts")
    pager.json("incidents.json", watch.incident_records(world, day), under="incidents")
    pager.close()
    if day != _silent_sunday(world):
        weaknesses = Export(root, "defectdojo", name)
        weaknesses.json("findings.json", estate.weakness_records(world, day), under="results")
        weaknesses.close()
    checks = Export(root, "prowler", name)
    checks.json("findings.ocsf.json", estate.check_records(world, day))
    checks.close(lost="findings.ocsf.json" if day == _cut_off(world) else None)


def _write_logs(world: World, day: date, root: Path) -> None:
    name = day.isoformat()
    for vendor, file, records in (
        ("okta-log", "system-log.jsonl", logs.okta_log(world, day)),
        ("github-audit", "audit-log.jsonl", logs.github_log(world, day)),
        ("gateway", "access.jsonl.gz", models.gateway_log(world, day)),
        ("core", "app.jsonl", logs.core_log(world, day)),
    ):
        export = Export(root, vendor, name)
        export.jsonl(file, records)
        export.close()
    trail = Export(root, "cloudtrail", name)
    trail.json("210987654321_CloudTrail_eu-central-1.json.gz", logs.cloudtrail(world, day), under="Records")
    trail.close()


def _write_continuity(world: World, day: date, root: Path) -> None:
    name = day.isoformat()
    backup = Export(root, "aws-backup", name)
    backup.csv("backup-jobs.csv", continuity.BACKUP_COLUMNS, list(continuity.backup_jobs(world, day)))
    backup.close()
    office = Export(root, "continuity", name)
    office.csv(
        "recovery-tests.csv",
        continuity.TEST_COLUMNS,
        continuity.recovery_tests(world, day),
        delimiter=";",
        encoding="utf-8-sig",
        newline="\r\n",
    )
    office.close()
    if day != world.timeline.day(_NO_CAPACITY):
        prometheus = Export(root, "prometheus", name)
        prometheus.json("capacity.json", continuity.capacity_series(world, day))
        prometheus.close()


def _silent_sunday(world: World) -> date:
    return estate.sunday_from(world.timeline.day(_NO_WEAKNESSES))


def _cut_off(world: World) -> date:
    day = world.timeline.day(_CUT_OFF)
    return day + timedelta(days=1) if day.weekday() == 6 else day


def plants(world: World) -> list[Plant]:
    """Everything planted in this field, and what the silences lead to on later days."""
    fields = (models, logs, watch, estate, continuity)
    return [plant for field in fields for plant in field.plants(world)] + _registered(world) + _followed(world)


def _registered(world: World) -> list[Plant]:
    """What the register of systems says of logs, as planted in ``World.system_changes``."""
    stories = {"log_retention_days": "Logs are kept for half a year", "log_write_once": "Logs can be changed"}
    return [
        Plant(stories[change.field], "OP-03.T2", {"system_id": change.system}, change.first, change.last)
        for change in world.system_changes
        if change.field in stories and change.value != 365
    ]


def _followed(world: World) -> list[Plant]:
    """What is not collected, or not proven complete, deviates on the next day; a week missing, for its month."""
    sunday = _silent_sunday(world)
    return [
        *(
            _uncounted(day + timedelta(days=1), source, population)
            for day, source, population in (
                (world.timeline.day(_NO_CAPACITY), "prometheus-capacity", "capacity_metrics"),
                (sunday, "defectdojo-findings", "vulnerabilities"),
                (_cut_off(world), "prowler-findings", "config_findings"),
            )
        ),
        Plant(
            "One of the weekly results of a month was inconclusive",
            "AU-01.T3",
            {"control_id": "OP-01", "item": "OP-01.T1"},
            sunday + timedelta(days=1),
            sunday + timedelta(days=24),
        ),
    ]


def _uncounted(day: date, source: str, population: str) -> Plant:
    key = {"source_id": source, "population": population}
    return Plant("The day before gave nothing, or less than the source counts", "EV-01.T1", key, day, day)


def silences(world: World) -> list[Silence]:
    """Sources that give nothing, or not everything, on some days."""
    down, cut = world.timeline.day(_NO_CAPACITY), _cut_off(world)
    sunday = _silent_sunday(world)
    return [
        Silence("Prometheus was down", "prometheus-capacity", ("OP-04.T3",), down, down),
        Silence("The export failed", "defectdojo-findings", ("OP-01.T1",), sunday, sunday),
        Silence(
            "The export was cut off: it counts one finding more", "prowler-findings",
            ("OP-01.T2", "OP-01.T3", "OP-02.T1"), cut, cut,
        ),
    ]  # fmt: skip
