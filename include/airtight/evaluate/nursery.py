"""The server that every test's process is forked from: DuckDB loaded, nothing else of the caller in memory.

Run as ``python -m airtight.evaluate.nursery``. It reads one request a line from its standard input (job file, answer
file, seconds), forks a child that runs the job, waits, and writes one line with how the child ended. A child that
overstays is killed; so is one whose caller is gone. Own code instead of ``multiprocessing``'s fork server, because that
one imports the caller's main module into every child, Airflow's or a notebook's, and lends it the caller's environment.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
from pathlib import Path

import duckdb

from airtight.evaluate import engine


def serve(requests: int, replies: int) -> None:
    """Answer requests until the caller closes its end.

    Every child inherits one and the same fresh engine, which the server opens and never uses: opening one takes longer
    than a small test.
    """
    untouched = engine.opened()
    for line in os.fdopen(requests, "r", encoding="utf-8", buffering=1):
        job, answer, seconds = json.loads(line)
        status = _run(Path(job), Path(answer), seconds, requests, untouched)
        os.write(replies, (json.dumps(status) + "\n").encode())


def _run(job: Path, answer: Path, seconds: float, requests: int, untouched: duckdb.DuckDBPyConnection) -> list[object]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(job, answer, untouched)
    os.close(writing)  # the child holds the only writing end: it reads as ended when the child is gone
    ready, _, _ = select.select([reading, requests], [], [], seconds)
    if reading not in ready:
        os.kill(child, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return [os.waitstatus_to_exitcode(status), not ready]


def _live(job: Path, answer: Path, untouched: duckdb.DuckDBPyConnection) -> None:
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        engine.run_job(job, answer, untouched)
        code = 0
    finally:
        os._exit(code)  # no exit handler of the server may run in a child


def main() -> None:
    # What DuckDB prints must not reach the replies.
    requests, replies = os.dup(0), os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    engine.warm_up()
    serve(requests, replies)


if __name__ == "__main__":
    main()
