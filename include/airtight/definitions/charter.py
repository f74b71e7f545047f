"""The organisation's charter, as far as controls take their numbers from it.

``registers/governance_charter.yaml`` (a list of versions) or ``registers/governance_charter/*.md`` (front matter) in
the organisation's folder; the other columns of the register are the connector's to read. An approved version is in
force from ``effective_at`` until the day before ``superseded_at``. A key names a place in ``risk_appetite``, unless it
begins with ``escalation`` or ``risk_appetite``; dots lead into it: ``algorithmic_bias.demographic_parity_difference``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from airtight.document import Entry, front_matter, read_document
from airtight.domain.control import CharterValue, ParameterValue

_PLACES = ("risk_appetite", "escalation")
_NAME = "governance_charter"


@dataclass(frozen=True)
class CharterVersion:
    """One approved version, in force from ``first`` to the day before ``until``."""

    fields: dict[str, Entry]
    first: date
    until: date | None


@dataclass(frozen=True)
class Charter:
    """All approved versions, in the order of their first days; none where the organisation has no charter."""

    versions: tuple[CharterVersion, ...] = ()

    def value(self, key: str, default: ParameterValue, asked: Entry) -> CharterValue:
        """What the charter says under a key.

        Args:
            asked: the parameter that names the key, for messages.

        Raises:
            DefinitionError: the newest version does not state it, or a version states something of another type.
        """
        found = [(version, _place(version, key)) for version in self.versions]
        if found and found[-1][1] is None:
            where = found[-1][0].fields["version"].where
            remedy = "Add it to the charter's risk appetite, or write the number here."
            raise asked.refusal(f"the charter ({where}) does not state '{key}'.", remedy)
        held = tuple((_like(default, entry), version.first, version.until) for version, entry in found if entry)
        return CharterValue(key, default, held)


def charter_files(overlay: Path) -> dict[str, Path]:
    """The files of the charter, by their paths in the organisation's folder, in order."""
    registers = overlay / "registers"
    files = [*registers.glob(f"{_NAME}.y*ml"), *registers.glob(f"{_NAME}.json"), *registers.glob(f"{_NAME}/*.md")]
    return {file.relative_to(overlay).as_posix(): file for file in sorted(files)}


def load_charter(overlay: Path) -> Charter:
    """The charter of an organisation.

    Raises:
        DefinitionError: a file is refused, or an approved version does not tell when it takes effect.
    """
    versions = [version for file in charter_files(overlay).values() for version in _versions(file)]
    return Charter(tuple(sorted(versions, key=lambda version: version.first)))


def _versions(file: Path) -> Iterator[CharterVersion]:
    rows = [front_matter(file.read_bytes(), file.name)] if file.suffix == ".md" else read_document(file).items()
    for row in rows:
        fields = {name: entry for name, entry in row.members().items() if not entry.is_null}
        if not {"approved_by", "approved_at"} <= set(fields):
            continue
        if missing := [name for name in ("version", "effective_at") if name not in fields]:
            raise row.refusal(f"the approved version has no '{missing[0]}'.", f"Add '{missing[0]}:'.")
        until = fields["superseded_at"].day() if "superseded_at" in fields else None
        yield CharterVersion(fields, fields["effective_at"].day(), until)


def _place(version: CharterVersion, key: str) -> Entry | None:
    first, *rest = key.split(".")
    path = [first, *rest] if first in _PLACES else [_PLACES[0], first, *rest]
    entry = version.fields.get(path[0])
    for name in path[1:]:
        members = entry.members() if entry and isinstance(entry.value(), dict) else {}
        entry = members.get(name)
    return None if entry is None or entry.is_null else entry


def _like(default: ParameterValue, entry: Entry) -> ParameterValue:
    """The value, if it is of the default's type; a list as a tuple of words."""
    value = entry.value()
    if isinstance(value, list) and isinstance(default, tuple):
        return entry.words()
    if value is None or isinstance(value, list | dict) or _kind(value) is not _kind(default):
        raise entry.refusal("the control that names this needs another type.", f"Write it like {default!r}.")
    return value


def _kind(value: object) -> type:
    """Whole and other numbers are of one kind; truth values are none of them."""
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)
