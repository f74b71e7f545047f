"""Frameworks and their requirements: SOC 2 criteria, ISO/IEC 42001 clauses and Annex A controls.

Only *assessable* requirements may be the target of a mapping; a series label (``CC1``, ``A.6.1``) never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Requirement:
    """One node of a framework; ``id`` is unique inside its framework."""

    framework: str
    id: str
    title: str
    kind: str
    parent: str | None
    assessable: bool


@dataclass(frozen=True)
class Framework:
    """A framework by short id (``soc2``, ``iso42001``) with all its nodes in the framework's order.

    Attributes:
        complete: the control set is meant to answer every requirement; one without a control is an error.
    """

    id: str
    name: str
    edition: str
    requirements: tuple[Requirement, ...]
    complete: bool = False

    def assessable(self) -> tuple[Requirement, ...]:
        return tuple(node for node in self.requirements if node.assessable)


@dataclass(frozen=True)
class Alias:
    """A name under which requirements are known elsewhere, and what it really means.

    Attributes:
        relation: how the name stands to the ids: ``exact``, ``broader``, ``partial`` or ``wrong-id``.
        means: framework id -> requirement ids.
        note: why, in a sentence.
        controls: where to look first; others may answer the same requirements.
    """

    label: str
    relation: str
    means: Mapping[str, tuple[str, ...]]
    note: str
    controls: tuple[str, ...] = ()
