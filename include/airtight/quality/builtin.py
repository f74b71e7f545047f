"""Checks that every population gets, whatever its suite: does the file agree with its schema and its collection?

What a suite may forget is checked here: the number of rows, the columns, the key, enumerations, events outside their
window, references, and what the provenance says of counts, rejected records and times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, DuckDBPyRelation

from airtight.domain.collection import CollectedPopulation, Completeness, Provenance
from airtight.domain.period import Window, midnight
from airtight.domain.population import Column, PopulationKind, PopulationSchema
from airtight.domain.quality import ExpectationOutcome, Severity


def count_rows(database: DuckDBPyConnection, population: str) -> int:
    """Rows of a population's view."""
    return _count(database.view(population))


def check_shape(
    database: DuckDBPyConnection, schema: PopulationSchema, recorded: int, rows: int
) -> Iterator[ExpectationOutcome]:
    """Rows and columns against the record of the collection and the schema; nothing else holds where these do not."""
    view = database.view(schema.name)
    found = dict(zip(view.columns, map(str, view.types), strict=True))
    wanted = {column.name: column.sql_type for column in schema.columns}
    wrong = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    yield _critical(
        "columns_as_in_schema", len(wrong), f"differing: {', '.join(wrong)}" if wrong else "as in the schema"
    )
    yield _critical("rows_as_recorded", abs(rows - recorded), f"{rows} rows, {recorded} recorded")


def check_content(
    database: DuckDBPyConnection, schema: PopulationSchema, others: Collection[str], window: Window
) -> Iterator[ExpectationOutcome]:
    """Key, enumerations, times and references, on a file whose shape is right."""
    view = database.view(schema.name)
    key = ", ".join(schema.key)
    nulls = _count(view.filter(" OR ".join(f'"{name}" IS NULL' for name in schema.key)))
    yield _critical("key_not_null", nulls, _rows(nulls), key)
    required = [column.name for column in schema.columns if not column.nullable and not column.is_emptied]
    empty = _count(view.filter(" OR ".join(f'"{name}" IS NULL' for name in required)))
    yield _critical("required_not_null", empty, _rows(empty))
    columns = ", ".join(f'"{name}"' for name in schema.key)
    twice = _count(view.aggregate("count(*) AS occurrences", columns).filter("occurrences > 1"))
    yield _critical("key_unique", twice, f"{twice} keys more than once", key)
    for column in schema.columns:
        if column.values:
            yield _values_in_enum(view, column)
        if column.references:
            yield _references_hold(database, view, column, others)
    if schema.event_time:
        yield _events_in_window(view, schema.event_time, window)


def check_collection(
    kind: PopulationKind, collected: CollectedPopulation, provenance: Provenance | None, window: Window
) -> Iterator[ExpectationOutcome]:
    """What the record of the collection itself says: counts, rejected records, completeness, times."""
    proven = collected.completeness is not Completeness.UNPROVEN
    yield _outcome("completeness_known", Severity.INFO, int(not proven), str(collected.completeness))
    differs = collected.discrepancy is not None
    yield _critical("source_count_agrees", int(differs), collected.discrepancy or _counted(provenance))
    yield _rejections("no_row_rejected", Severity.WARNING, collected.rejected)
    if provenance is None:
        return
    yield _rejections("no_record_of_the_source_rejected", Severity.INFO, provenance.rejected)
    if kind is PopulationKind.EVENT:
        early = provenance.started_at < window.end
        yield _critical("collected_after_window", int(early), "before the window ended" if early else "after its end")
    else:
        early = provenance.finished_at < window.start
        yield _critical("collected_for_day", int(early), "before the day began" if early else "not before the day")


def _counted(provenance: Provenance | None) -> str:
    counted = provenance is not None and provenance.source_count is not None
    return "no difference found" if counted else "the source gave no count"


def _rejections(name: str, severity: Severity, rejected: Sequence[tuple[str, int]]) -> ExpectationOutcome:
    reasons = "; ".join(f"{number}: {reason}" for reason, number in rejected)
    return _outcome(name, severity, sum(number for _, number in rejected), reasons or "none")


def _values_in_enum(view: DuckDBPyRelation, column: Column) -> ExpectationOutcome:
    known = (ConstantExpression(value) for value in column.values)
    wrong = _count(view.filter(ColumnExpression(column.name).isnotin(*known)))
    return _critical("values_in_enum", wrong, _rows(wrong), column.name)


def _references_hold(
    database: DuckDBPyConnection, view: DuckDBPyRelation, column: Column, others: Collection[str]
) -> ExpectationOutcome:
    name = f"references {column.references}"
    population, _, target = str(column.references).partition(".")
    if population not in others:
        return _outcome(name, Severity.INFO, 0, f"not judged: {population} not at hand", column.name, success=False)
    referring = view.filter(f'"{column.name}" IS NOT NULL').set_alias("referring")
    referred = database.view(population).set_alias("referred")
    wrong = _count(referring.join(referred, f'referring."{column.name}" = referred."{target}"', how="anti"))
    return _outcome(name, Severity.WARNING, wrong, _rows(wrong), column.name)


def _events_in_window(view: DuckDBPyRelation, event_time: str, window: Window) -> ExpectationOutcome:
    time = ColumnExpression(event_time)
    # a population may place its events by date; such an event belongs to the day
    start, end = (
        ConstantExpression(bound.replace(tzinfo=None)) for bound in (midnight(window.start.date()), window.end)
    )
    wrong = _count(view.filter((time < start) | (time >= end)))
    return _critical("events_in_window", wrong, _rows(wrong), event_time)


def _count(relation: DuckDBPyRelation) -> int:
    return int(relation.shape[0])


def _rows(count: int) -> str:
    return f"{count} rows"


def _critical(name: str, unexpected: int, observed: str, column: str | None = None) -> ExpectationOutcome:
    return _outcome(name, Severity.CRITICAL, unexpected, observed, column)


def _outcome(
    name: str,
    severity: Severity,
    unexpected: int,
    observed: str,
    column: str | None = None,
    *,
    success: bool | None = None,
) -> ExpectationOutcome:
    return ExpectationOutcome(
        name, column, severity, unexpected == 0 if success is None else success, unexpected, observed
    )
