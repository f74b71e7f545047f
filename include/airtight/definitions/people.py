"""Who is told, and who is asked: ``people.yaml`` of the organisation.

``owners`` gives the address of each role that owns controls or DAGs, ``default`` that of every other. ``people`` names
persons by id, with ``address``, ``roles`` and, where they are asked through Airflow, the ``account`` they log in with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from airtight.document import Entry, read_document
from airtight.domain.people import People, Person

FILE = "people.yaml"
_FIELDS = (("owners", "default"), ("people",))


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
    fields = read_document(overlay / FILE).fields(*_FIELDS)
    addresses = {owner: entry.text() for owner, entry in fields["owners"].members().items()}
    return Owners(addresses, fields["default"].text())


def load_people(overlay: Path) -> People:
    """The persons of an organisation; none where there is no such file.

    Raises:
        DefinitionError: the file is refused, or two persons have one account.
    """
    if not (overlay / FILE).exists():
        return People()
    fields = read_document(overlay / FILE).fields(*_FIELDS)
    accounts: set[str] = set()
    persons = []
    for name, entry in fields["people"].members().items() if "people" in fields else ():
        person = _person(name, entry)
        if person.account in accounts:
            raise entry.refusal(f"somebody else has the account '{person.account}'.", "Give each their own.")
        accounts |= {person.account} if person.account else set()
        persons.append(person)
    return People(tuple(sorted(persons)))


def _person(name: str, entry: Entry) -> Person:
    fields = entry.fields(("address", "roles"), ("account",))
    account = fields["account"].word() if "account" in fields else None
    return Person(name, fields["address"].text(), account, fields["roles"].words())
