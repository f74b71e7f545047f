"""The commits of a branch, each hashed again: from its tip to its beginning nothing can be missing or changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from dulwich.objects import Commit, ObjectID
from dulwich.refs import HEADREF, Ref
from dulwich.repo import Repo
from dulwich.trailers import parse_trailers

from airtight.domain.period import Window
from airtight.errors import SourceIncomplete, SourceRefused
from airtight.wire import timestamp

_SIGNATURES = {b"BEGIN PGP": "openpgp", b"BEGIN SSH": "ssh", b"BEGIN SIGNED MESSAGE": "x509"}


@dataclass(frozen=True)
class History:
    """Every commit of a branch: its committer's time by its hash, and which of them lie on the branch itself."""

    tip: str
    branch: str
    times: dict[ObjectID, int]
    mainline: frozenset[ObjectID]


def walk(repository: Repo, branch: str | None, place: str) -> History:
    """Follow a branch, or the one that the repository points at, to its beginning.

    Raises:
        SourceRefused: there is no such branch.
    """
    tip, name = branch_tip(repository, branch, place)
    times: dict[ObjectID, int] = {}
    mainline: set[ObjectID] = set()
    onward: ObjectID | None = tip
    pending = [tip]
    while pending:
        sha = pending.pop()
        if sha in times:
            continue
        commit = read_commit(repository, sha, place)
        times[sha] = commit.commit_time
        pending += commit.parents
    while onward:
        mainline.add(onward)
        parents = read_commit(repository, onward, place).parents
        onward = parents[0] if parents else None
    return History(tip.decode(), name, times, frozenset(mainline))


def branch_tip(repository: Repo, branch: str | None, place: str) -> tuple[ObjectID, str]:
    """The newest commit of a branch, or of the one that the repository points at, and the branch's name.

    Raises:
        SourceRefused: there is no such branch.
    """
    if branch is None:
        names, tip = repository.refs.follow(HEADREF)
        branch = names[-1].decode("utf-8", "replace").removeprefix("refs/heads/")
        if tip is None:
            raise SourceRefused(
                f"the repository points at '{branch}', which has no commit yet.", where=place, remedy="Name a branch."
            )
        return tip, branch
    for prefix in ("refs/heads/", "refs/remotes/origin/"):
        name = Ref(f"{prefix}{branch}".encode())
        if name in repository.refs.allkeys():
            return repository.refs[name], branch
    raise SourceRefused(f"the repository has no branch '{branch}'.", where=place, remedy="Correct option branch.")


def read_commit(repository: Repo, sha: ObjectID, place: str) -> Commit:
    """A commit; dulwich refuses one whose content does not have the hash that names it."""
    commit = repository.object_store[sha]
    if not isinstance(commit, Commit):
        raise SourceIncomplete("the repository names something else as a commit.", where=f"{place} {sha.decode()}")
    return commit


def in_force(repository: Repo, branch: str | None, end: datetime, place: str) -> Commit:
    """The commit that a branch pointed at just before an instant, by the committers' times.

    Raises:
        SourceRefused: there is no such branch, or it begins later.
    """
    onward: ObjectID | None = branch_tip(repository, branch, place)[0]
    while onward:
        commit = read_commit(repository, onward, place)
        if commit.commit_time < end.timestamp():
            return commit
        onward = commit.parents[0] if commit.parents else None
    raise SourceRefused(f"nothing was committed before {timestamp(end)}.", where=place, remedy="Collect a later day.")


def chosen(history: History, window: Window) -> list[ObjectID]:
    """The commits whose committer's time lies in the window, oldest first."""
    start, end = int(window.start.timestamp()), int(window.end.timestamp())
    inside = ((time, sha) for sha, time in history.times.items() if start <= time < end)
    return [sha for _, sha in sorted(inside)]


def record(commit: Commit, history: History) -> dict[str, object]:
    """A commit as a line of the raw file."""
    encoding = (commit.encoding or b"utf-8").decode("ascii", "replace")
    message = _text(commit.message, encoding)
    trailers = parse_trailers(message.encode("utf-8", "replace"))[1]
    return {
        "sha": commit.id.decode(),
        "parents": [parent.decode() for parent in commit.parents],
        "branch": history.branch,
        "mainline": commit.id in history.mainline,
        "author": _person(commit.author, commit.author_time, encoding),
        "committer": _person(commit.committer, commit.commit_time, encoding),
        "signature": _signature(commit.gpgsig),
        "message": message,
        "trailers": [{"key": trailer.key, "value": trailer.value} for trailer in trailers],
    }


def _person(identity: bytes, time: int, encoding: str) -> dict[str, str | None]:
    name, _, rest = _text(identity, encoding).partition("<")
    return {"name": name.strip(), "email": rest.partition(">")[0].strip(), "time": _moment(time)}


def _moment(time: int) -> str | None:
    """Seconds as a time; None for one outside the calendar, which git lets an author write."""
    try:
        return timestamp(datetime.fromtimestamp(time, UTC))
    except (OverflowError, ValueError, OSError):
        return None


def _signature(signature: bytes | None) -> str | None:
    if not signature:
        return None
    return next((kind for mark, kind in _SIGNATURES.items() if mark in signature), "unknown")


def _text(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
