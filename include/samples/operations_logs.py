"""The logs of the other systems, as each writes them: CloudTrail, Okta System Log, GitHub's audit log, the lending
application's own log. People do their daily work; acts that other fields planted stand among it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at, dice, iso
from samples.world import AWS_USER, BACKUP, BATCH, CODER_AGENT, DEPLOYER, PIPELINE, Act, Person, World

_ACCOUNT = "210987654321"
#: day on which the lending application's log was lost, and the one on which its only event stands at midnight
_LOST, _AT_MIDNIGHT = 62, 64


def acts_of(world: World, system: str, day: date) -> Iterator[Act]:
    """The acts that other fields know of one system on a day."""
    for act in (*world.leaver_logins, *world.break_glass_uses, *world.agent_writes):
        if act.system == system and act.at.date() == day:
            yield act


def cloudtrail(world: World, day: date) -> list[dict[str, object]]:
    """A day of CloudTrail events."""
    roll = dice(world.seed, "cloudtrail", day)
    events = []
    for number, (actor, source, name, read) in enumerate(_AWS_WORK):
        moment = at(day, f"{6 + number:02d}:{roll.randrange(60):02d}:{roll.randrange(60):02d}")
        account = actor if actor.startswith("arn:") else _aws(world, int(actor))
        events.append(_trail(f"ct-{day:%Y%m%d}-{number:03d}", moment, account, source, name, read, "lumen-core"))
    for act in acts_of(world, "aws", day):
        source = "signin.amazonaws.com" if act.activity == "login" else "s3.amazonaws.com"
        events.append(
            _trail(act.event_id, act.at, act.account, source, act.action, act.activity != "write", act.target)
        )
    return sorted(events, key=lambda event: str(event["eventTime"]))


_AWS_WORK = (
    (BACKUP, "backup.amazonaws.com", "StartBackupJob", False),
    ("6", "iam.amazonaws.com", "ListUsers", True),
    ("8", "ec2.amazonaws.com", "DescribeInstances", True),
    (DEPLOYER, "ecs.amazonaws.com", "UpdateService", False),
    ("9", "logs.amazonaws.com", "FilterLogEvents", True),
    ("7", "cloudtrail.amazonaws.com", "LookupEvents", True),
    (DEPLOYER, "lambda.amazonaws.com", "UpdateFunctionCode", False),
    (BACKUP, "s3.amazonaws.com", "PutObject", False),
)


def _aws(world: World, number: int) -> str:
    return world.account_id("aws", world.person(number))


def _trail(
    event: str, moment: datetime, account: str, source: str, name: str, read: bool, target: str
) -> dict[str, object]:
    login = name == "ConsoleLogin"
    return {
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser",
            "arn": account,
            "accountId": _ACCOUNT,
            "userName": account.removeprefix(AWS_USER),
        },
        "eventTime": iso(moment),
        "eventSource": source,
        "eventName": name,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "198.51.100.23",
        "userAgent": "aws-cli/2.17",
        "requestParameters": {"name": target},
        "responseElements": {"ConsoleLogin": "Success"} if login else None,
        "additionalEventData": {"MFAUsed": "Yes"} if login else None,
        "eventID": event,
        "readOnly": read,
        "eventType": "AwsConsoleSignIn" if login else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": _ACCOUNT,
    }


def okta_log(world: World, day: date) -> list[dict[str, object]]:
    """A day of Okta's System Log: most people sign in, one of them mistypes the password first."""
    roll = dice(world.seed, "okta-log", day)
    events = []
    for person in world.employed(day):
        if roll.random() < 0.5 and person.hired < day:
            moment = at(day, f"{7 + roll.randrange(3):02d}:{roll.randrange(60):02d}:{roll.randrange(60):02d}")
            if roll.randrange(10) == 0:
                events.append(_sign_in(world, person, moment - timedelta(seconds=40), "FAILURE"))
            events.append(_sign_in(world, person, moment, "SUCCESS"))
    events.append(_sign_in(world, world.person(6), at(day, "18:30:00"), "SUCCESS"))
    return [{"uuid": f"okta-{day:%Y%m%d}-{number:03d}", **event} for number, event in enumerate(events)]


def _sign_in(world: World, person: Person, moment: datetime, result: str) -> dict[str, object]:
    return {
        "published": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "eventType": "user.session.start",
        "severity": "INFO",
        "actor": {"id": world.account_id("okta", person), "type": "User", "alternateId": person.email},
        "client": {"ipAddress": "203.0.113.40", "device": "Computer"},
        "outcome": {"result": result, "reason": None if result == "SUCCESS" else "INVALID_CREDENTIALS"},
        "target": [{"id": "okta", "type": "AppInstance", "displayName": "Lumen portal"}],
    }


def github_log(world: World, day: date) -> list[dict[str, object]]:
    """A day of GitHub's audit log, with times in milliseconds as GitHub exports them."""
    roll = dice(world.seed, "github-log", day)
    actors = [*(world.account_id("github", world.person(n)) for n in (10, 11, 16, 18, 19)), CODER_AGENT, PIPELINE]
    events: list[dict[str, object]] = []
    for number, actor in enumerate(actors):
        moment = at(day, f"{9 + number:02d}:{roll.randrange(60):02d}:00") + timedelta(milliseconds=roll.randrange(1000))
        events.append(
            {
                "@timestamp": int(moment.timestamp() * 1000),
                "_document_id": f"gh-{day:%Y%m%d}-{number:03d}",
                "action": ("git.clone", "git.push", "pull_request.create")[roll.randrange(3)],
                "actor": actor,
                "actor_ip": "203.0.113.41",
                "org": "lumen",
                "repo": f"lumen/{world.repositories[number % 4]}",
                "programmatic_access_type": "GitHub App" if actor in (CODER_AGENT, PIPELINE) else None,
            }
        )
    return events


def core_log(world: World, day: date) -> list[dict[str, object]]:
    """A day of the lending application's log."""
    if day == world.timeline.day(_LOST):
        return []
    if day == world.timeline.day(_AT_MIDNIGHT):
        return [_core(f"core-{day:%Y%m%d}-000", at(day), BATCH, "batch.start", "write")]
    work = [(BATCH, "batch.run", "write"), *((_core_user(world, n), "loan.view", "read") for n in (37, 39))]
    work += [(_core_user(world, 42), "loan.decide", "write"), (_core_user(world, 43), "loan.view", "read")]
    roll = dice(world.seed, "core-log", day)
    return [
        _core(f"core-{day:%Y%m%d}-{number:03d}", at(day, f"{8 + 2 * number:02d}:{roll.randrange(60):02d}:30"), *entry)
        for number, entry in enumerate(work)
    ]


def _core_user(world: World, number: int) -> str:
    return world.account_id("core", world.person(number))


def _core(key: str, moment: datetime, account: str, event: str, access: str) -> dict[str, object]:
    return {
        "id": key,
        "ts": moment.timestamp(),
        "user": account,
        "machine": account == BATCH,
        "event": event,
        "access": access,
        "object": "loan-applications",
        "ok": True,
    }


def plants(world: World) -> list[Plant]:
    """The log that fell silent."""
    day = world.timeline.day(_LOST)
    return [Plant("The lending application sent no log for a day", "OP-03.T1", {"system_id": "core"}, day, day)]
