"""A GitHub-shaped HTTP server for tests: it replays answers and breaks in the ways in which GitHub breaks."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

NOT_FOUND = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}


@dataclass
class Reply:
    """One answer. ``raw`` replaces the JSON; ``cut`` breaks the connection after so many bytes of the body."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    cut: int | None = None


@dataclass
class GitHubServer:
    """Routes ``/path`` (or ``/path?key=value``, which wins when the question has those) to replies.

    Lists come in pages of ``page`` with GitHub's Link header. ``asked`` records every question, ``tokens`` every
    Authorization header.
    """

    routes: dict[str, Reply]
    page: int = 100
    url: str = ""
    asked: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def answer(self, target: str) -> Reply:
        parts = urlsplit(target)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        best = max((route for route in self.routes if _fits(route, parts.path, asked)), key=len, default=None)
        if best is None:
            return Reply(NOT_FOUND, 404)
        reply = self.routes[best]
        return self._page(reply, parts.path, asked) if isinstance(reply.body, list) else reply

    def _page(self, reply: Reply, path: str, asked: dict[str, str]) -> Reply:
        size = min(self.page, int(asked.pop("per_page", 30)))
        page = int(asked.pop("page", 1))
        rows = list(reply.body) if isinstance(reply.body, list) else []
        headers = dict(reply.headers)
        if page * size < len(rows):
            query = "".join(f"{key}={value}&" for key, value in asked.items())
            headers["Link"] = f'<{self.url}{path}?{query}per_page={size}&page={page + 1}>; rel="next"'
        return Reply(rows[(page - 1) * size : page * size], reply.status, headers, reply.raw, reply.cut)


def _fits(route: str, path: str, asked: Mapping[str, str]) -> bool:
    parts = urlsplit(route)
    wanted = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return parts.path == path and all(asked.get(key) == value for key, value in wanted.items())


def _handler(server: GitHubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet, or each answer waits for an acknowledgement

        def do_GET(self) -> None:
            server.asked.append(self.path)
            server.tokens.append(self.headers.get("Authorization", ""))
            reply = server.answer(self.path)
            body = reply.raw if reply.raw is not None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body if reply.cut is None else body[: reply.cut])
            self.close_connection = reply.cut is not None

        def log_message(self, *_: object) -> None:
            """Silent: the tests read ``asked``."""

    return Handler


@contextmanager
def serve(routes: dict[str, Reply], page: int = 100) -> Iterator[GitHubServer]:
    """The server on a free port of the loopback, until the block ends."""
    server = GitHubServer(routes, page)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def recorded(file: Path, *fixtures: str) -> dict[str, Reply]:
    """Routes from recorded exchanges (one JSON object a line): the GET answers of the named fixtures."""
    routes: dict[str, Reply] = {}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            exchange = json.loads(line)
            if exchange["method"] == "GET" and exchange["fixture"] in fixtures:
                headers = {key: value for key, value in exchange["response_headers"].items() if key == "link"}
                routes[exchange["path"]] = Reply(exchange["body"], exchange["status"], headers)
    return routes
