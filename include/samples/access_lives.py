"""The lives of accounts, rights and requests: when each begins, changes and ends. What a day shows is read off them.

A draft starts in order (``access_base``), plants are put into it (``access_plants``), and the exports are views of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import at
from samples.world import World


def end_of(day: date) -> datetime:
    """The first moment that is no longer part of a day."""
    return at(day + timedelta(days=1))


@dataclass(frozen=True)
class Spell:
    """What is otherwise with an account for some days, both included."""

    field: str
    value: object
    first: date
    last: date


@dataclass(frozen=True)
class Account:
    """An account from its creation on; ``person`` is the employee number of its human, who ``left`` at some time."""

    id: str
    system: str
    login: str
    kind: str
    created: datetime
    person: str | None = None
    owner: str | None = None
    ai_agent: bool | None = None
    disabled: datetime | None = None
    left: datetime | None = None
    mfa: str = "n/a"
    sso: bool = True
    privileged: bool = False
    login_every: int = 1
    spells: tuple[Spell, ...] = ()

    def spell(self, name: str, value: object, day: date) -> object:
        """A field's value on a day, its spells counted."""
        return next((one.value for one in self.spells if one.field == name and one.first <= day <= one.last), value)

    def is_active(self, day: date) -> bool:
        """Whether it is switched on at the end of a day."""
        return self.disabled is None or self.disabled >= end_of(day)

    def last_login(self, day: date) -> datetime | None:
        """The latest log-in by the end of a day: every so many days at some minute past seven."""
        known = self.spell("last_login", None, day)
        if isinstance(known, datetime):
            return known
        ends = self.left or self.disabled
        until = min(day, ends.date() - timedelta(days=1)) if ends else day
        number = sum(map(ord, self.id))
        latest = until - timedelta(days=(until.toordinal() + number) % self.login_every)
        moment = at(latest, f"07:{number % 60:02d}:00")
        return moment if moment > self.created else self.created + timedelta(minutes=5)


@dataclass(frozen=True)
class Grant:
    """An entitlement of an account from its grant until it is taken away."""

    account: str
    system: str
    entitlement: str
    granted: datetime
    revoked: datetime | None = None
    privileged: bool = False
    environment: str = "corp"
    ai_config: bool = False
    scope: str = "role"


@dataclass(frozen=True)
class Request:
    """An access request; what lies after a day is not yet known on it."""

    id: str
    person: str
    account: str | None
    system: str
    entitlement: str
    requested: datetime
    requested_by: str
    approved: datetime | None
    approved_by: str | None
    action: str = "grant"
    reviewed: datetime | None = None
    reviewed_by: str | None = None


@dataclass(frozen=True)
class Role:
    """A role with its authority, for one person, from a day on until it is taken away."""

    id: str
    person: str
    authority: tuple[str, ...]
    assigned: date
    ended: date | None = None
    ai_systems: tuple[str, ...] = ()
    delegate: str | None = None


@dataclass(frozen=True)
class Review:
    """One item of an access review, as it ends up."""

    id: str
    started: datetime
    period_start: date
    period_end: date
    account: str
    system: str
    entitlement: str
    reviewer: str
    decision: str
    decided: datetime | None
    remediated: datetime | None = None


@dataclass
class Draft:
    """Everything about access while it is put together."""

    world: World
    accounts: list[Account] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    unrequested: set[tuple[str, str, str]] = field(default_factory=set)

    def day(self, number: int) -> date:
        return self.world.timeline.day(number)

    def account(self, system: str, number: int) -> Account:
        """The account of a person, by number."""
        return self.by_id(self.world.account_id(system, self.world.person(number)))

    def by_id(self, account: str) -> Account:
        return next(one for one in self.accounts if one.id == account)

    def change(self, account: Account, **fields: object) -> None:
        """Let an account be otherwise for good."""
        self.accounts[self.accounts.index(account)] = replace(account, **fields)  # type: ignore[arg-type]

    def spell(self, account: Account, name: str, value: object, first: date, last: date) -> None:
        """Let an account be otherwise for some days."""
        self.change(account, spells=(*account.spells, Spell(name, value, first, last)))

    def found(self, story: str, test: str, first: date, last: date, **key: str) -> None:
        """Put a deviation into the answer key."""
        self.plants.append(Plant(story, test, key, first, last))


def accounts_on(draft: Draft, day: date) -> Iterator[Account]:
    """The accounts that exist at the end of a day."""
    return (account for account in draft.accounts if account.created < end_of(day))


def grants_on(draft: Draft, day: date) -> Iterator[Grant]:
    """The entitlements held at the end of a day; who is switched off holds none."""
    off = {account.id for account in draft.accounts if account.disabled and account.disabled < end_of(day)}
    return (
        grant
        for grant in draft.grants
        if grant.granted < end_of(day)
        and not (grant.revoked and grant.revoked < end_of(day))
        and grant.account not in off
    )


def requests_on(draft: Draft, day: date) -> Iterator[Request]:
    """The requests as a day knows them."""
    for request in draft.requests:
        if request.requested < end_of(day):
            known = replace(request, reviewed=None, reviewed_by=None) if _later(request.reviewed, day) else request
            yield replace(known, approved=None, approved_by=None) if _later(request.approved, day) else known


def roles_on(draft: Draft, day: date) -> Iterator[Role]:
    """The roles held on a day."""
    return (role for role in draft.roles if role.assigned <= day and not (role.ended and role.ended <= day))


def _later(moment: datetime | None, day: date) -> bool:
    return moment is not None and moment >= end_of(day)
