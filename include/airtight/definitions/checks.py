"""Cross-checks over the whole catalog, collected as a list, for ``airtight check``.

An *error* would make a run fail or mislead; a *warning* leaves something uncollected, untested or less portable.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from airtight.definitions.catalog import survey
from airtight.definitions.control_tests import population_of
from airtight.domain.catalog import Catalog
from airtight.domain.control import Control, ControlTest

#: Engines that a population may outgrow to; tests keep to SQL that transpiles to each.
PORTABLE_TO = ("spark", "trino")


class Weight(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing that does not fit. ``remedy`` says what to do next, or is empty."""

    weight: Weight
    where: str
    message: str
    remedy: str = ""


def find_problems(home: Path, overlay: Path, connectors: Collection[str]) -> tuple[Problem, ...]:
    """Every refusal of the loader, then what the files say of each other; see ``load_catalog`` for the folders."""
    catalog, refusals = survey(home, overlay, connectors)
    refused = (Problem(Weight.ERROR, error.where or "", error.message, error.remedy or "") for error in refusals)
    return (*refused, *cross_check(catalog))


def cross_check(catalog: Catalog) -> Iterator[Problem]:
    """What the files of a loaded catalog say of each other."""
    yield from _suites(catalog)
    yield from _coverage(catalog)
    for control in catalog.controls.values():
        if not any((*control.requirements.values(), *control.supports.values())):
            yield Problem(Weight.WARNING, control.id, "the control answers no requirement.")
        for test in control.tests:
            yield from _test(test, control, catalog)


def _suites(catalog: Catalog) -> Iterator[Problem]:
    for name in sorted(set(catalog.suites) - set(catalog.populations)):
        yield Problem(Weight.ERROR, f"{name}.json", "the suite belongs to no population.", "Rename or remove it.")
    collected = {name for source in catalog.sources.values() for name in source.populations}
    for name in sorted(collected - set(catalog.suites)):
        remedy = f"Write expectations/{name}.json."
        yield Problem(Weight.ERROR, name, "the population is collected, and no suite checks it.", remedy)


def _coverage(catalog: Catalog) -> Iterator[Problem]:
    for framework in catalog.frameworks.values():
        controls = catalog.controls.values()
        answered = {name for control in controls for name in control.requirements.get(framework.id, ())}
        missing = [node.id for node in framework.assessable() if node.id not in answered]
        if missing:
            message = f"{len(missing)} requirements have no control: {', '.join(missing)}."
            yield Problem(Weight.WARNING, framework.id, message)


def _test(test: ControlTest, control: Control, catalog: Catalog) -> Iterator[Problem]:
    where = f"{control.id}.yaml {test.id}"
    collected = {name for source in catalog.sources.values() for name in source.populations}
    for name in dict.fromkeys(map(population_of, test.populations)):
        if name not in collected and not test.awaits:
            yield Problem(Weight.WARNING, where, f"no source gives '{name}'.", "Declare one in sources.yaml.")
    yield from (Problem(Weight.WARNING, where, message) for message in _unused(test))
    if test.kind == "sql" and not test.awaits and not test.cases:
        yield Problem(Weight.ERROR, where, "the test has no case.", "Show one that deviates and one that does not.")
    for key, sql in (("population", test.population), ("tested", test.tested), ("deviations", test.deviations)):
        yield from (Problem(Weight.ERROR, f"{where}.{key}", message) for message in _portability(sql))


def _unused(test: ControlTest) -> Iterator[str]:
    texts = " ".join(filter(None, (test.population, test.tested, test.deviations)))
    named = {name for _, name, _, _ in string.Formatter().parse(test.procedure) if name}
    for name in test.parameters:
        if f"${name}" not in texts and test.kind == "sql" and not test.awaits:
            yield f"the parameter '{name}' is used by no SQL."
        elif name not in named:
            yield f"the procedure does not mention {{{name}}}."


def _portability(sql: str | None) -> Iterator[str]:
    tree = sqlglot.parse_one(sql, read="duckdb") if sql else exp.Select()
    # sqlglot writes these on unchanged, without a word.
    for join in tree.find_all(exp.Join):
        if join.method in ("ASOF", "POSITIONAL"):
            yield f"the SQL uses {join.method} JOIN, which no other engine has."
    for name in sorted({function.name for function in tree.find_all(exp.Anonymous)}):
        yield f"the SQL uses {name}(), which is not known to exist elsewhere."
    for engine in PORTABLE_TO:
        try:
            tree.sql(dialect=engine, unsupported_level=ErrorLevel.RAISE)
        except SqlglotError as error:
            yield f"the SQL does not transpile to {engine}: {str(error).splitlines()[0]}."
