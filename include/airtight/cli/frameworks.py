"""Commands about what frameworks ask: what a name means, and what one framework asks on top of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, document, say, table

if TYPE_CHECKING:
    from airtight.review.gap import Gap


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(crosswalk)
    app.command()(gap)


def crosswalk(
    label: Annotated[str, typer.Argument(metavar="LABEL", help='A name or an id: "A.7.2 Fairness", CC1, A.6.1 ...')],
    as_json: AsJson = False,
) -> None:
    """What a name really means: the requirements, the controls that answer them, and why."""
    from airtight import queries
    from airtight.cli.opening import catalog_only

    found = queries.meanings(catalog_only(), label)
    if as_json:
        document(found)
        return
    for meaning in found:
        say(f"{meaning.label} ({meaning.relation})\n  {meaning.note}")
        for node in meaning.requirements:
            say(f"  {node.framework} {node.id}  {node.title}")
        say(f"  controls: {', '.join(meaning.controls) or 'none'}")
        if meaning.supporting:
            say(f"  helped by: {', '.join(meaning.supporting)}")


def gap(
    base: Annotated[str, typer.Option("--base", help="The framework that one has.")] = "soc2",
    target: Annotated[str, typer.Option("--target", help="The framework that one wants on top.")] = "iso42001",
    as_json: AsJson = False,
) -> None:
    """What one framework asks on top of another: requirements that no control of the other answers."""
    from airtight import queries
    from airtight.cli.opening import catalog_only

    found = queries.gap(catalog_only(), base, target)
    if as_json:
        document(found)
        return
    clauses = [(c.clause, c.title, c.total, c.comes_along, c.additional, c.open) for c in found.clauses]
    columns = ("Clause", "Title", "Requirements", "Come along", "Additional", "Open")
    table(f"{target} on top of {base}, by clause", columns, clauses)
    rows = [
        (row.requirement.id, row.requirement.title, row.standing.value, ", ".join(row.controls))
        for row in found.rows
        if row.standing != "comes-along"
    ]
    table(f"{len(rows)} requirements beyond {base}", ("Id", "Requirement", "Standing", "Answered by"), rows)
    for sentence in _sentences(found):
        say(sentence)


def _sentences(found: Gap) -> Iterator[str]:
    base, target, added = found.base, found.target, ", ".join(found.added) or "none"
    yield f"The leanest set for {base} alone has {len(found.needed)} controls."
    yield f"{_share(found.beyond_percent)} of {target} do not come along with it. {len(found.added)} to add: {added}."
    both = f"{len(found.shared_controls)} controls answer both, {len(found.only_base)} {base} only"
    yield f"In the whole set {both}, {len(found.only_target)} {target} only."
    yield f"{_share(found.unshared_percent)} of {target} have no control that answers {base} too."


def _share(percent: float | None) -> str:
    return "No requirements" if percent is None else f"{percent} percent"
