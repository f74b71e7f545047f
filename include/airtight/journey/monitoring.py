"""The monitors of a day: which are due, and the rows that they read.

Predictions come with their restricted columns from raw objects, outcomes and model versions from sealed populations:
those of the same run first, then those of every day that a set-up reaches back to. What is not kept any more, did not
hold or belongs to another AI system is left out and said so.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from airtight.collect.connector import MonitorRun
from airtight.domain.bundle import SealedPopulation
from airtight.domain.collection import RawObject, SourceOutcome
from airtight.domain.control import CellValue
from airtight.domain.monitor import MonitorSetup, is_turn
from airtight.domain.period import midnight, parse_day
from airtight.domain.population import RESTRICTED
from airtight.domain.staging import Staging
from airtight.errors import AirtightError, DefinitionError, StorageError
from airtight.installation import Installation
from airtight.journey.judging import fetch_members
from airtight.journey.staged import scratch
from airtight.monitor.prepared import Rows
from airtight.monitor.rows import empty_rows, failed_row
from airtight.monitor.station import Monitored, Subject, Version, monitor
from airtight.publish.keys import raw_key
from airtight.seal.digest import sha256_file
from airtight.seal.read import BundleReader

PREDICTIONS, ACTUALS, VERSIONS = "predictions", "actuals", "model_versions"
#: How far back the newest list of model versions may lie.
_LIST_DAYS = 31
_CHUNK = 4 * 1024 * 1024
Record = Mapping[str, CellValue]


@dataclass
class _Found:
    """Files of one population by day, and what has to be said about them."""

    files: defaultdict[str, list[Path]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def since(self, first: date) -> list[Path]:
        return [path for day, paths in sorted(self.files.items()) if day >= first.isoformat() for path in paths]


class Monitors:
    """Runs the set-ups of the catalog on what was collected.

    Args:
        beside: outcomes of the same run, staged and not sealed yet.
    """

    def __init__(self, opened: Installation, beside: Sequence[SourceOutcome], staging: Staging) -> None:
        self._opened = opened
        self._beside = beside
        self._staging = staging

    def run(self, partition: str, folder: Path) -> MonitorRun:
        """Run what is due after a day; the reports go to the folder."""
        day = parse_day(partition)
        due = [setup for _, setup in sorted(self._opened.catalog.monitors.items()) if _is_due(setup, day)]
        records: dict[str, list[Record]] = empty_rows()
        documents: list[Path] = []
        notes: list[str] = []
        with scratch(self._staging) as work:
            inputs = self._inputs(due, day, work) if due else {}
            notes += [note for found in inputs.values() for note in found.notes]
            known = _versions(inputs.get(VERSIONS, _Found()).since(day - timedelta(days=_LIST_DAYS)), day)
            for setup in due:
                given, trouble = self._one(setup, day, inputs, known, work / setup.ai_system)
                notes += trouble
                for population, rows in given.records.items():
                    records[population] += rows
                documents += [Path(shutil.copy(report, folder)) for report in given.reports]
        about = ", ".join(f"{setup.ai_system}.yaml {setup.sha256}" for setup in due) or "none is due"
        return MonitorRun(records, tuple(documents), f"set-ups of monitors: {about}", tuple(notes))

    def _one(
        self,
        setup: MonitorSetup,
        day: date,
        inputs: Mapping[str, _Found],
        known: Mapping[str, Mapping[str, Version]],
        work: Path,
    ) -> tuple[Monitored, list[str]]:
        """What a set-up gives; where it cannot run, the row that says so."""
        work.mkdir()
        first = midnight(day + timedelta(days=1)) - setup.reach
        rows = Rows(inputs[PREDICTIONS].since(first.date()), inputs[ACTUALS].since(first.date()))
        try:
            reference = self._reference(setup, work)
            return monitor(Subject(setup, day, rows, reference, known.get(setup.ai_system, {})), work), []
        except AirtightError as trouble:
            row = failed_row(setup, day, str(trouble))
            return Monitored({**empty_rows(), **row}), [f"{setup.ai_system} was not monitored: {trouble}"]

    def _reference(self, setup: MonitorSetup, work: Path) -> Path:
        pinned, where = setup.reference, f"expectations/models/{setup.ai_system}.yaml reference"
        if pinned.key:
            return self._from_store(pinned.key, work / "reference.parquet")
        file = self._opened.settings.overlay / str(pinned.file)
        if not file.is_file():
            raise DefinitionError("the reference is not there.", where=where, remedy=f"Put it to {pinned.file}.")
        return file

    def _from_store(self, key: str, target: Path) -> Path:
        with self._opened.store.open(key) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
        return target

    def _inputs(self, due: Sequence[MonitorSetup], day: date, work: Path) -> dict[str, _Found]:
        reach = max(setup.reach for setup in due)
        first = (midnight(day + timedelta(days=1)) - reach).date()
        inputs = {name: _Found() for name in (PREDICTIONS, ACTUALS, VERSIONS)}
        for outcome in self._beside:
            self._take_staged(outcome, day, inputs)
        fresh = {
            (population.population, outcome.source) for outcome in self._beside for population in outcome.collected
        }
        kept = self._opened.index.sealed_populations(
            inputs, min(first, day - timedelta(days=_LIST_DAYS)).isoformat(), day.isoformat()
        )
        earlier = [entry for entry in kept if not _replaced(entry, fresh, day) and _is_wanted(entry, first)]
        self._take_sealed(_newest_lists(earlier), inputs, work)
        return inputs

    def _take_staged(self, outcome: SourceOutcome, day: date, inputs: Mapping[str, _Found]) -> None:
        for population in outcome.collected:
            if population.population not in inputs:
                continue
            raw = _restricted(outcome, population.population)
            files = [entry.file for entry in raw] or [population.file]
            inputs[population.population].files[day.isoformat()] += [self._staging.fetch(file) for file in files]

    def _take_sealed(self, entries: Sequence[SealedPopulation], inputs: Mapping[str, _Found], work: Path) -> None:
        sound = [entry for entry in entries if entry.collected and not entry.trouble]
        for entry in entries:
            if entry not in sound:
                inputs[entry.population].notes.append(f"{_name(entry)} is left out: {entry.trouble}")
        files = fetch_members(self._opened, sound, work / "sealed")
        for entry in sound:
            found = inputs[entry.population]
            try:
                found.files[entry.partition] += self._rows(entry, files[str(entry.sha256)], work)
                found.notes.append(f"read {_name(entry)} of bundle {entry.bundle}")
            except StorageError:
                found.notes.append(f"{_name(entry)} is left out: its restricted rows are not kept any more")

    def _rows(self, entry: SealedPopulation, sealed: Path, work: Path) -> list[Path]:
        """The restricted rows of a sealed population; of one that restricts nothing, its file."""
        schema = self._opened.catalog.populations[entry.population]
        if schema.unrestricted is None:
            return [sealed]
        with self._opened.store.open(entry.key) as file:
            outcomes = [outcome for outcome in BundleReader(file).outcomes() if outcome.source == entry.source]
        raw = [kept for outcome in outcomes for kept in _restricted(outcome, entry.population)]
        return [self._raw(kept, work) for kept in raw] or [sealed]

    def _raw(self, kept: RawObject, work: Path) -> Path:
        target = work / f"{kept.file.sha256}.parquet"
        if not target.exists():
            self._from_store(raw_key(kept.file.sha256), target)
        if sha256_file(target) != kept.file.sha256:
            raise StorageError("a raw object does not have its digest.", where=raw_key(kept.file.sha256))
        return target


def _is_due(setup: MonitorSetup, day: date) -> bool:
    rules = (setup.drift, setup.performance, setup.fairness, setup.canary)
    return any(is_turn(day, rule.every) for rule in rules if rule)


def _restricted(outcome: SourceOutcome, population: str) -> list[RawObject]:
    raw = outcome.provenance.raw if outcome.provenance else ()
    return [kept for kept in raw if kept.stream == RESTRICTED + population]


def _replaced(entry: SealedPopulation, fresh: set[tuple[str, str]], day: date) -> bool:
    """Whether the same run gave the population anew."""
    return entry.partition == day.isoformat() and (entry.population, entry.source) in fresh


def _is_wanted(entry: SealedPopulation, first: date) -> bool:
    return entry.population == VERSIONS or entry.partition >= first.isoformat()


def _newest_lists(entries: Sequence[SealedPopulation]) -> list[SealedPopulation]:
    """All entries, of the lists of model versions only the newest of each source that holds."""
    lists = {entry.source: entry for entry in entries if entry.population == VERSIONS and not entry.trouble}
    return [entry for entry in entries if entry.population != VERSIONS or lists.get(entry.source) == entry]


def _name(entry: SealedPopulation) -> str:
    return f"{entry.source}/{entry.population} of {entry.partition}"


def _versions(files: Sequence[Path], day: date) -> dict[str, dict[str, Version]]:
    """AI system -> model version -> its baseline: its own, or while it is not approved that of the latest that is."""
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    systems: defaultdict[str, dict[str, Version]] = defaultdict(dict)
    end = midnight(day + timedelta(days=1)).replace(tzinfo=None)
    approved = [row for row in rows if row["approved_at"] and row["approved_at"] < end]
    for row in rows:
        own = [one for one in approved if one["ai_system_id"] == row["ai_system_id"]]
        stands = row if row in own else max(own, key=lambda one: one["approved_at"], default=None)
        baselines = dict(_numbers(stands["baseline_metrics"])) if stands else {}
        systems[row["ai_system_id"]][row["model_version_id"]] = Version(baselines, row["artifact_sha256"])
    return systems


def _numbers(text: str | None) -> Iterator[tuple[str, float]]:
    told = json.loads(text or "{}")
    for name, value in told.items() if isinstance(told, dict) else ():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, float(value)
