"""Commands about what could go wrong: the risk register with its matrix, and the risk of suppliers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, On, day_of, document, leave, say, table, write

if TYPE_CHECKING:
    from airtight.review.risks import Place, RiskReview


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(risks)
    app.command()(vendors)


def risks(
    on: On = None,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the risk matrix.")] = None,
    as_json: AsJson = False,
) -> None:
    """Open risks against their appetite, what is due for re-assessment and why, and which acceptances end.

    2 where a risk does not fit, such as one with an impact of 7: each is named.
    """
    from airtight.cli.opening import opened
    from airtight.journey.risk_reviews import risks_on
    from airtight.review.matrix import matrix

    installation = opened()
    review, read = risks_on(installation, day_of(on))
    if svg is not None:
        write(svg, matrix(review, installation.settings.organisation))
    if as_json:
        document({"review": review, "not_known": read.troubles, "bundles": read.bundles})
    else:
        _show(review, read.troubles)
    leave(2 if review.problems else 0)


def _show(review: RiskReview, troubles: Mapping[str, Sequence[str]]) -> None:
    rows = [
        (row.risk_id, row.title, row.tier, _score(row.inherent), _score(row.residual), row.appetite, _ABOVE[row.above])
        for row in review.rows
    ]
    columns = ("Risk", "Title", "Tier", "Inherent", "Residual", "Appetite", "")
    table(f"{len(rows)} open risks, {review.day.isoformat()}", columns, rows)
    due = [(each.subject, each.cause, each.ref, each.since, each.due, _DUE[each.overdue]) for each in review.due]
    table(f"{len(due)} re-assessments", ("Subject", "Because of", "Which", "Since", "Until", ""), due)
    accepted = [(each.risk_id, each.state.value, each.accepted_by, each.until) for each in review.acceptances]
    table(f"{len(accepted)} acceptances of residual risk", ("Risk", "State", "Accepted by", "Until"), accepted)
    for population, reasons in troubles.items():
        say(f"not known, or not to be relied on: {population}: {'; '.join(reasons)}")
    for problem in review.problems:
        typer.echo(f"does not fit: {problem}", err=True)


_ABOVE = {True: "above", False: "within", None: "not known"}
_DUE = {True: "overdue", False: "due"}


def _score(place: Place | None) -> str:
    return f"{place.likelihood} x {place.impact} = {place.score}" if place else "not on the scale"


def vendors(on: On = None, as_json: AsJson = False) -> None:
    """The risk of each supplier, 0 to 100: exposure and weakness of assurance, with every point explained."""
    from airtight.cli.opening import opened
    from airtight.journey.risk_reviews import vendors_on

    day, scored = vendors_on(opened(), day_of(on))
    if as_json:
        document({"day": day, "vendors": list(scored)})
        return
    rows = [
        (
            each.vendor_id,
            each.name,
            each.tier,
            each.score,
            each.band,
            each.assessment_result,
            "; ".join(f"{point.points} {point.reason}" for point in each.points),
        )
        for each in scored
    ]
    columns = ("Supplier", "Name", "Tier", "Score", "Band", "Assessed", "Points")
    table(f"{len(rows)} suppliers, {day.isoformat()}: exposure (0 to 50) + weakness (0 to 50)", columns, rows)
