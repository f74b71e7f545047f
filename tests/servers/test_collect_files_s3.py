"""Connector files over S3: moto, spoken to over HTTP."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import date, timedelta
from pathlib import Path

import pytest
from s3_servers import S3Server

from airtight.collect.connector import CollectionRequest
from airtight.collect.files import FilesConnector
from airtight.domain.period import day_window
from airtight.domain.source import Credentials, Source
from airtight.errors import SourceRefused, SourceUnreachable

pytestmark = pytest.mark.server
DAY = date(2026, 9, 14)


@pytest.fixture
def bucket(moto_s3: S3Server) -> str:
    name = moto_s3.bucket()
    for key in ("AWSLogs/2026/09/14/a.json.gz", "AWSLogs/2026/09/14/deep/b.json.gz", "AWSLogs/2026/09/15/c.json.gz"):
        body = gzip.compress(json.dumps({"Records": [{"id": key}]}).encode())
        moto_s3.client().put_object(Bucket=name, Key=key, Body=body)
    counts = json.dumps({"a.json.gz": 1, "b.json.gz": 1}).encode()
    moto_s3.client().put_object(Bucket=name, Key="counts/2026-09-14.json", Body=counts)
    return name


@pytest.fixture
def credentials(moto_s3: S3Server) -> Credentials:
    return Credentials(
        login=moto_s3.access_key,
        password=moto_s3.secret_key,
        extra={"endpoint_url": moto_s3.endpoint, "region_name": "us-east-1"},
    )


def request(folder: Path, credentials: Credentials, **options: object) -> CollectionRequest:
    source = Source(
        id="trail",
        collection="audit_logs",
        system="aws/1",
        connector="files",
        connection="aws",
        options=options,  # type: ignore[arg-type]
        settles_after=timedelta(hours=6),
        max_lag=timedelta(hours=6),
        populations={},
    )
    FilesConnector().check(source)
    return CollectionRequest(source, day_window(DAY), DAY.isoformat(), folder, folder, credentials)


def test_objects_of_a_day_are_found_by_glob_and_read_whole(
    bucket: str, credentials: Credentials, tmp_path: Path, moto_s3: S3Server
) -> None:
    path = f"s3://{bucket}/AWSLogs/{{year}}/{{month}}/{{day}}/**/*.json.gz"
    options = {"path": path, "records": "$.Records", "counts": f"s3://{bucket}/counts/{{partition}}.json"}
    pulled = FilesConnector().pull(request(tmp_path, credentials, **options))
    assert [file.name.rsplit("/", 1)[1] for file in pulled.files] == ["a.json.gz", "b.json.gz"]
    for file in pulled.files:
        key = file.name.removeprefix(f"s3://{bucket}/")
        body = moto_s3.client().get_object(Bucket=bucket, Key=key)["Body"].read()
        assert file.path.read_bytes() == body
    assert (pulled.source_count, [file.expected for file in pulled.files]) == (2, [1, 1])
    assert pulled.identity == "access key testing"
    probe = FilesConnector().probe(request(tmp_path, credentials, **options))
    assert (probe.records, probe.size) == (2, sum(file.path.stat().st_size for file in pulled.files))


def test_one_star_stays_within_its_folder(bucket: str, credentials: Credentials, tmp_path: Path) -> None:
    pulled = FilesConnector().pull(request(tmp_path, credentials, path=f"s3://{bucket}/AWSLogs/2026/09/14/*.json.gz"))
    assert [file.name for file in pulled.files] == [f"s3://{bucket}/AWSLogs/2026/09/14/a.json.gz"]


@pytest.mark.parametrize("place", ["AWSLogs/2026/09/14/none.json", "AWSLogs/2026/10/*.json"])
def test_no_object_is_unreachable(bucket: str, credentials: Credentials, tmp_path: Path, place: str) -> None:
    with pytest.raises(SourceUnreachable, match="no file matches s3://"):
        FilesConnector().pull(request(tmp_path, credentials, path=f"s3://{bucket}/{place}"))


def test_a_bucket_that_is_not_there_is_unreachable(credentials: Credentials, tmp_path: Path) -> None:
    with pytest.raises(SourceUnreachable, match="NoSuchBucket"):
        FilesConnector().pull(request(tmp_path, credentials, path="s3://no-such-bucket-here/*.json"))


def test_a_server_that_is_down_is_unreachable(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        nowhere = Credentials(login="a", password="b" * 8, extra={"endpoint_url": address, "region_name": "x"})
        with pytest.raises(SourceUnreachable, match="cannot be reached"):
            FilesConnector().pull(request(tmp_path, nowhere, path="s3://bucket/x.json"))


def test_without_a_log_in_nothing_is_read(
    bucket: str, moto_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    anonymous = Credentials(extra={"endpoint_url": moto_s3.endpoint, "region_name": "us-east-1"})
    with pytest.raises(SourceRefused, match="no log-in for S3"):
        FilesConnector().pull(request(tmp_path, anonymous, path=f"s3://{bucket}/x.json"))
