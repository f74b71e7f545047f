"""What one framework asks on top of another, told from the controls: not from texts, but from what is done.

In one control set nearly every control serves both frameworks, so that "its controls answer the other too" says
little. The report therefore asks what the base alone would need. From all controls that answer the base it leaves
away, one after the other and first those that answer most of the target, each one whose criteria others answer as
well. A requirement of the target that the rest answers *comes along*; one that only other controls answer is
*additional*; one that no control answers is *open*. What was left away, and what answers the target only, is the work
to add.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from airtight.domain.control import Control
from airtight.domain.framework import Framework, Requirement


class Standing(StrEnum):
    """How a requirement stands to the framework that one has already."""

    COMES_ALONG = "comes-along"
    ADDITIONAL = "additional"
    OPEN = "open"


@dataclass(frozen=True)
class GapRow:
    """A requirement, how it stands, and the controls that answer it directly; ``shared`` answer the base too."""

    requirement: Requirement
    clause: str
    standing: Standing
    controls: tuple[str, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True)
class ClauseGap:
    """The requirements of one clause or area, counted."""

    clause: str
    title: str
    total: int
    comes_along: int
    additional: int
    open: int


@dataclass(frozen=True)
class Gap:
    """The gap between two frameworks.

    Attributes:
        needed: controls that the base alone would need; ``added``: the others that answer the target.
        shared_controls: those that answer both; ``only_base`` and ``only_target`` answer one.
        beyond_percent: requirements of the target that are additional or open, in percent; None: it has none.
        unshared_percent: those none of whose controls answers the base, in percent.
    """

    base: str
    target: str
    rows: tuple[GapRow, ...]
    clauses: tuple[ClauseGap, ...]
    needed: tuple[str, ...]
    added: tuple[str, ...]
    shared_controls: tuple[str, ...]
    only_base: tuple[str, ...]
    only_target: tuple[str, ...]
    beyond_percent: float | None
    unshared_percent: float | None


Answers = Mapping[str, frozenset[str]]


def gap_between(base: Framework, target: Framework, controls: Mapping[str, Control]) -> Gap:
    """What ``target`` asks on top of ``base``, in the target's order."""
    to_base, to_target = _answers(base, controls), _answers(target, controls)
    needed = _needed(to_base, to_target)
    rows = tuple(_row(node, target, to_base, to_target, needed) for node in target.assessable())
    return Gap(
        base=base.id,
        target=target.id,
        rows=rows,
        clauses=tuple(_clauses(rows, target)),
        needed=tuple(sorted(needed)),
        added=tuple(sorted(set(to_target) - needed)),
        shared_controls=tuple(sorted(set(to_base) & set(to_target))),
        only_base=tuple(sorted(set(to_base) - set(to_target))),
        only_target=tuple(sorted(set(to_target) - set(to_base))),
        beyond_percent=_percent(sum(row.standing is not Standing.COMES_ALONG for row in rows), len(rows)),
        unshared_percent=_percent(sum(not row.shared for row in rows), len(rows)),
    )


def _answers(framework: Framework, controls: Mapping[str, Control]) -> Answers:
    """Control -> the requirements of a framework that it answers directly; those that answer none are left out."""
    found = {name: frozenset(control.requirements.get(framework.id, ())) for name, control in controls.items()}
    return {name: ids for name, ids in found.items() if ids}


def _needed(to_base: Answers, to_target: Answers) -> frozenset[str]:
    kept = set(to_base)
    for name in sorted(to_base, key=lambda each: (-len(to_target.get(each, ())), each)):
        others = frozenset[str]().union(*(to_base[other] for other in kept - {name}))
        if to_base[name] <= others:
            kept.remove(name)
    return frozenset(kept)


def _row(node: Requirement, target: Framework, to_base: Answers, to_target: Answers, needed: frozenset[str]) -> GapRow:
    answering = tuple(sorted(name for name, ids in to_target.items() if node.id in ids))
    along = needed.intersection(answering)
    standing = Standing.COMES_ALONG if along else Standing.ADDITIONAL if answering else Standing.OPEN
    shared = tuple(name for name in answering if name in to_base)
    return GapRow(node, _clause_of(node, target), standing, answering, shared)


def _clause_of(node: Requirement, framework: Framework) -> str:
    """The topmost heading that it stands under."""
    nodes = {each.id: each for each in framework.requirements}
    while node.parent is not None:
        node = nodes[node.parent]
    return node.id


def _clauses(rows: Iterable[GapRow], target: Framework) -> Iterable[ClauseGap]:
    titles = {node.id: node.title for node in target.requirements}
    grouped: dict[str, list[Standing]] = {}
    for row in rows:
        grouped.setdefault(row.clause, []).append(row.standing)
    for clause, found in grouped.items():
        yield ClauseGap(clause, titles[clause], len(found), *(found.count(standing) for standing in Standing))


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
