"""What the product itself sealed before, as records for the connector ``airtight``.

A day's collection sees the bundles of the partitions that ended at its start: results, collector runs, quality
verdicts and the bundles themselves, each verified again while it is read. No clock is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from airtight.domain.bundle import BundleKind
from airtight.domain.control import CellValue, Control
from airtight.domain.period import Window, day_window
from airtight.domain.result import ControlResult, TestResult
from airtight.errors import DefinitionError
from airtight.installation import Installation
from airtight.journey.answers import answers_ending
from airtight.journey.requirement_records import requirement_records
from airtight.journey.self_description import bundle_record, quality_records, run_records
from airtight.publish.index import Chosen
from airtight.publish.rows import IndexedBundle
from airtight.seal.read import BundleReader
from airtight.wire import timestamp, to_json

Record = Mapping[str, CellValue]


class SealedResults:
    """Records of the partitions that ended inside a window."""

    def __init__(self, opened: Installation) -> None:
        self._opened = opened

    def records(self, stream: str, window: Window) -> Iterable[Record]:
        """The records of one stream.

        Raises:
            DefinitionError: there is no such stream.
        """
        if stream == "attestations":
            for day in window.days():
                yield from answers_ending(self._opened, day)
            return
        if stream == "requirements":
            yield from requirement_records(self._opened.catalog, window.last_day)
            return
        streams = {
            "control_results": self._control_results,
            "collector_runs": self._collector_runs,
            "evidence_index": self._evidence_index,
            "dq_results": self._quality,
        }
        if stream not in streams:
            raise DefinitionError(f"'{stream}' is no stream of the product.", remedy=f"There are {', '.join(streams)}.")
        for day in window.days():
            yield from streams[stream](day - timedelta(days=1))

    def _bundles(self, day: date, *kinds: BundleKind, current: bool = True) -> list[IndexedBundle]:
        partition = day.isoformat()
        found = self._opened.index.bundles(Chosen(first=partition, last=partition, current_only=current))
        return [bundle for bundle in found if bundle.ref.slot.kind in kinds]

    def _control_results(self, day: date) -> Iterator[Record]:
        received: dict[str, tuple[ControlResult, str]] = {}
        for bundle in self._bundles(day, BundleKind.RESULTS):
            with self._opened.store.open(bundle.ref.key) as file:
                received |= {result.control: (result, bundle.ref.digest) for result in BundleReader(file).results()}
        # nothing was owed before the store held anything
        begun = bool(received) or bool(self._opened.index.bundles(Chosen(last=day.isoformat())))
        for control in self._opened.catalog.controls.values():
            if control.id in received:
                yield from _received(control, *received[control.id], day)
            elif begun and control.is_due(day):
                yield from _owed(control, day)

    def _collector_runs(self, day: date) -> Iterator[Record]:
        for bundle in self._bundles(day, BundleKind.COLLECTION):
            with self._opened.store.open(bundle.ref.key) as file:
                yield from run_records(bundle, BundleReader(file).outcomes())

    def _quality(self, day: date) -> Iterator[Record]:
        for bundle in self._bundles(day, BundleKind.COLLECTION):
            with self._opened.store.open(bundle.ref.key) as file:
                yield from quality_records(bundle, BundleReader(file).reports())

    def _evidence_index(self, day: date) -> Iterator[Record]:
        bundles = self._bundles(day, *BundleKind, current=False)
        registered = self._registered(day)
        for bundle in bundles:
            yield bundle_record(self._opened, bundle, bundles, registered)

    def _registered(self, day: date) -> frozenset[str] | None:
        registers = self._bundles(day, BundleKind.REGISTER)
        if not registers:
            return None
        with self._opened.store.open(registers[-1].ref.key) as file:
            return frozenset(entry.digest for entry in BundleReader(file).register().received)


def _received(control: Control, result: ControlResult, bundle: str, day: date) -> Iterator[Record]:
    yield _result(control, result, None, bundle, day)
    for test in result.tests:
        yield _result(control, result, test, bundle, day)


def _result(control: Control, result: ControlResult, test: TestResult | None, bundle: str, day: date) -> Record:
    by = result.authorship
    judged = test or result
    return {
        **_identity(control, test.test if test else None, day),
        "state": judged.state.value,
        "reason": judged.reason,
        "population_n": test.population_n if test else None,
        "tested_n": test.tested_n if test else None,
        "deviation_n": test.deviation_n if test else sum(each.deviation_n for each in result.tests),
        "waived_n": test.waived_n if test else sum(each.waived_n for each in result.tests),
        "no_occurrence": test.no_occurrence if test else None,
        "definition_sha256": result.definition_sha256,
        "definition_commit": by.commit,
        "definition_author": by.author,
        "definition_approver": by.approver,
        "reviewed": by.reviewed,
        "parameters": json.dumps(to_json(dict(test.parameters))) if test else "{}",
        "bundle_id": bundle,
    }


def _owed(control: Control, day: date) -> Iterator[Record]:
    yield _identity(control, None, day)
    for test in control.tests:
        yield _identity(control, test.id, day)


def _identity(control: Control, test: str | None, day: date) -> dict[str, CellValue]:
    kinds = {each.id: each.kind for each in control.tests}
    manual = "attestation" in (kinds.values() if test is None else [kinds.get(test)])
    window = day_window(day)
    mapped: list[CellValue] = [
        f"{framework}:{requirement}" for framework, ids in control.requirements.items() for requirement in ids
    ]
    return {
        "result_id": f"{control.id}/{test or 'control'}/{day}",
        "control_id": control.id,
        "test_id": test,
        "partition": day.isoformat(),
        "owner": control.owner,
        "frequency": control.frequency.value,
        "period_start": timestamp(window.start),
        "period_end": timestamp(window.end),
        "expected": control.is_due(day),
        "automated": not manual,
        "requirement_ids": mapped,
        "parameters": "{}",
    }
