"""How commands speak: tables and sentences for people, one JSON document with ``--json``."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from airtight.domain.period import parse_day
from airtight.errors import ConfigurationError
from airtight.wire import Json, to_json

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Partition = Annotated[str, typer.Option("--partition", metavar="DAY", help="The day, as 2026-09-14.")]

On = Annotated[str | None, typer.Option("--on", metavar="DAY", help="As of this day; by default the latest sealed.")]


def day_of(on: str | None) -> date | None:
    """The day that ``--on`` names.

    Raises:
        DefinitionError: it is no day.
    """
    return parse_day(on) if on is not None else None


def write(file: Path, content: bytes) -> None:
    """Write a file that somebody asked for: whole or not at all.

    Raises:
        ConfigurationError: it cannot be written there.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".writing-", delete=False) as half:
            half.write(content)
        os.chmod(half.name, 0o644)
        os.replace(half.name, file)
    except OSError as error:
        raise ConfigurationError(f"cannot be written: {error.strerror}.", where=str(file)) from None


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
