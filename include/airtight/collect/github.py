"""Connector ``github``: merged pull requests, branch protection, deployments and members, from GitHub's REST API.

Options:

* ``owner`` (required): organisation or person.
* ``repositories`` (required, but for members): names, or ``"*"`` for all that are not archived.
* ``branches``: branches whose protection matters besides the default branch.
* ``streams``: what to fetch; by default what the names of the source's populations ask for.
* ``count`` (true): compare the number of merged pull requests with GitHub's own search. A source that reads pull
  requests alone is proven complete by it; with other streams, which GitHub does not count, it is not.
* ``retries`` (5), ``rate_limit_wait`` (900 seconds): patience with server errors and rate limits.

The connection holds the token as its password and, for GitHub Enterprise, the API's address as its host. A token
needs to read only; whether it could also write is found out and told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from airtight.collect import github_records as records
from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Probe, Pulled, RawFile
from airtight.collect.github_api import Answer, GitHubApi, Record
from airtight.collect.jsonlines import write_json_lines
from airtight.domain.source import Credentials, Source
from airtight.errors import SourceRefused

#: Population -> the stream that its mapping reads.
_STREAMS = {
    "pull_requests": "pull_requests",
    "branch_protections": "branch_protections",
    "deployments": "deployments",
    "accounts": "members",
}
_READING_SCOPES = ("read:", "repo:status", "repo_deployment", "public_key", "user:email", "notifications")
_WRITING_RIGHTS = ("admin", "maintain", "push")


class GitHubConnector:
    """Reads one organisation or person on one GitHub server."""

    def check(self, source: Source) -> None:
        """Refuse unknown, missing or wrong options."""
        options.check_keys(
            source, ("owner",), ("repositories", "branches", "streams", "count", "retries", "rate_limit_wait")
        )
        options.required_text(source, "owner")
        options.texts(source, "branches")
        options.flag(source, "count", True)
        options.number(source, "retries", 5)
        options.number(source, "rate_limit_wait", 900)
        if _streams(source) != ("members",) and not options.texts(source, "repositories"):
            raise options.refuse(source, "repositories", "is missing.", 'Name them, or write "*" for all.')

    def keeps_history(self, source: Source) -> bool:
        """GitHub tells protection and members as they are today."""
        return False

    def pull(self, request: CollectionRequest) -> Pulled:
        """Each stream as JSON lines; see ``github_records`` for what a line holds."""
        api = _api(request)
        try:
            return _pull(api, request)
        finally:
            api.close()

    def probe(self, request: CollectionRequest) -> Probe:
        """Log in, list the repositories and ask GitHub's search for the number of merged pull requests."""
        api = _api(request)
        try:
            user = api.ask("/user")
            identity = _identity(api, user)
            found = _repositories(api, request.source)
            count = _count(api, request, found)
            notes = (f"{len(found)} repositories.",)
            return Probe(identity, _can_write(user, found), count, None, notes)
        finally:
            api.close()


def _pull(api: GitHubApi, request: CollectionRequest) -> Pulled:
    source = request.source
    user = api.ask("/user")
    identity = _identity(api, user)
    found = _repositories(api, source)
    files = tuple(_file(api, request, stream, found) for stream in _streams(source))
    count = _count(api, request, found)
    if count is not None:
        files = tuple(replace(file, expected=count) if file.stream == "pull_requests" else file for file in files)
    # Only a count of all streams may prove all of them.
    total = count if len(files) == 1 else None
    return Pulled(
        files=files,
        query=_query(api, request),
        identity=identity,
        can_write=_can_write(user, found),
        pages=api.pages,
        source_count=total,
        count_method=None if total is None else "total_count of GitHub's search for merged pull requests",
        exhausted=True,
    )


def _file(api: GitHubApi, request: CollectionRequest, stream: str, found: list[Record]) -> RawFile:
    return write_json_lines(request.folder, stream, _records(api, request, stream, found), f"{api.base_url} {stream}")


def _records(api: GitHubApi, request: CollectionRequest, stream: str, found: list[Record]) -> Iterator[Record]:
    source, window = request.source, request.window
    if stream == "members":
        return records.members(api, options.required_text(source, "owner"))
    if stream == "branch_protections":
        branches = options.texts(source, "branches")
        return chain.from_iterable(records.branch_protections(api, each, branches) for each in found)
    read = records.pull_requests if stream == "pull_requests" else records.deployments
    return chain.from_iterable(read(api, each, window) for each in found)


def _streams(source: Source) -> tuple[str, ...]:
    """The streams to fetch, in a fixed order."""
    asked = options.texts(source, "streams")
    unknown = [stream for stream in asked if stream not in _STREAMS.values()]
    if unknown:
        raise options.refuse(
            source, "streams", f"there is no stream '{unknown[0]}'.", f"Known: {', '.join(sorted(_STREAMS.values()))}."
        )
    if not asked:
        missing = [population for population in source.populations if population not in _STREAMS]
        if missing:
            raise options.refuse(
                source, "streams", f"no stream is known for population '{missing[0]}'.", "Name the streams it reads."
            )
        asked = tuple(_STREAMS[population] for population in source.populations)
    return tuple(sorted(set(asked)))


def _repositories(api: GitHubApi, source: Source) -> list[Record]:
    if _streams(source) == ("members",):
        return []
    return records.repositories(api, options.required_text(source, "owner"), options.texts(source, "repositories"))


def _count(api: GitHubApi, request: CollectionRequest, found: list[Record]) -> int | None:
    source = request.source
    if "pull_requests" not in _streams(source) or not options.flag(source, "count", True):
        return None
    owner = options.required_text(source, "owner")
    return records.count_merged(api, owner, options.texts(source, "repositories"), found, request.window)


def _api(request: CollectionRequest) -> GitHubApi:
    token = request.credentials.password
    if not token:
        raise SourceRefused(
            "there is no token to log in to GitHub with.",
            where=f"{request.source.file}: {request.source.id}.connection",
            remedy="Name a connection whose password is a GitHub token.",
        )
    source = request.source
    return GitHubApi(
        base_url(request.credentials),
        token,
        retries=options.number(source, "retries", 5),
        rate_limit_wait=options.number(source, "rate_limit_wait", 900),
        user_agent=f"airtight/{request.code_version}",
    )


def base_url(credentials: Credentials) -> str:
    """The address of the API that a connection names; GitHub's own where it names none."""
    host = (credentials.host or "https://api.github.com").rstrip("/")
    if "://" in host:
        return host
    port = f":{credentials.port}" if credentials.port else ""
    return f"{credentials.schema or 'https'}://{host}{port}"


def _identity(api: GitHubApi, user: Answer) -> str:
    """Who the token is: a person's or machine's login, or an installation of an app, which GitHub gives no name."""
    if user.status == 403:
        return "installation of a GitHub App"
    if user.status >= 300:
        api.refuse(user, "/user")
    return records.text(user.data if isinstance(user.data, dict) else {}, "login")


def _can_write(user: Answer, found: list[Record]) -> bool | None:
    """Whether the log-in could change what it reads; a fine-grained token does not tell its own rights.

    A classic token's scopes stand in a header. Whatever the token, it can write to a repository only where its
    owner can.
    """
    scopes = user.headers.get("x-oauth-scopes")
    listed = [scope.strip() for scope in scopes.split(",") if scope.strip()] if scopes is not None else None
    if listed is not None and all(scope.startswith(_READING_SCOPES) for scope in listed):
        return False
    permissions = [repository.get("permissions") for repository in found]
    if not permissions or not all(isinstance(each, dict) for each in permissions):
        return True if listed is not None and not found else None
    may = any(each.get(right) for each in permissions if isinstance(each, dict) for right in _WRITING_RIGHTS)
    return (True if listed is not None else None) if may else False


def _query(api: GitHubApi, request: CollectionRequest) -> str:
    source = request.source
    names = ", ".join(options.texts(source, "repositories")) or "no repositories"
    start, end = request.window.start, request.window.end
    return (
        f"{api.base_url}: {', '.join(_streams(source))} of {source.options['owner']} ({names}), "
        f"{start:%Y-%m-%dT%H:%M:%SZ} to {end:%Y-%m-%dT%H:%M:%SZ}"
    )
