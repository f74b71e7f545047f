"""Commands about the registers that people keep as files: schemas for editors, a check, and the version in force."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, document, leave, say, table, write

if TYPE_CHECKING:
    from airtight.settings import Settings

registers = typer.Typer(no_args_is_help=True, help="Registers that people keep as files.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(registers, name="registers")


@registers.command()
def schema(
    out: Annotated[Path | None, typer.Option(help="Folder; by default registers/schema of the organisation.")] = None,
) -> None:
    """Write a JSON Schema for each register of the organisation, so that editors help and complain; remove others."""
    from airtight.cli.opening import catalog_only
    from airtight.collect.register_schema import register_schema

    catalog = catalog_only()
    folder = out or _settings().overlay / "registers" / "schema"
    kept = [source for source in catalog.sources.values() if source.connector == "registers"]
    names = sorted({population for source in kept for population in source.populations})
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        made = json.dumps(register_schema(catalog.populations[name]), ensure_ascii=False, indent=2)
        write(folder / f"{name}.schema.json", f"{made}\n".encode())
    for file in folder.glob("*.schema.json"):
        if file.name.removesuffix(".schema.json") not in names:
            file.unlink()
    say(f"{len(names)} schemas in {folder}")


@registers.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of registers; by default registers of the organisation.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every register of a folder: each fault with file, line and key; 2 where there is one."""
    from airtight.collect.register_check import check_registers
    from airtight.definitions.populations import load_populations

    settings = _settings()
    schemas = load_populations(
        settings.home / "include" / "catalog" / "populations", settings.overlay / "catalog" / "populations"
    )
    checked = check_registers(folder or settings.overlay / "registers", schemas)
    if as_json:
        faults = [{"where": each.where, "message": each.message, "remedy": each.remedy} for each in checked.faults]
        document({"rows": checked.rows, "faults": faults, "differing": checked.differing})
    else:
        for fault in checked.faults:
            say(str(fault))
        for note in checked.differing:
            say(f"note: {note}")
        say(f"{len(checked.rows)} registers, {sum(checked.rows.values())} rows, {len(checked.faults) or 'no'} faults")
    leave(2 if checked.faults or not checked.rows else 0)


@registers.command()
def show(
    population: str,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="The day, as 2026-09-14.")],
    as_json: AsJson = False,
) -> None:
    """The version of a register that was in force on a day, from sealed evidence."""
    from airtight.cli.opening import opened
    from airtight.journey.register_versions import register_on

    found = register_on(opened(), population, _day(on))
    if as_json:
        document(found)
        return
    table(f"{population} on {on}: {len(found.rows)} rows", found.columns, found.rows)
    for entry in found.sealed:
        say(f"{entry.source}: bundle {entry.bundle}, rows with the SHA-256 {entry.sha256}")


@registers.command()
def versions(
    population: str,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day of the period.")],
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day of the period.")],
    as_json: AsJson = False,
) -> None:
    """Which version of a register was in force on each day of a period, from sealed evidence; 2 where days lack one."""
    from airtight.cli.opening import opened
    from airtight.journey.register_versions import versions as versions_of

    start, end = _day(first), _day(last)
    found = versions_of(opened(), population, start, end)
    days = sum((each.last - each.first).days + 1 for each in found if each.sha256)
    sources = len({each.source for each in found}) or 1
    if as_json:
        document(found)
    else:
        rows = [
            (each.source, each.first, each.last, each.rows, each.sha256 or each.trouble, each.bundle) for each in found
        ]
        table(f"{population}: {len(found)} versions", ("Source", "From", "To", "Rows", "SHA-256", "First bundle"), rows)
    leave(0 if days >= sources * ((end - start).days + 1) else 2)


def _day(text: str) -> date:
    from airtight.domain.period import parse_day

    return parse_day(text)


def _settings() -> Settings:
    from airtight.settings import load_settings

    return load_settings()
