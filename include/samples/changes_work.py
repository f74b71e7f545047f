"""The work of a day when it is in order: changes, the pull requests that make them and their deployments.

Every weekday each repository has a change or none. A change is approved, assessed and tested in the morning, its
pull request is reviewed and merged at eleven, and the pipeline deploys it at noon after a release manager's approval.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from samples.releases import Release
from samples.timeline import at, dice
from samples.world import Person, World

RELEASE_MANAGERS = (8, 9)
#: repository -> numbers of the people who write in it, system, AI system
_TEAMS: dict[str, tuple[range, str, str | None]] = {
    "core": (range(24, 34), "core", None),
    "credit-models": (range(16, 24), "gateway", "credit-scoring"),
    "infrastructure": (range(10, 16), "aws", None),
    "ml-platform": (range(16, 24), "gateway", "support-assistant"),
}
_TITLES = ("Round instalments", "Show reasons of a refusal", "Raise limits of requests", "Retry the bureau's answer",
           "Update features", "Shorten prompts", "Tidy logging", "Renew certificates")  # fmt: skip
_EPOCH = date(2020, 1, 1)


@dataclass(frozen=True)
class Actor:
    """Somebody on GitHub; ``kind`` is ``User`` or ``Bot``."""

    login: str
    kind: str = "User"


@dataclass(frozen=True)
class Change:
    """A change as it ends up in the change tool; people by employee number."""

    id: str
    title: str
    kind: str
    system: str
    ai_system: str | None
    requested_by: str
    approved_by: str | None
    approved: datetime | None
    tested: datetime | None
    impact: str
    assessed: datetime | None
    implemented: datetime
    implemented_by: str
    reviewed: datetime | None = None
    material: bool = False
    told: datetime | None = None


@dataclass(frozen=True)
class Review:
    """A review of a pull request."""

    reviewer: Actor
    commit: str
    at: datetime
    state: str = "APPROVED"


@dataclass(frozen=True)
class Merge:
    """A merged pull request."""

    repo: str
    number: int
    title: str
    author: Actor
    pusher: Actor
    merger: Actor
    merged: datetime
    reviews: tuple[Review, ...]
    base: str = "main"
    checks: tuple[tuple[str, str], ...] = (("test", "success"), ("security-scan", "success"))

    @property
    def head(self) -> str:
        return sha("head", self.repo, self.number)

    @property
    def commit(self) -> str:
        """The commit that the merge made."""
        return sha("merge", self.repo, self.number)


@dataclass(frozen=True)
class Deployment:
    """A deployment to production by the pipeline."""

    number: int
    repo: str
    sha: str
    started: datetime
    starter: Actor
    approver: Actor | None
    release: Release | None = None


@dataclass
class Work:
    """What happened on a day."""

    changes: list[Change] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)

    def add(self, change: Change | None, merge: Merge | None = None, deployment: Deployment | None = None) -> None:
        self.changes += [change] if change else []
        self.merges += [merge] if merge else []
        self.deployments += [deployment] if deployment else []


def sha(*what: object) -> str:
    """The name of a commit."""
    return hashlib.sha1("/".join(map(str, what)).encode(), usedforsecurity=False).hexdigest()


def ordinary_work(world: World, day: date) -> Work:
    """The day's work, all of it in order; none at weekends."""
    work = Work()
    for place, repo in enumerate(sorted(_TEAMS)):
        roll = dice(world.seed, "work", day, repo).random()
        if day.weekday() < 5 and roll < 0.65:
            change, merge, deployment = item(world, day, repo, place)
            if place == 0 and day.toordinal() % 28 == 3:
                change = emergency(change)
            work.add(change, merge, deployment if roll < 0.55 else None)
    return work


def emergency(change: Change, reviewed_after: timedelta = timedelta(hours=26)) -> Change:
    """A change as an emergency: tested afterwards, and reviewed."""
    fields = {**change.__dict__, "kind": "emergency", "tested": change.implemented + timedelta(hours=2)}
    return Change(**{**fields, "reviewed": change.implemented + reviewed_after})


def item(world: World, day: date, repo: str, place: int) -> tuple[Change, Merge, Deployment]:
    """One change with its pull request and its deployment; ``place``, 0 to 9, tells those of a day apart."""
    roll = dice(world.seed, "item", day, repo, place)
    numbers, system, ai_system = _TEAMS[repo]
    team = [person for person in world.employed(day) if int(person.id[1:]) - 1000 in numbers and _settled(person, day)]
    author, reviewer, approver = roll.sample(team, 3)
    number = (day - _EPOCH).days * 10 + place
    manager = world.people[roll.choice(RELEASE_MANAGERS)]
    title = roll.choice(_TITLES)
    change = Change(
        id=f"LEND-{number}",
        title=title,
        kind="standard" if roll.random() < 0.2 else "normal",
        system=system,
        ai_system=ai_system,
        requested_by=author.id,
        approved_by=approver.id,
        approved=at(day, "09:30:00"),
        tested=at(day, "10:30:00"),
        impact="low",
        assessed=at(day, "09:10:00"),
        implemented=at(day, "12:00:00"),
        implemented_by=manager.id,
    )
    merge = merge_of(world, day, repo, number, f"LEND-{number} {title}", (author, reviewer))
    starter, release = on_github(world, author), on_github(world, manager)
    return change, merge, Deployment(number, repo, merge.commit, change.implemented, starter, release)


def _settled(person: Person, day: date) -> bool:
    return person.hired < day - timedelta(days=3)


def on_github(world: World, person: Person) -> Actor:
    """A person by the login of their account."""
    return Actor(world.account_id("github", person))


def merge_of(world: World, day: date, repo: str, number: int, title: str, people: tuple[Person, Person]) -> Merge:
    """A pull request by the first of two people, approved and merged by the second."""
    author, reviewer = (on_github(world, person) for person in people)
    approval = Review(reviewer, sha("head", repo, number), at(day, "10:50:00"))
    return Merge(repo, number, title, author, author, reviewer, at(day, "11:00:00"), (approval,))
