"""Commands about definitions: does everything fit together, what answers what, and trying one before it counts."""

from __future__ import annotations

from typing import Annotated

import typer

from airtight.cli.output import AsJson, Partition, document, leave, say, table

source = typer.Typer(no_args_is_help=True, help="Declared sources.")
control = typer.Typer(no_args_is_help=True, help="Controls.")
mapping = typer.Typer(no_args_is_help=True, help="Mappings.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(check)
    app.command()(coverage)
    app.command()(connectors)
    app.add_typer(source, name="source")
    app.add_typer(control, name="control")
    app.add_typer(mapping, name="mapping")


def check(as_json: AsJson = False) -> None:
    """Check that frameworks, controls, populations, sources, mappings and suites fit together."""
    from airtight.collect.registry import CONNECTORS
    from airtight.definitions.checks import Weight
    from airtight.journey.checking import examine
    from airtight.settings import load_settings

    settings = load_settings()
    catalog, problems = examine(settings.home, settings.overlay, frozenset(CONNECTORS))
    wrong = sum(problem.weight is Weight.ERROR for problem in problems)
    counts = {
        "frameworks": len(catalog.frameworks),
        "requirements": sum(len(each.assessable()) for each in catalog.frameworks.values()),
        "controls": len(catalog.controls),
        "tests": sum(len(each.tests) for each in catalog.controls.values()),
        "cases": sum(len(test.cases) for each in catalog.controls.values() for test in each.tests),
        "populations": len(catalog.populations),
        "suites": len(catalog.suites),
        "sources": len(catalog.sources),
        "mappings": len(catalog.mappings),
        "errors": wrong,
        "warnings": len(problems) - wrong,
    }
    if as_json:
        document({"counts": counts, "problems": list(problems)})
    else:
        for problem in problems:
            say(f"{problem.weight.value}: {problem.where}: {problem.message} {problem.remedy}".rstrip())
        say(", ".join(f"{count} {name}" for name, count in counts.items()))
    leave(2 if wrong else 0)


def coverage(
    framework: Annotated[str, typer.Option("--framework", help="soc2, iso42001, or one of your own.")],
    as_json: AsJson = False,
) -> None:
    """Every requirement of a framework with the controls that answer it and those that help."""
    from airtight import queries
    from airtight.cli.opening import catalog_only

    covered = queries.coverage(catalog_only(), framework)
    if as_json:
        document(
            [
                {
                    "id": c.requirement.id,
                    "title": c.requirement.title,
                    "controls": c.controls,
                    "supported_by": c.supported_by,
                }
                for c in covered
            ]
        )
        return
    rows = [(c.requirement.id, c.requirement.title, ", ".join(c.controls), ", ".join(c.supported_by)) for c in covered]
    table(f"{framework}: {len(rows)} requirements", ("Id", "Requirement", "Answered by", "Helped by"), rows)


def connectors(as_json: AsJson = False) -> None:
    """The connectors that a source may name."""
    from airtight.collect.registry import CONNECTORS

    if as_json:
        document(sorted(CONNECTORS))
        return
    for name in sorted(CONNECTORS):
        say(name)


@source.command("test")
def source_test(
    source_id: Annotated[str, typer.Argument(metavar="ID")], partition: Partition, as_json: AsJson = False
) -> None:
    """Log in to a source and look: identity, rights, number of records, estimated volume. Nothing is sealed."""
    from airtight.cli.opening import credentials_of, opened
    from airtight.journey.trying import probe_source

    seen = probe_source(opened(), source_id, partition, credentials_of)
    if as_json:
        document(seen)
        return
    writes = {True: "yes: give it a read-only log-in", False: "no", None: "cannot be told"}[seen.can_write]
    say(f"identity: {seen.identity}\ncan write: {writes}\nrecords: {seen.records}\nbytes, about: {seen.size}")
    for note in seen.notes:
        say(f"note: {note}")


@mapping.command("try")
def mapping_try(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE")],
    population: str,
    partition: Partition,
    rows: Annotated[int, typer.Option(help="Rows to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Pull a source and run one of its mappings: rows and errors in seconds, nothing sealed."""
    from airtight.cli.opening import credentials_of, opened
    from airtight.journey.trying import try_mapping

    tried = try_mapping(opened(), source_id, population, partition, credentials_of, rows)
    if as_json:
        document(tried)
    elif tried.rows:
        table(f"{population} of {source_id}: {tried.count} rows", tried.columns, tried.rows)
    if not as_json:
        for reason, count in tried.rejected:
            say(f"rejected, {count}: {reason}")
        say(tried.trouble or f"{tried.count} rows, {tried.outside_window} outside the window")
    leave(2 if tried.trouble else 0)


@control.command("try")
def control_try(
    control_id: Annotated[str, typer.Argument(metavar="ID")],
    mutants: Annotated[bool, typer.Option("--mutants", help="Also look for changes that no case notices.")] = False,
) -> None:
    """Run the worked examples of a control's tests; with --mutants, test the tests."""
    from airtight.cli.opening import catalog_only
    from airtight.errors import DefinitionError
    from airtight.evaluate.cases import run_cases
    from airtight.evaluate.mutation import surviving

    catalog = catalog_only()
    if control_id not in catalog.controls:
        raise DefinitionError(f"there is no control '{control_id}'.", remedy=f"See {catalog_hint(catalog.controls)}")
    faults = 0
    for test in catalog.controls[control_id].tests:
        problems = [*run_cases(test, catalog.populations)]
        if mutants and not problems:
            problems += [f"no case notices: {mutant}" for mutant in surviving(test, catalog.populations)]
        faults += len(problems)
        say(f"{test.id}: {len(test.cases)} cases, {len(problems) or 'no'} problems")
        for problem in problems:
            say(f"  {problem}")
    leave(1 if faults else 0)


def catalog_hint(known: object) -> str:
    """The names that would have been right."""
    return ", ".join(sorted(known)) if isinstance(known, dict) else ""
