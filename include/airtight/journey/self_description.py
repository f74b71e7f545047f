"""Records about the product's own bundles, collector runs and quality verdicts, in the shape of their populations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from airtight.domain.bundle import BundleKind
from airtight.domain.collection import CollectedPopulation, NotCollected, SourceOutcome
from airtight.domain.control import CellValue
from airtight.domain.period import parse_partition
from airtight.domain.quality import QualityReport
from airtight.installation import Installation
from airtight.journey.verifying import verify_stored
from airtight.publish.index import Chosen
from airtight.publish.rows import IndexedBundle, IndexedResult
from airtight.wire import timestamp

Record = Mapping[str, CellValue]


def run_records(bundle: IndexedBundle, outcomes: Iterable[SourceOutcome]) -> Iterator[Record]:
    """One record for each population that a source gave or owed."""
    for outcome in outcomes:
        told = _provenance(outcome)
        for entry in outcome.collected:
            yield {**_run(bundle, outcome, entry.population), **_collected(entry), **told}
        for owed in outcome.missing:
            yield {**_run(bundle, outcome, owed.population), **_missing(owed), **told}


def _run(bundle: IndexedBundle, outcome: SourceOutcome, population: str) -> dict[str, CellValue]:
    slot = bundle.ref.slot
    return {
        **_period(slot.partition),
        "collector_run_id": _run_id(bundle, outcome.source, population),
        "collection": slot.name,
        "source_id": outcome.source,
        "source_system": outcome.system,
        "population": population,
        "partition": slot.partition,
        "revision": slot.revision,
        "environment": bundle.ref.environment.value,
        "raw_sha256": [],
        "code_version": bundle.facts.code_commit,
        # a commit with local changes, or a digest in place of a commit, went through no review
        "code_reviewed": not bundle.facts.code_commit.startswith("sha256:")
        and not bundle.facts.code_commit.endswith("+changed"),
        "trigger": bundle.facts.trigger,
        "triggered_by": bundle.facts.triggered_by,
        "bundle_id": bundle.ref.digest,
    }


def _run_id(bundle: IndexedBundle, source: str, population: str) -> str:
    return f"{bundle.ref.digest[:16]}/{source}/{population}"


def _collected(entry: CollectedPopulation) -> dict[str, CellValue]:
    return {
        "status": "collected",
        "completeness": entry.completeness.value,
        "retrospective": entry.retrospective,
        "loaded": entry.rows,
        "outside_window": entry.outside_window,
        "mapping_sha256": entry.mapping_sha256,
    }


def _missing(entry: NotCollected) -> dict[str, CellValue]:
    return {"status": "not-collected", "reason": entry.reason}


def _provenance(outcome: SourceOutcome) -> dict[str, CellValue]:
    told = outcome.provenance
    if told is None:
        return {}
    return {
        "source_count": told.source_count,
        "count_method": told.count_method,
        "received": told.received,
        "rejected": sum(count for _, count in told.rejected),
        "rejections": json.dumps(dict(told.rejected), sort_keys=True),
        "pages": told.pages,
        "query_text": told.query,
        "identity_used": told.identity,
        "can_write": told.can_write,
        "raw_sha256": [entry.file.sha256 for entry in told.raw],
        "secrets_masked": told.secrets_masked,
    }


def quality_records(bundle: IndexedBundle, reports: Iterable[QualityReport]) -> Iterator[Record]:
    """One record for each expectation that was judged."""
    for report in reports:
        run = _run_id(bundle, report.source, report.population)
        for number, outcome in enumerate(report.outcomes):
            yield {
                **_period(bundle.ref.slot.partition),
                "dq_result_id": f"{run}/{number}",
                "collector_run_id": run,
                "source_id": report.source,
                "population": report.population,
                "partition": bundle.ref.slot.partition,
                "suite_sha256": report.suite_sha256,
                "expectation": outcome.expectation,
                "column": outcome.column,
                "severity": outcome.severity.value,
                "success": outcome.success,
                "unexpected_count": outcome.unexpected,
                "observed": outcome.observed,
                "rows": report.rows,
                "bundle_id": bundle.ref.digest,
            }


def bundle_record(
    opened: Installation, bundle: IndexedBundle, day: Sequence[IndexedBundle], registered: frozenset[str] | None
) -> Record:
    """One published bundle, verified again; ``registered`` holds what the day's register names."""
    ref, slot = bundle.ref, bundle.ref.slot
    checked = verify_stored(opened, ref)
    later = [other.ref.digest for other in day if other.ref.supersedes == ref.digest]
    controls: list[CellValue] = [*sorted({result.line.control for result in _results_in(opened, bundle)})]
    return {
        **_period(slot.partition),
        "evidence_id": ref.digest,
        "kind": slot.kind.value,
        "name": slot.name,
        "partition": slot.partition,
        "revision": slot.revision,
        "environment": ref.environment.value,
        "supersedes": ref.supersedes,
        "superseded_by": later[0] if later else None,
        "key": ref.key,
        "bytes": ref.size,
        "verified": checked.problem is None,
        "problem": checked.problem,
        "signer": opened.public_key.fingerprint,
        "registered": None if registered is None or slot.kind is BundleKind.REGISTER else ref.digest in registered,
        "control_ids": controls,
        "produced_by": bundle.facts.dag_id or "airtight",
        "trigger": bundle.facts.trigger,
        "triggered_by": bundle.facts.triggered_by,
    }


def _results_in(opened: Installation, bundle: IndexedBundle) -> list[IndexedResult]:
    partition = bundle.ref.slot.partition
    found = opened.index.results(Chosen(first=partition, last=partition))
    return [result for result in found if result.bundle == bundle.ref.digest]


def _period(partition: str) -> dict[str, CellValue]:
    window = parse_partition(partition)
    return {"period_start": timestamp(window.start), "period_end": timestamp(window.end)}
