"""GitHub's mappings, on real pull requests and on the shapes in which reality differs from the manual."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from airtight.errors import SourceChanged

Mapped = Callable[..., list[dict[str, Any]]]


def lines(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as text:
        return [json.loads(line) for line in text]


def commit(given: dict[str, Any]) -> dict[str, Any]:
    """The cut-down commits of the backup in the shape of GitHub's list of a pull request's commits."""
    return {
        "sha": given["sha"],
        "commit": {"author": given["author"], "committer": given["committer"], "message": given["message"]},
        "author": None,
        "committer": None,
    }


@pytest.fixture(scope="module")
def secp256k1(realdata: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    folder = realdata / "changes-github-secp256k1"
    return tuple(lines(folder / f"{name}.jsonl.gz") for name in ("pulls", "reviews", "commits"))  # type: ignore[return-value]


@pytest.fixture
def real_rows(secp256k1: Any, mapped: Mapped) -> list[dict[str, Any]]:
    pulls, reviews, commits = secp256k1
    records = [
        {
            "repository": pull["base"]["repo"]["full_name"],
            "pull": pull,
            "reviews": [each for each in reviews if each["pull_number"] == pull["number"]],
            "commits": [commit(each) for each in commits if each["pull_number"] == pull["number"]],
        }
        for pull in pulls
        if pull.get("merged_at")
    ]
    return mapped("github/pull_requests", "pull_requests", pull_requests=records)


def test_every_merged_pull_request_of_a_real_repository_is_a_row(real_rows: Any, secp256k1: Any) -> None:
    frame = pd.json_normalize(secp256k1[0])
    assert len(real_rows) == frame["merged_at"].notna().sum() == 419


def test_self_merged_pull_requests_are_those_that_pandas_counts(real_rows: Any, secp256k1: Any) -> None:
    frame = pd.json_normalize(secp256k1[0])
    expected = frame[frame["merged_at"].notna() & (frame["user.login"] == frame["merged_by.login"])]
    found = {row["number"] for row in real_rows if row["author_id"] == row["merged_by"]}
    assert found == set(expected["number"])
    assert len(found) == 70


def test_unreviewed_pull_requests_are_those_that_pandas_counts(real_rows: Any, secp256k1: Any) -> None:
    pulls, reviews = pd.json_normalize(secp256k1[0]), pd.json_normalize(secp256k1[1])
    merged = pulls[pulls["merged_at"].notna()]
    joined = merged.merge(reviews, left_on="number", right_on="pull_number", suffixes=("", "_review"))
    good = joined[
        (joined["state_review"] == "APPROVED")
        & (joined["user.login_review"] != joined["user.login"])
        & (joined["commit_id"] == joined["head.sha"])
    ]
    expected = set(merged["number"]) - set(good["number"])

    def approved(row: dict[str, Any]) -> bool:
        return any(
            each["state"] == "APPROVED"
            and each["reviewer_id"] != row["author_id"]
            and each["commit_sha"] == row["head_sha"]
            for each in json.loads(row["approvals"])
        )

    found = {row["number"] for row in real_rows if not approved(row)}
    assert found == expected
    assert 0 < len(found) < len(real_rows)


def test_the_machine_author_of_a_real_repository_is_told_apart(real_rows: Any, secp256k1: Any) -> None:
    pulls = [pull for pull in secp256k1[0] if pull.get("merged_at")]
    expected = {pull["number"] for pull in pulls if (pull["user"] or {}).get("type") == "Bot"}
    assert {row["number"] for row in real_rows if row["author_kind"] == "ai-agent"} == expected == {1869}
    assert {row["author_kind"] for row in real_rows if row["number"] not in expected} == {"human"}


def record(**changes: Any) -> dict[str, Any]:
    """A complete pull request of alice that bob approved and merged; ``pull`` is merged into it."""
    pull = {
        "number": 7,
        "title": "Raise the limit",
        "body": None,
        "user": {"login": "Alice", "type": "User"},
        "created_at": "2026-09-13T08:00:00Z",
        "merged_at": "2026-09-14T10:00:00Z",
        "merged_by": {"login": "bob", "type": "User"},
        "merge_commit_sha": "m1",
        "head": {"sha": "h1", "ref": "limits"},
        "base": {"ref": "main"},
        "labels": [{"name": "risk"}],
        "commits": 1,
        **changes.pop("pull", {}),
    }
    whole = {
        "repository": "acme/core",
        "pull": pull,
        "reviews": [
            {
                "user": {"login": "bob", "type": "User"},
                "state": "APPROVED",
                "submitted_at": "2026-09-14T09:00:00Z",
                "commit_id": "h1",
            }
        ],
        "commits": [written("alice", "Raise the limit")],
        "check_runs": [],
        "statuses": [],
        "base": {"protection": None, "rules": []},
    }
    return {**whole, **changes}


def written(
    login: str | None, message: str, committer: str | None = None, address: str | None = None
) -> dict[str, Any]:
    person = {"name": login, "email": address or f"{login}@example.com", "date": "2026-09-14T08:30:00Z"}
    return {
        "sha": "h1",
        "commit": {"author": person, "committer": person, "message": message},
        "author": {"login": login, "type": "User"} if login else None,
        "committer": {"login": committer or login} if committer or login else None,
    }


def one(mapped: Mapped, **changes: Any) -> dict[str, Any]:
    rows = mapped("github/pull_requests", "pull_requests", pull_requests=[record(**changes)])
    assert len(rows) == 1
    return rows[0]


def test_a_plain_pull_request_keeps_what_the_tests_need(mapped: Mapped) -> None:
    row = one(mapped)
    assert json.loads(row.pop("approvals")) == [
        {
            "reviewer_id": "bob",
            "reviewer_kind": "human",
            "state": "APPROVED",
            "submitted_at": "2026-09-14T09:00:00Z",
            "commit_sha": "h1",
        }
    ]
    assert row == {
        "repo": "acme/core",
        "number": 7,
        "author_id": "alice",
        "author_kind": "human",
        "co_author_ids": [],
        "ai_assisted": None,
        "created_at": "2026-09-13T08:00:00",
        "merged_at": "2026-09-14T10:00:00",
        "merged_by": "bob",
        "merged_by_kind": "human",
        "base_branch": "main",
        "head_sha": "h1",
        "merge_sha": "m1",
        "checks_state": "none",
        "last_pusher_id": "alice",
        "last_push_at": "2026-09-14T08:30:00",
        "linked_change_id": None,
        "labels": ["risk"],
    }


def test_deleted_authors_and_mergers_are_data_not_crashes(mapped: Mapped) -> None:
    row = one(
        mapped,
        pull={"user": None, "merged_by": None},
        reviews=[{"user": None, "state": "APPROVED", "submitted_at": None, "commit_id": None}],
        commits=[written(None, "x")],
    )
    assert (row["author_id"], row["merged_by"], row["merged_by_kind"]) == ("ghost", None, None)
    review = json.loads(row["approvals"])[0]
    assert (review["reviewer_id"], review["reviewer_kind"]) == ("ghost", None)
    assert row["last_pusher_id"] is None


def test_absent_keys_are_nulls(mapped: Mapped) -> None:
    whole = record()
    for key in ("body", "merged_by", "merge_commit_sha", "labels", "commits"):
        del whole["pull"][key]
    for key in ("check_runs", "statuses", "base"):
        del whole[key]
    row = mapped("github/pull_requests", "pull_requests", pull_requests=[whole])[0]
    assert (row["merged_by"], row["merge_sha"], row["labels"], row["checks_state"]) == (None, None, [], "none")


@pytest.mark.parametrize(
    ("login", "type_", "kind"),
    [
        ("Copilot", "Bot", "ai-agent"),
        ("devin-ai-integration[bot]", "Bot", "ai-agent"),
        ("claude", "User", "ai-agent"),
        ("dependabot[bot]", "Bot", "bot"),
        ("claudette", "User", "human"),
    ],
)
def test_authors_are_told_apart(mapped: Mapped, login: str, type_: str, kind: str) -> None:
    row = one(mapped, pull={"user": {"login": login, "type": type_}, "merged_by": {"login": login, "type": type_}})
    assert (row["author_kind"], row["merged_by_kind"]) == (kind, kind)
    review = {"user": {"login": login, "type": type_}, "state": "APPROVED", "submitted_at": None, "commit_id": "h1"}
    assert json.loads(one(mapped, reviews=[review])["approvals"])[0]["reviewer_kind"] == kind


def test_co_authors_come_from_trailers_and_from_commits(mapped: Mapped) -> None:
    message = (
        "Raise\n\nCo-authored-by: Bob <12345+Bob@users.noreply.github.com>\n"
        "co-authored-by: Carol C. <carol@example.com>\nCo-Authored-By: Nobody <nobody@example.org>\n"
        "Signed-off-by: Zoe <zoe@example.com>"
    )
    row = one(mapped, pull={"commits": 2}, commits=[written("carol", "start"), written("alice", message)])
    known = [who for who in row["co_author_ids"] if not who.startswith("unknown:")]
    assert known == ["bob", "carol"]
    assert len(row["co_author_ids"]) == 3
    assert not any("@" in who for who in row["co_author_ids"])


def test_a_commit_of_an_agent_makes_the_change_ai_assisted(mapped: Mapped) -> None:
    trailer = "Raise\n\nCo-Authored-By: Claude <noreply@anthropic.com>"
    assert one(mapped, commits=[written("alice", trailer)])["ai_assisted"] is True
    assert one(mapped, commits=[written("alice", "Raise")])["ai_assisted"] is None


def test_co_authors_are_unknown_where_github_lists_only_some_commits(mapped: Mapped) -> None:
    assert one(mapped, pull={"commits": 300})["co_author_ids"] is None


def test_the_last_pusher_is_the_committer_or_the_author_behind_the_web_interface(mapped: Mapped) -> None:
    assert one(mapped, commits=[written("alice", "x", committer="carol")])["last_pusher_id"] == "carol"
    assert one(mapped, commits=[written("alice", "x", committer="web-flow")])["last_pusher_id"] == "alice"


def run(name: str, conclusion: str | None) -> dict[str, Any]:
    return {"name": name, "status": "completed" if conclusion else "in_progress", "conclusion": conclusion}


REQUIRED = {"protection": {"required_status_checks": {"contexts": ["build"]}}, "rules": []}
BY_RULE = {
    "protection": None,
    "rules": [{"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "build"}]}}],
}


@pytest.mark.parametrize(
    ("runs", "statuses", "base", "state"),
    [
        ([run("build", "success")], [], REQUIRED, "pass"),
        ([run("build", "success"), run("lint", "failure")], [], REQUIRED, "pass"),
        ([run("build", "timed_out")], [], REQUIRED, "fail"),
        ([run("build", None)], [], REQUIRED, "bypassed"),
        ([run("lint", "success")], [], BY_RULE, "bypassed"),
        ([], [{"context": "build", "state": "success"}], BY_RULE, "pass"),
        ([], [{"context": "build", "state": "error"}], None, "fail"),
        ([run("lint", "failure")], [], None, "fail"),
        ([run("lint", "skipped")], [], None, "pass"),
        ([run("lint", None)], [], None, "none"),
        (None, None, None, "none"),
    ],
)
def test_checks_are_judged_by_what_the_branch_requires(
    mapped: Mapped, runs: Any, statuses: Any, base: Any, state: str
) -> None:
    assert one(mapped, check_runs=runs, statuses=statuses, base=base)["checks_state"] == state


@pytest.mark.parametrize(
    ("title", "ref", "change"),
    [
        ("PAY-12: raise the limit", "x", "PAY-12"),
        ("Use SHA-256 and UTF-8", "PAY-13-hash", "PAY-13"),
        ("CHG0001234 rollout", "x", "CHG0001234"),
        ("Nothing", "x", None),
    ],
)
def test_a_ticket_in_title_or_branch_links_the_change(mapped: Mapped, title: str, ref: str, change: str | None) -> None:
    assert one(mapped, pull={"title": title, "head": {"sha": "h1", "ref": ref}})["linked_change_id"] == change


def test_a_record_without_reviews_is_no_row_without_approvals(mapped: Mapped) -> None:
    with pytest.raises(SourceChanged, match="approvals is missing"):
        one(mapped, reviews=None)


def protection(mapped: Mapped, **changes: Any) -> dict[str, Any]:
    whole = {
        "repository": {"full_name": "acme/core"},
        "branch": "main",
        "protected": False,
        "reason": "Branch not protected",
        "protection": None,
        "rules": [],
        "rulesets": [],
    }
    rows = mapped("github/branch_protections", "branch_protections", branch_protections=[{**whole, **changes}])
    assert len(rows) == 1
    return rows[0]


def test_an_unprotected_branch_is_a_row_that_says_so(mapped: Mapped) -> None:
    row = protection(mapped)
    assert json.loads(row.pop("bypass_actors")) == []
    assert row == {
        "repo": "acme/core",
        "branch": "main",
        "required_approvals": 0,
        "dismiss_stale": False,
        "enforce_admins": False,
        "required_checks": [],
        "allow_force_push": True,
    }


def test_classic_protection_is_read(mapped: Mapped) -> None:
    classic = {
        "required_status_checks": {"contexts": ["build"], "checks": [{"context": "build", "app_id": 1}]},
        "required_pull_request_reviews": {
            "dismiss_stale_reviews": True,
            "required_approving_review_count": 2,
            "bypass_pull_request_allowances": {"users": [{"login": "root"}], "teams": [], "apps": [{"slug": "bot"}]},
        },
        "enforce_admins": {"enabled": True},
        "allow_force_pushes": {"enabled": False},
    }
    row = protection(mapped, protection=classic)
    assert json.loads(row.pop("bypass_actors")) == [{"kind": "user", "id": "root"}, {"kind": "app", "id": "bot"}]
    assert (row["required_approvals"], row["dismiss_stale"], row["enforce_admins"]) == (2, True, True)
    assert (row["required_checks"], row["allow_force_push"]) == (["build"], False)


def ruled(actors: Any) -> dict[str, Any]:
    ruleset = {"id": 5, **({"bypass_actors": actors} if actors is not None else {})}
    review = {"required_approving_review_count": 1, "dismiss_stale_reviews_on_push": True}
    rules = [
        {"type": "pull_request", "ruleset_id": 5, "parameters": review},
        {"type": "non_fast_forward", "ruleset_id": 5},
    ]
    return {"rules": rules, "rulesets": [ruleset]}


def test_a_ruleset_protects_like_classic_protection(mapped: Mapped) -> None:
    row = protection(mapped, **ruled([]))
    assert (row["required_approvals"], row["dismiss_stale"], row["allow_force_push"]) == (1, True, False)
    assert row["enforce_admins"] is True


@pytest.mark.parametrize("actors", [None, [{"actor_type": "RepositoryRole", "actor_id": 5}]])
def test_a_ruleset_with_a_bypass_that_is_set_or_hidden_does_not_bind_administrators(
    mapped: Mapped, actors: Any
) -> None:
    row = protection(mapped, **ruled(actors))
    assert row["enforce_admins"] is False
    expected = [{"kind": "repositoryrole", "id": "5"}] if actors else []
    assert json.loads(row["bypass_actors"]) == expected


@pytest.mark.parametrize(
    "fixture",
    [
        "BranchProtection.setUp",
        "Branch.testEditProtection",
        "Branch.testEditProtectionPushRestrictionsAndDismissalUser",
    ],
)
def test_protections_as_github_answered_over_the_years_are_read(mapped: Mapped, realdata: Path, fixture: str) -> None:
    exchanges = lines(realdata / "changes-github-rest-recorded" / "responses.jsonl.gz")
    given = next(
        each["body"]
        for each in exchanges
        if each["fixture"] == fixture and each["method"] == "GET" and each["path"].endswith("/protection")
    )
    row = protection(mapped, protection=given)
    reviews = given.get("required_pull_request_reviews", {})
    assert row["required_approvals"] == reviews.get("required_approving_review_count", 0)
    assert row["enforce_admins"] == given["enforce_admins"]["enabled"]
    assert row["required_checks"] == sorted(given.get("required_status_checks", {}).get("contexts", []))


def deployment(mapped: Mapped, **changes: Any) -> dict[str, Any]:
    given = {
        "id": 42,
        "sha": "m1",
        "environment": "production",
        "production_environment": False,
        "transient_environment": False,
        "created_at": "2026-09-14T10:00:00Z",
        "creator": {"login": "Alice", "type": "User"},
        **changes.pop("deployment", {}),
    }
    whole = {
        "repository": "acme/core",
        "deployment": given,
        "statuses": [
            {"state": "inactive", "created_at": "2026-09-14T12:00:00Z"},
            {"state": "success", "created_at": "2026-09-14T10:05:00Z"},
            {"state": "in_progress", "created_at": "2026-09-14T10:01:00Z"},
        ],
        "run": None,
        "approvals": None,
    }
    rows = mapped("github/deployments", "deployments", deployments=[{**whole, **changes}])
    assert len(rows) == 1
    return rows[0]


def test_a_deployment_that_was_replaced_later_has_succeeded(mapped: Mapped) -> None:
    row = deployment(mapped)
    assert (row["deployment_id"], row["system_id"], row["sha"]) == ("acme/core/42", "acme/core", "m1")
    assert (row["status"], row["finished_at"]) == ("success", "2026-09-14T10:05:00")
    assert (row["initiated_by"], row["initiated_by_kind"], row["triggered_by_kind"]) == ("alice", "human", None)


@pytest.mark.parametrize("statuses", [[], [{"state": "failure", "created_at": "2026-09-14T10:05:00Z"}]])
def test_a_deployment_that_did_not_succeed_has_failed(mapped: Mapped, statuses: Any) -> None:
    assert deployment(mapped, statuses=statuses)["status"] == "failed"


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("production", "prod"),
        ("prod-eu", "prod"),
        ("customer-a", "prod"),
        ("Staging", "staging"),
        ("pre-prod", "staging"),
        ("dev", "dev"),
        ("preview/pr-12", "dev"),
        ("contest", "prod"),
    ],
)
def test_an_environment_that_tells_nothing_counts_as_production(mapped: Mapped, name: str, environment: str) -> None:
    assert deployment(mapped, deployment={"environment": name})["environment"] == environment


def test_a_pipeline_names_who_set_it_off_and_who_approved(mapped: Mapped) -> None:
    row = deployment(
        mapped,
        deployment={"creator": {"login": "github-actions[bot]", "type": "Bot"}},
        run={"triggering_actor": {"login": "Copilot", "type": "Bot"}, "event": "push"},
        approvals=[
            {"state": "rejected", "user": {"login": "carol", "type": "User"}},
            {"state": "approved", "user": {"login": "robot[bot]", "type": "Bot"}},
            {"state": "approved", "user": {"login": "Bob", "type": "User"}},
        ],
    )
    assert (row["initiated_by"], row["initiated_by_kind"], row["triggered_by_kind"]) == (
        "copilot",
        "pipeline",
        "ai-agent",
    )
    assert row["approved_by"] == "bob"


def test_a_pipeline_of_unknown_origin_stays_unknown(mapped: Mapped) -> None:
    row = deployment(mapped, deployment={"creator": {"login": "github-actions[bot]", "type": "Bot"}})
    assert (row["initiated_by"], row["triggered_by_kind"], row["approved_by"]) == ("github-actions[bot]", None, None)


@pytest.mark.parametrize(
    ("member", "role", "two_factor", "expected"),
    [
        ({"login": "Alice", "type": "User"}, "admin", True, ("alice", "human", "weak", True)),
        ({"login": "bob", "type": "User"}, "member", False, ("bob", "human", "none", False)),
        ({"login": "carol", "type": "User"}, "outside_collaborator", None, ("carol", "human", "none", False)),
        ({"login": "Copilot", "type": "Bot"}, "member", None, ("copilot", "ai-agent", "n/a", False)),
    ],
)
def test_members_become_accounts(mapped: Mapped, member: Any, role: str, two_factor: Any, expected: Any) -> None:
    record = {
        "organisation": "acme",
        "member": member,
        "role": role,
        "two_factor": two_factor,
        "account": {"created_at": "2020-01-01T00:00:00Z"},
    }
    row = mapped("github/accounts", "accounts", members=[record])[0]
    assert (row["account_id"], row["kind"], row["mfa_state"], row["is_privileged"]) == expected
    assert (row["system_id"], row["status"]) == ("tenant", "active")
