"""Station *monitor*: one AI system and one day -> rows for four populations, and the report for readers.

What cannot be computed is a figure that says so; nothing that the data holds ends a run. A reference that is not the
pinned one does.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from airtight.domain.control import CellValue
from airtight.domain.monitor import FIGURES, Figure, MonitorSetup, Role, ends_with, is_turn
from airtight.errors import EvidenceError
from airtight.monitor import canary, evidently_report
from airtight.monitor.drift import Profile, Sides, compare, profile
from airtight.monitor.engine import Resources, engine, quoted
from airtight.monitor.fairness import Cohorts, fairness_of
from airtight.monitor.performance import performance_of
from airtight.monitor.prepared import Prepared, Rows, prepare
from airtight.monitor.rows import (
    NO_VERSION,
    About,
    Record,
    drift_rows,
    empty_rows,
    evaluation_rows,
    figure_rows,
    metric_rows,
)
from airtight.monitor.tables import Table, table_of

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Version:
    """What the register of model versions tells: approved baselines, and the digest of the artifact."""

    baselines: Mapping[str, float] = field(default_factory=dict)
    artifact: str | None = None


@dataclass(frozen=True)
class Subject:
    """One AI system on one day.

    Attributes:
        rows: its predictions and outcomes, as far back as ``MonitorSetup.reach``, as far as they are kept.
        reference: the Parquet file of the reference.
        versions: model version -> what the register tells of it; one that is not there has no baseline.
    """

    setup: MonitorSetup
    day: date
    rows: Rows
    reference: Path
    versions: Mapping[str, Version] = field(default_factory=dict)


@dataclass(frozen=True)
class Monitored:
    """What a run gave: population -> rows, and the files of the reports."""

    records: Mapping[str, Sequence[Record]]
    reports: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Run:
    connection: duckdb.DuckDBPyConnection
    subject: Subject
    prepared: Prepared
    reference: Table
    known: Profile | None
    folder: Path

    @property
    def setup(self) -> MonitorSetup:
        return self.subject.setup

    @property
    def facts(self) -> dict[str, CellValue]:
        return {"duplicates": self.prepared.duplicates} if self.prepared.duplicates else {}

    def is_turn(self, every: int) -> bool:
        return is_turn(self.subject.day, every)


def monitor(subject: Subject, work: Path, resources: Resources | None = None) -> Monitored:
    """Every figure of one AI system that is due after a day.

    Args:
        work: an empty folder for spilled data, the joined rows and the reports; the caller removes it.

    Raises:
        EvidenceError: the reference is not the pinned file; EvaluationError: memory did not suffice, or a file cannot
            be read.
    """
    _check_reference(subject)
    granted = resources or Resources()
    files = [*subject.rows.predictions, *subject.rows.actuals]
    # each thread of a join that spills pins memory of its own; with one, it stays within the limit
    with engine(work, files, replace(granted, threads=1)) as connection:
        prepared = prepare(connection, subject.rows, subject.setup, ends_with(subject.day, subject.setup.reach), work)
    with engine(work, [subject.reference], granted) as connection:
        run = _begin(connection, subject, prepared, work)
        records, reports = empty_rows(), list[Path]()
        for version in run.prepared.versions or (NO_VERSION,):
            for population, found in _of_version(run, version, reports):
                records[population] += found
    return Monitored(records, tuple(reports))


def _check_reference(subject: Subject) -> None:
    with subject.reference.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != subject.setup.reference.sha256:
        raise EvidenceError(
            f"the reference has the SHA-256 {found}, not the pinned one.",
            where=f"expectations/models/{subject.setup.ai_system}.yaml reference.sha256",
            remedy="Put the pinned file back, or pin the other after review.",
        )


def _begin(connection: duckdb.DuckDBPyConnection, subject: Subject, prepared: Prepared, work: Path) -> _Run:
    setup = subject.setup
    read = f"read_parquet({quoted(subject.reference)}, file_row_number => true)"
    reference = table_of(connection, f"(SELECT *, file_row_number AS _row FROM {read})", setup.watched)  # noqa: S608
    needed = is_turn(subject.day, setup.drift.every) or (setup.canary and is_turn(subject.day, setup.canary.every))
    known = profile(connection, reference, setup.watched) if needed else None
    return _Run(connection, subject, prepared, reference, known, work)


def _of_version(run: _Run, version: str, reports: list[Path]) -> Iterator[tuple[str, list[Record]]]:
    setup, facts = run.setup, run.facts
    told = run.subject.versions.get(version, Version())
    about = About(setup, version, ends_with(run.subject.day, setup.drift.window), told.artifact, None, facts)
    report = None
    if run.known and run.is_turn(setup.drift.every):
        figures, report = _drift(run, run.known, about, reports)
        yield "drift_results", list(drift_rows(about, figures))
        yield FIGURES, list(figure_rows(about, figures))
    if run.known and setup.canary and run.is_turn(setup.canary.every):
        figures = canary.fly(run.connection, _canary_sides(run, about), run.known, setup, setup.canary, run.subject.day)
        yield "drift_results", list(drift_rows(about, figures, canary=True))
        yield FIGURES, list(figure_rows(about, figures, canary=True))
    if run.is_turn(setup.performance.every):
        about = replace(about, window=ends_with(run.subject.day, setup.performance.window))
        table = run.prepared.observed_in(about.window, version)
        figures = performance_of(run.connection, table, setup, told.baselines)
        yield "model_metrics", list(metric_rows(about, figures))
        yield FIGURES, list(figure_rows(about, figures))
    if setup.fairness and run.is_turn(setup.fairness.every):
        about = replace(about, window=ends_with(run.subject.day, setup.fairness.window), report=report)
        figures = _fairness(run, about, version)
        yield "evaluations", list(evaluation_rows(about, figures))
        yield FIGURES, list(figure_rows(about, figures))


def _sides(run: _Run, about: About) -> tuple[Sides, Sides]:
    """Rows to compare with the reference: predictions made in the window, and outcomes observed in it."""
    made = run.prepared.made_in(about.window, about.version)
    observed = run.prepared.observed_in(about.window, about.version)
    return Sides(run.reference, made), Sides(run.reference, observed)


def _drift(run: _Run, known: Profile, about: About, reports: list[Path]) -> tuple[tuple[Figure, ...], str | None]:
    made, observed = _sides(run, about)
    own = [column for column in run.setup.watched if column.role is not Role.TARGET]
    targets = [column for column in run.setup.watched if column.role is Role.TARGET]
    figures = compare(run.connection, made, known, own, run.setup.drift)
    figures += compare(run.connection, observed, known, targets, run.setup.drift) if targets else ()
    rules = run.setup.report
    if rules is None or not run.is_turn(rules.every) or not any(figure.n_cur for figure in figures):
        return figures, None
    name = _UNSAFE.sub("-", f"{run.setup.ai_system}.{about.version}.{run.subject.day}")
    report = evidently_report.make_report(run.connection, made, own, rules, run.folder, name)
    if report is None:
        return figures, None
    reports += [report.html, report.json]
    return figures, hashlib.sha256(report.json.read_bytes()).hexdigest()


def _canary_sides(run: _Run, about: About) -> Sides:
    """The data where there is enough of it; else a copy of the reference."""
    made = _sides(run, about)[0]
    (rows,) = run.connection.execute(f"SELECT count(*) FROM {made.current.relation}").fetchall()  # noqa: S608
    return made if rows[0] >= run.setup.drift.min_rows else Sides(run.reference, run.reference)


def _fairness(run: _Run, about: About, version: str) -> tuple[Figure, ...]:
    labelled = ends_with(run.subject.day, run.setup.performance.window)
    cohorts = Cohorts(run.prepared.made_in(about.window, version), run.prepared.observed_in(labelled, version))
    return tuple(fairness_of(run.connection, cohorts, run.prepared.groups, run.setup))
