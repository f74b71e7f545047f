"""The data catalogue: data assets and training sets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.timeline import Timeline, at, iso
from samples.world import World


@dataclass(frozen=True)
class Asset:
    """A store of data."""

    id: str
    classification: str | None
    owner: str | None
    retention: int | None
    location: str
    encrypted: bool | None = True
    disposed: datetime | None = None


_ASSETS = (
    Asset("credit-features", "restricted", "E1016", 1825, "s3://lumen-features"),
    Asset("loan-applications", "restricted", "E1018", 3650, "rds/core"),
    Asset("loan-exports", "confidential", "E1019", 365, "s3://lumen-exports"),
    Asset("marketing-lists", "confidential", "E1024", 90, "s3://lumen-marketing"),
    Asset("payslip-scans", "restricted", "E1018", 730, "s3://lumen-scans"),
    Asset("product-pages", "public", "E1025", 30, "s3://lumen-www", encrypted=False),
    Asset("support-transcripts", "confidential", "E1019", 90, "rds/support"),
    Asset("system-metrics", "internal", "E1011", 400, "prometheus"),
)
#: days on which the catalogue says that a training set is younger than the model that was trained on it
LATER_DATA = (-37, -31)
_DATASETS = ("credit-scoring", "document-reader", "fraud-screening", "support-assistant")


def quarter_ends(timeline: Timeline) -> list[date]:
    """The last days of quarters within the timeline, but for its first month: quarterly controls are due on them."""
    days = list(timeline.days())[30:]
    return [day for day in days if (following := day + timedelta(days=1)).day == 1 and following.month % 3 == 1]


def assets(world: World, day: date) -> list[dict[str, object]]:
    """The assets as the catalogue describes them on a day; most are cleared on the first of each month."""
    cleared = at(day.replace(day=1), "02:00:00")
    return [_asset_record(world, _changed(world, day, replace(asset, disposed=cleared))) for asset in _ASSETS]


def _changed(world: World, day: date, asset: Asset) -> Asset:
    """An asset with what is planted, or stands at a limit, on a day."""
    number = world.timeline.day
    if asset.id == "loan-exports" and number(15) <= day <= number(18):
        return replace(asset, encrypted=False)
    if asset.id == "support-transcripts" and number(145) <= day <= number(146):
        return replace(asset, encrypted=None)
    for end in quarter_ends(world.timeline)[:1]:
        if end - timedelta(days=5) <= day <= end + timedelta(days=5):
            return _at_quarter_end(asset, end)
    return asset


def _at_quarter_end(asset: Asset, end: date) -> Asset:
    limit = at(end + timedelta(days=1)) - timedelta(days=90 + 30)
    changed = {
        "credit-features": replace(asset, owner=None),
        "loan-exports": replace(asset, classification=None),
        "marketing-lists": replace(asset, disposed=limit - timedelta(seconds=1)),
        "payslip-scans": replace(asset, retention=0, disposed=at(end, "03:00:00")),
        "support-transcripts": replace(asset, disposed=limit),
    }
    return changed.get(asset.id, asset)


def _asset_record(world: World, asset: Asset) -> dict[str, object]:
    return {
        "id": asset.id,
        "class": asset.classification,
        "owner": asset.owner,
        "retention_days": asset.retention,
        "location": asset.location,
        "last_disposal": iso(asset.disposed),
        "encrypted": asset.encrypted,
        "since": (world.timeline.first - timedelta(days=900)).isoformat(),
        "legal_hold": False,
    }


def training_sets(world: World, day: date) -> list[dict[str, object]]:
    """The training sets: one in use for each AI system, and old versions to be disposed of."""
    first, ends = world.timeline.first, quarter_ends(world.timeline)
    current = [
        _dataset(
            system, "2", first - timedelta(days=_age(world, system, day)), world.timeline.last + timedelta(days=700)
        )
        for system in _DATASETS
    ]
    if not ends:
        return current
    gone = ends[0] - timedelta(days=40)
    old = [
        _dataset("credit-scoring", "1", first - timedelta(days=900), ends[-1] - timedelta(days=31)),
        _dataset("fraud-screening", "1", first - timedelta(days=900), ends[-1] - timedelta(days=30)),
        _dataset("document-reader", "1", first - timedelta(days=900), gone, disposed=at(gone + timedelta(days=10))),
        {**_dataset("support-assistant", "1", first - timedelta(days=900), gone), "legal_hold": True},
    ]
    return [*current, *(_as_known(entry, day) for entry in old)]


def _age(world: World, system: str, day: date) -> int:
    """Days before the timeline on which a training set in use was acquired, as the catalogue tells it."""
    first, last = (world.timeline.day(number) for number in LATER_DATA)
    return 60 if system == "document-reader" and first <= day <= last else 150


def _as_known(entry: dict[str, object], day: date) -> dict[str, object]:
    disposed = str(entry["disposed"] or "")
    return entry if disposed[:10] <= day.isoformat() else {**entry, "disposed": None}


def _dataset(
    system: str, version: str, acquired: date, until: date, *, disposed: datetime | None = None
) -> dict[str, object]:
    return {
        "id": f"{system}-training",
        "version": version,
        "system": system,
        "origin": "own customers",
        "acquired": acquired.isoformat(),
        "licence": "own data",
        "legal_basis": "contract",
        "personal_data": True,
        "special_category": False,
        "rows": 48210,
        "sha256": hashlib.sha256(f"{system} {version}".encode()).hexdigest(),
        "preparation": "Deduplicated; names and addresses dropped",
        "known_bias": "Fewer applicants under 25",
        "retain_until": until.isoformat(),
        "disposed": iso(disposed),
        "legal_hold": False,
    }


def plants(world: World) -> list[Plant]:
    """Stores without encryption, and what the ends of quarters find."""
    day, ends = world.timeline.day, quarter_ends(world.timeline)
    found = [
        _store("Exports of loans were not encrypted", "loan-exports", day(15), day(18)),
        _store("Nobody knows whether transcripts are encrypted", "support-transcripts", day(145), day(146)),
    ]
    for end in ends[:1]:
        found += [
            _asset("An asset lost its owner", "credit-features", end),
            _asset("An asset is not classified", "loan-exports", end),
            _asset("A retention of no days", "payslip-scans", end),
            _kept("Marketing lists were kept a second too long", end, "data", "marketing-lists", "-"),
        ]
    for end in ends[-1:]:
        found.append(_kept("A training set is kept past its retention", end, "training set", "credit-scoring-training"))
    return found


def _store(story: str, asset: str, first: date, last: date) -> Plant:
    return Plant(story, "OP-02.T1", {"subject": "store", "item": asset, "rule": "encrypted"}, first, last)


def _asset(story: str, asset: str, end: date) -> Plant:
    return Plant(story, "CF-01.T1", {"asset_id": asset}, end, end)


def _kept(story: str, end: date, subject: str, item: str, version: str = "1") -> Plant:
    return Plant(story, "CF-01.T2", {"subject": subject, "item": item, "version": version}, end, end)
