"""The daily register: what was expected of a day, what was received, and the register before it."""

from __future__ import annotations

from dataclasses import dataclass

from airtight.domain.bundle import BundleKind


@dataclass(frozen=True, order=True)
class Expected:
    """A bundle that the day owes."""

    kind: BundleKind
    name: str


@dataclass(frozen=True, order=True)
class Received:
    """A bundle that exists for the day: its identity, its place, and what it lacks."""

    kind: BundleKind
    name: str
    revision: int
    digest: str
    key: str
    lacking: tuple[str, ...] = ()
    """Populations not collected or controls without a conclusive result, as ``source/population`` or id."""


@dataclass(frozen=True)
class Register:
    """One day's register.

    Attributes:
        previous: digest of the previous day's latest register, or None for the first.
    """

    day: str
    expected: tuple[Expected, ...]
    received: tuple[Received, ...]
    previous: str | None

    @property
    def missing(self) -> tuple[Expected, ...]:
        """What was expected and did not arrive."""
        present = {(bundle.kind, bundle.name) for bundle in self.received}
        return tuple(bundle for bundle in self.expected if (bundle.kind, bundle.name) not in present)

    @property
    def complete(self) -> bool:
        """Every bundle arrived and none lacks a population."""
        return not self.missing and not any(bundle.lacking for bundle in self.received)
