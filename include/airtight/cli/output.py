"""How commands speak: tables and sentences for people, one JSON document with ``--json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from airtight.wire import Json, to_json

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Partition = Annotated[str, typer.Option("--partition", metavar="DAY", help="The day, as 2026-09-14.")]


def say(sentence: str) -> None:
    """A sentence on standard output."""
    sys.stdout.write(sentence + "\n")


def document(value: object) -> None:
    """A value as JSON on standard output."""
    plain: Json = to_json(value)
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table; without a terminal its lines are as wide as they need to be."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 240)
    shown = Table(*columns, title=title, title_justify="left")
    for row in rows:
        shown.add_row(*("" if cell is None else str(cell) for cell in row))
    console.print(shown, markup=False)


def leave(code: int) -> None:
    """End with an exit code."""
    raise typer.Exit(code)
