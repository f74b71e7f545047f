"""A folder of registers, checked before it is collected: every fault by file, line and key."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from airtight.collect.register_folder import PlainFolder
from airtight.collect.register_rows import LISTS, Register, read_register
from airtight.domain.population import PopulationSchema
from airtight.errors import AirtightError, DefinitionError, SourceError


@dataclass(frozen=True)
class CheckedRegisters:
    """What a folder holds.

    Attributes:
        rows: population -> number of rows.
        faults: what a collection would refuse.
        differing: documents whose digest is not the one in their register; a control test reports them.
    """

    rows: Mapping[str, int]
    faults: tuple[AirtightError, ...]
    differing: tuple[str, ...]


def check_registers(folder: Path, schemas: Mapping[str, PopulationSchema]) -> CheckedRegisters:
    """Read every register of a folder against its schema.

    Raises:
        SourceError: there is no such folder.
    """
    place = PlainFolder(folder, str(folder))
    faults: list[AirtightError] = list(_strangers(place, schemas))
    rows: dict[str, int] = {}
    differing: list[str] = []
    for population in sorted(schemas):
        if not _is_there(folder, population):
            continue
        try:
            register = read_register(place, population, schemas[population])
        except SourceError as error:
            faults.append(error)
            continue
        rows[population] = len(register.rows)
        faults += register.faults
        differing += _differing(register, schemas[population])
    return CheckedRegisters(rows, tuple(faults), tuple(differing))


def _is_there(folder: Path, population: str) -> bool:
    return (folder / population).is_dir() or any((folder / f"{population}{suffix}").is_file() for suffix in LISTS)


def _strangers(folder: PlainFolder, schemas: Collection[str]) -> Iterator[DefinitionError]:
    for name in folder.names():
        path = PurePosixPath(name)
        if path.suffix in LISTS and path.stem not in schemas:
            near = difflib.get_close_matches(path.stem, schemas, n=1)
            remedy = f"Call it {near[0]}{path.suffix}." if near else "See catalog/populations."
            yield DefinitionError(f"there is no population '{path.stem}'.", where=name, remedy=remedy)


def _differing(register: Register, schema: PopulationSchema) -> Iterator[str]:
    for row in register.rows:
        written, found = row.get("content_sha256"), row.get("published_sha256")
        if written and found and written != found:
            key = "/".join(str(row.get(name)) for name in schema.key)
            yield f"{register.population} {key}: the document has the SHA-256 {found}, not {written}."
