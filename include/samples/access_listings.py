"""Accounts as Okta and AWS IAM list them themselves."""

from __future__ import annotations

from datetime import date, datetime

from samples.access_lives import Account, Draft, accounts_on, grants_on
from samples.world import Person
from samples.writers import Record

_FACTOR = {"phishing-resistant": "webauthn", "weak": "sms"}


def okta_users(draft: Draft, day: date) -> list[Record]:
    """Users with their factors and roles, as the API gives them."""
    people = {person.id: person for person in draft.world.people}
    return [_okta(one, people[one.person or ""], day) for one in accounts_on(draft, day) if one.system == "okta"]


def _okta(account: Account, person: Person, day: date) -> Record:
    off = None if account.is_active(day) else account.disabled
    changed = _millis(off or account.created)
    mfa = str(account.spell("mfa", account.mfa, day))
    first, _, last = person.name.partition(" ")
    return {
        "id": account.id,
        "status": "DEPROVISIONED" if off else "ACTIVE",
        "created": _millis(account.created),
        "activated": _millis(account.created),
        "statusChanged": changed,
        "lastLogin": _millis(account.last_login(day)),
        "lastUpdated": changed,
        "type": {"id": "oty1lumen"},
        "profile": {"firstName": first, "lastName": last, "login": person.email, "email": person.email,
                    "employeeNumber": person.id, "userType": None},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        "factors": [{"factorType": _FACTOR[mfa], "status": "ACTIVE"}] if mfa in _FACTOR else [],
        "roles": [{"type": "SUPER_ADMIN", "status": "ACTIVE"}] if account.privileged else [],
    }  # fmt: skip


def _millis(moment: datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def aws_users(draft: Draft, day: date) -> list[Record]:
    """Users of the account with groups and tags; one that is switched off has a tag that tells since when."""
    groups: dict[str, list[str]] = {}
    for grant in grants_on(draft, day):
        groups.setdefault(grant.account, []).append(grant.entitlement)
    return [_aws(one, groups.get(one.id, []), day) for one in accounts_on(draft, day) if one.system == "aws"]


def _aws(account: Account, groups: list[str], day: date) -> Record:
    tags = {
        "Person": account.person,
        "Owner": account.owner,
        "Kind": str(account.spell("kind", account.kind, day)),
        "AiAgent": None if account.ai_agent is None else str(account.ai_agent).lower(),
        "LastConsoleLogin": _millis(account.last_login(day)),
        "SignOn": "identity-center" if account.sso else "hardware-key",
        "Admin": "true" if account.privileged else "false",
        "DisabledAt": None if account.is_active(day) else _millis(account.disabled),
    }
    return {
        "Path": "/",
        "UserName": account.id.rpartition("/")[2],
        "UserId": f"AIDA{abs(sum(map(ord, account.id))):012d}",
        "Arn": account.id,
        "CreateDate": account.created.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "GroupList": sorted(groups),
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items() if value is not None],
    }
