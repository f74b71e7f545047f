"""Great Expectations suites, read from ``expectations/<population>.json``.

Each expectation states its severity. Refused: a file that is no suite, an entry that is no expectation, SQL that is
not one SELECT over populations. Whether the engine knows the type and its arguments is seen when a suite is judged.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from airtight.domain.quality import Severity
from airtight.errors import DefinitionError
from airtight.quality.database import WINDOW_VIEW
from airtight.sql import read_select

#: The expectation type of SQL rules, and the argument that holds the query.
SQL_RULE = "unexpected_rows_expectation"
QUERY = "unexpected_rows_query"

_KEYS = {"type", "kwargs", "severity", "description", "meta", "notes", "id"}

Json = Mapping[str, object]


@dataclass(frozen=True)
class Rule:
    """One expectation of a suite.

    Attributes:
        where: file, position and type, for messages.
        reads: populations that its SQL reads besides its own; empty for other types.
    """

    type: str
    kwargs: Json
    severity: Severity
    description: str | None
    where: str
    reads: frozenset[str]

    @property
    def column(self) -> str | None:
        named = (self.kwargs.get(key) for key in ("column", "column_A", "column_B"))
        listed = self.kwargs.get("column_list")
        columns = [str(name) for name in (*named, *(listed if isinstance(listed, list) else ())) if name]
        return ", ".join(columns) or None


def read_suite(file: Path, population: str, populations: Collection[str] | None = None) -> tuple[Rule, ...]:
    """The rules of a suite, in their order.

    Args:
        populations: names that SQL rules may read; None: any.

    Raises:
        DefinitionError: the file is no suite of this population, or a rule is malformed.
    """
    suite = _json(file)
    if not isinstance(suite, dict) or not isinstance(suite.get("expectations"), list):
        raise DefinitionError("the file is no suite.", where=file.name, remedy="Write {name, expectations: [...]}.")
    if suite.get("name") != population:
        message = f"the suite is named '{suite.get('name')}'."
        raise DefinitionError(message, where=file.name, remedy=f"Name it {population}.")
    return tuple(
        _rule(entry, f"{file.name} expectations[{n}]", population, populations)
        for n, entry in enumerate(suite["expectations"])
    )


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DefinitionError(f"not JSON: {error.msg}.", where=f"{file.name}:{error.lineno}") from None
    except (OSError, UnicodeDecodeError):
        raise DefinitionError("the suite is not readable as UTF-8 text.", where=file.name) from None


def _rule(entry: object, where: str, population: str, populations: Collection[str] | None) -> Rule:
    if not isinstance(entry, dict) or not isinstance(entry.get("type"), str) or set(entry) - _KEYS:
        remedy = (
            f"Write type, kwargs, severity and, as needed, {', '.join(sorted(_KEYS - {'type', 'kwargs', 'severity'}))}."
        )
        raise DefinitionError("not an expectation.", where=where, remedy=remedy)
    where = f"{where} ({entry['type']})"
    kwargs = entry.get("kwargs", {})
    if not isinstance(kwargs, dict):
        raise DefinitionError("kwargs is no mapping.", where=where, remedy="Write {argument: value}.")
    if entry.get("severity") not in set(Severity):
        remedy = f"Write one of: {', '.join(Severity)}."
        raise DefinitionError("the expectation states no severity.", where=where, remedy=remedy)
    reads = _reads(kwargs, where, population, populations) if entry["type"] == SQL_RULE else frozenset()
    description = str(entry["description"]) if entry.get("description") else None
    return Rule(entry["type"], kwargs, Severity(entry["severity"]), description, where, reads)


def _reads(kwargs: Json, where: str, population: str, populations: Collection[str] | None) -> frozenset[str]:
    query = str(kwargs.get(QUERY, ""))
    if "{batch}" not in query:
        raise DefinitionError("the query does not read {batch}.", where=where, remedy="Write FROM {batch}.")
    views = None if populations is None else {*populations, population, WINDOW_VIEW}
    select = read_select(query.replace("{batch}", population), views, where=where)
    if select.parameters:
        raise DefinitionError("the query binds a parameter.", where=where, remedy=f"Read {WINDOW_VIEW} instead.")
    return select.views - {population, WINDOW_VIEW}
