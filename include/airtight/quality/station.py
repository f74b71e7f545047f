"""Station 2: may a population be relied on?

A population is checked twice: by built-in checks, which compare the file with its schema and with how it was
collected, and by its suite. A violated *critical* verdict makes every test over the population inconclusive. A report
holds counts and names, never a row's value.

One process checks many populations; Great Expectations, which takes seconds to import, is imported once, on the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from airtight.domain.collection import CollectedPopulation, Provenance
from airtight.domain.period import Window
from airtight.domain.population import PopulationSchema
from airtight.domain.quality import ExpectationOutcome, QualityReport
from airtight.quality.builtin import check_collection, check_content, check_shape, count_rows
from airtight.quality.database import Files, opened
from airtight.quality.judging import run_suite, unjudged
from airtight.quality.suites import Rule, read_suite


@dataclass(frozen=True)
class Subject:
    """One population to check.

    Attributes:
        file: its Parquet file, fetched.
        suite_file: ``expectations/<population>.json``.
        others: other populations that rules and references may look into, with their files.
        provenance: how its source was read, where known: adds the checks of counts and times.
        known: names of the catalog's populations: a rule over any other is refused. None: any name may stand in a
            rule, and a rule whose populations are not at hand is not judged.
    """

    collected: CollectedPopulation
    file: Path
    schema: PopulationSchema
    suite_file: Path
    window: Window
    others: Mapping[str, Files] = field(default_factory=dict)
    provenance: Provenance | None = None
    known: frozenset[str] | None = None


def check_population(
    collected: CollectedPopulation,
    file: Path,
    schema: PopulationSchema,
    suite_file: Path,
    window: Window,
    others: Mapping[str, Files],
    *,
    provenance: Provenance | None = None,
    known: Collection[str] | None = None,
) -> QualityReport:
    """All verdicts on one population; see ``Subject`` for the arguments.

    Raises:
        DefinitionError: the suite is malformed; names file and expectation.
        EvidenceError: a file cannot be read as Parquet.
    """
    names = None if known is None else frozenset(known)
    return check(Subject(collected, file, schema, suite_file, window, others, provenance, names))


def check_populations(subjects: Iterable[Subject]) -> tuple[QualityReport, ...]:
    """One report a subject, in their order; raises as ``check_population``."""
    return tuple(check(subject) for subject in subjects)


def check(subject: Subject) -> QualityReport:
    """All verdicts on one subject; raises as ``check_population``."""
    name, collected = subject.schema.name, subject.collected
    rules = read_suite(subject.suite_file, name, subject.known)
    views = {**_neighbours(subject, rules), name: subject.file}
    with opened(views, subject.window) as database:
        rows = count_rows(database, name)
        outcomes = list(check_shape(database, subject.schema, collected.rows, rows))
        # A rule over a column that is not there would be an error of the suite, which it is not.
        if all(outcome.success for outcome in outcomes):
            outcomes += check_content(database, subject.schema, views, subject.window)
            outcomes += _judge(rules, subject, database, rows)
    outcomes += check_collection(subject.schema.kind, collected, subject.provenance, subject.window)
    digest = hashlib.sha256(subject.suite_file.read_bytes()).hexdigest()
    return QualityReport(name, collected.source, digest, rows, tuple(outcomes))


def _neighbours(subject: Subject, rules: tuple[Rule, ...]) -> dict[str, Files]:
    """The other populations that a rule or a reference looks into; each view costs some milliseconds."""
    referred = {str(column.references).partition(".")[0] for column in subject.schema.columns if column.references}
    wanted = referred.union(*(rule.reads for rule in rules))
    return {name: files for name, files in subject.others.items() if name in wanted}


def _judge(
    rules: tuple[Rule, ...], subject: Subject, database: duckdb.DuckDBPyConnection, rows: int
) -> Iterator[ExpectationOutcome]:
    at_hand = tuple(rule for rule in rules if rule.reads <= set(subject.others))
    yield from run_suite(at_hand, subject.schema.name, database, subject.window, rows)
    yield from (unjudged(rule, rule.reads - set(subject.others)) for rule in rules if rule not in at_hand)
