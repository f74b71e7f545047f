"""What a day owes and what arrived: the register."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from airtight.domain.bundle import BundleKind
from airtight.domain.register import Expected, Received, Register
from airtight.domain.result import ResultState
from airtight.installation import Installation
from airtight.publish.index import Chosen

RESULTS_NAME = "controls"
REGISTER_NAME = "day"
_UNKNOWN = {ResultState.INCONCLUSIVE, ResultState.NOT_COLLECTED}


def expected_of(opened: Installation, day: date) -> tuple[Expected, ...]:
    """The bundles that a day owes: one for each collection with a source, and one of results where any is due."""
    collections = sorted({source.collection for source in opened.catalog.sources.values()})
    owed = [Expected(BundleKind.COLLECTION, name) for name in collections]
    if any(control.is_due(day) for control in opened.catalog.controls.values()):
        owed.append(Expected(BundleKind.RESULTS, RESULTS_NAME))
    return tuple(sorted(owed))


def register_of(opened: Installation, day: date) -> Register:
    """The register of a day as the index knows it now; what a superseded bundle lacked is left to that bundle."""
    partition = day.isoformat()
    lacking = _lacking(opened, partition)
    received = [
        Received(slot.kind, slot.name, slot.revision, ref.digest, ref.key, lacking.get(ref.digest, ()))
        for bundle in opened.index.bundles(Chosen(first=partition, last=partition))
        if (slot := (ref := bundle.ref).slot).kind in (BundleKind.COLLECTION, BundleKind.RESULTS)
    ]
    return Register(partition, expected_of(opened, day), tuple(sorted(received)), _previous(opened, day))


def _lacking(opened: Installation, partition: str) -> dict[str, tuple[str, ...]]:
    """Bundle -> populations that it lacks, or controls that it could not judge."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for entry in opened.index.sealed_populations(opened.catalog.populations, partition, partition):
        if entry.trouble:
            names[entry.bundle].add(f"{entry.source}/{entry.population}")
    for result in opened.index.results(Chosen(first=partition, last=partition, current_only=True)):
        if not result.line.test and result.line.state in _UNKNOWN:
            names[result.bundle].add(result.line.control)
    return {bundle: tuple(sorted(lacked)) for bundle, lacked in names.items()}


def _previous(opened: Installation, day: date) -> str | None:
    before = (day - timedelta(days=1)).isoformat()
    registers = opened.index.bundles(Chosen(kind=BundleKind.REGISTER, name=REGISTER_NAME, last=before))
    return registers[-1].ref.digest if registers else None


def is_behind(register: Register) -> bool:
    """Whether the day still has to be judged: results are owed and none arrived."""
    return any(bundle.kind is BundleKind.RESULTS for bundle in register.missing)
