"""What a day came to, as tables on the terminal."""

from __future__ import annotations

from collections import Counter
from datetime import date

from rich.console import Console
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
    """One line a control, and how many are in each state."""
    lines = queries.results_of_day(opened, day.isoformat())
    table = Table("Control", "What must be true", "Result", "Deviations", "Why", title=f"Controls judged for {day}")
    for line in lines:
        state = f"[{COLOURS[line.state]}]{line.state.value}[/]"
        why = "" if line.state is ResultState.PASS else line.reason
        table.add_row(line.control, line.title, state, str(line.deviation_n), _short(why))
    console.print(table)
    counted = Counter(line.state for line in lines)
    console.print(", ".join(f"{counted[state]} {state.value}" for state in ResultState if counted[state]))


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def show_bundles(console: Console, opened: Installation, day: date) -> None:
    """Where the day's bundles are."""
    found = queries.bundles(opened, Chosen(first=day.isoformat(), last=day.isoformat()))
    table = Table("Bundle", "Revision", "Bytes", "Place", title=f"Bundles of {day}")
    for bundle in found:
        slot = bundle.ref.slot
        place = f"{opened.settings.store.rstrip('/')}/{bundle.ref.key}"
        table.add_row(f"{slot.kind.value} {slot.name}", str(slot.revision), f"{bundle.ref.size:,}", place)
    console.print(table)


def show_log_ins(console: Console, home: Home) -> None:
    """Where the page is, and the log-in of each role."""
    console.print(f"\nAirflow: {home.address}")
    for name, password in home.passwords().items():
        console.print(f"  {name:<9} {password}   ({ROLES[name]})", highlight=False, markup=False)
