"""Keys of machines: the credential report of AWS, and the vault's list of what it issued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.access_lives import Account, Draft
from samples.timeline import at, iso
from samples.world import BACKUP, BATCH, CODER_AGENT, DEPLOYER, PIPELINE, ROUTER
from samples.writers import Cell

REPORT = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active",
    *(f"access_key_{number}_{what}" for number in (1, 2)
      for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")),
    *(f"cert_{number}_{what}" for number in (1, 2) for what in ("active", "last_rotated")),
)  # fmt: skip
_CYCLE = 60
#: days of the timeline on which the backup's key is not replaced when it should be, and then is
_BACKUP_LATE = (10, 112)
#: day on which the deployer's key was made; it is never replaced
_DEPLOYER_KEY = -100


@dataclass(frozen=True)
class Key:
    """A key as its issuer lists it on a day."""

    id: str
    account: str
    system: str
    kind: str
    created: datetime
    used: datetime | None
    expires: datetime | None


def credential_report(draft: Draft, day: date) -> list[Mapping[str, Cell]]:
    """The IAM credential report: people have no password here, they come through single sign-on."""
    return [
        _reported(draft, account, day)
        for account in draft.accounts
        if account.system == "aws" and _exists(account, day)
    ]


def _exists(account: Account, day: date) -> bool:
    return account.created.date() <= day and account.is_active(day)


def _reported(draft: Draft, account: Account, day: date) -> Mapping[str, Cell]:
    keyed = account.id in (DEPLOYER, BACKUP)
    row: dict[str, Cell] = dict.fromkeys(REPORT, "N/A")
    row |= {"user": account.login.partition("@")[0], "arn": account.id, "user_creation_time": _long(account.created)}
    row |= {name: "false" for name in REPORT if name.endswith(("_active", "_enabled"))}
    if keyed:
        row |= {
            "access_key_1_active": "true",
            "access_key_1_last_rotated": _long(_key_made(draft, account.id, day)),
            "access_key_1_last_used_date": _long(at(day, "02:10:00")),
            "access_key_1_last_used_region": "eu-central-1",
            "access_key_1_last_used_service": "s3",
        }
    return row


def _long(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _key_made(draft: Draft, account: str, day: date) -> datetime:
    made = replaced_every(draft, account, _CYCLE, day)
    if account == BACKUP:
        first, last = (draft.day(number) for number in _BACKUP_LATE)
        made = first if first <= day < last else made
    if account == DEPLOYER and day >= draft.day(_DEPLOYER_KEY):
        made = draft.day(_DEPLOYER_KEY)
    return at(made, "02:00:00") if account == BACKUP else at(made, "09:00:00")


def replaced_every(draft: Draft, name: str, days: int, day: date) -> date:
    """The latest day on which a key that is replaced every so many days was replaced."""
    age = (day.toordinal() + sum(map(ord, name))) % days
    return day - timedelta(days=age)


def vault_keys(draft: Draft, day: date) -> Iterator[Key]:
    """What the vault issued to machines outside AWS."""
    for name, system, kind, cycle in (
        (PIPELINE, "github", "token", 30),
        (CODER_AGENT, "github", "token", 30),
        (ROUTER, "gateway", "cert", 80),
        (BATCH, "core", "api-key", 45),
    ):
        made = replaced_every(draft, name, cycle, day)
        endless = kind == "api-key" or (name == CODER_AGENT and draft.day(84) <= day <= draft.day(90))
        expires = None if endless else at(made + timedelta(days=90), "09:00:00")
        yield Key(f"vault/{name}", name, system, kind, at(made, "09:00:00"), at(day, "05:00:00"), expires)


def vault_entry(key: Key) -> dict[str, object]:
    """A key in the manner of the vault's list."""
    return {
        "accessor": key.id,
        "entity": {"name": key.account, "mount": key.system},
        "type": key.kind,
        "issue_time": iso(key.created),
        "last_use": iso(key.used),
        "expire_time": iso(key.expires),
        "renewable": False,
    }
