"""Commands for whoever decides: the statement of applicability."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, On, day_of, document, leave, say, table, write

if TYPE_CHECKING:
    from airtight.review.statement import Statement


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(soa)


def soa(
    on: On = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page.")] = None,
    sheet: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write it as a table.")] = None,
    as_json: AsJson = False,
) -> None:
    """The statement of applicability: every Annex A control, decided, justified, approved, with what stands behind it.

    It is issued only when each of the 38 is decided, justified, approved and, where included, answered by a control.
    """
    from airtight.cli.opening import opened
    from airtight.journey.reviewing import statement_on, texts_of_statement
    from airtight.review.statement_forms import as_sheet, page

    installation = opened()
    statement = statement_on(installation, day_of(on))
    if as_json:
        document(statement)
    else:
        _show(statement)
    if statement.problems:
        _refuse(statement)
    if html is not None:
        write(html, page(statement, texts_of_statement(installation)).encode())
    if sheet is not None:
        write(sheet, as_sheet(statement))


def _show(statement: Statement) -> None:
    rows = [
        (
            row.annex_id,
            row.title,
            {True: "included", False: "excluded", None: "undecided"}[row.applicable],
            row.implementation,
            ", ".join(answer.control for answer in row.answers),
            row.approved_by,
            "; ".join(row.notes),
        )
        for row in statement.rows
    ]
    columns = ("Id", "Annex A control", "Applies", "Implementation", "Answered by", "Approved by", "Notes")
    table(f"Statement of applicability of {statement.organisation}, {statement.day.isoformat()}", columns, rows)
    for entry in statement.pending:
        say(f"waits for approval: {entry}")


def _refuse(statement: Statement) -> None:
    for problem in statement.problems:
        typer.echo(f"refused: {problem}", err=True)
    typer.echo(f"The statement is not issued: {len(statement.problems)} problems. Mend the register 'soa'.", err=True)
    leave(2)
