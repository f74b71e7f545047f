"""The store in an S3 bucket.

1. Every put asks ``If-None-Match: *``. Not every server heeds it (Ceph's gateway ignores it in buckets that keep
   versions), so the store *probes* the bucket before its first write. Where the probe fails, a lock on the index's
   PostgreSQL database stands in; without one only a single writer is safe, and a second version that appears beside
   the one just written is an error.
2. What was put is read back and hashed.
3. The first version of a key is the object. Later versions and delete markers hide nothing: neither from reads nor
   from listings.
4. With a retention every object is locked in COMPLIANCE mode: nobody can delete it before its time.

Rights needed: to read ``s3:ListBucketVersions``, ``s3:GetObject``, ``s3:GetObjectVersion``; to write also
``s3:PutObject`` (and ``s3:PutObjectRetention``), ``s3:GetBucketVersioning``, ``s3:GetBucketObjectLockConfiguration``.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, BinaryIO, cast

import tenacity

from airtight.errors import StorageError, StoreUnwritable
from airtight.publish.content import Measured, expect_digest, measure, open_content, same_or_conflict
from airtight.publish.keys import PROBES, RAW, checked_key, tombstone_key
from airtight.publish.ranges import open_ranges
from airtight.publish.s3_client import Place, error_code, plain_errors
from airtight.publish.s3_locking import Locking
from airtight.publish.s3_versions import first_versions, versions_of
from airtight.publish.store import Capabilities, Content, Entry, ObjectMissing, Stored, StoreOwner, Version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef, PutObjectRequestTypeDef

_LARGEST_PUT = 5 * (1 << 30)
_BLOCK = 1 << 20
_PROBE = f"{PROBES}create-only"
_EXISTS = ("PreconditionFailed", "412")
_BUSY = ("ConditionalRequestConflict", "OperationAborted", "409")


@dataclass(frozen=True)
class Written:
    """A put that the server accepted."""

    version: str | None


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class S3Store:
    """Create-only objects in a bucket under a prefix."""

    def __init__(
        self,
        client: S3Client,
        place: Place,
        owner: StoreOwner,
        *,
        locking: Locking,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._place = place
        self._owner = owner
        self._locking = locking
        self._clock = clock

    @property
    def owner(self) -> StoreOwner:
        return self._owner

    def create(self, key: str, content: Content, sha256: str | None = None) -> Stored:
        measured = measure(content)
        expect_digest(measured.sha256, sha256, key)
        if measured.size > _LARGEST_PUT:
            raise StoreUnwritable(
                f"has {measured.size} bytes; one object of this store holds at most {_LARGEST_PUT}.",
                where=key,
                remedy="Split it into parts before publishing.",
            )
        with self._alone(key):
            written = None if self.stat(key) else self._put(key, content, measured)
        if written is None:
            return same_or_conflict(self._hashed(self._entry(key), existed=True), measured.sha256, sha256)
        return self._read_back(key, written, measured)

    def stat(self, key: str) -> Entry | None:
        first = next((version for version in self.versions(key) if not version.deleted), None)
        return Entry(key, first.size, first.modified, first.id) if first else None

    def read(self, key: str, start: int = 0, end: int | None = None, *, version: str | None = None) -> bytes:
        entry = self._entry(key, version)
        return self._fetch(entry, start, entry.size if end is None else min(end, entry.size))

    def open(self, key: str, *, version: str | None = None) -> BinaryIO:
        entry = self._entry(key, version)
        return cast(BinaryIO, open_ranges(entry.size, lambda start, end: self._fetch(entry, start, end)))

    def list(self, prefix: str = "") -> Iterator[Entry]:
        with plain_errors(str(self._place)):
            for found in first_versions(self._client, self._place.bucket, f"{self._place.prefix}{prefix}"):
                key = found.key.removeprefix(self._place.prefix)
                yield Entry(key, found.version.size, found.version.modified, found.version.id)

    def versions(self, key: str) -> tuple[Version, ...]:
        with plain_errors(self._where(key)):
            return versions_of(self._client, self._place.bucket, self._full(key))

    def presign(self, key: str, ttl: timedelta, *, version: str | None = None) -> str:
        entry = self._entry(key, version)
        with plain_errors(self._where(key)):
            return self._client.generate_presigned_url(
                "get_object", Params=dict(self._request(entry)), ExpiresIn=int(ttl.total_seconds())
            )

    def retire(self, key: str, tombstone: bytes) -> Stored:
        if not key.startswith(RAW):
            raise StorageError("only raw objects may be deleted.", where=key)
        versions = self.versions(key)
        grave = tombstone_key(key, hashlib.sha256(tombstone).hexdigest())
        if not versions and self.stat(grave) is None:
            raise ObjectMissing("the store holds no such object.", where=key)
        stored = self.create(grave, tombstone)
        for version in versions:
            self._delete(key, version)
        return stored

    def capabilities(self) -> Capabilities:
        with plain_errors(str(self._place)):
            versioning = self._client.get_bucket_versioning(Bucket=self._place.bucket)
        return Capabilities(
            worm=self._locking.days > 0,
            many_writers=self._locking.lock is not None or self.refuses_second_put,
            versions=versioning.get("Status") == "Enabled",
            presign=True,
            retention_days=self._locking.days,
        )

    @cached_property
    def refuses_second_put(self) -> bool:
        """Whether this bucket refuses a put to a key that exists: tried, not believed."""
        empty = measure(b"")
        self._put(_PROBE, b"", empty)
        return self._put(_PROBE, b"", empty) is None

    def _alone(self, key: str) -> AbstractContextManager[None]:
        if self.refuses_second_put or self._locking.lock is None:
            return nullcontext()
        return self._locking.lock(self._where(key))

    def _put(self, key: str, content: Content, measured: Measured) -> Written | None:
        """Put unless the key exists; None where it does."""
        from botocore.exceptions import ClientError

        with plain_errors(self._where(key), writing=True):
            try:
                return self._put_patiently(self._put_request(key, measured), content)
            except ClientError as error:
                if error_code(error) in _EXISTS:
                    return None
                raise

    def _put_patiently(self, request: PutObjectRequestTypeDef, content: Content) -> Written:
        for attempt in tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_busy),
            wait=tenacity.wait_random_exponential(multiplier=0.1, max=2),
            stop=tenacity.stop_after_attempt(6),
            reraise=True,
        ):
            with attempt, closing(open_content(content)) as body:
                request["Body"] = body
                return Written(self._client.put_object(**request).get("VersionId"))
        raise AssertionError  # the last attempt returned or raised

    def _put_request(self, key: str, measured: Measured) -> PutObjectRequestTypeDef:
        request: PutObjectRequestTypeDef = {
            "Bucket": self._place.bucket,
            "Key": self._full(key),
            "IfNoneMatch": "*",
            "ContentMD5": base64.b64encode(measured.md5).decode("ascii"),
        }
        if days := self._locking.days_of(key):
            request["ObjectLockMode"] = "COMPLIANCE"
            request["ObjectLockRetainUntilDate"] = self._clock() + timedelta(days=days)
        return request

    def _read_back(self, key: str, written: Written, measured: Measured) -> Stored:
        stored = self._hashed(Entry(key, measured.size, self._clock(), written.version), existed=False)
        if stored.sha256 != measured.sha256:
            raise StorageError(
                f"the server gives back {stored.sha256}, {measured.sha256} was sent.", where=self._where(key)
            )
        if self._locking.lock is None and not self.refuses_second_put and len(self.versions(key)) > 1:
            raise StorageError(
                "another process wrote the same key at the same time, and this server does not refuse it.",
                where=self._where(key),
                remedy="Use an index on PostgreSQL, or one writer only.",
            )
        return stored

    def _entry(self, key: str, version: str | None = None) -> Entry:
        """The object's first version, or the one asked for."""
        for found in self.versions(key):
            if not found.deleted and version in (None, found.id):
                return Entry(key, found.size, found.modified, found.id)
        raise ObjectMissing("the store holds no such object.", where=self._where(key))

    def _hashed(self, entry: Entry, *, existed: bool) -> Stored:
        digest, size = hashlib.sha256(), 0
        with plain_errors(self._where(entry.key)):
            for block in self._client.get_object(**self._request(entry))["Body"].iter_chunks(_BLOCK):
                digest.update(block)
                size += len(block)
        return Stored(entry.key, size, digest.hexdigest(), entry.version, existed)

    def _fetch(self, entry: Entry, start: int, end: int) -> bytes:
        if end <= start:
            return b""
        request = self._request(entry)
        request["Range"] = f"bytes={start}-{end - 1}"
        with plain_errors(self._where(entry.key)):
            return self._client.get_object(**request)["Body"].read()

    def _request(self, entry: Entry) -> GetObjectRequestTypeDef:
        request: GetObjectRequestTypeDef = {"Bucket": self._place.bucket, "Key": self._full(entry.key)}
        if entry.version is not None:
            request["VersionId"] = entry.version
        return request

    def _delete(self, key: str, version: Version) -> None:
        with plain_errors(self._where(key), writing=True):
            bucket, full = self._place.bucket, self._full(key)
            if version.id is None:
                self._client.delete_object(Bucket=bucket, Key=full)
            else:
                self._client.delete_object(Bucket=bucket, Key=full, VersionId=version.id)

    def _full(self, key: str) -> str:
        return f"{self._place.prefix}{checked_key(key)}"

    def _where(self, key: str) -> str:
        return f"{self._place}{key}"


def _is_busy(error: BaseException) -> bool:
    from botocore.exceptions import ClientError

    return isinstance(error, ClientError) and error_code(error) in _BUSY
