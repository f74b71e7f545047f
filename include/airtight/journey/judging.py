"""Judging a day: every control that is due, on sealed populations read back from the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from airtight.definitions.authorship import authorships
from airtight.domain.bundle import BundleKind, BundleRef, SealedPopulation
from airtight.domain.control import Control, ControlTest
from airtight.domain.period import Window, test_window
from airtight.domain.result import ControlResult
from airtight.errors import EvidenceError
from airtight.evaluate.attestations import POPULATION, select_answers
from airtight.evaluate.inputs import Selection, select
from airtight.evaluate.job import HISTORY
from airtight.evaluate.runner import Runner
from airtight.evaluate.station import due_on, evaluate_control
from airtight.evaluate.waivers import Waiver, read_waivers
from airtight.installation import Installation
from airtight.journey.coverage import RESULTS_NAME
from airtight.journey.staged import scratch
from airtight.seal.read import BundleReader

WAIVERS = "waivers"
Files = Mapping[str, Path]


def judge_day(opened: Installation, day: date) -> tuple[ControlResult, ...]:
    """One result for every control that is due after ``day``, by control."""
    controls = [control for _, control in sorted(opened.catalog.controls.items()) if due_on(control, day)]
    selections = _selections(opened, controls, day)
    waiving = opened.index.sealed_populations([WAIVERS], day.isoformat(), day.isoformat())
    authors = authorships([Path(control.file) for control in controls])
    with scratch(opened.staging("results", day.isoformat())) as folder, Runner(scratch=folder) as runner:
        files = fetch_members(opened, _needed(selections.values(), waiving), folder)
        waivers = _waivers(waiving, files)
        judged = (
            evaluate_control(
                control,
                day,
                selections,
                files,
                waivers,
                runner,
                authors[Path(control.file)],
                owners_of(opened, control),
            )
            for control in controls
        )
        return tuple(result for result in judged if result)


def owners_of(opened: Installation, control: Control) -> frozenset[str]:
    """Ids of the persons who own a control; empty where people.yaml names none."""
    return frozenset(person.id for person in opened.catalog.people.holding(control.owner))


def definition_files(opened: Installation) -> dict[str, Path]:
    """Control id -> the file that defines it."""
    return {control.id: Path(control.file) for control in opened.catalog.controls.values()}


def judged_without(opened: Installation, collected: BundleRef, run_id: str | None) -> bool:
    """Whether this run sealed a collection for a day that was judged before, without it.

    The run is told by its id in the bundle, so that a retry gives the same answer.
    """
    known = opened.index.find(collected.digest)
    latest = opened.index.head(BundleKind.RESULTS, RESULTS_NAME, collected.slot.partition)
    if known is None or latest is None or known.facts.run_id != run_id:
        return False
    with opened.store.open(latest.key) as file:
        return collected.digest not in BundleReader(file).statement().rests_on


def _selections(opened: Installation, controls: Sequence[Control], day: date) -> dict[str, Selection]:
    windows = {test.id: (test, test_window(test.window, day)) for control in controls for test in control.tests}
    sealed = opened.index.sealed_populations(*_reach(windows.values(), day))
    expected = {
        (source.id, population) for source in opened.catalog.sources.values() for population in source.populations
    }
    schemas = opened.catalog.populations
    return {
        name: select_answers(schemas, sealed, window, expected)
        if test.kind == "attestation"
        else select(test, window, schemas, sealed, expected)
        for name, (test, window) in windows.items()
    }


def _reach(tests: Iterable[tuple[ControlTest, Window]], day: date) -> tuple[set[str], str, str]:
    """Populations, first and last day that some test looks at."""
    pairs = list(tests)
    names = {POPULATION, *(name.removesuffix(HISTORY) for test, _ in pairs for name in test.populations)}
    first = min((window.start.date() for _, window in pairs), default=day)
    return names, first.isoformat(), day.isoformat()


def _needed(selections: Iterable[Selection], waiving: Iterable[SealedPopulation]) -> set[SealedPopulation]:
    members = {member for selection in selections if not selection.trouble for member in selection.members}
    return members | {entry for entry in waiving if entry.collected}


def _waivers(waiving: Iterable[SealedPopulation], files: Files) -> tuple[Waiver, ...]:
    return read_waivers(files[entry.sha256] for entry in waiving if entry.sha256)


def fetch_members(opened: Installation, members: Iterable[SealedPopulation], folder: Path) -> dict[str, Path]:
    """Sealed files on local disk, by digest: only these are read from their bundles.

    Raises:
        EvidenceError: a bundle is not the one that the index names, is not signed by this installation's key, or a
            file in it was altered.
    """
    bundles: defaultdict[tuple[str, str], list[SealedPopulation]] = defaultdict(list)
    for member in members:
        bundles[(member.key, member.bundle)].append(member)
    files: dict[str, Path] = {}
    for (key, digest), wanted in sorted(bundles.items()):
        with opened.store.open(key) as file:
            reader = BundleReader(file)
            _refuse_stranger(opened, reader, digest, key)
            for member in wanted:
                files[member.sha256 or ""] = reader.extract(member.member or "", folder / digest)
    return files


def _refuse_stranger(opened: Installation, reader: BundleReader, digest: str, key: str) -> None:
    if reader.digest != digest:
        raise EvidenceError(
            f"holds bundle {reader.digest}; the index names {digest}.", where=key, remedy="Run 'airtight reindex'."
        )
    if not reader.signed_by(opened.public_key):
        raise EvidenceError("is not signed by this installation's key.", where=key)
