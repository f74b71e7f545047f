"""Registers that people write: YAML, JSON and Markdown become rows, and every fault is named by file, line and key.

The rows of population ``risks`` are the list in ``risks.yaml`` (or ``.yml``, ``.json``), and one row for each file of
the folder ``risks/``: Markdown whose front matter (YAML between two lines ``---``) holds the fields, YAML or JSON.
A row has the columns of the population's schema as keys. Beside them it may have ``file``: the path of a document in
the folder, which is then no row of its own. Of a document, the row has ``content_sha256`` and ``published_sha256``,
the digest of its bytes, and ``sections``, its headings, where the schema has these columns and the row does not say
otherwise. A document that is missing has none.

A register with a fault is refused whole: leaving out a row would hide it from every test.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from airtight.collect.register_cells import cell
from airtight.collect.register_folder import RegisterFolder
from airtight.document import Entry, front_matter, parse_document, split_front_matter
from airtight.domain.population import PopulationSchema
from airtight.domain.source import OptionValue
from airtight.errors import DefinitionError, SourceUnreachable

Row = dict[str, OptionValue]

#: key of a row that names its document
FILE = "file"
#: columns that a row's document gives
DERIVED = ("content_sha256", "published_sha256", "sections")
LISTS = (".yaml", ".yml", ".json")
_MARKDOWN = ".md"
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*")
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")


@dataclass(frozen=True)
class RegisterFile:
    """A file that rows came from, as it was."""

    name: str
    content: bytes


@dataclass
class Register:
    """One population as its files hold it.

    Attributes:
        rows: of those that have a fault, what could be read.
        faults: in the order of the files.
        files: every file read, documents included.
    """

    population: str
    rows: list[Row] = field(default_factory=list)
    faults: list[DefinitionError] = field(default_factory=list)
    files: list[RegisterFile] = field(default_factory=list)


@dataclass(frozen=True)
class _Written:
    """A row before it is checked."""

    entry: Entry
    document: RegisterFile | None = None


def read_register(folder: RegisterFolder, population: str, schema: PopulationSchema | None) -> Register:
    """The rows of one population.

    Args:
        schema: what the rows must look like; None: rows of any shape, which a mapping reads.

    Raises:
        SourceError: there is no file of that population, or one may not be read.
    """
    register = Register(population)
    written = list(_lists(folder, register))
    own = {str(row.entry.members()[FILE].value()) for row in written if _names_file(row.entry)}
    written += _folder_rows(folder, register, own)
    if not register.files:
        raise SourceUnreachable(
            f"there is no register {population}.",
            where=folder.version,
            remedy=f"Write {population}.yaml, '[]' for none.",
        )
    for row in written:
        _add(register, row, folder, schema)
    if schema:
        _refuse_repeated(register, written, schema)
    return register


def _lists(folder: RegisterFolder, register: Register) -> Iterator[_Written]:
    for suffix in LISTS:
        name = register.population + suffix
        content = folder.read(name)
        if content is None:
            continue
        register.files.append(RegisterFile(name, content))
        try:
            yield from [_Written(entry) for entry in parse_document(content, name).items()]
        except DefinitionError as error:
            register.faults.append(error)


def _names_file(entry: Entry) -> bool:
    return isinstance(entry.value(), dict) and FILE in entry.members()


def _folder_rows(folder: RegisterFolder, register: Register, documents: Collection[str]) -> Iterator[_Written]:
    for name in folder.names(register.population):
        suffix = PurePosixPath(name).suffix
        if name in documents or suffix not in (*LISTS, _MARKDOWN):
            continue
        content = folder.read(name)
        if content is None:
            continue
        file = RegisterFile(name, content)
        register.files.append(file)
        try:
            if suffix == _MARKDOWN:
                yield _Written(front_matter(content, name), file)
            else:
                yield _Written(parse_document(content, name))
        except DefinitionError as error:
            register.faults.append(error)


def _add(register: Register, row: _Written, folder: RegisterFolder, schema: PopulationSchema | None) -> None:
    if schema is None:
        register.rows.append(_as_written(register, row))
        return
    try:
        members = row.entry.members()
    except DefinitionError as error:
        register.faults.append(error)
        register.rows.append({})
        return
    document = row.document or _document(register, members.pop(FILE, None), folder)
    found: Row = _derived(document, schema) if document else {}
    for name, entry in members.items():
        if name not in schema.column_names:
            known = ", ".join(schema.column_names)
            register.faults.append(entry.refusal(f"unknown key '{name}'.", f"Keys of {schema.name}: {known}."))
            continue
        try:
            found[name] = cell(entry, schema.column(name))
        except DefinitionError as error:
            register.faults.append(error)
    for column in schema.columns:
        if not column.nullable and column.name not in {*found, *members}:
            register.faults.append(row.entry.refusal(f"key '{column.name}' is missing.", f"Add '{column.name}:'."))
    register.rows.append({name: found[name] for name in schema.column_names if name in found})


def _as_written(register: Register, row: _Written) -> Row:
    value = row.entry.value()
    if isinstance(value, dict):
        return value
    register.faults.append(row.entry.refusal("the row is no mapping.", "Write key: value."))
    return {}


def _document(register: Register, entry: Entry | None, folder: RegisterFolder) -> RegisterFile | None:
    if entry is None or entry.is_null:
        return None
    try:
        name = PurePosixPath(entry.text())
        if name.is_absolute() or ".." in name.parts:
            raise entry.refusal("the file lies outside the folder.", "Name it from the registers' folder.")
    except DefinitionError as error:
        register.faults.append(error)
        return None
    content = folder.read(str(name))
    if content is None:
        return None
    file = RegisterFile(str(name), content)
    if file not in register.files:
        register.files.append(file)
    return file


def _derived(document: RegisterFile, schema: PopulationSchema) -> Row:
    digest = hashlib.sha256(document.content).hexdigest()
    values: Mapping[str, OptionValue] = {
        "content_sha256": digest,
        "published_sha256": digest,
        "sections": list(headings(document.content)),
    }
    return {name: values[name] for name in DERIVED if name in schema.column_names}


def headings(markdown: bytes) -> Iterator[str]:
    """The headings of a Markdown file (lines that begin with ``#``), outside of front matter and fenced code."""
    lines, end = split_front_matter(markdown)
    fenced = False
    for line in (each.decode("utf-8", "replace") for each in lines[end:]):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (heading := _HEADING.fullmatch(line)) and heading[1]:
            yield heading[1]


def _refuse_repeated(register: Register, written: list[_Written], schema: PopulationSchema) -> None:
    seen: dict[tuple[OptionValue, ...], Entry] = {}
    for row, values in zip(written, register.rows, strict=True):
        if not all(name in values for name in schema.key):
            continue
        first = seen.setdefault(tuple(values[name] for name in schema.key), row.entry)
        if first is not row.entry:
            key = ", ".join(schema.key)
            message = f"the row has the same {key} as {first.file}:{first.line}."
            register.faults.append(row.entry.refusal(message, "Give it its own, or remove one of them."))
