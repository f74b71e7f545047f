"""The field of changes: pull requests, branch protection and deployments (GitHub), changes (a tool like Jira)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from samples.answers import Plant, Silence
from samples.changes_plants import UNPROTECTED, plants_of, work_of
from samples.changes_records import deployment_record, issues, protection_record, pull_record
from samples.world import World
from samples.writers import Export

#: days for which an implemented change stays in the export
_KEPT = 40


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    work = work_of(world, day)
    code = Export(root, "github", day.isoformat())
    code.jsonl("pull_requests.jsonl.gz", [pull_record(merge) for merge in work.merges])
    code.jsonl("deployments.jsonl.gz", [deployment_record(one) for one in work.deployments])
    open_to_admins = {
        repo for repo, first, last in UNPROTECTED if world.timeline.day(first) <= day <= world.timeline.day(last)
    }
    protections = [
        protection_record(repo, for_administrators=repo not in open_to_admins) for repo in world.repositories
    ]
    code.jsonl("branch_protections.jsonl.gz", protections)
    code.close()
    tool = Export(root, "jira", day.isoformat())
    days = [day - timedelta(days=back) for back in range(_KEPT)]
    tool.json(
        "issues.json", [issue for one in days for issue in issues(work_of(world, one).changes, day)], under="issues"
    )
    tool.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return plants_of(world)


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days."""
    return []
