"""Write the sample organisation's exports: ``python -m samples --out var/exports --last 2026-06-30``."""

from __future__ import annotations

import argparse
import sys
from datetime import date, timedelta
from pathlib import Path

from samples.generate import generate
from samples.timeline import Timeline

TWO_QUARTERS = 182


def main() -> int:
    """Parse the arguments, write, say where; 2 for arguments that make no sense."""
    parser = argparse.ArgumentParser(prog="python -m samples", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the exports and answer_key.yaml")
    parser.add_argument("--last", type=date.fromisoformat, required=True, help="the last day, as 2026-06-30")
    parser.add_argument("--first", type=date.fromisoformat, help=f"the first day; {TWO_QUARTERS} days by default")
    parser.add_argument("--only-last", type=int, metavar="N", help="write the exports of the last N days only")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    first = given.first or given.last - timedelta(days=TWO_QUARTERS - 1)
    if given.last < first:
        parser.error(f"--last {given.last} comes before --first {first}")
    written = generate(given.out, Timeline(first, given.last), seed=given.seed, only_last=given.only_last)
    sys.stdout.write(f"{written} days of exports in {given.out}, with the answer key\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
