"""What is out of order about changes, each with what must be found. One function, one story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from samples.answers import Plant
from samples.changes_releases import past_the_gate, releases
from samples.changes_work import Actor, Change, Deployment, Merge, Work, emergency, item, ordinary_work, sha
from samples.world import World

#: repository, first and last day on which its main branch does not hold for administrators
UNPROTECTED = (("credit-models", 88, 91), ("infrastructure", -40, -39))
_PLANTED = 9
_AGENT = Actor("copilot-swe-agent[bot]", "Bot")
_DEPENDABOT = Actor("dependabot[bot]", "Bot")

Story = Callable[[World, date, Work], list[Plant]]


def _one(story: str, test: str, day: date, **key: str) -> list[Plant]:
    return [Plant(story, test, key, day, day)]


def _pull(merge: Merge) -> dict[str, str]:
    return {"repo": f"lumen/{merge.repo}", "number": str(merge.number)}


def _parts(world: World, day: date, repo: str) -> tuple[Change, Merge, Deployment]:
    return item(world, day, repo, _PLANTED)


def _stale_approval(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "core")
    old = replace(merge.reviews[0], commit=sha("earlier", merge.number))
    merge = replace(merge, reviews=(old,))
    work.add(change, merge, deployment)
    return _one("Commits were pushed after the approval", "DV-04.T1", day, **_pull(merge))


def _pusher_approves(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "ml-platform")
    merge = replace(merge, pusher=merge.reviews[0].reviewer)
    work.add(change, merge, deployment)
    return _one("The reviewer pushed the last commit and approved it", "DV-04.T1", day, **_pull(merge))


def _machine_approves(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "core")
    merge = replace(merge, reviews=(replace(merge.reviews[0], reviewer=Actor("coderabbitai[bot]", "Bot")),))
    work.add(change, merge, deployment)
    return _one("Only a review bot approved", "DV-04.T1", day, **_pull(merge))


def _nobody_approves(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "credit-models")
    merge = replace(merge, reviews=())
    work.add(change, merge, deployment)
    return _one("Merged without any review", "DV-04.T1", day, **_pull(merge))


def _machine_merges(world: World, day: date, work: Work) -> list[Plant]:
    _, merge, _ = _parts(world, day, "infrastructure")
    merge = replace(merge, author=_DEPENDABOT, pusher=_DEPENDABOT, merger=_DEPENDABOT, reviews=(), base="dependencies")
    work.add(None, merge)
    return _one("A dependency bot merged its own update", "DV-04.T2", day, **_pull(merge))


def _machine_merges_approved(world: World, day: date, work: Work) -> list[Plant]:
    _, merge, _ = _parts(world, day, "infrastructure")
    work.add(None, replace(merge, author=_AGENT, pusher=_AGENT, merger=_AGENT, base="dependencies"))
    return []


def _failed_check(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "core")
    merge = replace(merge, checks=(("test", "success"), ("security-scan", "failure")))
    work.add(change, merge, deployment)
    return _one("Merged although the security scan failed", "DV-04.T3", day, **_pull(merge))


def _bypassed_check(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "infrastructure")
    merge = replace(merge, checks=(("test", "success"),))
    work.add(change, merge, deployment)
    return _one("Merged before the security scan ran", "DV-04.T3", day, **_pull(merge))


def _not_assessed(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "credit-models")
    change = replace(change, impact="not-assessed", assessed=None)
    work.add(change, merge, deployment)
    return _one("Nobody assessed the security impact of a model's change", "DV-04.T5", day, change_id=change.id)


def _assessed_late(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "ml-platform")
    change = replace(change, assessed=change.implemented + timedelta(hours=3))
    work.add(change, merge, deployment)
    return _one("The security impact was assessed after the release", "DV-04.T5", day, change_id=change.id)


def _assessed_just_in_time(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "ml-platform")
    work.add(replace(change, assessed=change.implemented), merge, deployment)
    return []


def _customers_not_told(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, _ = _parts(world, day, "credit-models")
    work.add(replace(change, material=True), merge)
    key = {"change_id": change.id, "commitment_id": "CC-1"}
    return _one("Customers were not told of a change that they notice", "TP-02.T3", day, **key)


def _customers_told_just_in_time(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, _ = item(world, day, "ml-platform", _PLANTED - 1)
    work.add(replace(change, material=True, told=change.implemented - timedelta(days=30)), merge)
    return []


def _unknown_commit(world: World, day: date, work: Work) -> list[Plant]:
    _, merge, deployment = _parts(world, day, "core")
    deployment = replace(deployment, sha=sha("laptop", merge.number))
    work.add(None, None, deployment)
    key = f"lumen/core/{deployment.number}"
    return _one("A commit went to production that no pull request knows", "CH-01.T1", day, deployment_id=key)


def _no_change(world: World, day: date, work: Work) -> list[Plant]:
    _, merge, deployment = _parts(world, day, "ml-platform")
    work.add(None, merge, deployment)
    key = f"lumen/ml-platform/{deployment.number}"
    return _one("The pull request names a change that does not exist", "CH-01.T1", day, deployment_id=key)


def _own_approval(world: World, day: date, work: Work) -> list[Plant]:
    change, _, _ = _parts(world, day, "infrastructure")
    change = replace(change, approved_by=change.requested_by)
    work.add(change)
    return _one("The requester approved the change", "CH-01.T2", day, change_id=change.id)


def _not_tested(world: World, day: date, work: Work) -> list[Plant]:
    change, _, _ = _parts(world, day, "core")
    work.add(replace(change, tested=None))
    return _one("The change was implemented untested", "CH-01.T2", day, change_id=change.id)


def _approved_just_in_time(world: World, day: date, work: Work) -> list[Plant]:
    change, _, _ = _parts(world, day, "core")
    work.add(replace(change, approved=change.implemented, tested=change.implemented))
    return []


def _reviewed_late(world: World, day: date, work: Work) -> list[Plant]:
    change, _, _ = _parts(world, day, "infrastructure")
    work.add(emergency(change, reviewed_after=timedelta(days=5)))
    days = (day + timedelta(days=3), day + timedelta(days=29))
    return [Plant("The emergency was looked at after five days", "CH-01.T3", {"change_id": change.id}, *days)]


def _reviewed_just_in_time(world: World, day: date, work: Work) -> list[Plant]:
    change, _, _ = _parts(world, day, "infrastructure")
    work.add(emergency(change, reviewed_after=timedelta(days=3)))
    return []


def _many_emergencies(world: World, day: date, work: Work) -> list[Plant]:
    for place in range(4, 10):
        work.add(emergency(item(world, day, "infrastructure", place)[0]))
    return []  # how long the share is too high follows from all changes: see _share


def _agent_deploys(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "ml-platform")
    deployment = replace(deployment, starter=_AGENT, approver=None)
    work.add(change, merge, deployment)
    key = f"lumen/ml-platform/{deployment.number}"
    return _one("An AI agent set off a deployment that nobody approved", "DV-05.T2", day, deployment_id=key)


def _agent_deploys_approved(world: World, day: date, work: Work) -> list[Plant]:
    change, merge, deployment = _parts(world, day, "ml-platform")
    work.add(change, merge, replace(deployment, starter=_AGENT))
    return []


_STORIES: tuple[tuple[int, Story], ...] = (
    (0, _customers_not_told),
    (0, _customers_told_just_in_time),
    (22, _own_approval),
    (24, _approved_just_in_time),
    (28, _stale_approval),
    (36, _machine_merges),
    (38, _machine_merges_approved),
    (40, _reviewed_just_in_time),
    (45, _unknown_commit),
    (55, _failed_check),
    (61, _pusher_approves),
    (66, _assessed_just_in_time),
    (70, _reviewed_late),
    (76, _not_assessed),
    (95, _not_tested),
    (100, _machine_approves),
    (105, _agent_deploys),
    (106, _agent_deploys_approved),
    (110, _assessed_late),
    (118, _many_emergencies),
    (126, _machine_merges),
    (133, _bypassed_check),
    (-16, _no_change),
    (-9, _agent_deploys),
    (-1, _nobody_approves),
)


def work_of(world: World, day: date) -> Work:
    """What happened on a day, plants included."""
    work = ordinary_work(world, day)
    releases(world, day, work)
    for number, story in _STORIES:
        if world.timeline.day(number) == day:
            story(world, day, work)
    return work


def plants_of(world: World) -> list[Plant]:
    """Everything planted in this field."""
    found = []
    for number, story in _STORIES:
        found += story(world, world.timeline.day(number), Work())
    found += past_the_gate(world)
    for repo, first, last in UNPROTECTED:
        key = {"repo": f"lumen/{repo}", "branch": "main"}
        days = (world.timeline.day(first), world.timeline.day(last))
        found.append(Plant("Administrators could pass by the protection", "DV-04.T4", key, *days))
    return [*found, *_share(world)]


def _share(world: World) -> Iterator[Plant]:
    """The days on which more than one change in ten of the last thirty days was an emergency."""
    changes = {day: work_of(world, day).changes for day in _days(world)}
    for day in world.timeline.days():
        recent = [change for back in range(30) for change in changes[day - timedelta(days=back)]]
        emergencies = sum(change.kind == "emergency" for change in recent)
        if len(recent) >= 5 and emergencies * 10 > len(recent):
            key = {"change_id": "(share of emergencies)"}
            yield Plant("Six emergencies on one day", "CH-01.T3", key, day, day)


def _days(world: World) -> Iterator[date]:
    first = world.timeline.first - timedelta(days=30)
    return (first + timedelta(days=number) for number in range((world.timeline.last - first).days + 1))
