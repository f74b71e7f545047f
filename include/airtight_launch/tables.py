"""What a day came to, as tables on the terminal."""

from __future__ import annotations

from collections import Counter
from datetime import date

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from airtight import queries
from airtight.domain.result import ResultState
from airtight.installation import Installation
from airtight.publish.index import Chosen
from airtight_launch.home import ROLES, Home

COLOURS = {
    ResultState.PASS: "green",
    ResultState.EXCEPTIONS: "yellow",
    ResultState.FAIL: "red",
    ResultState.INCONCLUSIVE: "magenta",
    ResultState.NOT_COLLECTED: "magenta",
    ResultState.NOT_APPLICABLE: "dim",
}


def show_results(console: Console, opened: Installation, day: date) -> None:
    """One line a control with why it is not a pass, and how many are in each state."""
    lines = queries.results_of_day(opened, day.isoformat())
    table = Table(title=f"Controls judged for {day}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Control", min_width=7)
    table.add_column("Result", min_width=14)
    table.add_column("Dev.", justify="right", min_width=4)
    table.add_column("What must be true", no_wrap=True, overflow="ellipsis", ratio=2)
    table.add_column("Why not", no_wrap=True, overflow="ellipsis", ratio=3)
    for line in lines:
        state = f"[{COLOURS[line.state]}]{line.state.value}[/]"
        why = "" if line.state is ResultState.PASS else line.reason
        table.add_row(line.control, state, str(line.deviation_n or ""), escape(line.title), escape(why))
    console.print(table)
    counted = Counter(line.state for line in lines)
    console.print(", ".join(f"{counted[state]} {state.value}" for state in ResultState if counted[state]))


def show_bundles(console: Console, opened: Installation, day: date) -> None:
    """Where the day's bundles are, one path a line, to be copied."""
    found = queries.bundles(opened, Chosen(first=day.isoformat(), last=day.isoformat()))
    console.print(f"\nBundles of {day}")
    for bundle in found:
        slot = bundle.ref.slot
        console.print(f"  {slot.kind.value} {slot.name}, revision {slot.revision}, {bundle.ref.size:,} bytes")
        place = f"{opened.settings.store.rstrip('/')}/{bundle.ref.key}"
        console.print(f"    {place}", style="dim", soft_wrap=True, highlight=False)


def show_log_ins(console: Console, home: Home) -> None:
    """Where the page is, and the log-in of each role."""
    console.print(f"\nAirflow: {home.address}")
    for name, password in home.passwords().items():
        console.print(f"  {name:<9} {password}   ({ROLES[name]})", highlight=False, markup=False)
