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
    for name in ("Control", "Result", "Deviating", "What must be true", "Why not"):
        table.add_column(name, no_wrap=True, justify="right" if name == "Deviating" else "left")
    room = max(console.width - 42, 40)
    for line in lines:
        state = f"[{COLOURS[line.state]}]{line.state.value}[/]"
        why = "" if line.state is ResultState.PASS else line.reason
        title = escape(_short(line.title, room * 2 // 5))
        table.add_row(line.control, state, str(line.deviation_n or ""), title, escape(_short(why, room * 3 // 5)))
    console.print(table)
    counted = Counter(line.state for line in lines)
    console.print(", ".join(f"{counted[state]} {state.value}" for state in ResultState if counted[state]))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


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
