"""Small bundles for publishing: real ZIPs that carry their own summary, and the reader of it.

As in the product, the digest covers the content and not the signature, so the same bundle sealed twice has two files.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from airtight.domain.bundle import (
    BundleKind,
    BundleRef,
    BundleSummary,
    Environment,
    ResultLine,
    RunFacts,
    SealedBundle,
    SealedPopulation,
    Slot,
)
from airtight.domain.collection import Completeness
from airtight.domain.result import ResultState
from airtight.errors import EvidenceError
from airtight.wire import from_json, to_json

ORGANISATION = "Meridian Lending"
DAY = "2026-09-14"
COLLECTION = Slot(BundleKind.COLLECTION, "access_reviews", DAY)
RESULTS = Slot(BundleKind.RESULTS, "controls", DAY)


def facts(reason: str | None = None) -> RunFacts:
    return RunFacts("collect_access_reviews", "run-1", "scheduled", None, reason, "c0ffee", "1" * 64, "2" * 64)


def population(name: str, slot: Slot, source: str = "okta", trouble: str | None = None) -> SealedPopulation:
    return SealedPopulation(
        population=name,
        source=source,
        partition=slot.partition,
        bundle="",
        key="",
        member=None if trouble else f"data/populations/{source}/{name}.parquet",
        sha256=None if trouble else "3" * 64,
        rows=0 if trouble else 2**40,
        completeness=Completeness.UNPROVEN if trouble else Completeness.PROVEN,
        retrospective=False,
        collected=trouble is None,
        trouble=trouble,
    )


def line(control: str, test: str = "", state: ResultState = ResultState.PASS, **changes: object) -> ResultLine:
    made = ResultLine(
        control=control,
        test=test,
        state=state,
        reason="",
        population_n=12,
        tested_n=12,
        deviation_n=0,
        waived_n=0,
        owner="IT operations",
        title=f"Title of {control}",
        no_occurrence=False,
        definition_sha256="4" * 64,
        window_start="2026-09-14T00:00:00Z",
        window_end="2026-09-15T00:00:00Z",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def seal(
    folder: Path,
    slot: Slot = COLLECTION,
    *,
    content: str = "first",
    supersedes: str | None = None,
    populations: tuple[SealedPopulation, ...] = (),
    results: tuple[ResultLine, ...] = (),
    environment: Environment = Environment.SAMPLE,
    payload: bytes = b"",
    run: RunFacts | None = None,
) -> SealedBundle:
    """A sealed bundle; sealing the same content again gives another file with the same digest."""
    identity = f"{environment}/{slot}/{content}/{supersedes}".encode()
    digest = hashlib.sha256(identity).hexdigest()
    ref = BundleRef(digest, slot, environment, supersedes, "", 0)
    own = tuple(replace(entry, bundle=digest) for entry in populations)
    summary = BundleSummary(ref, run or facts(), own, results)
    file = folder / f"{digest[:8]}-{os.urandom(4).hex()}.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("data/payload", payload or content)
        archive.writestr("proof/statement.sig", os.urandom(16))
        archive.writestr("summary.json", json.dumps(to_json(summary)))
    return SealedBundle(digest, slot, environment, supersedes, file, file.stat().st_size)


def read_summary(file: BinaryIO, key: str) -> BundleSummary:
    try:
        with zipfile.ZipFile(file) as archive:
            summary = from_json(BundleSummary, json.loads(archive.read("summary.json")))
    except (zipfile.BadZipFile, KeyError) as error:
        raise EvidenceError(f"no bundle: {error}", where=key) from None
    own = tuple(replace(entry, key=key) for entry in summary.populations)
    return replace(summary, ref=replace(summary.ref, key=key), populations=own)
