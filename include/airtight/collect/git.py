"""Connector ``git``: the commits of one branch, from a local or a remote repository.

Options:

* ``repository`` (required): a path, counted from the organisation folder, or a URL that git understands. A URL may
  hold a user name, never a password: that stands in the connection.
* ``branch``: by default the one that the repository points at.
* ``since`` (a date): give all commits from that day to the window's end, which a register needs, instead of those of
  the window.

A record of stream ``commits`` holds ``sha, parents, branch, mainline`` (on the branch itself, not merged into it),
``author`` and ``committer`` (name, email, time in UTC), ``signature`` (its kind), ``message`` and ``trailers``. A
commit belongs to the time of its committer.

Every commit names its parents by their hash, and each is hashed again when it is read: from the branch's tip to its
beginning nothing can be missing or changed. What was pushed over by force is not in that chain.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import urllib3.exceptions
from dulwich import porcelain
from dulwich.client import HTTPUnauthorized
from dulwich.errors import ChecksumMismatch, GitProtocolError, HangupException, NotGitRepository, ObjectMissing
from dulwich.repo import Repo

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Probe, Pulled
from airtight.collect.git_history import chosen, read_commit, record, walk
from airtight.collect.jsonlines import write_json_lines
from airtight.domain.period import Window, midnight, parse_day
from airtight.domain.source import Source
from airtight.errors import DefinitionError, SourceIncomplete, SourceRefused, SourceUnreachable
from airtight.wire import timestamp


class GitConnector:
    """Reads one repository."""

    def check(self, source: Source) -> None:
        """Refuse unknown, missing or wrong options, and a password in a URL."""
        options.check_keys(source, ("repository",), ("branch", "since"))
        repository = options.required_text(source, "repository")
        if "://" in repository and urlsplit(repository).password:
            raise options.refuse(
                source, "repository", "holds a password.", "Put it into the connection and remove it here."
            )
        options.text(source, "branch")
        _since(source)

    def keeps_history(self, source: Source) -> bool:
        """A commit tells its own time: the state of a past day is that of the commits up to it."""
        return True

    def pull(self, request: CollectionRequest) -> Pulled:
        """The commits, oldest first."""
        place = _place(request.source)
        with _repository(request) as repository:
            history = walk(repository, options.text(request.source, "branch"), place)
            window = _window(request)
            shas = chosen(history, window)
            records = (record(read_commit(repository, sha, place), history) for sha in shas)
            file = write_json_lines(request.folder, "commits", records, place)
        return Pulled(
            files=(file,),
            query=f"{place} branch {history.branch} at {history.tip}, {timestamp(window.start)} to "
            f"{timestamp(window.end)}",
            identity=request.credentials.login or "whoever runs the collection",
            can_write=None,
            pages=1,
            source_count=len(shas),
            count_method=f"the chain of hashes from {history.tip} to its beginning, each computed again",
            exhausted=True,
            notes=(f"{len(history.times)} commits on the branch in all.",),
        )

    def probe(self, request: CollectionRequest) -> Probe:
        """Reach the repository and count the window's commits."""
        place = _place(request.source)
        with _repository(request) as repository:
            history = walk(repository, options.text(request.source, "branch"), place)
        return Probe(
            request.credentials.login or "whoever runs the collection",
            None,
            len(chosen(history, _window(request))),
            None,
        )


def _since(source: Source) -> datetime | None:
    value = source.options.get("since")
    if value is None:
        return None
    try:
        return midnight(parse_day(str(value)))
    except DefinitionError as error:
        raise options.refuse(source, "since", error.message, error.remedy) from None


def _window(request: CollectionRequest) -> Window:
    since = _since(request.source)
    return Window(since, request.window.end) if since and since < request.window.end else request.window


def _place(source: Source) -> str:
    """The repository as messages and provenance name it, without a user name."""
    repository = options.required_text(source, "repository")
    if "://" not in repository:
        return repository
    parts = urlsplit(repository)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@contextmanager
def _repository(request: CollectionRequest) -> Iterator[Repo]:
    """The repository opened where it lies, or a bare copy of it for as long as the block lasts."""
    source, place = request.source, _place(request.source)
    repository = options.required_text(source, "repository")
    remote = "://" in repository or _is_scp_like(repository)
    with tempfile.TemporaryDirectory(dir=request.folder) as folder, _translated(place):
        opened = _cloned(request, repository, folder) if remote else Repo(str(request.base / repository))
        try:
            if opened.get_shallow():
                raise SourceIncomplete(
                    "the repository is a shallow copy: its beginning is missing.",
                    where=place,
                    remedy="Name a repository with all its history (git fetch --unshallow).",
                )
            yield opened
        finally:
            opened.close()


def _is_scp_like(repository: str) -> bool:
    """``git@host:path``, as git writes SSH addresses."""
    return "@" in repository.partition(":")[0] and ":" in repository


def _cloned(request: CollectionRequest, repository: str, folder: str) -> Repo:
    # Commits alone are read; servers that can leave files out do so.
    clone = partial(
        porcelain.clone, repository, str(Path(folder) / "copy"), bare=True, errstream=BytesIO(), filter_spec="tree:0"
    )
    if repository.startswith(("http://", "https://")) and request.credentials.password:
        return clone(username=request.credentials.login or "git", password=request.credentials.password)
    return clone()


@contextmanager
def _translated(place: str) -> Iterator[None]:
    try:
        yield
    except HTTPUnauthorized:
        raise SourceRefused("the repository refused the log-in.", where=place, remedy="Renew the connection.") from None
    except (NotGitRepository, FileNotFoundError):
        raise SourceRefused(
            "there is no git repository, or it is hidden.", where=place, remedy="Check the address and the rights."
        ) from None
    except ChecksumMismatch:
        raise SourceIncomplete("a commit does not have the hash that names it.", where=place) from None
    except (KeyError, ObjectMissing):
        raise SourceIncomplete("the repository lacks a commit that it names.", where=place) from None
    except (GitProtocolError, HangupException, urllib3.exceptions.HTTPError, OSError) as error:
        raise SourceUnreachable(f"the repository cannot be read ({type(error).__name__}).", where=place) from None
