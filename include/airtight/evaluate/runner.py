"""Runs control tests, each in a process of its own that can read its evidence and nothing else.

The processes are forked from one server with DuckDB loaded (``nursery``), so that a small test costs milliseconds. The
server starts with an environment of its own: no password, key or token of the caller is in the memory in which a
control's SQL runs. A crash, a test that does not end and one that needs too much memory are ``EvaluationError``: the
result is then inconclusive, and the next test runs as if nothing had happened.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from airtight.domain.control import CellValue
from airtight.errors import EvaluationError
from airtight.evaluate.job import Head, Job, Limits, Refusal
from airtight.wire import Json, from_json, to_json

#: How long after its time limit a test may take to stop by itself before it is killed, and its server after that.
_GRACE = 5.0
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One row of ``deviations``: its key and its other columns."""

    key: Key
    details: tuple[tuple[str, CellValue], ...]


@dataclass(frozen=True)
class Answer:
    """What a test's SQL found; ``head`` counts all, the lists end at the job's limit."""

    head: Head
    deviations: tuple[Finding, ...]
    untested: tuple[Key, ...]


class Runner:
    """Runs jobs one after the other; a context manager, which ends its server on leaving. Not for several threads.

    Args:
        limits: what each test may take.
        scratch: folder for jobs, answers and spilled data; by default the system's folder for temporary files.
    """

    def __init__(self, limits: Limits | None = None, scratch: Path | None = None) -> None:
        self.limits = limits or Limits()
        self._scratch = scratch
        self._server: subprocess.Popen[str] | None = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def run(self, job: Job) -> Answer:
        """Run one test.

        Raises:
            EvaluationError: it could not be judged; the message says why.
        """
        folder = Path(tempfile.mkdtemp(prefix="airtight-test-", dir=self._scratch))
        try:
            (folder / "job.json").write_text(json.dumps(to_json(job)), encoding="utf-8")
            self._ask(folder, job.limits.seconds)
            with (folder / "answer.jsonl").open(encoding="utf-8") as lines:
                return _read(lines)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _ask(self, folder: Path, seconds: float) -> None:
        server = self._running()
        request = [str(folder / "job.json"), str(folder / "answer.jsonl"), seconds + _GRACE]
        reply = ""
        if server.stdin and server.stdout:
            server.stdin.write(json.dumps(request) + "\n")
            server.stdin.flush()
            ready, _, _ = select.select([server.stdout], [], [], seconds + 2 * _GRACE)
            reply = server.stdout.readline() if ready else ""
        if not reply:
            self._stop()
            raise EvaluationError("the process that runs tests ended or does not answer")
        code, overdue = json.loads(reply)
        if overdue:
            raise EvaluationError(f"the SQL took longer than {seconds:g} seconds and was killed")
        if code:
            raise EvaluationError(f"the process that ran the test ended with code {code}")

    def _running(self) -> subprocess.Popen[str]:
        if self._server is None or self._server.poll() is not None:
            self._server = _start()
        return self._server

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        if server.stdin:
            server.stdin.close()  # the server ends, and with it a child that still runs
        try:
            server.wait(timeout=_GRACE)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if server.stdout:
            server.stdout.close()


def _start() -> subprocess.Popen[str]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-m", "airtight.evaluate.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # an interrupt from the keyboard is the caller's to handle
    )


def _read(lines: TextIO) -> Answer:
    first: Json = json.loads(lines.readline())
    if isinstance(first, dict) and "reason" in first:
        raise EvaluationError(from_json(Refusal, first).reason)
    head = from_json(Head, first)
    deviations = tuple(_finding(line) for line in _next(lines, head.deviations_listed))
    return Answer(head, deviations, tuple(_key(json.loads(line)) for line in _next(lines, head.untested_listed)))


def _next(lines: TextIO, count: int) -> Iterator[str]:
    return (lines.readline() for _ in range(count))


def _finding(line: str) -> Finding:
    key, details = json.loads(line)
    return Finding(_key(key), tuple((str(name), cell) for name, cell in details))


def _key(parts: list[str]) -> Key:
    return tuple(parts)
