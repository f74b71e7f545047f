"""Who is told: owners of controls and DAGs, and their addresses, from ``people.yaml`` of the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airtight.document import read_document


@dataclass(frozen=True)
class Owners:
    """Mail address of each owner; ``default`` for an owner without one."""

    addresses: Mapping[str, str]
    default: str

    def address(self, owner: str) -> str:
        return self.addresses.get(owner, self.default)


def load_owners(overlay: Path) -> Owners:
    """The owners of an organisation.

    Raises:
        DefinitionError: the file is missing or refused; names file, line and key.
    """
    fields = read_document(overlay / "people.yaml").fields(("owners", "default"))
    addresses = {owner: entry.text() for owner, entry in fields["owners"].members().items()}
    return Owners(addresses, fields["default"].text())
