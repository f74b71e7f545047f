"""Cross-checks over the whole catalog, collected as a list, for ``airtight check``.

An *error* would make a run fail or mislead; a *warning* leaves something uncollected, untested or less portable.
"""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from airtight.definitions.catalog import survey
from airtight.definitions.control_tests import population_of
from airtight.definitions.folders import layered_below
from airtight.domain.catalog import Catalog
from airtight.domain.control import DUE_TIERS, Control, ControlTest
from airtight.domain.source import comes_last
from airtight.errors import DefinitionError
from airtight.sql import read_select

#: The population that answers tests by attestation.
ATTESTED = "attestations"


class Weight(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing that does not fit. ``remedy`` says what to do next, or is empty."""

    weight: Weight
    where: str
    message: str
    remedy: str = ""


def find_problems(home: Path, overlay: Path, connectors: Collection[str]) -> tuple[Problem, ...]:
    """Every refusal of the loader, then what the files say of each other; see ``load_catalog`` for the folders."""
    return problems_of(*survey(home, overlay, connectors), home, overlay)


def problems_of(
    catalog: Catalog, refusals: Iterable[DefinitionError], home: Path, overlay: Path
) -> tuple[Problem, ...]:
    """The same, of what ``survey`` gave for the two folders."""
    refused = (Problem(Weight.ERROR, error.where or "", error.message, error.remedy or "") for error in refusals)
    mappings = layered_below("mappings/**/*.sql", home / "include" / "catalog", overlay / "catalog")
    own = layered_below("mappings/**/*.sql", overlay / "catalog")
    return (*refused, *cross_check(catalog), *_orphans(mappings, own, catalog))


def cross_check(catalog: Catalog) -> Iterator[Problem]:
    """What the files of a loaded catalog say of each other."""
    yield from _suites(catalog)
    yield from _populations(catalog)
    yield from _coverage(catalog)
    yield from _aliases(catalog)
    yield from _monitors(catalog)
    for control in catalog.controls.values():
        if control.design is None:
            remedy = "Add 'design:' with risk, nature, operation, precision and evaluator."
            yield Problem(Weight.ERROR, control.id, "the control has no design record.", remedy)
        if not any((*control.requirements.values(), *control.supports.values())):
            yield Problem(Weight.WARNING, control.id, "the control answers no requirement.")
        for test in control.tests:
            yield from _test(test, control, catalog)


def _suites(catalog: Catalog) -> Iterator[Problem]:
    for name in sorted(set(catalog.suites) - set(catalog.populations)):
        yield Problem(Weight.ERROR, f"{name}.json", "the suite belongs to no population.", "Rename or remove it.")
    collected = {name for source in catalog.sources.values() for name in source.populations}
    for name in sorted(collected - set(catalog.suites)):
        remedy = f"Write expectations/{name}.json."
        yield Problem(Weight.ERROR, name, "the population is collected, and no suite checks it.", remedy)


def _monitors(catalog: Catalog) -> Iterator[Problem]:
    """Set-ups that no source runs, and set-ups without what they read."""
    collected = {name for source in catalog.sources.values() for name in source.populations}
    runs = any(comes_last(source) for source in catalog.sources.values())
    for name in sorted(catalog.monitors):
        if not runs:
            remedy = "Add a source of connector monitor to the collection model_metrics."
            yield Problem(Weight.ERROR, f"models/{name}.yaml", "no source runs the set-up.", remedy)
        for lacking in sorted({"predictions", "actuals", "model_versions"} - collected):
            message = f"the set-up reads the population {lacking}, which no source gives."
            yield Problem(Weight.WARNING, f"models/{name}.yaml", message)


def _populations(catalog: Catalog) -> Iterator[Problem]:
    """Populations that nothing reads and nothing refers to."""
    controls = catalog.controls.values()
    tests = [test for control in controls for test in control.tests]
    read = {population_of(name) for test in tests for name in test.populations}
    read |= {ATTESTED for test in tests if test.kind == "attestation"}
    columns = (column for schema in catalog.populations.values() for column in schema.columns)
    referred = {column.references.partition(".")[0] for column in columns if column.references}
    for name in sorted(set(catalog.populations) - read - referred):
        yield Problem(Weight.WARNING, name, "no control reads the population, and no other refers to it.")


def _coverage(catalog: Catalog) -> Iterator[Problem]:
    """Requirements without a control: an error where the framework is said to be answered in full."""
    for framework in catalog.frameworks.values():
        controls = catalog.controls.values()
        answered = {name for control in controls for name in control.requirements.get(framework.id, ())}
        missing = [node.id for node in framework.assessable() if node.id not in answered]
        if missing:
            message = f"{len(missing)} requirements have no control: {', '.join(missing)}."
            yield Problem(Weight.ERROR if framework.complete else Weight.WARNING, framework.id, message)


def _aliases(catalog: Catalog) -> Iterator[Problem]:
    for alias in catalog.aliases:
        if unknown := [name for name in alias.controls if name not in catalog.controls]:
            yield Problem(Weight.ERROR, "crosswalk.yaml", f"'{alias.label}' names {unknown[0]}, which is no control.")


def _orphans(mappings: Mapping[str, Path], own: Mapping[str, Path], catalog: Catalog) -> Iterator[Problem]:
    """Mappings that fit no population, and the organisation's own that no source names."""
    used = {mapping for source in catalog.sources.values() for mapping in source.populations.values()}
    for name, file in mappings.items():
        if name in own and name not in used:
            yield Problem(
                Weight.WARNING, name, "no source names the mapping.", "Remove it, or name it in sources.yaml."
            )
        elif name not in used and not _fits(file, catalog):
            message = "the mapping gives the columns of no population."
            yield Problem(Weight.ERROR, name, message, "See catalog/populations for the columns.")


def _fits(file: Path, catalog: Catalog) -> bool:
    try:
        given = set(read_select(file.read_text(encoding="utf-8-sig"), None, ("system", "partition")).tree.named_selects)
    except (DefinitionError, OSError, UnicodeDecodeError):
        return False
    return any(set(schema.key) <= given <= {*schema.column_names} for schema in catalog.populations.values())


def _test(test: ControlTest, control: Control, catalog: Catalog) -> Iterator[Problem]:
    where = f"{control.id}.yaml {test.id}"
    yield from _attester(test, where, catalog)
    collected = {name for source in catalog.sources.values() for name in source.populations}
    for name in dict.fromkeys(map(population_of, test.populations)):
        if name not in collected and not test.awaits and control.comes_to_life:
            yield Problem(Weight.WARNING, where, f"no source gives '{name}'.", "Declare one in sources.yaml.")
    yield from (Problem(Weight.WARNING, where, message) for message in _unused(test))
    if test.kind == "sql" and not test.awaits and not test.cases:
        yield Problem(Weight.ERROR, where, "the test has no case.", "Show one that deviates and one that does not.")


def _attester(test: ControlTest, where: str, catalog: Catalog) -> Iterator[Problem]:
    if test.kind != "attestation" or test.awaits:
        return
    if test.attester is None:
        message = "the attestation names nobody who answers."
        yield Problem(Weight.ERROR, where, message, "Add 'attester:' with a role.")
    elif not any(person.account for person in catalog.people.holding(test.attester)):
        message = f"nobody with an account is '{test.attester}', so nobody can be asked."
        yield Problem(Weight.WARNING, where, message, "Name a person with that role in people.yaml.")


def _unused(test: ControlTest) -> Iterator[str]:
    texts = " ".join(filter(None, (test.population, test.tested, test.deviations)))
    named = {name for _, name, _, _ in string.Formatter().parse(test.procedure) if name}
    for name in (each for each in test.parameters if each != DUE_TIERS):
        if f"${name}" not in texts and test.kind == "sql" and not test.awaits:
            yield f"the parameter '{name}' is used by no SQL."
        elif name not in named:
            yield f"the procedure does not mention {{{name}}}."
