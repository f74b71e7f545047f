"""Connector github against a server that replays GitHub's answers, recorded ones included, and its faults."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from github_api import NOT_FOUND, GitHubServer, Reply, recorded, serve
from one_pull import collect, rows

from airtight.collect.connector import CollectionRequest, Pulled
from airtight.collect.github import GitHubConnector, base_url
from airtight.domain.period import day_window
from airtight.domain.source import Credentials, Source
from airtight.errors import (
    AirtightError,
    DefinitionError,
    SourceChanged,
    SourceIncomplete,
    SourceRefused,
    SourceUnreachable,
)

pytestmark = pytest.mark.server

TOKEN = "ghp_0123456789abcdefSECRET"
DAY = date(2026, 9, 14)
PULLS = "/repos/acme/core/pulls?state=closed&sort=updated&direction=desc"


def source(**options: Any) -> Source:
    populations = options.pop("populations", ("pull_requests",))
    return Source(
        id="github-changes",
        collection="change_records",
        system="github/acme",
        connector="github",
        connection="github_default",
        options={"owner": "acme", "repositories": ["core"], "retries": 1, "rate_limit_wait": 1, **options},
        settles_after=timedelta(hours=6),
        max_lag=timedelta(days=1),
        populations={name: f"mappings/github/{name}.sql" for name in populations},
    )


@pytest.fixture
def pull(tmp_path: Path) -> Callable[..., Pulled]:
    """Pull from a server, by default pull requests of acme/core on the day."""

    def run(server: GitHubServer, day: date = DAY, token: str | None = TOKEN, **options: Any) -> Pulled:
        folder = tmp_path / f"raw{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        request = CollectionRequest(
            source(**options),
            day_window(day),
            day.isoformat(),
            folder,
            tmp_path,
            Credentials(host=server.url, password=token),
        )
        return GitHubConnector().pull(request)

    return run


def records(pulled: Pulled, stream: str) -> list[dict[str, Any]]:
    file = next(file for file in pulled.files if file.stream == stream)
    with gzip.open(file.path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    assert file.records == len(found)
    return found


def listed(number: int, merged: str | None, updated: str) -> dict[str, Any]:
    return {
        "number": number,
        "merged_at": merged,
        "updated_at": updated,
        "user": {"login": "alice", "type": "User"},
        "head": {"sha": f"h{number}", "ref": "topic"},
        "base": {"ref": "main"},
    }


def organisation() -> dict[str, Reply]:
    """Acme: pull requests 1 to 7 of core, of which 2, 4 and 5 were merged on the day; a person in every role."""
    pulls = [
        listed(7, "2026-09-15T00:00:00Z", "2026-09-15T00:00:00Z"),
        listed(6, None, "2026-09-14T23:00:00Z"),
        listed(5, "2026-09-14T23:59:59Z", "2026-09-14T23:59:59Z"),
        listed(4, "2026-09-14T10:00:00Z", "2026-09-14T12:00:00Z"),
        listed(3, "2026-09-13T23:59:59Z", "2026-09-14T11:00:00Z"),
        listed(2, "2026-09-14T00:00:00Z", "2026-09-14T00:00:00Z"),
        listed(1, "2026-09-13T10:00:00Z", "2026-09-13T10:00:00Z"),
        listed(0, "2026-09-12T10:00:00Z", "2026-09-12T10:00:00Z"),
    ]
    core = {"full_name": "acme/core", "default_branch": "main", "permissions": {"pull": True, "push": False}}
    routes = {
        "/user": Reply({"login": "collector"}, headers={"X-OAuth-Scopes": "read:org, repo:status"}),
        "/orgs/acme": Reply({"login": "acme"}),
        "/orgs/acme/repos": Reply([core, {"full_name": "acme/attic", "default_branch": "main", "archived": True}]),
        "/repos/acme/core": Reply(core),
        PULLS: Reply(pulls),
        "/search/issues": Reply({"total_count": 3, "incomplete_results": False, "items": []}),
        "/repos/acme/core/branches/main": Reply({"name": "main", "protection": {"enabled": True}}),
        "/repos/acme/core/rules/branches/main": Reply([]),
    }
    for each in pulls:
        place = f"/repos/acme/core/pulls/{each['number']}"
        routes[place] = Reply({**each, "merged_by": {"login": "bob"}, "commits": 1})
        routes[f"{place}/reviews"] = Reply([{"id": n, "state": "APPROVED"} for n in range(3)])
        routes[f"{place}/commits"] = Reply([{"sha": f"h{each['number']}"}])
    return routes


def detailed() -> dict[str, Reply]:
    """The organisation, its pull requests with all that a row needs."""
    routes = organisation()
    for number in (2, 4, 5):
        detail = routes[f"/repos/acme/core/pulls/{number}"].body
        assert isinstance(detail, dict)
        detail |= {"created_at": "2026-09-13T00:00:00Z", "labels": []}
    return routes


@pytest.fixture
def acme() -> Iterator[GitHubServer]:
    with serve(organisation()) as server:
        yield server


def test_exactly_the_pull_requests_merged_in_the_window_come_complete(acme: GitHubServer, pull: Any) -> None:
    pulled = pull(acme)
    found = records(pulled, "pull_requests")
    assert [each["pull"]["number"] for each in found] == [5, 4, 2]
    assert {each["pull"]["merged_by"]["login"] for each in found} == {"bob"}
    assert [len(each["reviews"]) for each in found] == [3, 3, 3]
    assert (pulled.source_count, pulled.files[0].expected, pulled.exhausted) == (3, 3, True)
    assert pulled.pages == len(acme.asked)


def test_every_page_is_read_and_reading_stops_before_the_window(pull: Any) -> None:
    with serve(organisation(), page=2) as server:
        found = records(pull(server), "pull_requests")
        assert [each["pull"]["number"] for each in found] == [5, 4, 2]
        assert [len(each["reviews"]) for each in found] == [3, 3, 3]
        pages = [question for question in server.asked if question.startswith("/repos/acme/core/pulls?")]
        assert len(pages) == 4  # the last of them holds the first pull request from before the window


def test_the_search_counts_the_window_and_not_a_second_more(acme: GitHubServer, pull: Any) -> None:
    pull(acme)
    question = next(each for each in acme.asked if each.startswith("/search/issues"))
    assert "merged%3A2026-09-14T00%3A00%3A00Z..2026-09-14T23%3A59%3A59Z" in question
    assert "repo%3Aacme%2Fcore" in question


@pytest.mark.parametrize(("total", "grade"), [(3, "proven"), (4, "unproven")])
def test_pull_requests_alone_are_proven_by_the_count(tmp_path: Path, total: int, grade: str) -> None:
    search = Reply({"total_count": total, "incomplete_results": False})
    with serve({**detailed(), "/search/issues": search}) as server:
        outcome = collect(source(), DAY, Credentials(host=server.url, password=TOKEN), tmp_path)
    assert [(entry.completeness.value, entry.rows) for entry in outcome.collected] == [(grade, 3)]
    assert (outcome.collected[0].discrepancy is None) == (grade == "proven")


@pytest.mark.parametrize("reply", [Reply(NOT_FOUND, 404), Reply({"total_count": 3, "incomplete_results": True})])
def test_a_search_that_does_not_tell_proves_nothing(pull: Any, reply: Reply) -> None:
    with serve({**organisation(), "/search/issues": reply}) as server:
        assert pull(server).source_count is None


def test_all_repositories_means_those_not_archived(acme: GitHubServer, pull: Any) -> None:
    pulled = pull(acme, repositories="*")
    assert len(records(pulled, "pull_requests")) == 3
    assert not any("attic" in question for question in acme.asked)


@pytest.mark.parametrize(
    ("scopes", "push", "can_write"),
    [
        ("read:org, repo:status", True, False),
        ("repo", True, True),
        ("repo", False, False),
        (None, True, None),
        (None, False, False),
    ],
)
def test_whether_the_token_could_write_is_found_out(
    pull: Any, scopes: str | None, push: bool, can_write: bool | None
) -> None:
    headers = {"X-OAuth-Scopes": scopes} if scopes is not None else {}
    core = {"full_name": "acme/core", "default_branch": "main", "permissions": {"pull": True, "push": push}}
    changed = {"/user": Reply({"login": "collector"}, headers=headers), "/repos/acme/core": Reply(core)}
    with serve({**organisation(), **changed}) as server:
        pulled = pull(server)
    assert (pulled.identity, pulled.can_write) == ("collector", can_write)


def test_an_app_without_a_login_is_named_as_such(pull: Any) -> None:
    refusal = Reply({"message": "Resource not accessible by integration"}, 403)
    with serve({**organisation(), "/user": refusal}) as server:
        assert pull(server).identity == "installation of a GitHub App"


def test_an_unprotected_branch_is_a_record_and_a_hidden_one_a_refusal(pull: Any) -> None:
    place = "/repos/acme/core/branches/main/protection"
    wanted = {"populations": ("branch_protections",), "branches": ["gone"]}
    with serve({**organisation(), place: Reply({"message": "Branch not protected"}, 404)}) as server:
        found = records(pull(server, **wanted), "branch_protections")
    assert [(each["branch"], each["protected"], each["reason"]) for each in found] == [
        ("main", False, "Branch not protected")
    ]
    with serve(organisation()) as server, pytest.raises(SourceRefused, match="may not read branch protection"):
        pull(server, **wanted)


def test_rulesets_come_with_their_bypass_lists(pull: Any) -> None:
    changed = {
        "/repos/acme/core/branches/main/protection": Reply({"message": "Branch not protected"}, 404),
        "/repos/acme/core/rules/branches/main": Reply([{"type": "pull_request", "ruleset_id": 5}]),
        "/repos/acme/core/rulesets/5": Reply({"id": 5, "bypass_actors": []}),
    }
    with serve({**organisation(), **changed}) as server:
        found = records(pull(server, populations=("branch_protections",)), "branch_protections")
    assert (found[0]["protected"], found[0]["rulesets"]) == (True, [{"id": 5, "bypass_actors": []}])


def test_deployments_come_with_statuses_run_and_approvals(pull: Any) -> None:
    base = "/repos/acme/core"
    log = "https://github.com/acme/core/actions/runs/99/job/1"
    changed = {
        f"{base}/deployments": Reply(
            [
                {"id": 3, "created_at": "2026-09-15T00:00:00Z"},
                {"id": 2, "created_at": "2026-09-14T10:00:00Z"},
                {"id": 1, "created_at": "2026-09-13T10:00:00Z"},
            ]
        ),
        f"{base}/deployments/2/statuses": Reply([{"state": "success", "log_url": log}]),
        f"{base}/actions/runs/99": Reply({"id": 99, "event": "push"}),
        f"{base}/actions/runs/99/approvals": Reply([{"state": "approved"}]),
    }
    with serve({**organisation(), **changed}) as server:
        found = records(pull(server, populations=("deployments",)), "deployments")
    assert [each["deployment"]["id"] for each in found] == [2]
    assert (found[0]["run"]["event"], found[0]["approvals"]) == ("push", [{"state": "approved"}])


def people() -> dict[str, Reply]:
    place = "/orgs/acme/members"
    person = {"created_at": "2020-01-01T00:00:00Z"}
    return {
        f"{place}?role=admin": Reply([{"login": "alice"}]),
        f"{place}?role=member": Reply([{"login": "bob"}, {"login": "carol"}]),
        f"{place}?filter=2fa_disabled": Reply([{"login": "carol"}]),
        "/orgs/acme/outside_collaborators": Reply([{"login": "dave"}]),
        "/orgs/acme/outside_collaborators?filter=2fa_disabled": Reply([]),
        **{f"/users/{login}": Reply({"login": login, **person}) for login in ("alice", "bob", "carol", "dave")},
    }


def test_members_come_with_role_and_second_factor(pull: Any) -> None:
    with serve({**organisation(), **people()}) as server:
        found = records(pull(server, populations=("accounts",), repositories=None), "members")
    assert [(each["member"]["login"], each["role"], each["two_factor"]) for each in found] == [
        ("alice", "admin", True),
        ("bob", "member", True),
        ("carol", "member", False),
        ("dave", "outside_collaborator", True),
    ]


def test_a_second_factor_that_only_owners_may_see_is_unknown(pull: Any) -> None:
    refusal = Reply({"message": "Only owners can use this filter."}, 422)
    changed = {"/orgs/acme/members?filter=2fa_disabled": refusal}
    with serve({**organisation(), **people(), **changed}) as server:
        found = records(pull(server, populations=("accounts",), repositories=None), "members")
    assert {each["two_factor"] for each in found} == {None}


def test_the_public_members_alone_are_no_answer(pull: Any) -> None:
    changed = {"/orgs/acme/members?role=admin": Reply(None, 302, {"Location": "/orgs/acme/public_members"})}
    with (
        serve({**organisation(), **people(), **changed}) as server,
        pytest.raises(SourceRefused, match="only the public part"),
    ):
        pull(server, populations=("accounts",), repositories=None)


FAULTS = [
    pytest.param(Reply({"message": "Bad credentials"}, 401), SourceRefused, "refused the log-in", id="bad log-in"),
    pytest.param(Reply({"message": f"{TOKEN} may not"}, 403), SourceRefused, "may not read", id="no rights"),
    pytest.param(Reply(NOT_FOUND, 404), SourceRefused, "may lack the right", id="hidden"),
    pytest.param(Reply({"message": "Oops"}, 502), SourceUnreachable, "server errors", id="server error"),
    pytest.param(
        Reply({"message": "API rate limit exceeded"}, 403, {"X-RateLimit-Reset": "4102444800"}),
        SourceUnreachable,
        "rate limit is used up until 2100-01-01T00:00:00Z",
        id="rate limit",
    ),
    pytest.param(
        Reply({"message": "You have exceeded a secondary rate limit."}, 403),
        SourceUnreachable,
        "rate limit",
        id="slow down",
    ),
    pytest.param(Reply({"message": "Too many"}, 429), SourceUnreachable, "rate limit", id="429"),
    pytest.param(Reply(raw=b'[{"number": 1, "upd'), SourceIncomplete, "not whole JSON", id="half JSON"),
    pytest.param(Reply(raw=b"<html>Unicorn!</html>"), SourceIncomplete, "not whole JSON", id="HTML"),
    pytest.param(Reply(raw=b'[{"number": 1}]', cut=7), SourceIncomplete, "middle of an answer", id="half a page"),
    pytest.param(Reply({"number": 1}), SourceChanged, "no list", id="no list"),
    pytest.param(Reply([{"number": 1, "merged_at": None}]), SourceChanged, "'updated_at'", id="renamed field"),
    pytest.param(Reply({"message": "Gone"}, 410), SourceChanged, "status 410", id="gone"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS)
def test_each_fault_is_one_clear_error_without_the_secret(
    pull: Any, fault: Reply, kind: type[AirtightError], words: str
) -> None:
    with serve({**organisation(), PULLS: fault}) as server, pytest.raises(kind) as caught:
        pull(server)
    assert words in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert TOKEN not in repr(caught.value)


def test_a_server_that_is_down_is_unreachable(pull: Any) -> None:
    with serve({}) as server:
        pass
    with pytest.raises(SourceUnreachable, match="cannot be reached"):
        pull(server)


def test_a_log_in_refused_at_once_is_said_so(pull: Any) -> None:
    refusal = Reply({"message": "Bad credentials"}, 401)
    with serve({"/user": refusal}) as server, pytest.raises(SourceRefused, match="refused the log-in"):
        pull(server)


def test_no_token_is_refused_before_anything_is_asked(acme: GitHubServer, pull: Any) -> None:
    with pytest.raises(SourceRefused, match="no token"):
        pull(acme, token=None)
    assert acme.asked == []


def test_the_token_goes_to_its_host_only_and_into_nothing_that_is_kept(acme: GitHubServer, pull: Any) -> None:
    pulled = pull(acme)
    assert all(TOKEN in header for header in acme.tokens)
    assert TOKEN not in repr(pulled)
    for file in pulled.files:
        assert TOKEN.encode() not in gzip.decompress(file.path.read_bytes())


def test_a_next_page_on_another_host_is_not_followed_there(pull: Any) -> None:
    with serve({}) as other:
        link = {"Link": f'<{other.url}/steal>; rel="next"'}
        reply = Reply(
            {"message": "x"}, raw=json.dumps([listed(9, None, "2026-09-14T10:00:00Z")]).encode(), headers=link
        )
        with serve({**organisation(), PULLS: reply}) as server, pytest.raises(SourceRefused):
            pull(server)
        assert other.asked == []


def test_a_redirect_to_another_host_is_not_followed(pull: Any) -> None:
    with serve({}) as other:
        moved = Reply({"message": "Moved"}, 301, {"Location": other.url.replace("127.0.0.1", "localhost") + "/x"})
        routes = {**organisation(), "/repos/acme/core": moved}
        with serve(routes) as server, pytest.raises(SourceUnreachable, match="another place"):
            pull(server)
        assert other.asked == []


def test_equal_answers_are_equal_bytes(acme: GitHubServer, pull: Any) -> None:
    first, second = pull(acme), pull(acme)
    assert first.files[0].path.read_bytes() == second.files[0].path.read_bytes()


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"owner": None}, "owner"),
        ({"repositories": None}, "repositories"),
        ({"repositories": [1]}, "repositories"),
        ({"count": "yes"}, "count"),
        ({"retries": 0}, "retries"),
        ({"streams": ["issues"]}, "streams"),
        ({"populations": ("findings",)}, "streams"),
        ({"token": "x"}, "token"),
    ],
)
def test_a_wrong_option_is_refused_by_name(options: Any, key: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        GitHubConnector().check(source(**options))
    assert caught.value.where == f"sources.yaml: github-changes.options.{key}"


def test_right_options_are_accepted() -> None:
    GitHubConnector().check(source(repositories="*", branches=["release"], streams=["pull_requests"], count=False))
    assert not GitHubConnector().keeps_history(source())


@pytest.mark.parametrize(
    ("credentials", "address"),
    [
        (Credentials(), "https://api.github.com"),
        (Credentials(host="github.acme.com"), "https://github.acme.com"),
        (Credentials(host="https://github.acme.com/api/v3/"), "https://github.acme.com/api/v3"),
        (Credentials(host="localhost", port=8080, schema="http"), "http://localhost:8080"),
    ],
)
def test_the_connection_names_the_server(credentials: Credentials, address: str) -> None:
    assert base_url(credentials) == address


def test_the_probe_tells_identity_and_number(acme: GitHubServer, tmp_path: Path) -> None:
    request = CollectionRequest(
        source(), day_window(DAY), "2026-09-14", tmp_path, tmp_path, Credentials(host=acme.url, password=TOKEN)
    )
    probe = GitHubConnector().probe(request)
    assert (probe.identity, probe.can_write, probe.records) == ("collector", False, 3)


def test_a_pull_request_recorded_from_github_comes_as_it_was(realdata: Path, pull: Any) -> None:
    """PyGithub's recordings of pull request 31 and its neighbours, with the detail pages as they were answered."""
    file = realdata / "changes-github-rest-recorded" / "responses.jsonl.gz"
    routes = recorded(
        file, "PullRequest.setUp", "PullRequest.testGetCommits", "PullRequestReview.testAttributes", "Environment.setUp"
    )
    whole = routes["/repos/PyGithub/PyGithub/pulls/31"].body
    assert isinstance(whole, dict)
    merged = whole["merged_at"]
    routes["/repos/PyGithub/PyGithub/pulls"] = Reply([whole])
    routes["/repos/PyGithub/PyGithub/pulls/31/reviews"] = routes["/repos/PyGithub/PyGithub/pulls/538/reviews"]
    with serve(routes) as server:
        pulled = pull(server, day=date.fromisoformat(merged[:10]), owner="PyGithub", repositories=["PyGithub"])
    found = records(pulled, "pull_requests")
    assert len(found) == 1
    assert {key: value for key, value in found[0]["pull"].items() if key in whole} == whole
    assert len(found[0]["commits"]) == 3
    assert len(found[0]["reviews"]) == 5
    assert (found[0]["check_runs"], found[0]["statuses"]) == (None, None)
    assert pulled.identity == routes["/user"].body["login"]  # type: ignore[index]


def test_the_station_turns_answers_into_populations_and_faults_into_reasons(tmp_path: Path) -> None:
    declared = source(populations=("pull_requests", "branch_protections"))
    routes = {
        **detailed(),
        "/repos/acme/core/branches/main/protection": Reply({"message": "Branch not protected"}, 404),
    }
    with serve(routes) as server:
        outcome = collect(declared, DAY, Credentials(host=server.url, password=TOKEN), tmp_path)
    assert outcome.missing == ()
    # GitHub counts pull requests only: that proves nothing of the other stream.
    grades = {entry.population: entry.completeness.value for entry in outcome.collected}
    assert grades == {"pull_requests": "proven", "branch_protections": "exhausted"}
    assert sorted(row["number"] for row in rows(outcome, "pull_requests")) == [2, 4, 5]
    assert [row["required_approvals"] for row in rows(outcome, "branch_protections")] == [0]
    with serve({**routes, PULLS: Reply({"message": f"{TOKEN} bad"}, 401)}) as server:
        outcome = collect(declared, DAY, Credentials(host=server.url, password=TOKEN), tmp_path)
    assert outcome.collected == ()
    assert {entry.population for entry in outcome.missing} == {"pull_requests", "branch_protections"}
    assert all("refused the log-in" in entry.reason and TOKEN not in entry.reason for entry in outcome.missing)
