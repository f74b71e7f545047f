"""``python -m airtight.cli``."""

from airtight.cli import main

main()
