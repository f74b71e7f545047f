"""The policies of Lumen Lending: versions, who wrote and approved them, what readers get; what is out of order."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from samples.answers import Plant
from samples.timeline import Timeline, month_end, month_ends
from samples.world import World

#: what the AI policy treats
_TOPICS = ("principles", "risk-approach", "roles", "compliance-commitments", "exceptions", "alignment", "public-models")
#: kind, title, owner by number, days before the timeline's first on which the version in force took effect
_STACK = (
    ("access-control", "Access to systems and data", 2, 110),
    ("ai-acceptable-use", "Acceptable use of AI", 37, 60),
    ("business-continuity", "Keeping the business going", 13, 100),
    ("change-management", "Changes to systems", 8, 95),
    ("data-governance", "Governance of data", 18, 70),
    ("generative-ai-use", "Use of generative AI", 37, 60),
    ("incident-response", "Incidents, also of AI systems", 3, 90),
    ("model-development-lifecycle", "Developing models", 16, 80),
    ("privacy", "Privacy", 41, 120),
    ("retention", "Keeping and deleting data", 41, 120),
    ("risk", "Managing risks", 34, 85),
    ("vendor", "Suppliers", 8, 105),
)
_APPROVER = 0
#: days on which readers are given another text of the privacy policy; on which the retention policy is overdue
_TAMPERED, _OVERDUE = (62, 64), (100, 105)
#: day on which a version takes effect that its approver wrote
_OWN_WORK = 120


@dataclass(frozen=True)
class Policy:
    """A version of a policy, in force from a moment on; of some it is recorded who read them."""

    id: str
    version: str
    title: str
    owner: int
    effective: date
    material: bool
    kind: str
    topics: tuple[str, ...] = ()
    author: int | None = None
    read: bool = True
    overdue: bool = False
    tampered: bool = False

    @property
    def content_digest(self) -> str:
        """The SHA-256 of the approved text."""
        return _digest(f"{self.title} {self.version}\n")

    @property
    def published_digest(self) -> str:
        """The SHA-256 of the text that readers are given."""
        return _digest(f"{self.title} {self.version}, altered\n") if self.tampered else self.content_digest

    @property
    def commit(self) -> str:
        """The commit that holds the approved text."""
        return _digest(f"commit of {self.id} {self.version}")[:40]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def policies(world: World, day: date) -> list[Policy]:
    """The versions that are in force, or were, as a day shows them."""
    shown = (_as_shown(policy, world, day) for policy in _all(world) if policy.effective <= day)
    return [policy for policy in shown if not (policy.id == "vendor" and _near(world.timeline, day, _GONE))]


def _all(world: World) -> Iterator[Policy]:
    first, use = world.timeline.first, "Policy on the use of AI"
    security = ("information-security", "Information security policy", 2)
    for version, days, material in (("3.0", 300, True), ("3.1", 100, False)):
        name, title, owner = security
        yield Policy(name, version, title, owner, first - timedelta(days=days), material, name)
    for version, effective, material in (
        ("1.0", first - timedelta(days=250), True),
        ("1.1", first - timedelta(days=90), False),
        ("2.0", world.timeline.day(30), True),
    ):
        yield Policy("ai-policy", version, use, 37, effective, material, "ai-policy", _TOPICS)
    conduct = first - timedelta(days=150)
    yield Policy("code-of-conduct", "2.0", "Code of conduct", 40, conduct, False, "code-of-conduct")
    for kind, title, owner, days in _STACK:
        yield Policy(kind, "1.0", title, owner, first - timedelta(days=days), False, kind, read=False)
    renewed = world.timeline.day(_OWN_WORK)
    yield Policy(
        "generative-ai-use", "1.1", "Use of generative AI", 37, renewed, False, "generative-ai-use",
        author=_APPROVER, read=False,
    )  # fmt: skip


def _as_shown(policy: Policy, world: World, day: date) -> Policy:
    if policy.id == "privacy" and _within(world, day, _TAMPERED):
        return replace(policy, tampered=True)
    if policy.id == "retention" and _within(world, day, _OVERDUE):
        return replace(policy, overdue=True)
    if policy.id == "ai-policy" and _near(world.timeline, day, _CUT):
        return replace(policy, topics=tuple(topic for topic in policy.topics if topic != "exceptions"))
    return policy


#: number of the month's end around which the policy on suppliers is gone, and the AI policy says nothing of exceptions
_GONE, _CUT = 1, 3


def _near(timeline: Timeline, day: date, number: int) -> bool:
    ends = month_ends(timeline)
    return len(ends) > number and abs(day - ends[number]) <= timedelta(days=2)


def _within(world: World, day: date, days: tuple[int, int]) -> bool:
    return world.timeline.day(days[0]) <= day <= world.timeline.day(days[1])


def plants(world: World) -> list[Plant]:
    """What the months' ends find."""
    timeline, found = world.timeline, []
    for test, key, days, story in (
        ("PO-01.T2", {"policy_id": "retention"}, _OVERDUE, "A policy was overdue for review for a week"),
        ("PO-01.T3", {"policy_id": "privacy", "version": "1.0"}, _TAMPERED, "Readers were given another text"),
        ("PO-01.T4", {"policy_id": "generative-ai-use", "version": "1.1"}, (_OWN_WORK,) * 2, "Approved by its author"),
    ):
        shown = range((timeline.day(days[1]) - timeline.day(days[0])).days + 1)
        ends = {month_end(timeline, timeline.day(days[0]) + timedelta(days=number)) for number in shown}
        found += [Plant(story, test, key, end, end) for end in sorted(end for end in ends if end)]
    ends_of_months = month_ends(timeline)
    gone, cut = ends_of_months[_GONE : _GONE + 1], ends_of_months[_CUT : _CUT + 1]
    found += [Plant("The policy on suppliers was withdrawn", "PO-01.T1", {"kind": "vendor"}, end, end) for end in gone]
    silent = "The AI policy said nothing of exceptions"
    found += [Plant(silent, "PO-01.T5", {"topic": "exceptions"}, end, end) for end in cut]
    return found
