"""Commands for whoever answers for the programme: how such programmes fail, and how mature this one is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, On, day_of, document, leave, say, table, write

if TYPE_CHECKING:
    from airtight.review.maturity import Maturity


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(warnings)
    app.command()(maturity)


def warnings(
    on: On = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    as_json: AsJson = False,
) -> None:
    """The four common failures of such programmes, each with the facts: 1 where there is a warning, 2 where unknown."""
    from airtight.cli.opening import opened
    from airtight.journey.reviewing import failures_on
    from airtight.review.failures import Verdict
    from airtight.review.warnings_page import page

    installation = opened()
    day, found = failures_on(installation, day_of(on))
    if html is not None:
        write(html, page(installation.settings.organisation, day, found).encode())
    if as_json:
        document({"day": day, "failures": list(found)})
    else:
        for failure in found:
            say(f"{failure.title}: {failure.verdict.value}")
            for sign in failure.signs:
                say(f"  {_SIGNS[sign.present]} {sign.fact}")
    verdicts = {failure.verdict for failure in found}
    leave(1 if Verdict.WARNING in verdicts else 2 if Verdict.UNKNOWN in verdicts else 0)


_SIGNS = {True: "[present]", False: "[absent] ", None: "[unknown]"}


def maturity(
    on: On = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Only the scores, as rows (YAML) for the register maturity_scores.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """How mature each domain of controls is, 0 to 5 on our own scale, beside how it conforms; with the facts."""
    from airtight.cli.opening import opened
    from airtight.journey.reviewing import maturity_on
    from airtight.review.maturity import as_rows

    found = maturity_on(opened(), day_of(on))
    if rows:
        import yaml

        say(yaml.safe_dump(as_rows(found), sort_keys=False, allow_unicode=True).rstrip())
    elif as_json:
        document({"maturity": found, "mean": found.mean, "lowest": found.lowest})
    else:
        _show_maturity(found)


def _show_maturity(found: Maturity) -> None:
    lines = [
        (
            f"{each.domain} {each.name}",
            each.level,
            each.target,
            each.assessed,
            f"{each.passing} of {each.controls}",
            next((f"{step.name}: {step.fact}" for step in each.steps if not step.reached), ""),
        )
        for each in found.domains
    ]
    columns = ("Domain", "Maturity", "Target", "Assessed", "Controls passing", "What the next level lacks")
    table(f"Maturity (our own scale, 0 to 5) beside conformity, {found.day.isoformat()}", columns, lines)
    if lines:
        say(f"mean {found.mean}, lowest {found.lowest}. Maturity says nothing about conformity: read both.")
