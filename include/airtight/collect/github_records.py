"""What GitHub's streams hold: each record joins the answers that speak of one thing, as GitHub gave them.

========================  ==========================================================================================
stream                    a record
========================  ==========================================================================================
``pull_requests``         a pull request merged in the window: ``repository, pull, reviews, commits, check_runs,
                          statuses, base`` (what the base branch requires at the time of collection)
``branch_protections``    a branch: ``repository, branch, protected, reason, protection, rules, rulesets``; one without
                          protection is a record that says so
``deployments``           a deployment begun in the window: ``repository, deployment, statuses, run, approvals``
``members``               a member or outside collaborator: ``organisation, member, role, two_factor, account``
========================  ==========================================================================================

Check runs, workflow runs and their approvals that GitHub no longer has are null in the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import takewhile
from urllib.parse import quote

from airtight.collect.github_api import GitHubApi, Record
from airtight.domain.period import Window
from airtight.errors import SourceChanged, SourceRefused

_RUN = re.compile(r"/actions/runs/(\d+)")
#: GitHub: "Branch not protected"; "Upgrade to GitHub Pro or make this repository public to enable this feature."
_NO_PROTECTION = re.compile(r"branch not protected|upgrade to github", re.IGNORECASE)
_QUERY_LIMIT = 256
#: GitHub has dropped the commit, for instance with the fork that held it.
_COMMIT_GONE = (404, 422)


def text(record: Record, key: str) -> str:
    """A text of a record that must be there.

    Raises:
        SourceChanged: GitHub left it out.
    """
    value = record.get(key)
    if not isinstance(value, str):
        raise SourceChanged(f"GitHub's answer has no text '{key}'.", remedy="Its API may have changed.")
    return value


def repositories(api: GitHubApi, owner: str, names: tuple[str, ...]) -> list[Record]:
    """The named repositories, or with ``*`` all of the organisation or person that are not archived."""
    if names != ("*",):
        return [api.one(f"/repos/{quote(owner)}/{quote(name)}") for name in names]
    is_organisation = api.find(f"/orgs/{quote(owner)}") is not None
    place = f"/orgs/{quote(owner)}/repos" if is_organisation else f"/users/{quote(owner)}/repos"
    found = {text(repository, "full_name"): repository for repository in api.each(place, {"type": "all"})}
    return [found[name] for name in sorted(found) if not found[name].get("archived")]


def pull_requests(api: GitHubApi, repository: Record, window: Window) -> Iterator[Record]:
    """Pull requests of one repository merged in the window, newest change first."""
    name = text(repository, "full_name")
    start, end = _bounds(window)
    listed = api.each(f"/repos/{name}/pulls", {"state": "closed", "sort": "updated", "direction": "desc"})
    bases: dict[str, Record] = {}
    seen: set[str] = set()
    # merged_at <= updated_at, and GitHub writes both as 2026-09-14T00:00:00Z: texts sort as times do.
    for pull in takewhile(lambda pull: text(pull, "updated_at") >= start, listed):
        number = str(pull.get("number"))
        if start <= str(pull.get("merged_at") or "") < end and number not in seen:
            seen.add(number)
            yield _pull_request(api, name, number, bases)


def _pull_request(api: GitHubApi, repository: str, number: str, bases: dict[str, Record]) -> Record:
    place = f"/repos/{repository}/pulls/{number}"
    pull = api.one(place)
    head, base = pull.get("head"), pull.get("base")
    if not isinstance(head, dict) or not isinstance(base, dict):
        raise SourceChanged("GitHub's pull request has no head or base.", where=f"{api.base_url}{place}")
    commit = f"/repos/{repository}/commits/{quote(text(head, 'sha'))}"
    branch = text(base, "ref")
    if branch not in bases:
        bases[branch] = _requirements(api, repository, branch)
    return {
        "repository": repository,
        "pull": pull,
        "reviews": list(api.each(f"{place}/reviews")),
        "commits": list(api.each(f"{place}/commits")),
        "check_runs": api.known(f"{commit}/check-runs", _COMMIT_GONE, within="check_runs"),
        "statuses": api.known(f"{commit}/status", _COMMIT_GONE, within="statuses"),
        "base": bases[branch],
    }


def _requirements(api: GitHubApi, repository: str, branch: str) -> Record:
    found = api.find(f"/repos/{repository}/branches/{quote(branch, safe='')}") or {}
    rules = _rules(api, repository, branch)
    return {"protection": found.get("protection"), "rules": rules}


def _rules(api: GitHubApi, repository: str, branch: str) -> list[Record] | None:
    """Rules of rulesets that hold for a branch; None where there are no rulesets (free plan, older servers)."""
    return api.known(f"/repos/{repository}/rules/branches/{quote(branch, safe='')}", (403, 404))


def count_merged(
    api: GitHubApi, owner: str, names: tuple[str, ...], found: Iterable[Record], window: Window
) -> int | None:
    """How many pull requests GitHub's own search knows to be merged in the window; None where it does not tell."""
    start, _ = _bounds(window)
    # Both ends of GitHub's range are inside it, and its times have whole seconds.
    last = (window.end - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    question = f"is:pr is:merged merged:{start}..{last}"
    places = [f"user:{owner} archived:false"] if names == ("*",) else _chunks([text(r, "full_name") for r in found])
    total = 0
    for place in places:
        answer = api.ask("/search/issues", {"q": f"{question} {place}", "per_page": 1})
        data = answer.data if answer.status == 200 and isinstance(answer.data, dict) else {}
        count = data.get("total_count")
        if not isinstance(count, int) or data.get("incomplete_results"):
            return None
        total += count
    return total


def _chunks(names: list[str]) -> list[str]:
    """Qualifiers for the repositories, in as few texts as GitHub's limit on a query allows."""
    chunks: list[str] = []
    for name in names:
        qualifier = f"repo:{name}"
        if chunks and len(chunks[-1]) + len(qualifier) < _QUERY_LIMIT - 100:
            chunks[-1] += f" {qualifier}"
        else:
            chunks.append(qualifier)
    return chunks


def branch_protections(api: GitHubApi, repository: Record, branches: tuple[str, ...]) -> Iterator[Record]:
    """The default branch of a repository and the listed ones that it has, each with what protects it."""
    name = text(repository, "full_name")
    default = text(repository, "default_branch")
    for branch in sorted({default, *branches}):
        place = f"/repos/{name}/branches/{quote(branch, safe='')}"
        # An empty repository names a default branch that does not exist yet.
        if api.find(place) is None:
            continue
        yield {"repository": repository, "branch": branch, **_protection(api, name, branch, f"{place}/protection")}


def _protection(api: GitHubApi, name: str, branch: str, place: str) -> Record:
    answer = api.ask(place)
    said = api.said(answer)
    protection = answer.data if answer.status == 200 else None
    if protection is None and not _NO_PROTECTION.search(said):
        raise SourceRefused(
            f"the token may not read branch protection{said}.",
            where=f"{api.base_url}{place}",
            remedy="Give it the right to read the repository's administration.",
        )
    rules = _rules(api, name, branch) or []
    ids = {str(rule.get("ruleset_id")) for rule in rules if rule.get("ruleset_id") is not None}
    rulesets = [api.find(f"/repos/{name}/rulesets/{quote(each)}", (403, 404)) for each in sorted(ids)]
    return {
        "protected": protection is not None or bool(rules),
        "reason": said.strip(" ()'") or None,
        "protection": protection,
        "rules": rules,
        "rulesets": [ruleset for ruleset in rulesets if ruleset is not None],
    }


def deployments(api: GitHubApi, repository: Record, window: Window) -> Iterator[Record]:
    """Deployments of one repository begun in the window; GitHub lists the newest first."""
    name = text(repository, "full_name")
    start, end = _bounds(window)
    listed = api.each(f"/repos/{name}/deployments")
    for deployment in takewhile(lambda each: text(each, "created_at") >= start, listed):
        if text(deployment, "created_at") < end:
            yield _deployment(api, name, deployment)


def _deployment(api: GitHubApi, name: str, deployment: Record) -> Record:
    statuses = list(api.each(f"/repos/{name}/deployments/{deployment.get('id')}/statuses"))
    places = " ".join(str(status.get(key) or "") for status in statuses for key in ("log_url", "target_url"))
    found = _RUN.search(places)
    run = f"/repos/{name}/actions/runs/{found[1]}" if found else None
    approvals = api.ask(f"{run}/approvals") if run else None
    return {
        "repository": name,
        "deployment": deployment,
        "statuses": statuses,
        "run": api.find(run, (403, 404)) if run else None,
        # An approval that cannot be read is no approval: null, never an empty list.
        "approvals": approvals.data if approvals and approvals.status == 200 else None,
    }


def members(api: GitHubApi, organisation: str) -> Iterator[Record]:
    """Everybody with an account in an organisation, with role and whether a second factor is set up."""
    place = f"/orgs/{quote(organisation)}"
    lists = {
        "admin": (f"{place}/members", {"role": "admin"}),
        "member": (f"{place}/members", {"role": "member"}),
        "outside_collaborator": (f"{place}/outside_collaborators", {}),
    }
    without = _without_second_factor(api, place)
    for role, (listed, parameters) in lists.items():
        for member in api.each(listed, parameters):
            login = text(member, "login")
            yield {
                "organisation": organisation,
                "member": member,
                "role": role,
                "two_factor": None if without is None else login not in without,
                "account": api.find(f"/users/{quote(login)}"),
            }


def _without_second_factor(api: GitHubApi, place: str) -> set[str] | None:
    """Logins without a second factor; None where the token is not an owner's, to whom alone GitHub tells it."""
    found: set[str] = set()
    for listed in (f"{place}/members", f"{place}/outside_collaborators"):
        without = api.known(listed, (403, 422), {"filter": "2fa_disabled"})
        if without is None:
            return None
        found |= {text(member, "login") for member in without}
    return found


def _bounds(window: Window) -> tuple[str, str]:
    return f"{window.start:%Y-%m-%dT%H:%M:%SZ}", f"{window.end:%Y-%m-%dT%H:%M:%SZ}"
