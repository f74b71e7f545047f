"""Commands for whoever answers for the programme: how such programmes fail, and how mature this one is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from airtight.cli.output import AsJson, On, day_of, document, leave, say, write


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(warnings)


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
