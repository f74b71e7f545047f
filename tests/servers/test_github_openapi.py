"""Connector github against GitHub's own OpenAPI description, served by prism: do the questions and answers exist?

Prism refuses questions that the description does not know and answers with its examples. It comes from npm, into
``var/node``. Where npm cannot install it the test is skipped, or fails where AIRTIGHT_REQUIRE_SERVERS is set.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from airtight.collect.connector import CollectionRequest
from airtight.collect.github import GitHubConnector
from airtight.domain.period import day_window
from airtight.domain.source import Credentials, Source

pytestmark = [pytest.mark.server, pytest.mark.slow]

PACKAGES = ("@stoplight/prism-cli@5.14.2", "@octokit/openapi@23.0.2")
PATHS = (
    "/user",
    "/orgs/{org}",
    "/orgs/{org}/repos",
    "/orgs/{org}/members",
    "/orgs/{org}/outside_collaborators",
    "/users/{username}",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/pulls",
    "/repos/{owner}/{repo}/pulls/{pull_number}",
    "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
    "/repos/{owner}/{repo}/pulls/{pull_number}/commits",
    "/repos/{owner}/{repo}/commits/{ref}/check-runs",
    "/repos/{owner}/{repo}/commits/{ref}/status",
    "/repos/{owner}/{repo}/branches/{branch}",
    "/repos/{owner}/{repo}/branches/{branch}/protection",
    "/repos/{owner}/{repo}/rules/branches/{branch}",
    "/repos/{owner}/{repo}/rulesets/{ruleset_id}",
    "/repos/{owner}/{repo}/deployments",
    "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
    "/search/issues",
)


def _unavailable(reason: str) -> None:
    if os.environ.get("AIRTIGHT_REQUIRE_SERVERS"):
        pytest.fail(reason)
    pytest.skip(reason)


def _modules(repository: Path) -> Path:
    folder = repository / "var" / "node"
    modules = folder / "node_modules"
    if (modules / ".bin" / "prism").exists() and (modules / "@octokit" / "openapi").is_dir():
        return modules
    npm = shutil.which("npm")
    if npm is None:
        _unavailable("npm is not installed, so prism cannot serve GitHub's description")
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(npm), "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    if done.returncode:
        _unavailable(f"npm cannot install prism: {done.stderr[-300:]}")
    return modules


def _description(modules: Path, folder: Path) -> Path:
    whole = json.loads((modules / "@octokit/openapi/generated/api.github.com.json").read_text(encoding="utf-8"))
    paths = {path: {"get": whole["paths"][path]["get"]} for path in PATHS}
    for path in paths.values():
        # The examples' next pages lie at api.github.com/resource, which nobody serves.
        path["get"]["responses"].get("200", {}).pop("headers", None)
    small = {**whole, "paths": paths}
    file = folder / "github.json"
    file.write_text(json.dumps(small), encoding="utf-8")
    return file


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"prism ended: {log.read_text(encoding='utf-8')[-500:]}")
        try:
            urllib.request.urlopen(f"{url}/user", timeout=5).close()  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("prism did not answer within two minutes")


@pytest.fixture(scope="module")
def prism(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("prism")
    modules = _modules(repository)
    port, log = _free_port(), folder / "prism.log"
    command = [
        str(modules / ".bin/prism"),
        "mock",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        str(_description(modules, folder)),
    ]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _await(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}", log
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.mark.parametrize("population", ["pull_requests", "branch_protections", "deployments", "accounts"])
def test_what_is_asked_and_read_is_what_github_describes(
    prism: tuple[str, Path], tmp_path: Path, population: str
) -> None:
    url, log = prism
    source = Source(
        id="github",
        collection="change_records",
        system="github/octocat",
        connector="github",
        connection="github_default",
        options={"owner": "octocat", "repositories": ["Hello-World"], "retries": 1},
        settles_after=timedelta(hours=6),
        max_lag=timedelta(days=1),
        populations={population: f"mappings/github/{population}.sql"},
    )
    day = date(2012, 7, 20) if population == "deployments" else date(2011, 1, 26)
    request = CollectionRequest(
        source, day_window(day), day.isoformat(), tmp_path, tmp_path, Credentials(host=url, password="token")
    )
    pulled = GitHubConnector().pull(request)
    assert pulled.identity == "octocat"
    with gzip.open(pulled.files[0].path, "rt", encoding="utf-8") as lines:
        records: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert records, "the description's example lies on that day"
    assert pulled.files[0].records == len(records)
    assert "no path matched" not in log.read_text(encoding="utf-8").lower()
