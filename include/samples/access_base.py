"""Access at Lumen Lending when everything is in order: who has which account, right, request and role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from samples.access_lives import Account, Draft, Grant, Request, Role
from samples.access_roles import governance_roles
from samples.timeline import at
from samples.world import (
    BACKUP,
    BATCH,
    BREAK_GLASS,
    BREAK_GLASS_DAYS,
    CODER_AGENT,
    DEPLOYER,
    PIPELINE,
    ROUTER,
    TRIAGE_AGENT,
    Person,
    World,
)


@dataclass(frozen=True)
class Right:
    """An entitlement and the people, by number, who hold it."""

    system: str
    name: str
    holders: tuple[int, ...]
    privileged: bool = False
    environment: str = "corp"
    ai_config: bool = False


RIGHTS = (
    Right("okta", "everyone", tuple(range(44))),
    Right("okta", "admin", (6, 7), privileged=True, environment="prod"),
    Right("github", "write", tuple(range(10, 34)), environment="dev"),
    Right("github", "read", (2, 3, 4, 5, 8, 9), environment="dev"),
    Right("github", "admin", (10, 11), privileged=True, environment="prod"),
    Right("aws", "read", (2, 3, 31, *range(6, 16)), environment="prod"),
    Right("aws", "admin", (6, 7), privileged=True, environment="prod"),
    Right("aws", "deploy", (8, 9), privileged=True, environment="prod"),
    Right("aws", "operate", (10, 12, 13, 14, 15), environment="staging"),
    Right("core", "support", tuple(range(24, 34)), environment="prod"),
    Right("core", "underwrite", (42, 43), environment="prod"),
    Right("core", "audit", (37, 38, 39), environment="prod"),
    Right("core", "admin", (6, 8), privileged=True, environment="prod"),
    Right("gateway", "invoke", tuple(range(16, 24)), environment="prod"),
    Right("gateway", "edit-thresholds", (16, 17), environment="prod", ai_config=True),
    Right("gateway", "approve-results", (34, 35, 36), environment="prod"),
    Right("gateway", "admin", (11,), privileged=True, environment="prod", ai_config=True),
)

#: role -> authority, holders by number
_ROLES: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    "identity-administrator": (("okta/admin",), (6, 7)),
    "code-administrator": (("github/admin",), (10, 11)),
    "cloud-administrator": (("aws/admin", "aws/operate"), (6, 7)),
    "release-manager": (("aws/deploy",), (8, 9, 11)),
    "application-administrator": (("core/admin",), (6, 8)),
    "model-owner": (("gateway/edit-thresholds",), (16, 17)),
    "gateway-administrator": (("gateway/admin",), (11,)),
    "chief-risk-officer": (("policy/approve",), (34,)),
}

#: how often, in days, people use a system
_LOGIN_EVERY = {"okta": 1, "github": 3, "aws": 7, "core": 2, "gateway": 5}


def base(world: World) -> Draft:
    """Everything in order, requests for later grants not yet written."""
    draft = Draft(world)
    for right in RIGHTS:
        for number in right.holders:
            _give(draft, world.people[number], right)
    draft.accounts += _machines(world)
    draft.grants += _machine_grants(world)
    draft.roles += [
        Role(name, world.people[number].id, authority, world.timeline.first - timedelta(days=200))
        for name, (authority, holders) in _ROLES.items()
        for number in holders
    ]
    draft.roles += governance_roles(world)
    draft.requests += _emergencies(world)
    return draft


def _give(draft: Draft, person: Person, right: Right) -> None:
    account_id = draft.world.account_id(right.system, person)
    starts = (
        at(person.hired, "08:00:00") if right.system == "okta" else at(person.hired + timedelta(days=1), "09:00:00")
    )
    if not any(account.id == account_id for account in draft.accounts):
        draft.accounts.append(_account(account_id, person, right.system, starts))
    if right.privileged:
        draft.change(draft.by_id(account_id), privileged=True)
    draft.grants.append(
        Grant(
            account_id,
            right.system,
            right.name,
            starts + timedelta(minutes=1),
            privileged=right.privileged,
            environment=right.environment,
            ai_config=right.ai_config,
        )
    )


def _account(account_id: str, person: Person, system: str, created: datetime) -> Account:
    return Account(
        id=account_id,
        system=system,
        login=person.email if system != "github" else account_id,
        kind="human",
        created=created,
        person=person.id,
        disabled=_switched_off(person),
        left=person.leaves,
        mfa="phishing-resistant" if system == "okta" else "n/a",
        sso=system != "okta",
        login_every=_LOGIN_EVERY[system],
    )


def _switched_off(person: Person) -> datetime | None:
    if person.leaves is None:
        return None
    return person.leaves + timedelta(hours=1 if person.leave_kind == "involuntary" else 2)


def _machines(world: World) -> list[Account]:
    since = at(world.timeline.first - timedelta(days=400), "10:00:00")

    def machine(name: str, system: str, kind: str, owner: int) -> Account:
        person = world.people[owner].id
        return Account(name, system, name.rpartition("/")[2], kind, since, owner=person, ai_agent=kind == "ai-agent")

    glass = machine(BREAK_GLASS, "aws", "break-glass", 7)
    return [
        machine(DEPLOYER, "aws", "service", 11),
        machine(BACKUP, "aws", "service", 7),
        machine(PIPELINE, "github", "service", 10),
        machine(CODER_AGENT, "github", "ai-agent", 10),
        machine(ROUTER, "gateway", "service", 11),
        machine(TRIAGE_AGENT, "gateway", "ai-agent", 19),
        machine(BATCH, "core", "service", 18),
        Account(
            BREAK_GLASS, "aws", "break-glass", "break-glass", since, owner=glass.owner, mfa="phishing-resistant",
            sso=False, privileged=True, login_every=30,
        ),
    ]  # fmt: skip


def _machine_grants(world: World) -> list[Grant]:
    since = at(world.timeline.first - timedelta(days=400), "10:05:00")
    return [
        Grant(DEPLOYER, "aws", "deploy", since, privileged=True, environment="prod"),
        Grant(BACKUP, "aws", "backup", since, environment="prod"),
        Grant(BREAK_GLASS, "aws", "admin", since, privileged=True, environment="prod"),
        Grant(PIPELINE, "github", "status", since, environment="dev"),
        Grant(CODER_AGENT, "github", "propose", since, environment="dev"),
        Grant(ROUTER, "gateway", "invoke", since, environment="prod"),
        Grant(TRIAGE_AGENT, "gateway", "invoke", since, environment="prod"),
        Grant(BATCH, "core", "batch", since, environment="prod"),
    ]


def _emergencies(world: World) -> list[Request]:
    """One request for each use of the emergency account; each but the late one is reviewed the next morning."""
    requests = []
    for use, number in zip(world.break_glass_uses, BREAK_GLASS_DAYS, strict=True):
        hours = {80: 60, 140: 48}.get(number, 22)
        requests.append(
            Request(
                id=f"REQ-E{number}",
                person=world.people[7].id,
                account=BREAK_GLASS,
                system="aws",
                entitlement="admin",
                requested=use.at - timedelta(minutes=20),
                requested_by=world.people[7].id,
                approved=use.at - timedelta(minutes=10),
                approved_by=world.people[6].id,
                reviewed=use.at + timedelta(hours=hours),
                reviewed_by=world.people[2].id,
            )
        )
    return requests


def request_grants(draft: Draft) -> None:
    """A request, approved by the manager in time, for every grant since shortly before the first day."""
    since = at(draft.world.timeline.first - timedelta(days=30))
    for grant in draft.grants:
        key = (grant.account, grant.system, grant.entitlement)
        if grant.granted >= since and key not in draft.unrequested and grant.entitlement != "everyone":
            draft.requests.append(approval(draft, grant, len(draft.requests)))


def approval(draft: Draft, grant: Grant, number: int, *, approved: datetime | None = None) -> Request:
    """The request for a grant, approved by the manager of its person an hour before it, or when told."""
    account = draft.by_id(grant.account)
    person = account.person or account.owner or ""
    manager = next(one.manager for one in draft.world.people if one.id == person) or draft.world.people[1].id
    moment = approved or grant.granted - timedelta(hours=1)
    return Request(
        id=f"REQ-{1000 + number}",
        person=person,
        account=grant.account,
        system=grant.system,
        entitlement=grant.entitlement,
        requested=moment - timedelta(hours=3),
        requested_by=person,
        approved=moment,
        approved_by=manager,
    )
