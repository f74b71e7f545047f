"""Suites judged by Great Expectations on a population's database.

Refused: an expectation with unknown arguments, or that the engine cannot judge. No row value leaves this module.

A rule that the engine must find violated runs with every suite: if it comes back as kept, nothing else is believed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING

import duckdb

from airtight.domain.period import Window
from airtight.domain.quality import ExpectationOutcome, Severity
from airtight.errors import DefinitionError
from airtight.quality.connections import batch_over
from airtight.quality.suites import QUERY, SQL_RULE, Json, Rule

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

_POSITION = "position"
_KNOWN_VIOLATION = "known_violation_is_found"
_CANARY = -1


def run_suite(
    rules: tuple[Rule, ...], population: str, database: duckdb.DuckDBPyConnection, window: Window, rows: int
) -> tuple[ExpectationOutcome, ...]:
    """The verdict on each rule, in order, and on the rule that must be violated.

    Args:
        database: holds a view per population that the rules read, the checked one among them.
        window: bound to ``{"$PARAMETER": "window_start"}`` and ``"window_end"`` in arguments.
        rows: rows of the population, to compare with what the engine saw.

    Raises:
        DefinitionError: a rule has unknown arguments or cannot be judged.
    """
    expectations = [_expectation(rule, position) for position, rule in enumerate(rules)]
    results = dict(_validate([*expectations, _canary()], population, database, window))
    found = not results.pop(_CANARY).success
    saw_all = all(_elements(result) in (None, rows) for result in results.values())
    if set(results) != set(range(len(rules))):
        raise DefinitionError("the engine did not judge every rule.", where=f"{population}.json")
    engine = ExpectationOutcome(
        _KNOWN_VIOLATION, None, Severity.CRITICAL, found and saw_all, 0, _engine(found, saw_all)
    )
    return (*(_outcome(rule, results[position], rows) for position, rule in enumerate(rules)), engine)


def unjudged(rule: Rule, missing: Collection[str]) -> ExpectationOutcome:
    """The verdict on a rule whose neighbours were not collected: unknown is never success."""
    severity = rule.severity if rule.severity is Severity.CRITICAL else Severity.INFO
    observed = f"not judged: {', '.join(sorted(missing))} not at hand"
    return ExpectationOutcome(rule.description or rule.type, rule.column, severity, False, 0, observed)


def _expectation(rule: Rule, position: int) -> Expectation:
    from great_expectations.exceptions.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity
    from pydantic import ValidationError
    from pydantic.v1 import ValidationError as OldValidationError

    try:
        configuration = ExpectationConfiguration(
            type=rule.type,
            kwargs=dict(rule.kwargs),
            severity=FailureSeverity(rule.severity.value),
            meta={_POSITION: position},
        )
        return configuration.to_domain_obj()
    except (GreatExpectationsError, ValidationError, OldValidationError, TypeError, ValueError) as error:
        fault = " ".join(str(error).split())
        raise DefinitionError(f"the expectation is malformed: {fault}.", where=rule.where) from None


def _canary() -> Expectation:
    query = "SELECT count(*) AS n FROM {batch}"
    return _expectation(Rule(SQL_RULE, {QUERY: query}, Severity.CRITICAL, None, "", frozenset()), _CANARY)


def _validate(
    expectations: list[Expectation], population: str, database: duckdb.DuckDBPyConnection, window: Window
) -> Iterator[tuple[int, ExpectationValidationResult]]:
    context = _context()
    from great_expectations.core import ExpectationSuite

    bounds = {"window_start": window.start.replace(tzinfo=None), "window_end": window.end.replace(tzinfo=None)}
    with batch_over(context, database, population) as batch:
        result = batch.validate(
            ExpectationSuite(name=population, expectations=expectations),
            result_format={"result_format": "BASIC", "partial_unexpected_count": 0},
            expectation_parameters=bounds,
        )
        for each in result.results:
            if each.expectation_config is not None and each.expectation_config.meta is not None:
                yield each.expectation_config.meta[_POSITION], each


@cache
def _context() -> EphemeralDataContext:
    """Great Expectations without files, network and noise; one for the process."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _outcome(rule: Rule, result: ExpectationValidationResult, rows: int) -> ExpectationOutcome:
    details = result.result or {}
    if not details and not result.success:
        raise DefinitionError(f"the expectation cannot be judged: {_fault(result)}.", where=rule.where)
    unexpected = details.get("observed_value") if rule.type == SQL_RULE else details.get("unexpected_count")
    count = int(unexpected) if isinstance(unexpected, int | float) else int(not result.success)
    observed = _observed(details, rule.type == SQL_RULE, count, rows)
    return ExpectationOutcome(
        rule.description or rule.type, rule.column, rule.severity, bool(result.success), count, observed
    )


def _observed(details: Json, is_sql: bool, count: int, rows: int) -> str:
    value = details.get("observed_value")
    if is_sql or "unexpected_count" in details:
        return f"{count} of {rows} rows" if not is_sql else f"{count} rows"
    # An aggregate is no row value; text and lists could be.
    return str(value) if isinstance(value, bool | int | float | datetime | date) else ""


def _elements(result: ExpectationValidationResult) -> int | None:
    count = (result.result or {}).get("element_count")
    return int(count) if count is not None else None


def _engine(found: bool, saw_all: bool) -> str:
    if not found:
        return "the engine returned no row for a rule that has one"
    return "yes" if saw_all else "the engine saw another number of rows"


def _fault(result: ExpectationValidationResult) -> str:
    """The last line of what Great Expectations caught, without rows."""
    information = result.exception_info or {}
    entries = [information, *(entry for entry in information.values() if isinstance(entry, dict))]
    messages = [str(entry["exception_message"]) for entry in entries if entry.get("exception_message")]
    return messages[0].splitlines()[0].rstrip(".") if messages else "no reason given"
