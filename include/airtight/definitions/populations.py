"""Population schemas from ``catalog/populations/<name>.yaml``.

Refused: a key column that is missing or nullable, an event without the column that places it in time, an unknown
type, an enumeration without values, a reference to what the catalog does not have, a file not named after its
population.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airtight.definitions.folders import Refuse, at_once, layered, read_each
from airtight.document import Entry, read_document
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema, Redaction
from airtight.errors import DefinitionError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SENSITIVITIES = (
    "public",
    "internal",
    "internal-pii",
    "confidential",
    "confidential-pii",
    "restricted",
    "restricted-pii",
)
_FIELDS = ("name", "title", "kind", "sensitivity", "key", "columns")
#: Ending of the views that hold every daily state of a population.
HISTORY = "_history"


@dataclass(frozen=True)
class _Reading:
    schema: PopulationSchema
    references: tuple[Entry, ...]


def load_populations(*folders: Path, refuse: Refuse = at_once) -> dict[str, PopulationSchema]:
    """The schemas of all ``*.yaml`` files, by population name; a later folder's file wins.

    Raises:
        DefinitionError: a file is refused, or a reference leads nowhere.
    """
    readings = read_each(layered("*.yaml", *folders), _read, refuse)
    schemas = {name: reading.schema for name, reading in readings.items()}
    for reading in readings.values():
        for entry in reading.references:
            try:
                _check_reference(entry, schemas)
            except DefinitionError as error:
                refuse(error)
    return schemas


def _read(file: Path) -> _Reading:
    root = read_document(file)
    fields = root.fields(_FIELDS, ("event_time", "sources"))
    columns = {name: _column(name, entry) for name, entry in fields["columns"].members().items()}
    schema = PopulationSchema(
        name=_name(fields["name"], file),
        title=fields["title"].text(),
        kind=fields["kind"].one_of(PopulationKind),
        sensitivity=_sensitivity(fields["sensitivity"]),
        key=_key(fields["key"], columns),
        columns=tuple(columns.values()),
        event_time=fields["event_time"].word() if "event_time" in fields else None,
        sources=fields["sources"].words() if "sources" in fields else (),
    )
    _check_event_time(schema, fields.get("event_time", root))
    written = (entry.members().get("references") for entry in fields["columns"].members().values())
    return _Reading(schema, tuple(entry for entry in written if entry))


def _name(entry: Entry, file: Path) -> str:
    name = entry.word()
    if name != file.stem:
        raise entry.refusal(f"the population '{name}' stands in {file.name}.", f"Call the file {name}.yaml.")
    if not _NAME.fullmatch(name) or name.endswith(HISTORY):
        raise entry.refusal(f"'{name}' is no name for a population.", "Use a-z, 0-9 and _, not ending in _history.")
    return name


def _sensitivity(entry: Entry) -> str:
    if entry.word() not in _SENSITIVITIES:
        raise entry.refusal(f"sensitivity is '{entry.word()}'.", f"Use one of: {', '.join(_SENSITIVITIES)}.")
    return entry.word()


def _column(name: str, entry: Entry) -> Column:
    if not _NAME.fullmatch(name):
        raise entry.refusal(f"'{name}' is no name for a column.", "Use a-z, 0-9 and _, starting with a letter.")
    fields = entry.fields(("type",), ("nullable", "values", "personal", "redact", "references"))
    kind = fields["type"].one_of(ColumnType)
    values = fields["values"].words() if "values" in fields else ()
    if (kind is ColumnType.ENUM) != bool(values):
        raise entry.refusal("values belong to columns of type enum, and every enum needs some.", "Add or drop values.")
    return Column(
        name=name,
        type=kind,
        nullable=fields["nullable"].flag() if "nullable" in fields else False,
        values=values,
        personal=fields["personal"].flag() if "personal" in fields else False,
        redaction=fields["redact"].one_of(Redaction) if "redact" in fields else None,
        references=fields["references"].word() if "references" in fields else None,
    )


def _key(entry: Entry, columns: Mapping[str, Column]) -> tuple[str, ...]:
    key = entry.words()
    if not key:
        raise entry.refusal("the key is empty.", "Name the columns that identify an item.")
    for name in key:
        if name not in columns:
            raise entry.refusal(f"key column '{name}' does not exist.", f"Columns: {', '.join(columns)}.")
        if columns[name].nullable or columns[name].is_emptied:
            raise entry.refusal(f"key column '{name}' can be null.", "Drop 'nullable' or take another key.")
    return key


def _check_event_time(schema: PopulationSchema, entry: Entry) -> None:
    if (schema.kind is PopulationKind.EVENT) != (schema.event_time is not None):
        raise entry.refusal("event_time belongs to events, and every event needs one.", "Add or drop event_time.")
    if schema.event_time is None:
        return
    types = {column.name: column.type for column in schema.columns}
    if types.get(schema.event_time) not in (ColumnType.TS, ColumnType.DATE):
        raise entry.refusal(f"event_time '{schema.event_time}' is no column of type ts or date.", "Name one that is.")


def _check_reference(entry: Entry, schemas: Mapping[str, PopulationSchema]) -> None:
    population, _, column = entry.word().partition(".")
    if population not in schemas:
        raise entry.refusal(f"references the unknown population '{population}'.", "Write population.column.")
    if column not in schemas[population].column_names:
        known = ", ".join(schemas[population].column_names)
        raise entry.refusal(f"references '{entry.word()}', which has no such column.", f"Columns: {known}.")
