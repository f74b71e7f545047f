"""Runs one test's SQL in a locked-down DuckDB; the inside of the subprocess that the runner starts.

The connection can read the job's files and nothing else: no other file, no network, no extension, no setting. Every row
is fetched before the connection closes. The answer is written as a ``Head`` and the listed keys, or a ``Refusal``; a
NULL in a key, a deviation outside the tested items and a tested item outside the population are refused.

Small imports only: everything here is loaded once into the server that the tests are forked from.
"""

# ruff: noqa: S608 - SQL is put together from quoted identifiers and from texts that passed the gate
from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import duckdb

from airtight.domain.period import Window
from airtight.evaluate.job import Head, Job, Limits, Refusal, View, ViewFile
from airtight.evaluate.values import BoundValue, bindings, cell_value, key_text
from airtight.evaluate.views import create_view, listed, quoted
from airtight.wire import Json, from_json, to_json

_FETCHED = 2048
_Rows = Iterator[tuple[object, ...]]


class _Refused(Exception):
    """The test is refused, for the reason given."""


def run_job(job_file: Path, answer_file: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Read a job, run it on a connection of ``opened``, write the answer, and close the connection.

    Whatever goes wrong with the SQL is written as a ``Refusal``.
    """
    job = from_json(Job, json.loads(job_file.read_text(encoding="utf-8")))
    with answer_file.open("w", encoding="utf-8") as out:
        try:
            _answer(job, connection, job_file.parent / "spill", out)
        except (_Refused, duckdb.Error) as error:
            out.seek(0)
            out.truncate()
            _write(out, to_json(Refusal(_reason(error, job.limits))))


def opened() -> duckdb.DuckDBPyConnection:
    """A connection to a fresh engine without any thread of its own, so that it survives a fork."""
    return duckdb.connect(config={"threads": 1, "async_threads": 0})


def warm_up() -> None:
    """Prepare, once for all tests, what reading a job and writing an answer take."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    view = View("v", (("c", "VARCHAR"),), (ViewFile(Path("f"), "s", start.date()),))
    job = Job((view,), (), "", None, None, "", {"p": ("v",)}, Window(start, start + timedelta(days=1)), Limits())
    from_json(Job, to_json(job))
    to_json(Head())


def lock(connection: duckdb.DuckDBPyConnection, files: list[Path], limits: Limits, spill: Path) -> None:
    """Let a connection read these files and nothing else; its settings can no longer be changed."""
    allowed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    for setting in (
        f"allowed_paths = [{allowed}]",
        f"temp_directory = '{str(spill).replace(chr(39), chr(39) * 2)}'",
        f"max_temp_directory_size = '{limits.spill}'",
        f"memory_limit = '{limits.memory}'",
        f"threads = {limits.threads}",
        f"async_threads = {limits.threads}",
        "TimeZone = 'UTC'",
        "enable_progress_bar = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _answer(job: Job, connection: duckdb.DuckDBPyConnection, spill: Path, out: TextIO) -> None:
    with connection:
        lock(connection, sorted({file.path for view in job.views for file in view.files}), job.limits, spill)
        timer = threading.Timer(job.limits.seconds, connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            _Examination(connection, job, bindings(job.parameters, job.window)).write(out)
        finally:
            timer.cancel()


@dataclass(frozen=True)
class _Examination:
    """One test on one connection."""

    connection: duckdb.DuckDBPyConnection
    job: Job
    bound: dict[str, BoundValue]

    def write(self, out: TextIO) -> None:
        for view in self.job.views:
            create_view(self.connection, view)
        lacking = tuple(view for view in self.job.requires if not self._exists(f"SELECT 1 FROM {quoted(view)}"))
        if lacking:
            _write(out, to_json(Head(lacking=lacking)))
            return
        head = self._figures()
        limits = self.job.limits
        head = replace(
            head,
            deviations_listed=min(head.deviation_n, limits.deviations),
            untested_listed=min(head.untested_n, limits.untested),
        )
        _write(out, to_json(head))
        for key, details in self._deviations(head):
            _write(out, [key, details])
        for key in self._untested(head):
            _write(out, key)

    def _figures(self) -> Head:
        keys = self._columns(self.job.population)
        _, population_n = self._count("population", self.job.population, keys, self.job.population_unique)
        tested_n = self._tested(keys) if self.job.tested else population_n
        self._run(f"CREATE TEMP TABLE _deviations AS {self.job.deviations}")
        self._refuse_lacking("deviations", keys, self._columns("SELECT * FROM _deviations"))
        deviation_n, deviating_n = self._count("deviations", "SELECT * FROM _deviations", keys)
        if deviation_n and not self.job.deviations_within:
            self._refuse_strays("deviations", "_deviations", "tested", self.job.tested or self.job.population, keys)
        untested_n = population_n - tested_n
        return Head(keys, (), population_n, tested_n, deviating_n, deviation_n, untested_n=untested_n)

    def _tested(self, keys: tuple[str, ...]) -> int:
        sql = self.job.tested or ""
        self._refuse_lacking("tested", keys, self._columns(sql))
        _, tested_n = self._count("tested", sql, keys, self.job.tested_unique)
        if not self.job.tested_within:
            self._refuse_strays("tested", f"({sql}\n)", "population", self.job.population, keys)
        return tested_n

    def _count(self, part: str, sql: str, keys: tuple[str, ...], unique: bool = False) -> tuple[int, int]:
        """How many rows and how many different keys there are, none of them with a NULL."""
        names = listed(keys)
        # Hashes that all differ prove that the keys do; the exact and costly way is taken only where they do not.
        figures = [*(f"count({quoted(key)})" for key in keys), "0" if unique else f"count(DISTINCT hash({names}))"]
        rows, *present, hashes = self._one(f"SELECT count(*), {', '.join(figures)} FROM ({sql}\n)")
        for key, filled in zip(keys, present, strict=True):
            if filled != rows:
                raise _Refused(f"{part} has {rows - filled} keys with a NULL in {key}")
        if unique or rows == hashes:
            return rows, rows
        return rows, self._one(f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM ({sql}\n))")[0]

    def _refuse_lacking(self, part: str, keys: tuple[str, ...], given: tuple[str, ...]) -> None:
        for key in keys:
            if key not in given:
                raise _Refused(f"{part} lacks the key column {key}")

    def _refuse_strays(self, inner: str, source: str, outer: str, whole: str, keys: tuple[str, ...]) -> None:
        names = listed(keys)
        stray = self._run(
            f"SELECT {names} FROM {source} AS i ANTI JOIN ({whole}\n) AS o USING ({names}) ORDER BY ALL LIMIT 1"
        ).fetchone()
        if stray:
            key = ", ".join(f"{name}={key_text(value)}" for name, value in zip(keys, stray, strict=True))
            raise _Refused(f"{inner} has the key {key}, which {outer} does not have")

    def _deviations(self, head: Head) -> Iterator[tuple[Json, Json]]:
        if not head.deviations_listed:
            return
        names = self._columns("SELECT * FROM _deviations")
        others = [name for name in names if name not in head.keys]
        ordered = listed([*head.keys, *others])
        limit = head.deviations_listed
        rows = self._run(f"SELECT {ordered} FROM _deviations ORDER BY {ordered} LIMIT {limit}")
        size = len(head.keys)
        for row in _fetched(rows):
            details: Json = [[name, cell_value(cell)] for name, cell in zip(others, row[size:], strict=True)]
            yield [key_text(cell) for cell in row[:size]], details

    def _untested(self, head: Head) -> Iterator[Json]:
        if not head.untested_listed or not self.job.tested:
            return
        names = listed(head.keys)
        rest = self.job.untested or (
            f"SELECT DISTINCT {names} FROM ({self.job.population}\n) AS p "
            f"ANTI JOIN ({self.job.tested}\n) AS t USING ({names})"
        )
        limit = head.untested_listed
        rows = self._run(f"SELECT {names} FROM ({rest}\n) ORDER BY {names} LIMIT {limit}")
        found = 0
        for found, row in enumerate(_fetched(rows), start=1):  # noqa: B007 - the last number is the count
            yield [key_text(cell) for cell in row]
        if found != limit:
            raise _Refused(f"{head.untested_n} items are untested, but {found} could be listed")

    def _columns(self, sql: str) -> tuple[str, ...]:
        cursor = self._run(f"SELECT * FROM ({sql}\n) LIMIT 0")
        return tuple(column[0] for column in cursor.description or ())

    def _exists(self, sql: str) -> bool:
        return self._run(f"{sql} LIMIT 1").fetchone() is not None

    def _one(self, sql: str) -> tuple[int, ...]:
        row = self._run(sql).fetchone()
        if row is None:
            raise _Refused("a count gave no row")
        return row

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        used = self.connection.extract_statements(sql)[0].named_parameters
        return self.connection.execute(sql, {name: self.bound[name] for name in used})


def _fetched(cursor: duckdb.DuckDBPyConnection) -> _Rows:
    while rows := cursor.fetchmany(_FETCHED):
        yield from rows


def _write(out: TextIO, value: Json) -> None:
    out.write(json.dumps(value, ensure_ascii=True) + "\n")


def _reason(error: Exception, limits: Limits) -> str:
    if isinstance(error, duckdb.InterruptException):
        return f"the SQL took longer than {limits.seconds:g} seconds"
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"the SQL needs more than {limits.memory} of memory or {limits.spill} of disk"
    if isinstance(error, _Refused):
        return str(error)
    # The first sentence says what is wrong; literals in it may come from the evidence and are left out.
    return f"the SQL failed: {_without_values(str(error))}"


def _without_values(message: str) -> str:
    first = message.split("\n", 1)[0]
    return re.sub(r"\"(?![A-Za-z_]\w*\")[^\"]*\"", '"..."', re.sub(r"'[^']*'", "'...'", first))
