"""The records of GitHub's API and of the change tool, in the shape in which they are fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from samples.access_lives import end_of
from samples.changes_work import Actor, Change, Deployment, Merge
from samples.releases import Release
from samples.timeline import iso
from samples.writers import Record

_REQUIRED = ("test", "security-scan")


def pull_record(merge: Merge) -> Record:
    """A merged pull request with its reviews, commits and checks."""
    created = iso(merge.merged - timedelta(hours=20))
    return {
        "repository": f"lumen/{merge.repo}",
        "pull": {
            "number": merge.number,
            "title": merge.title,
            "body": None,
            "state": "closed",
            "user": _user(merge.author),
            "created_at": created,
            "updated_at": iso(merge.merged),
            "merged_at": iso(merge.merged),
            "merged_by": _user(merge.merger),
            "merge_commit_sha": merge.commit,
            "head": {"ref": f"change/{merge.number}", "sha": merge.head},
            "base": {"ref": merge.base},
            "commits": 1,
            "labels": [],
        },
        "reviews": [
            {
                "user": _user(review.reviewer),
                "state": review.state,
                "submitted_at": iso(review.at),
                "commit_id": review.commit,
            }
            for review in merge.reviews
        ],
        "commits": [_commit(merge)],
        "check_runs": [{"name": name, "status": "completed", "conclusion": end} for name, end in merge.checks],
        "statuses": [],
        "base": {"protection": {"required_status_checks": {"contexts": list(_REQUIRED)}}, "rules": []},
    }


def _user(actor: Actor) -> Record:
    return {"login": actor.login, "type": actor.kind}


def _commit(merge: Merge) -> Record:
    pushed = iso(merge.merged - timedelta(minutes=40))
    address = f"{merge.author.login}@users.noreply.github.com"
    return {
        "sha": merge.head,
        "commit": {
            "message": merge.title,
            "author": {"name": merge.author.login, "email": address, "date": pushed},
            "committer": {"name": merge.pusher.login, "date": pushed},
        },
        "author": _user(merge.author),
        "committer": _user(merge.pusher),
    }


def protection_record(repo: str, *, for_administrators: bool) -> Record:
    """The protection of a repository's main branch."""
    return {
        "repository": {"full_name": f"lumen/{repo}", "default_branch": "main"},
        "branch": "main",
        "protected": True,
        "reason": None,
        "protection": {
            "required_pull_request_reviews": {"required_approving_review_count": 1, "dismiss_stale_reviews": True},
            "required_status_checks": {"contexts": list(_REQUIRED)},
            "enforce_admins": {"enabled": for_administrators},
            "allow_force_pushes": {"enabled": False},
        },
        "rules": [],
        "rulesets": [],
    }


def deployment_record(deployment: Deployment) -> Record:
    """A deployment with its statuses, the run behind it and that run's approvals."""
    approver, release = deployment.approver, deployment.release
    return {
        "repository": f"lumen/{deployment.repo}",
        "deployment": {
            "id": deployment.number,
            "sha": deployment.sha,
            "ref": "main",
            "environment": "production",
            "original_environment": "production",
            "production_environment": True,
            "transient_environment": False,
            "created_at": iso(deployment.started),
            "creator": {"login": "lumen-ci[bot]", "type": "Bot"},
            "payload": _payload(release) if release else {},
        },
        "statuses": [{"state": "success", "created_at": iso(deployment.started + timedelta(minutes=6))}],
        "run": {"event": "workflow_dispatch", "triggering_actor": _user(deployment.starter)},
        "approvals": [{"state": "approved", "user": _user(approver)}] if approver else [],
    }


def _payload(release: Release) -> Record:
    return {
        "ai_system": release.system,
        "model_version": release.model_version,
        "artifact_sha256": release.digest,
    }


def issues(changes: Iterable[Change], day: date) -> Sequence[Record]:
    """Changes as the change tool lists them on a day: a review after it is not known yet."""
    return [_issue(change, day) for change in changes]


def _issue(change: Change, day: date) -> Record:
    reviewed = change.reviewed if change.reviewed and change.reviewed < end_of(day) else None
    return {
        "key": change.id,
        "fields": {
            "issuetype": {"name": f"{change.kind.capitalize()} change"},
            "summary": change.title,
            "components": [{"name": change.system}],
            "reporter": {"accountId": change.requested_by},
            "assignee": {"accountId": change.implemented_by},
            "ai_system": change.ai_system,
            "approval": {"by": change.approved_by, "at": iso(change.approved)} if change.approved_by else None,
            "tested": iso(change.tested),
            "security_impact": {"value": change.impact, "assessed": iso(change.assessed)},
            "customer_impact": {"material": change.material, "told": iso(change.told)} if change.ai_system else None,
            "implemented": iso(change.implemented),
            "post_implementation_review": iso(reviewed),
            "rollback_plan": "Deploy the version before",
        },
    }
