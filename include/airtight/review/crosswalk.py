"""What a name really means: labels that literature and other tools use, ids of frameworks, ids that are only labels.

A reader who searches "A.7.2 Fairness" lands on the requirements that carry fairness, on the controls that answer
them, and on a note that A.7.2 is about something else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from airtight.domain.control import Control
from airtight.domain.framework import Alias, Framework, Requirement

_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True)
class Meaning:
    """One thing that a name may mean.

    Attributes:
        label: the name as it is known, or the id.
        relation: exact, broader, partial or wrong-id, of the name to the ids; ``label`` for a heading of several.
        controls: those to look at first, then all others that answer a requirement directly, most of them first.
        supporting: those that only help.
    """

    label: str
    relation: str
    note: str
    requirements: tuple[Requirement, ...]
    controls: tuple[str, ...]
    supporting: tuple[str, ...]


def look_up(
    name: str, frameworks: Mapping[str, Framework], aliases: Sequence[Alias], controls: Mapping[str, Control]
) -> tuple[Meaning, ...]:
    """Everything that a name may mean, the closest first; empty where nothing is known."""
    wanted = _words(name)
    known = [alias for alias in aliases if wanted and wanted == _words(alias.label)]
    known = known or [alias for alias in aliases if wanted and set(wanted) <= set(_words(alias.label))]
    found = [_of_alias(alias, frameworks, controls) for alias in known]
    return (*found, *_of_ids(wanted, frameworks, controls))


def near(name: str, frameworks: Mapping[str, Framework], aliases: Sequence[Alias]) -> tuple[str, ...]:
    """Names and ids that look like one that means nothing."""
    ids = [node.id for framework in frameworks.values() for node in framework.requirements]
    spelled = {known.casefold(): known for known in (*(alias.label for alias in aliases), *ids)}
    close = difflib.get_close_matches(name.casefold(), spelled, n=5, cutoff=0.4)
    return tuple(spelled[each] for each in close)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _of_alias(alias: Alias, frameworks: Mapping[str, Framework], controls: Mapping[str, Control]) -> Meaning:
    nodes = {(framework.id, node.id): node for framework in frameworks.values() for node in framework.requirements}
    meant = tuple(nodes[(name, each)] for name, ids in alias.means.items() for each in ids)
    first = tuple(name for name in alias.controls if name in controls)
    return _meaning(alias.label, alias.relation, alias.note, meant, controls, first)


def _of_ids(
    wanted: Sequence[str], frameworks: Mapping[str, Framework], controls: Mapping[str, Control]
) -> Iterable[Meaning]:
    for framework in frameworks.values():
        for node in framework.requirements:
            if node.id.casefold() not in wanted:
                continue
            relation = "exact" if node.assessable else "label"
            note = f"{framework.name}: {node.title}."
            if not node.assessable:
                note += " A heading: a control maps to the ids below it."
            yield _meaning(node.id, relation, note, _leaves(node, framework), controls)


def _leaves(node: Requirement, framework: Framework) -> tuple[Requirement, ...]:
    """The requirement itself, or all below a heading."""
    if node.assessable:
        return (node,)
    children = [child for child in framework.requirements if child.parent == node.id]
    return tuple(leaf for child in children for leaf in _leaves(child, framework))


def _meaning(
    label: str,
    relation: str,
    note: str,
    meant: tuple[Requirement, ...],
    controls: Mapping[str, Control],
    first: tuple[str, ...] = (),
) -> Meaning:
    direct = {name: _hits(control.requirements, meant) for name, control in controls.items()}
    helping = {name for name, control in controls.items() if _hits(control.supports, meant)}
    answering = sorted((name for name in direct if direct[name]), key=lambda name: (-direct[name], name))
    shown = tuple(dict.fromkeys((*first, *answering)))
    return Meaning(label, relation, note, meant, shown, tuple(sorted(helping - set(shown))))


def _hits(mapped: Mapping[str, tuple[str, ...]], meant: Iterable[Requirement]) -> int:
    return sum(node.id in mapped.get(node.framework, ()) for node in meant)
