"""Everything that ``airtight check`` finds: what the definitions say of each other, and SQL that only DuckDB can run.

Tests keep to SQL that Spark and Trino understand, so that a population may outgrow one machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import sqlglot
from sqlglot.errors import SqlglotError

from airtight.definitions.catalog import survey
from airtight.definitions.checks import Problem, Weight, problems_of
from airtight.domain.catalog import Catalog
from airtight.domain.control import Control, ControlTest
from airtight.domain.period import day_window
from airtight.errors import DefinitionError
from airtight.evaluate.dialects import Dialect, rendered

#: Engines that a population may outgrow to.
PORTABLE_TO: tuple[Dialect, ...] = ("spark", "trino")
#: Any day does: a date stands in the rendered SQL, and changes nothing about its form.
_DAY = date(2026, 6, 30)


def examine(home: Path, overlay: Path, connectors: Collection[str]) -> tuple[Catalog, tuple[Problem, ...]]:
    """What can be loaded of an organisation's definitions, and all problems; see ``load_catalog`` for the folders."""
    catalog, refusals = survey(home, overlay, connectors)
    return catalog, (*problems_of(catalog, refusals, home, overlay), *_unportable(catalog))


def _unportable(catalog: Catalog) -> Iterator[Problem]:
    for _, control in sorted(catalog.controls.items()):
        for test in control.tests:
            if test.population:
                yield from _fixed_to_one_engine(test, control)


def _fixed_to_one_engine(test: ControlTest, control: Control) -> Iterator[Problem]:
    for dialect in PORTABLE_TO:
        try:
            sql = rendered(test, day_window(_DAY), dialect)
            for text in sql.values():
                sqlglot.parse_one(text, read=dialect)
        except DefinitionError as error:
            yield Problem(Weight.ERROR, f"{control.id}.yaml {error.where}", error.message, error.remedy or "")
        except SqlglotError as error:
            fault = str(error).splitlines()[0]
            yield Problem(Weight.ERROR, f"{control.id}.yaml {test.id}", f"{dialect} cannot read the SQL: {fault}.")
