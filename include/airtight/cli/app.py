"""All commands, by what they are about. Stations are imported by the command that needs them."""

from __future__ import annotations

import typer

from airtight.cli import (
    beginning,
    catalog,
    documents,
    evidence,
    frameworks,
    keys,
    programme,
    registers,
    risks,
    runs,
    statement,
    store,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Collect audit evidence, test controls over it, seal it, and check it.",
)
beginning.register(app)
catalog.register(app)
runs.register(app)
evidence.register(app)
store.register(app)
keys.register(app)
frameworks.register(app)
documents.register(app)
registers.register(app)
statement.register(app)
programme.register(app)
risks.register(app)
