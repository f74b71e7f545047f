"""The people whom the organisation names: who has which role, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Person:
    """One person.

    Attributes:
        id: as registers and evidence name them.
        address: mail address.
        account: log-in at Airflow, as its authentication names it; None: cannot be asked there.
        roles: as controls name their owners and those who attest.
    """

    id: str
    address: str
    account: str | None
    roles: tuple[str, ...]


@dataclass(frozen=True)
class People:
    """Everybody whom ``people.yaml`` names, by id."""

    persons: tuple[Person, ...] = ()

    def holding(self, role: str) -> tuple[Person, ...]:
        """Those who have a role."""
        return tuple(person for person in self.persons if role in person.roles)

    def by_account(self, account: str) -> Person | None:
        """Whose log-in that is, or None."""
        return next((person for person in self.persons if person.account == account), None)
