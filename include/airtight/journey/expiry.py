"""Retention: raw payloads and forgotten staging expire; each deleted payload leaves a signed tombstone.

This is the only deletion of the product. Bundles never expire here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from airtight.domain.bundle import BundleKind
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.publish.index import Chosen
from airtight.publish.keys import RAW
from airtight.publish.raw import expired_raw
from airtight.seal.canonical import canonical_json
from airtight.seal.envelope import sign
from airtight.seal.read import BundleReader
from airtight.seal.statement import STATEMENT_TYPE
from airtight.wire import Json, timestamp

TOMBSTONE = "https://airtight.dev/evidence/tombstone/v1"
STAGING_DAYS = 7


@dataclass(frozen=True)
class Expired:
    """Keys of raw objects, and the number of staged files, that have expired."""

    raw: tuple[str, ...]
    staged: int


def expire(opened: Installation, *, delete: bool, by: str | None, now: datetime | None = None) -> Expired:
    """Find what has expired, and delete it where asked.

    Raises:
        ConfigurationError: deleting without saying who.
    """
    if delete and not by:
        raise ConfigurationError("deleting needs a person.", remedy="Say who: --delete --by NAME.")
    moment = now or datetime.now(UTC)
    before = moment - timedelta(days=opened.settings.raw_retention_days)
    keys = tuple(entry.key for entry in expired_raw(opened.store, before, _needed(opened, before)))
    staging = opened.staging("retention")
    staged = list(staging.expired(moment - timedelta(days=STAGING_DAYS)))
    if delete:
        for key in keys:
            opened.store.retire(key, _tombstone(opened, key, by or "", moment))
        staging.release(staged)
        staging.sweep_scratch(moment - timedelta(days=STAGING_DAYS))
    return Expired(keys, len(staged))


def _needed(opened: Installation, before: datetime) -> frozenset[str]:
    """Digests of raw objects that collections younger than the limit name."""
    recent = Chosen(kind=BundleKind.COLLECTION, first=before.date().isoformat())
    digests: set[str] = set()
    for bundle in opened.index.bundles(recent):
        with opened.store.open(bundle.ref.key) as file:
            told = (outcome.provenance for outcome in BundleReader(file).outcomes())
            digests |= {entry.file.sha256 for provenance in told if provenance for entry in provenance.raw}
    return frozenset(digests)


def _tombstone(opened: Installation, key: str, by: str, moment: datetime) -> bytes:
    predicate: dict[str, Json] = {
        "deletedAt": timestamp(moment),
        "deletedBy": by,
        "rule": f"raw payloads are kept for {opened.settings.raw_retention_days} days",
        "key": key,
    }
    statement: dict[str, Json] = {
        "_type": STATEMENT_TYPE,
        "predicateType": TOMBSTONE,
        "predicate": predicate,
        "subject": [{"digest": {"sha256": key.removeprefix(RAW)}, "name": key}],
    }
    return sign(canonical_json(statement), opened.signer).dsse()
