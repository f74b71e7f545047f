"""Versions of keys as an S3 server lists them, also where the bucket keeps none.

A server lists keys in the order of their bytes and the versions of one key latest first. Delete markers are versions
without content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from airtight.publish.store import Version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import DeleteMarkerEntryTypeDef, ObjectVersionTypeDef


@dataclass(frozen=True)
class KeyVersion:
    """One version of one key, the key in full."""

    key: str
    version: Version


def listed(client: S3Client, bucket: str, prefix: str) -> Iterator[KeyVersion]:
    """Versions with content under a prefix, by key, latest first."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Versions", []):
            yield KeyVersion(entry["Key"], _with_content(entry))


def first_versions(client: S3Client, bucket: str, prefix: str) -> Iterator[KeyVersion]:
    """The version of each key that was written first, by key; keys behind a delete marker included."""
    for _, versions in groupby(listed(client, bucket, prefix), key=lambda found: found.key):
        *_, first = versions
        yield first


def versions_of(client: S3Client, bucket: str, key: str) -> tuple[Version, ...]:
    """Every version and delete marker of one key, first written first."""
    contents: list[Version] = []
    markers: list[Version] = []
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        own = [_with_content(entry) for entry in page.get("Versions", []) if entry["Key"] == key]
        deletions = [_marker(entry) for entry in page.get("DeleteMarkers", []) if entry["Key"] == key]
        contents += own
        markers += deletions
        if not (own or deletions):
            break  # the key itself comes before the longer ones that start with it
    # Between versions of the same moment the order that the server gives decides, which sorting keeps.
    oldest_first = [*reversed(contents), *reversed(markers)]
    return tuple(sorted(oldest_first, key=lambda version: (version.modified, version.latest)))


def _with_content(entry: ObjectVersionTypeDef) -> Version:
    return Version(
        _id(entry["VersionId"]), entry["Size"], _utc(entry["LastModified"]), latest=entry["IsLatest"], deleted=False
    )


def _marker(entry: DeleteMarkerEntryTypeDef) -> Version:
    return Version(_id(entry["VersionId"]), 0, _utc(entry["LastModified"]), latest=entry["IsLatest"], deleted=True)


def _id(version: str) -> str | None:
    return None if version == "null" else version


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
