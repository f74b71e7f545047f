"""Models that are released, each with the change and the pull request for it; and two that pass by the gate."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from samples.answers import Plant
from samples.changes_work import Work, item
from samples.releases import BYPASS, LATE_REVIEW, releases_on
from samples.world import World

#: place of a release among the day's items of its repository
_PLACE = 8


def releases(world: World, day: date, work: Work) -> None:
    """Add the models that are released on a day."""
    for release in releases_on(world, day):
        change, merge, deployment = item(world, day, release.repo, _PLACE)
        change = replace(change, kind="normal", title="Release a model", ai_system=release.system)
        work.add(change, replace(merge, title=f"{change.id} {change.title}"), replace(deployment, release=release))


def past_the_gate(world: World) -> list[Plant]:
    """A build that the gate never saw, and an emergency that was looked at after 30 hours."""
    test, deployed = "PO-03.T1", world.timeline.day(LATE_REVIEW)
    unseen, late = world.timeline.day(BYPASS.day), deployed + timedelta(days=1)
    days = (unseen, unseen + timedelta(days=1))
    return [
        Plant("A build that the gate never saw was deployed", test, _released(world, unseen), *days),
        Plant("An emergency waiver came after 30 hours", test, _released(world, deployed), late, late),
    ]


def _released(world: World, day: date) -> dict[str, str]:
    work = Work()
    releases(world, day, work)
    (deployment,) = work.deployments
    return {"deployment_id": f"lumen/{deployment.repo}/{deployment.number}"}
