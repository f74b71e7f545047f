"""From contents to a published bundle: the slot's next revision, sealed, published once, or the one that stands.

A bundle whose files equal those of the latest revision is not sealed again: the latest is returned.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from airtight.domain.bundle import BundleRef, BundleSummary, SealedBundle, Slot
from airtight.domain.collection import SourceOutcome
from airtight.domain.period import Window
from airtight.domain.quality import QualityReport
from airtight.domain.staging import Staging
from airtight.installation import Installation, Trigger
from airtight.journey.staged import scratch
from airtight.publish.publisher import publish
from airtight.seal.bundle import seal
from airtight.seal.contents import Contents
from airtight.seal.read import BundleReader


def publish_contents(
    opened: Installation, contents: Contents, *, name: str, partition: str, window: Window, trigger: Trigger
) -> BundleRef:
    """Seal contents as the next revision of their slot and publish it.

    Returns:
        the published bundle; or the latest revision where it holds the same files already.
    """
    latest = opened.index.head(contents.kind, name, partition)
    with scratch(opened.staging(name, partition)) as folder:
        sealed = _seal(opened, contents, latest, Slot(contents.kind, name, partition), window, trigger, folder)
        if latest and _manifest_in(sealed.file) == manifest_of(opened, latest):
            return latest
        return publish(sealed, read_summary, opened.store, opened.index)


def _seal(
    opened: Installation,
    contents: Contents,
    latest: BundleRef | None,
    place: Slot,
    window: Window,
    trigger: Trigger,
    folder: Path,
) -> SealedBundle:
    return seal(
        contents,
        slot=Slot(place.kind, place.name, place.partition, latest.slot.revision + 1 if latest else 0),
        environment=opened.settings.environment,
        organisation=opened.settings.organisation,
        window=window,
        supersedes=latest.digest if latest else None,
        facts=opened.facts(trigger),
        signer=opened.signer,
        into=folder,
    )


def read_summary(file: BinaryIO, key: str) -> BundleSummary:
    """What the index keeps of a bundle, from the bundle itself."""
    return BundleReader(file).summary(key)


def manifest_of(opened: Installation, published: BundleRef) -> str:
    """Digest of a published bundle's manifest: equal exactly where all its files are."""
    with opened.store.open(published.key) as file:
        return BundleReader(file).statement().manifest


def _manifest_in(bundle: Path) -> str:
    with bundle.open("rb") as file:
        return BundleReader(file).statement().manifest


def sealed_collection(
    opened: Installation, published: BundleRef, staging: Staging
) -> tuple[tuple[SourceOutcome, ...], tuple[QualityReport, ...]]:
    """Outcomes and reports of a published collection bundle, their populations staged again."""
    with opened.store.open(published.key) as file, scratch(staging) as folder:
        reader = BundleReader(file)
        outcomes = tuple(_staged_again(reader, outcome, folder, staging) for outcome in reader.outcomes())
        return outcomes, reader.reports()


def _staged_again(reader: BundleReader, outcome: SourceOutcome, folder: Path, staging: Staging) -> SourceOutcome:
    collected = tuple(
        replace(population, file=staging.put(reader.extract(population.file.uri, folder)))
        for population in outcome.collected
    )
    return replace(outcome, collected=collected)
