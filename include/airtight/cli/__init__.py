"""The command line. ``airtight --help`` lists the commands; each has its own.

Exit codes: 0 it holds; 1 it does not (tampered, deviations where asked); 2 it could not be judged (bad input,
missing file, wrong configuration, signer not established). An error is one sentence with its place and what to do
next, on standard error; never a traceback for a user's mistake.
"""

from __future__ import annotations

import sys

from airtight.errors import AirtightError


def main() -> None:
    """Run the command line and leave with its exit code."""
    from airtight.cli.app import app

    try:
        app()
    except AirtightError as error:
        sys.stderr.write(f"airtight: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("airtight: stopped.\n")
        sys.exit(2)
