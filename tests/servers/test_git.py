"""Connector git on repositories made here by git itself, served over HTTP by git, and on the project's own."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from one_pull import PSEUDONYM_KEY, collect, rows

from airtight.collect.connector import CollectionRequest, Pulled
from airtight.collect.git import GitConnector
from airtight.collect.redaction import pseudonym
from airtight.domain.period import Window, day_window, midnight
from airtight.domain.source import Credentials, Source
from airtight.errors import DefinitionError, SourceIncomplete, SourceRefused, SourceUnreachable

pytestmark = pytest.mark.server

DAY = date(2026, 9, 14)
SECRET = "glpat-0123456789abcdef"


def source(repository: str, **options: Any) -> Source:
    return Source(
        id="git-core",
        collection="change_records",
        system="git/core",
        connector="git",
        connection=None,
        options={"repository": repository, **options},
        settles_after=timedelta(hours=6),
        max_lag=timedelta(days=1),
        populations={"changes": "mappings/git/commits_as_changes.sql"},
    )


LATIN = {
    "GIT_COMMITTER_NAME": "Carol",
    "GIT_COMMITTER_EMAIL": "carol@example.com",
    "GIT_COMMITTER_DATE": "2026-09-14T10:00:00Z",
}


class Repository:
    """A repository written to by git."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **environment: str) -> str:
        command = ["git", "-C", str(self.folder), "-c", "commit.gpgsign=false", *arguments]
        done = subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, message: str, moment: str, author: str = "Alice", **more: str) -> str:
        people = {
            "GIT_AUTHOR_NAME": author,
            "GIT_AUTHOR_EMAIL": f"{author.lower()}@example.com",
            "GIT_COMMITTER_NAME": "Carol",
            "GIT_COMMITTER_EMAIL": "carol@example.com",
            "GIT_AUTHOR_DATE": "2026-09-01T00:00:00Z",
            "GIT_COMMITTER_DATE": moment,
            **more,
        }
        self.git("commit", "-q", "--allow-empty", "-m", message, **people)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Commits before, in and after the day, in other time zones, and a merge."""
    made = Repository(tmp_path / "core")
    made.commit("start", "2026-09-13T23:59:59Z")
    made.commit("first of the day\n\nReviewed-by: Bob <bob@example.com>", "2026-09-14T00:00:00Z")
    made.git("checkout", "-q", "-b", "topic")
    made.commit("on a branch", "2026-09-14T12:00:00+02:00", author="Bob")
    made.git("checkout", "-q", "main")
    made.git(
        *("merge", "-q", "--no-ff", "-m", "Merge topic", "topic"),
        GIT_AUTHOR_NAME="Alice",
        GIT_AUTHOR_EMAIL="alice@example.com",
        GIT_COMMITTER_NAME="Alice",
        GIT_COMMITTER_EMAIL="alice@example.com",
        GIT_COMMITTER_DATE="2026-09-15T01:59:59+02:00",
    )
    made.commit("next day", "2026-09-15T00:00:00Z")
    return made


@pytest.fixture
def pull(tmp_path: Path) -> Callable[..., Pulled]:
    def run(
        place: str | Path, window: Window | None = None, login: Credentials | None = None, **options: Any
    ) -> Pulled:
        folder = tmp_path / f"raw{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        declared = source(str(place), **options)
        GitConnector().check(declared)
        request = CollectionRequest(
            declared, window or day_window(DAY), DAY.isoformat(), folder, tmp_path, login or Credentials()
        )
        pulled = GitConnector().pull(request)
        assert [each.name for each in folder.iterdir()] == ["commits.jsonl.gz"], "nothing but the raw file is left"
        return pulled

    return run


def records(pulled: Pulled) -> list[dict[str, Any]]:
    with gzip.open(pulled.files[0].path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def subjects(pulled: Pulled) -> list[str]:
    return [record["message"].splitlines()[0] for record in records(pulled)]


def test_the_commits_of_the_day_come_by_the_time_of_their_committer(repository: Repository, pull: Any) -> None:
    pulled = pull(repository.folder)
    assert subjects(pulled) == ["first of the day", "on a branch", "Merge topic"]
    assert [record["mainline"] for record in records(pulled)] == [True, False, True]
    assert records(pulled)[1]["committer"] == {
        "name": "Carol",
        "email": "carol@example.com",
        "time": "2026-09-14T10:00:00Z",
    }
    assert records(pulled)[0]["trailers"] == [{"key": "Reviewed-by", "value": "Bob <bob@example.com>"}]
    assert (pulled.source_count, pulled.exhausted) == (3, True)


def test_since_gives_every_commit_up_to_the_end_of_the_window(repository: Repository, pull: Any) -> None:
    assert subjects(pull(repository.folder, since="2026-09-01")) == [
        "start",
        "first of the day",
        "on a branch",
        "Merge topic",
    ]


def test_a_branch_can_be_named(repository: Repository, pull: Any) -> None:
    assert subjects(pull(repository.folder, branch="topic")) == ["first of the day", "on a branch"]
    with pytest.raises(SourceRefused, match="no branch 'nowhere'"):
        pull(repository.folder, branch="nowhere")


def test_a_repository_found_from_the_organisation_folder_is_read(repository: Repository, pull: Any) -> None:
    assert len(subjects(pull("core"))) == 3


def test_odd_commits_are_data_not_crashes(tmp_path: Path, pull: Any) -> None:
    made = Repository(tmp_path / "odd")
    made.git("config", "i18n.commitEncoding", "ISO-8859-1")
    (tmp_path / "latin").write_bytes("caf\u00e9".encode("latin-1"))
    made.commit("replaced", "2026-09-14T10:00:00Z")
    made.git("commit", "-q", "--amend", "--allow-empty", "-F", str(tmp_path / "latin"), **LATIN)
    made.git("config", "--unset", "i18n.commitEncoding")
    made.commit("\U0001f680 naïve ünïcode", "2026-09-14T11:00:00Z", GIT_AUTHOR_DATE="@99999999999 +0000")
    raw = (
        b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor  <> 1 +0000\ncommitter nobody <> 1789387200 -1200\n\n"
        b"\xff\xfe no encoding"
    )
    sha = subprocess.run(
        ["git", "-C", str(made.folder), "hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        input=raw,
        capture_output=True,
        check=True,
    ).stdout.decode()
    made.git("branch", "odd", sha.strip())
    assert {record["message"].strip() for record in records(pull(made.folder))} == {"café", "🚀 naïve ünïcode"}
    found = records(pull(made.folder, branch="odd"))
    assert (found[0]["author"]["name"], found[0]["author"]["email"]) == ("", "")


def test_signatures_are_noticed(tmp_path: Path, pull: Any) -> None:
    made = Repository(tmp_path / "signed")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    made.git("config", "gpg.format", "ssh")
    made.git("config", "user.signingkey", str(tmp_path / "key"))
    people = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    made.git("commit", "-q", "--allow-empty", "-S", "-m", "signed", **people, GIT_COMMITTER_DATE="2026-09-14T10:00:00Z")
    made.commit("unsigned", "2026-09-14T11:00:00Z")
    assert [record["signature"] for record in records(pull(made.folder))] == ["ssh", None]


def test_the_projects_own_history_is_read_as_git_tells_it(repository_root: Path, pull: Any) -> None:
    told = subprocess.run(
        ["git", "-C", str(repository_root), "log", "--format=%H %ct %P", "HEAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    last = datetime.fromtimestamp(max(int(line.split()[1]) for line in told), UTC)
    window = Window(midnight(date(2020, 1, 1)), last + timedelta(seconds=1))
    found = {record["sha"]: record["parents"] for record in records(pull(repository_root, window))}
    assert found.items() >= {line.split()[0]: line.split()[2:] for line in told}.items()


@pytest.fixture
def repository_root() -> Path:
    folder = Path(__file__).resolve().parents[2]
    shallow = subprocess.run(
        ["git", "-C", str(folder), "rev-parse", "--is-shallow-repository"], capture_output=True, text=True, check=False
    )
    if shallow.stdout.strip() != "false":
        pytest.skip("the project's folder is no complete git repository here")
    return folder


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Serves the test's folder by git's own HTTP back end, with a log-in where one is asked for."""
    servers: list[ThreadingHTTPServer] = []
    backend = subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip()

    def start(log_in: str | None = None, status: int = 200) -> str:
        class Handler(BaseHTTPRequestHandler):
            wbufsize = -1

            def do_GET(self) -> None:
                wanted = f"Basic {b64encode(log_in.encode()).decode()}" if log_in else None
                if wanted and self.headers.get("Authorization") != wanted:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", "Basic realm=git")
                    self.end_headers()
                elif status != 200:
                    self.send_error(status)
                else:
                    self._serve()

            do_POST = do_GET  # noqa: N815

            def _serve(self) -> None:
                path, _, query = self.path.partition("?")
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                environment = {
                    **os.environ,
                    "GIT_PROJECT_ROOT": str(tmp_path),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                done = subprocess.run(
                    [f"{backend}/git-http-backend"], input=body, env=environment, capture_output=True, check=True
                )
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
                self.send_response(int(headers.pop("Status", "200").split()[0]))
                for key, value in headers.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Silent."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}/core/.git"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_remote_repository_gives_the_same_records(repository: Repository, web: Any, pull: Any) -> None:
    assert records(pull(web())) == records(pull(repository.folder))


def test_a_remote_repository_is_read_with_the_connections_log_in(repository: Repository, web: Any, pull: Any) -> None:
    url = web("robot:" + SECRET)
    pulled = pull(url, login=Credentials(login="robot", password=SECRET))
    assert len(records(pulled)) == 3
    assert SECRET not in repr(pulled)
    assert SECRET.encode() not in gzip.decompress(pulled.files[0].path.read_bytes())


@pytest.mark.parametrize("login", [None, Credentials(login="robot", password="wrong-" + SECRET)])
def test_a_refused_log_in_is_said_so_without_the_secret(
    repository: Repository, web: Any, pull: Any, login: Credentials | None
) -> None:
    with pytest.raises(SourceRefused, match="refused the log-in") as caught:
        pull(web("robot:" + SECRET), login=login)
    assert SECRET not in str(caught.value)


def test_a_repository_that_is_not_there_is_refused(repository: Repository, web: Any, pull: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceRefused, match="no git repository"):
        pull(web().replace("/core/", "/gone/"))
    with pytest.raises(SourceRefused, match="no git repository"):
        pull(tmp_path / "nowhere")


def test_a_server_that_is_down_or_broken_is_unreachable(repository: Repository, web: Any, pull: Any) -> None:
    with pytest.raises(SourceUnreachable):
        pull("http://127.0.0.1:9/core/.git")
    with pytest.raises(SourceUnreachable):
        pull(web(status=500))


def test_a_repository_without_a_commit_is_refused(tmp_path: Path, pull: Any) -> None:
    made = Repository(tmp_path / "empty")
    with pytest.raises(SourceRefused, match="no commit yet"):
        pull(made.folder)


def test_a_shallow_copy_is_incomplete(repository: Repository, tmp_path: Path, pull: Any) -> None:
    subprocess.run(
        ["git", "clone", "-q", "--depth", "1", f"file://{repository.folder}", str(tmp_path / "copy")], check=True
    )
    with pytest.raises(SourceIncomplete, match="shallow"):
        pull(tmp_path / "copy")


def _object(repository: Repository, sha: str) -> Path:
    return repository.folder / ".git/objects" / sha[:2] / sha[2:]


def test_a_commit_that_is_gone_is_missed(repository: Repository, pull: Any) -> None:
    _object(repository, repository.git("rev-parse", "HEAD~2")).unlink()
    with pytest.raises(SourceIncomplete):
        pull(repository.folder)


def test_a_commit_that_was_changed_is_found(repository: Repository, pull: Any) -> None:
    file = _object(repository, repository.git("rev-parse", "HEAD~2"))
    content = zlib.decompress(file.read_bytes()).replace(b"first", b"worst")
    file.chmod(0o644)
    file.write_bytes(zlib.compress(content))
    with pytest.raises(SourceIncomplete, match="hash"):
        pull(repository.folder)


def test_a_commit_that_was_changed_inside_a_pack_is_found(repository: Repository, pull: Any) -> None:
    sha = repository.git("rev-parse", "HEAD~2")
    raw = subprocess.run(
        ["git", "-C", str(repository.folder), "cat-file", "commit", sha], capture_output=True, check=True
    ).stdout
    # Stored without compression the content can be exchanged in place, with the checksum that zlib wants.
    repository.git("-c", "core.compression=0", "-c", "pack.compression=0", "repack", "-adFq", "--depth=0")
    pack = next((repository.folder / ".git/objects/pack").glob("*.pack"))
    content, changed = bytearray(pack.read_bytes()), raw.replace(b"first", b"worst")
    start = content.index(raw)
    content[start : start + len(raw) + 4] = changed + zlib.adler32(changed).to_bytes(4, "big")
    pack.chmod(0o644)
    pack.write_bytes(content)
    with pytest.raises(SourceIncomplete, match="hash"):
        pull(repository.folder)


@pytest.mark.parametrize(
    ("repository_name", "options", "key"),
    [
        ("", {}, "repository"),
        ("https://robot:secret@example.com/x.git", {}, "repository"),
        ("core", {"since": "yesterday"}, "since"),
        ("core", {"branch": 1}, "branch"),
        ("core", {"depth": 1}, "depth"),
    ],
)
def test_a_wrong_option_is_refused_by_name(repository_name: str, options: Any, key: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        GitConnector().check(source(repository_name, **options))
    assert caught.value.where == f"sources.yaml: git-core.options.{key}"


def test_the_station_turns_commits_into_changes(repository: Repository, tmp_path: Path) -> None:
    outcome = collect(source(str(repository.folder), since="2026-09-01"), DAY, Credentials(), tmp_path)
    assert outcome.missing == ()
    found = rows(outcome, "changes")
    assert sorted(row["title"] for row in found) == ["Merge topic", "first of the day", "start"]
    assert {row["approved_by"] for row in found} == {None, pseudonym(PSEUDONYM_KEY, "bob@example.com")}
    assert [entry.completeness.value for entry in outcome.collected] == ["proven"]
