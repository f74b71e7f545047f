"""The registers that people keep as files: committed beside the organisation, moved to the timeline, one state a day.

``include/organisation/registers`` is written for a world whose last day is 2026-06-30; every date in it moves by as
many days as the timeline's last day differs from that, and digests of documents follow their documents. On a day

* a row is left out while the times that it must have lie in the future; one that it may lack is empty until then,
* times that plan (due, next, until, expires, effective, period ...) stay as they are,
* a ``Cycle`` takes reviews back to the one before, ``Pending`` tells what holds until a time has come,
* an ``Edit`` changes a row, leaves it out, adds one or alters a document.

The day's registers go to ``registers/<day>/`` in the form that they are kept in, for connector ``registers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import cast

import yaml

from airtight.definitions.populations import load_populations
from airtight.document import Entry, parse_document
from airtight.domain.population import Column, ColumnType, PopulationSchema
from airtight.domain.source import OptionValue
from samples import (
    registers_assurance,
    registers_governance,
    registers_lifecycle,
    registers_risk,
    registers_transparency,
)
from samples.answers import Plant, Silence
from samples.register_edits import Cycle, Edit, Pending
from samples.register_texts import Texts, moved, moved_value
from samples.world import World

AUTHORS: tuple[ModuleType, ...] = (
    registers_assurance,
    registers_governance,
    registers_lifecycle,
    registers_risk,
    registers_transparency,
)
HOME = Path(__file__).resolve().parents[1]
KEPT = HOME / "organisation" / "registers"
POPULATIONS = HOME / "catalog" / "populations"
#: key of a row that names its document, see connector ``registers``
FILE = "file"
_DUMPER: type[yaml.SafeDumper] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_PLANS = re.compile(
    r"(due|next|planned|expires|effective|applies|period|report_period|target|fieldwork|retain|valid|starts|ends)(_.*)?"
    r"|.*_(until|due|due_at|by)"
)
_WORDS = (ColumnType.ID, ColumnType.STR, ColumnType.TEXT, ColumnType.URL, ColumnType.ENUM, ColumnType.SHA256)

Row = dict[str, OptionValue]


@dataclass(frozen=True)
class _Kept:
    """A row as it is kept: in the list of its population, or in a Markdown file with ``body``."""

    row: Row
    file: str | None = None
    body: str = ""


@dataclass(frozen=True)
class _Register:
    """One population, moved to the timeline."""

    schema: PopulationSchema
    rows: tuple[_Kept, ...]


def write_day(world: World, day: date, root: Path) -> None:
    """Every register as it was at the end of a day."""
    texts, registers = _read(world.timeline.last)
    edits = [edit for edit in _edits(world) if _holds(edit, world, day)]
    for register in registers:
        own = [edit for edit in edits if edit.population == register.schema.name]
        _write(register, list(_state(register, own, day, texts)), own, texts, root / "registers" / day.isoformat())


def plants(world: World) -> list[Plant]:
    """What the edits plant, and what their authors add."""
    planted = [plant for edit in _edits(world) for plant in _plants(edit, world)]
    return [*planted, *(plant for author in AUTHORS for plant in author.plants(world))]


def silences(world: World) -> list[Silence]:
    """None."""
    return []


def _edits(world: World) -> Iterator[Edit]:
    for author in AUTHORS:
        yield from author.edits(world)


def _holds(edit: Edit, world: World, day: date) -> bool:
    return world.timeline.day(edit.first) <= day <= world.timeline.day(edit.last)


def _plants(edit: Edit, world: World) -> Iterator[Plant]:
    first, last = world.timeline.day(edit.first), world.timeline.day(edit.last)
    for test, keys in edit.found.items():
        for key in [keys] if isinstance(keys, Mapping) else keys:
            yield Plant(edit.story, test, key, first, last)


@cache
def _read(last: date) -> tuple[Texts, tuple[_Register, ...]]:
    """The committed registers, moved.

    Raises:
        DefinitionError: a file is no YAML, or a Markdown file has no front matter.
    """
    texts = Texts(KEPT, last)
    schemas = load_populations(POPULATIONS)
    found = (_Register(schema, tuple(_rows(schema, texts))) for _, schema in sorted(schemas.items()))
    return texts, tuple(register for register in found if _is_kept(register.schema.name))


def _is_kept(population: str) -> bool:
    return (KEPT / f"{population}.yaml").exists() or (KEPT / population).is_dir()


def _rows(schema: PopulationSchema, texts: Texts) -> Iterator[_Kept]:
    listed: list[_Kept] = []
    if (name := f"{schema.name}.yaml") in texts.names:
        listed = [_Kept(_row(entry, schema)) for entry in parse_document(texts.text(name).encode(), name).items()]
    yield from listed
    documents = {kept.row.get(FILE) for kept in listed}
    for name in texts.below(schema.name):
        if name not in documents:
            front, body = texts.parts(name)
            yield _Kept(_row(parse_document(front.encode(), name), schema), name, body)


def _row(entry: Entry, schema: PopulationSchema) -> Row:
    columns = {column.name: column for column in schema.columns}
    return {name: _value(each, columns.get(name)) for name, each in entry.members().items()}


def _value(entry: Entry, column: Column | None) -> OptionValue:
    """A value as it is written: a version 1.10 stays one."""
    if column and not entry.is_null and column.type in _WORDS:
        return entry.word()
    if column and not entry.is_null and column.type is ColumnType.LIST:
        return [item.word() for item in entry.items()]
    return entry.value()


def _state(register: _Register, edits: list[Edit], day: date, texts: Texts) -> Iterator[_Kept]:
    """The rows as they were at the end of a day."""
    for kept in register.rows:
        row = _on(kept.row, register.schema, day)
        changes = [edit for edit in edits if edit.key and all(str(kept.row.get(k)) == v for k, v in edit.key.items())]
        if row is None or any(edit.leave_out for edit in changes):
            continue
        for edit in changes:
            row |= cast("Row", moved_value(dict(edit.set), texts.days))
        yield replace(kept, row=row)
    for edit in edits:
        if edit.add is not None:
            yield _Kept(cast("Row", moved_value(dict(edit.add), texts.days)))


def _on(row: Row, schema: PopulationSchema, day: date) -> Row | None:
    """A row as it was at the end of a day; None: it was not there."""
    row = dict(row)
    for cycle in _cycles(schema.name):
        _take_back(row, cycle, day)
    ahead = [name for name in _facts(schema) if isinstance(when := row.get(name), str) and when[:10] > day.isoformat()]
    needed = [name for name in _facts(schema) if not schema.column(name).nullable]
    if missing := [name for name in needed if name in ahead]:
        if missing == needed:
            return None
        key = ", ".join(str(row[name]) for name in schema.key)
        raise ValueError(f"{schema.name} {key}: {missing[0]} lies after {day}: declare a Cycle or write an Edit")
    for name in ahead:
        row[name] = None
        for pending in _pending(schema.name):
            if pending.column == name:
                row |= cast("Row", dict(pending.set))
    return row


def _facts(schema: PopulationSchema) -> tuple[str, ...]:
    times = (column.name for column in schema.columns if column.type in (ColumnType.TS, ColumnType.DATE))
    return tuple(name for name in times if not _PLANS.fullmatch(name))


def _take_back(row: Row, cycle: Cycle, day: date) -> None:
    while isinstance(latest := row.get(cycle.columns[0]), str) and latest[:10] > day.isoformat():
        for name in cycle.columns:
            if isinstance(when := row.get(name), str):
                row[name] = moved(when, -timedelta(days=cycle.days))


def _cycles(population: str) -> Iterator[Cycle]:
    yield from (each for author in AUTHORS for each in author.CYCLES if each.population == population)


def _pending(population: str) -> Iterator[Pending]:
    yield from (each for author in AUTHORS for each in author.PENDING if each.population == population)


def _write(register: _Register, rows: list[_Kept], edits: list[Edit], texts: Texts, folder: Path) -> None:
    altered = {edit.document for edit in edits if edit.document}
    listed = [kept.row for kept in rows if kept.file is None]
    if listed or f"{register.schema.name}.yaml" in texts.names:
        _save(folder / f"{register.schema.name}.yaml", _dump(listed))
    for kept in rows:
        if kept.file:
            _save(folder / kept.file, f"---\n{_dump(kept.row)}---\n{kept.body}")
        elif name := kept.row.get(FILE):
            _save(folder / str(name), texts.text(str(name)) + ("\nAltered by hand.\n" if name in altered else ""))


def _dump(value: object) -> str:
    return yaml.dump(value, Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=110)


def _save(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode("utf-8"))
