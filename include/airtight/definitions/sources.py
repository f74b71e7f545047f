"""Sources from the organisation's ``sources.yaml``, with the mappings that they name.

Refused: an unknown connector, collection or population; a secret in the file (connections hold them); a mapping that
is missing or is not one SELECT; a bad duration; two sources of one id. A population whose records have the columns of
its schema already names ``identity`` instead of a mapping.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path, PurePosixPath

from airtight.definitions.folders import Refuse, at_once
from airtight.document import Entry, read_document
from airtight.domain.period import parse_duration
from airtight.domain.population import ColumnType, PopulationSchema
from airtight.domain.source import COLLECTIONS, IDENTITY, OptionValue, Source
from airtight.errors import DefinitionError
from airtight.sql import read_select

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_FIELDS = ("id", "collection", "system", "connector", "populations")
_OPTIONAL = ("connection", "options", "settles_after", "max_lag")
_SETTLES_AFTER, _MAX_LAG = timedelta(0), timedelta(days=1)
#: Parameters that a mapping may bind, besides the window's.
MAPPING_PARAMETERS = frozenset({"system", "partition"})

_SECRET_KEY = re.compile(
    r"(^|[_-])(password|passwd|passphrase|token|secret|secrets|api[_-]?key|access[_-]?key|private[_-]?key)$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}"
    r"|\bgithub_pat_\w{20,}|\bxox[abpr]-[\w-]{10,}|\b(Bearer|Basic) [A-Za-z0-9+/=._-]{12,}"
)


def load_sources(
    file: Path, connectors: Collection[str], populations: Collection[str], refuse: Refuse = at_once
) -> dict[str, Source]:
    """Source id -> source, in order of ids.

    Args:
        connectors: names in the registry of connectors.
        populations: names in the catalog.

    Raises:
        DefinitionError: the file is refused.
    """
    try:
        entries = read_document(file).items()
    except DefinitionError as error:
        refuse(error)
        return {}
    sources: dict[str, Source] = {}
    for entry in entries:
        try:
            source = _source(entry, connectors, populations)
            if source.id in sources:
                raise entry.refusal(f"two sources are called '{source.id}'.", "Give each its own id.")
            sources[source.id] = source
        except DefinitionError as error:
            refuse(error)
    return dict(sorted(sources.items()))


def find_mappings(source: Source, *folders: Path) -> dict[str, Path]:
    """Mapping path as the source names it -> its file; an earlier folder's file wins.

    Raises:
        DefinitionError: a mapping is missing or is not one SELECT.
    """
    found = {}
    for population, name in source.populations.items():
        if name == IDENTITY.format(population):
            continue
        files = [folder / name for folder in folders if (folder / name).is_file()]
        if not files:
            raise DefinitionError(
                f"the mapping '{name}' of {source.id} does not exist.",
                where=source.file,
                remedy=f"Write it to {folders[0] / name}.",
            )
        read_select(_text(files[0]), None, MAPPING_PARAMETERS, where=name)
        found[name] = files[0]
    return found


def identity_mapping(schema: PopulationSchema) -> str:
    """The mapping of a stream, called like its population, whose JSON records have the schema's columns already."""
    nested = (ColumnType.LIST, ColumnType.JSON)
    arrows = {column.name: "->" if column.type in nested else "->>" for column in schema.columns}
    columns = ",\n  ".join(f"record{arrow}'$.{name}' AS {name}" for name, arrow in arrows.items())
    return f"SELECT\n  {columns}\nFROM {schema.name}\n"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise DefinitionError("the mapping is not readable as UTF-8 text.", where=file.name) from None


def _source(entry: Entry, connectors: Collection[str], populations: Collection[str]) -> Source:
    fields = entry.fields(_FIELDS, _OPTIONAL)
    _refuse_secrets(entry)
    return Source(
        id=_id(fields["id"]),
        collection=_known(fields["collection"], COLLECTIONS),
        system=fields["system"].text(),
        connector=_known(fields["connector"], connectors),
        connection=_connection(fields["connection"]) if "connection" in fields else None,
        options=_options(fields.get("options")),
        settles_after=_duration(fields.get("settles_after"), _SETTLES_AFTER),
        max_lag=_duration(fields.get("max_lag"), _MAX_LAG),
        populations=_populations(fields["populations"], populations),
        file=entry.where,
    )


def _id(entry: Entry) -> str:
    if not _ID.fullmatch(entry.word()):
        raise entry.refusal(f"'{entry.word()}' is no id for a source.", "Use a-z, 0-9 and -, as in okta-users.")
    return entry.word()


def _known(entry: Entry, known: Collection[str]) -> str:
    if entry.word() not in known:
        raise entry.refusal(f"'{entry.word()}' is not known here.", f"Use one of: {', '.join(sorted(known))}.")
    return entry.word()


def _connection(entry: Entry) -> str:
    if not re.fullmatch(r"[\w.-]+", entry.word()):
        raise entry.refusal("connection is not the id of a connection.", "Name the connection; its values stay there.")
    return entry.word()


def _options(entry: Entry | None) -> dict[str, OptionValue]:
    return {name: value.value() for name, value in entry.members().items()} if entry else {}


def _duration(entry: Entry | None, default: timedelta) -> timedelta:
    return entry.checked(lambda: parse_duration(entry.word())) if entry else default


def _populations(entry: Entry, known: Collection[str]) -> dict[str, str]:
    mapped = {}
    for name, mapping in entry.members().items():
        if name not in known:
            raise mapping.refusal(f"the population '{name}' is unknown.", "See catalog/populations.")
        if mapping.text() == "identity":
            mapped[name] = IDENTITY.format(name)
            continue
        path = PurePosixPath(mapping.text())
        if path.is_absolute() or ".." in path.parts or path.parts[0] != "mappings" or path.suffix != ".sql":
            remedy = "Write it as mappings/<system>/<name>.sql, or 'identity'."
            raise mapping.refusal(f"'{path}' is no mapping.", remedy)
        mapped[name] = str(path)
    if not mapped:
        raise entry.refusal("the source gives no population.", "Name one with its mapping.")
    return mapped


def _refuse_secrets(entry: Entry) -> None:
    for scalar in _scalars(entry):
        keys = (part.partition("[")[0] for part in scalar.key.split("."))
        if any(_SECRET_KEY.search(key) for key in keys) or _SECRET_VALUE.search(str(scalar.value())):
            raise scalar.refusal("a secret must not stand in a file.", "Put it in the connection and take it out here.")


def _scalars(entry: Entry) -> Iterator[Entry]:
    value = entry.value()
    if isinstance(value, dict | list):
        children = entry.members().values() if isinstance(value, dict) else entry.items()
        for child in children:
            yield from _scalars(child)
    elif value is not None:
        yield entry
