"""boto3's client as the store and staging use it, and its errors told plainly.

Credentials and endpoint come from boto3's default chain (``AWS_ENDPOINT_URL``, profiles, roles), or are passed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airtight.errors import ConfigurationError, StorageError, StoreUnwritable
from airtight.publish.keys import checked_key
from airtight.publish.store import ObjectMissing

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError
    from mypy_boto3_s3 import S3Client

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_MISSING = ("NoSuchKey", "NoSuchVersion", "404")
_REFUSED = ("AccessDenied", "403", "MethodNotAllowed")
_WRONG_LOGIN = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken")


@dataclass(frozen=True)
class Place:
    """A bucket and a prefix in it, which is empty or ends with ``/``."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str) -> Place:
        """The place that ``s3://bucket/prefix`` names.

        Raises:
            ConfigurationError: it names none.
        """
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        prefix = prefix.strip("/")
        try:
            if _BUCKET.fullmatch(bucket):
                return cls(bucket, f"{checked_key(prefix)}/" if prefix else "")
        except StorageError:
            pass
        raise ConfigurationError(f"'{uri}' is no place in S3.", remedy="Write it as s3://bucket/prefix.")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def s3_client(endpoint: str | None = None) -> S3Client:
    """A client of its own, so that processes and stores share nothing."""
    import boto3
    from botocore.config import Config

    custom = endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    config = Config(
        signature_version="s3v4",
        connect_timeout=10,
        read_timeout=60,
        retries={"mode": "standard", "max_attempts": 4},
        # Digests of our own guard the content; other servers than AWS refuse or ignore boto3's trailing checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if custom else "auto"},
    )
    session = boto3.Session()
    region = session.region_name or "us-east-1"
    return session.client("s3", endpoint_url=endpoint, region_name=region, config=config)


def error_code(error: ClientError) -> str:
    """The server's word for what went wrong, or the HTTP status as text."""
    code = error.response.get("Error", {}).get("Code")
    return str(code or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "unknown"))


@contextmanager
def plain_errors(where: str, *, writing: bool = False) -> Iterator[None]:
    """Turn boto3's errors into ours.

    Raises:
        ObjectMissing, ConfigurationError, StoreUnwritable, StorageError
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        raise _answered(error, where, writing=writing) from None
    except BotoCoreError as error:
        raise _unanswered(error, where, writing=writing) from None


def _answered(error: ClientError, where: str, *, writing: bool) -> StorageError | ConfigurationError:
    code = error_code(error)
    if code in _MISSING:
        return ObjectMissing("the store holds no such object.", where=where)
    if code == "NoSuchBucket":
        return ConfigurationError("the bucket does not exist.", where=where, remedy="Create it or correct its name.")
    if code in _WRONG_LOGIN:
        return ConfigurationError(f"the S3 server refuses the log-in ({code}).", where=where)
    kind = StoreUnwritable if writing else StorageError
    if code in _REFUSED:
        right = "write" if writing else "read"
        return kind(f"the S3 server does not let this identity {right} here ({code}).", where=where)
    said = error.response.get("Error", {}).get("Message") or "no message"  # Ceph sends none
    return kind(f"the S3 server refuses ({code}: {said}).", where=where)


def _unanswered(error: BotoCoreError, where: str, *, writing: bool) -> StorageError | ConfigurationError:
    from botocore.exceptions import NoCredentialsError, PartialCredentialsError

    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return ConfigurationError(
            "there are no credentials for S3.", where=where, remedy="Set AWS_ACCESS_KEY_ID or a role or profile."
        )
    kind = StoreUnwritable if writing else StorageError
    return kind(f"the S3 server cannot be reached ({type(error).__name__}).", where=where)
