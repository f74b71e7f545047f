"""Files in S3, read with the credentials of the connection: login and password are the access key and its secret.

The connection's extra may hold ``region_name``, ``endpoint_url`` and ``aws_session_token``. Without a log-in the
machine's own role is used. What S3 refuses or breaks off leaves as one plain ``SourceError``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from airtight.collect.places import Found, is_wild, no_file
from airtight.domain.source import Credentials
from airtight.errors import SourceError, SourceIncomplete, SourceRefused, SourceUnreachable

_REFUSED = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
_CHUNK = 8 * 1024 * 1024


class Bucket:
    """Objects of any bucket that one log-in may read, named ``s3://bucket/key``."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    @property
    def identity(self) -> str:
        login = self._credentials.login
        return f"access key {login}" if login else "the machine's own role"

    def find(self, pattern: str) -> list[Found]:
        bucket, _, path = pattern.removeprefix("s3://").partition("/")
        prefix = re.split(r"[*?\[]", path, maxsplit=1)[0]
        matches = _matcher(path) if is_wild(path) else re.compile(re.escape(path))
        with _plain_errors(pattern):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            objects = [item for page in pages for item in page.get("Contents", ())]
        found = [Found(f"s3://{bucket}/{o['Key']}", int(o["Size"])) for o in objects if matches.fullmatch(o["Key"])]
        if not found:
            raise no_file(pattern)
        return sorted(found, key=lambda file: file.name)

    def fetch(self, found: Found, target: Path) -> None:
        bucket, _, key = found.name.removeprefix("s3://").partition("/")
        with _plain_errors(found.name), target.open("xb") as out:
            answer = self._client.get_object(Bucket=bucket, Key=key)
            for chunk in answer["Body"].iter_chunks(_CHUNK):
                out.write(chunk)
            received = out.tell()
        if received != int(answer["ContentLength"]):
            raise SourceIncomplete(
                f"{received} of {answer['ContentLength']} bytes were received.", where=found.name, remedy="Try again."
            )

    @cached_property
    def _client(self) -> Any:
        import boto3
        from botocore.config import Config

        extra, host = self._credentials.extra, self._credentials.host
        return boto3.client(
            "s3",
            aws_access_key_id=self._credentials.login,
            aws_secret_access_key=self._credentials.password,
            aws_session_token=extra.get("aws_session_token"),
            region_name=extra.get("region_name"),
            endpoint_url=extra.get("endpoint_url") or (host if host and "://" in host else None),
            config=Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=15, read_timeout=60),
        )


def _matcher(path: str) -> re.Pattern[str]:
    """``**/`` any number of folders, ``*`` and ``?`` within one, ``[ab]`` one of some characters."""
    tokens = re.split(r"(\*\*/?|\*|\?|\[!?[^\]]+\])", path)
    return re.compile("".join(_translated(token) for token in tokens))


def _translated(token: str) -> str:
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    if token.startswith("[") and token.endswith("]"):
        return "[^" + token[2:] if token.startswith("[!") else token
    return fixed.get(token) or re.escape(token)


@contextmanager
def _plain_errors(name: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        raise _of_answer(error.response.get("Error", {}).get("Code", ""), name) from None
    except NoCredentialsError:
        raise SourceRefused("there is no log-in for S3.", where=name, remedy="Name a connection.") from None
    except IncompleteReadError:
        raise SourceIncomplete("the object broke off while it was read.", where=name, remedy="Try again.") from None
    except (HTTPClientError, BotoCoreError) as error:
        raise SourceUnreachable(f"S3 cannot be reached ({type(error).__name__}).", where=name) from None


def _of_answer(code: str, name: str) -> SourceError:
    if code in _REFUSED:
        return SourceRefused(f"S3 refused ({code}).", where=name, remedy="Check the connection's key and its rights.")
    return SourceUnreachable(f"S3 answered {code}.", where=name)
