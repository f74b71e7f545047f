"""The store in a bucket, on moto and on Ceph's gateway: what every store promises, and what S3 adds.

moto and the gateway differ where it matters: the gateway ignores ``If-None-Match`` in buckets that keep versions and
enforces retention in earnest; moto heeds the one and lets retention be shortened.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from botocore.exceptions import ClientError
from s3_servers import S3Server, free_port

from airtight.domain.bundle import Environment
from airtight.domain.collection import StagedFile
from airtight.errors import ConfigurationError, EvidenceError, StorageError, StoreConflict, StoreUnwritable
from airtight.publish.opening import Locking, confirmation, open_store
from airtight.publish.s3 import S3Store
from airtight.publish.staging import open_staging
from airtight.publish.store import ObjectMissing, Store

pytest.register_assert_rewrite("store_promises")
from bundles import COLLECTION, ORGANISATION, population, read_summary, seal  # noqa: E402
from store_promises import *  # noqa: E402, F403

pytestmark = pytest.mark.server


def opened(bucket: str, prefix: str = "evidence", **more: object) -> S3Store:
    store = open_store(f"s3://{bucket}/{prefix}", Environment.SAMPLE, ORGANISATION, **more)  # type: ignore[arg-type]
    assert isinstance(store, S3Store)
    return store


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """Without versions on moto, with versions on the gateway: where each is at its weakest."""
    return s3.bucket(versions=s3.kind == "rgw")


@pytest.fixture
def store(bucket: str) -> S3Store:
    return opened(bucket)


@pytest.fixture
def versioned(s3: S3Server) -> tuple[S3Server, str, S3Store]:
    bucket = s3.bucket(versions=True)
    return s3, bucket, opened(bucket)


def put(server: S3Server, bucket: str, key: str, content: bytes) -> None:
    server.client().put_object(Bucket=bucket, Key=f"evidence/{key}", Body=content)


def test_whose_store_a_bucket_is_is_checked(bucket: str, store: S3Store) -> None:
    assert opened(bucket).owner == store.owner
    with pytest.raises(ConfigurationError, match="sample evidence of 'Meridian Lending', not production"):
        open_store(f"s3://{bucket}/evidence", Environment.PRODUCTION, ORGANISATION)


def test_prefixes_of_one_bucket_are_stores_of_their_own(bucket: str, store: S3Store) -> None:
    store.create("some/key", b"content")
    other = opened(bucket, "evidence-of-others")
    assert [entry.key for entry in other.list()] == ["probes/create-only", "store.json"]
    with pytest.raises(ConfigurationError, match=r"no store\.json"):
        opened(bucket, "")


def test_a_bucket_with_other_things_in_it_is_no_store(s3: S3Server) -> None:
    bucket = s3.bucket()
    put(s3, bucket, "cat.jpg", b"cat")
    with pytest.raises(ConfigurationError, match=r"no store\.json"):
        opened(bucket)


def test_opening_a_store_writes_nothing(s3: S3Server) -> None:
    bucket = s3.bucket()
    opened(bucket)
    before = s3.client().list_objects_v2(Bucket=bucket)["KeyCount"]
    opened(bucket).read("store.json")
    assert s3.client().list_objects_v2(Bucket=bucket)["KeyCount"] == before


def test_a_delete_marker_hides_nothing(versioned: tuple[S3Server, str, S3Store]) -> None:
    server, bucket, store = versioned
    stored = store.create("some/key", b"content")
    server.client().delete_object(Bucket=bucket, Key="evidence/some/key")
    assert store.read("some/key") == b"content"
    assert [entry.key for entry in store.list("some/")] == ["some/key"]
    assert [version.deleted for version in store.versions("some/key")] == [False, True]
    assert store.create("some/key", b"content").version == stored.version
    with pytest.raises(StoreConflict):
        store.create("some/key", b"rewritten")


def test_a_later_version_is_not_the_object(versioned: tuple[S3Server, str, S3Store]) -> None:
    server, bucket, store = versioned
    stored = store.create("some/key", b"content")
    put(server, bucket, "some/key", b"rewritten!")
    assert store.read("some/key") == b"content"
    with store.open("some/key") as file:
        assert file.read() == b"content"
    (entry,) = store.list("some/")
    assert (entry.size, entry.version) == (7, stored.version)
    first, second = store.versions("some/key")
    assert (first.latest, second.latest) == (False, True)
    assert store.read("some/key", version=second.id) == b"rewritten!"


def test_a_presigned_address_reads_that_version_and_ends(versioned: tuple[S3Server, str, S3Store]) -> None:
    server, bucket, store = versioned
    store.create("some/key", b"content")
    put(server, bucket, "some/key", b"rewritten!")
    address = store.presign("some/key", timedelta(minutes=5))
    assert requests.get(address, timeout=30).content == b"content"
    assert "X-Amz-Expires=300" in address
    with pytest.raises(ObjectMissing):
        store.presign("no/such", timedelta(minutes=5))


def test_the_gateway_refuses_an_altered_presigned_address(rgw: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    rgw.log_in(monkeypatch)
    store = opened(rgw.bucket())
    store.create("some/key", b"content")
    address = store.presign("some/key", timedelta(minutes=5))
    assert requests.get(address, timeout=30).status_code == 200
    assert requests.get(address.replace("X-Amz-Signature=", "X-Amz-Signature=0"), timeout=30).status_code == 403


def test_the_probe_finds_out_what_the_bucket_does(s3: S3Server) -> None:
    assert opened(s3.bucket()).capabilities().many_writers
    kept = opened(s3.bucket(versions=True)).capabilities()
    assert kept.many_writers is (s3.kind == "moto")
    assert kept.versions


def test_retention_without_object_lock_is_a_configuration_error(bucket: str) -> None:
    with pytest.raises(ConfigurationError, match="without Object Lock"):
        opened(bucket, locking=Locking(days=400, confirmed=confirmation(400)))


def test_retention_is_asked_for_once_and_remembered(s3: S3Server) -> None:
    bucket = s3.bucket(lock=True)
    for confirmed in (None, "yes", confirmation(30)):
        with pytest.raises(ConfigurationError, match=r"nobody has confirmed.*400 days"):
            opened(bucket, locking=Locking(days=400, confirmed=confirmed))
    assert s3.client().list_object_versions(Bucket=bucket).get("Versions", []) == []
    opened(bucket, locking=Locking(days=400, confirmed=confirmation(400)))
    assert opened(bucket, locking=Locking(days=400)).capabilities().worm
    with pytest.raises(ConfigurationError, match="500 days"):
        opened(bucket, locking=Locking(days=500))


def test_locked_evidence_cannot_be_deleted_by_anyone(s3: S3Server) -> None:
    bucket = s3.bucket(lock=True)
    now = datetime.now(UTC)
    store = opened(bucket, locking=Locking(days=400, raw_days=30, confirmed=confirmation(400)), clock=lambda: now)
    client = s3.client()
    for key, days in (("bundles/x", 400), ("raw/" + "a" * 64, 30)):
        stored = store.create(key, b"content")
        place = {"Bucket": bucket, "Key": f"evidence/{key}", "VersionId": stored.version}
        held = client.head_object(**place)
        assert held["ObjectLockMode"] == "COMPLIANCE"
        assert abs(held["ObjectLockRetainUntilDate"] - (now + timedelta(days=days))) < timedelta(seconds=2)
        with pytest.raises(ClientError, match="AccessDenied"):
            client.delete_object(**place, BypassGovernanceRetention=True)
    with pytest.raises(StorageError, match="AccessDenied"):
        store.retire("raw/" + "a" * 64, b"why")
    assert store.read("raw/" + "a" * 64) == b"content"


def test_the_gateway_lets_nobody_shorten_a_lock(rgw: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    rgw.log_in(monkeypatch)
    bucket = rgw.bucket(lock=True)
    store = opened(bucket, locking=Locking(days=400, confirmed=confirmation(400)))
    stored = store.create("bundles/x", b"content")
    with pytest.raises(ClientError, match="AccessDenied"):
        rgw.client().put_object_retention(
            Bucket=bucket,
            Key="evidence/bundles/x",
            VersionId=stored.version,
            Retention={"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(days=1)},
        )


def test_a_retired_raw_object_is_gone_with_all_its_versions(versioned: tuple[S3Server, str, S3Store]) -> None:
    server, bucket, store = versioned
    key = "raw/" + "a" * 64
    store.create(key, b"raw")
    put(server, bucket, key, b"shadow")
    server.client().delete_object(Bucket=bucket, Key=f"evidence/{key}")
    store.retire(key, b"why")
    assert store.versions(key) == ()


def test_content_damaged_on_its_way_is_refused_by_the_gateway(
    rgw: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rgw.log_in(monkeypatch)
    store = opened(rgw.bucket())

    def flip(params: dict[str, object], **_: object) -> None:
        params["body"] = b"cOntent"

    store._client.meta.events.register("before-call.s3.PutObject", flip)
    with pytest.raises(StoreUnwritable, match="BadDigest"):
        store.create("some/key", b"content")
    assert store.stat("some/key") is None


def test_what_the_server_gives_back_is_hashed(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    # moto does not compare the digest that was sent: damage on the way is found by reading back
    moto_s3.log_in(monkeypatch)
    store = opened(moto_s3.bucket())

    def flip(params: dict[str, object], **_: object) -> None:
        params["body"] = b"cOntent"

    store._client.meta.events.register("before-call.s3.PutObject", flip)
    with pytest.raises(StorageError, match=f"{hashlib.sha256(b'content').hexdigest()} was sent"):
        store.create("some/key", b"content")


def test_a_put_whose_answer_was_lost_is_found_to_have_succeeded(
    moto_s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moto_s3.log_in(monkeypatch)
    bucket = moto_s3.bucket(versions=True)
    store = opened(bucket)

    def arrive_twice(**_: object) -> None:
        moto_s3.client().put_object(Bucket=bucket, Key="evidence/some/key", Body=b"content")

    store._client.meta.events.register("before-call.s3.PutObject", arrive_twice)
    stored = store.create("some/key", b"content")
    assert stored.existed
    assert len(store.versions("some/key")) == 1


def test_a_conflict_that_passes_is_waited_for(moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    moto_s3.log_in(monkeypatch)
    store = opened(moto_s3.bucket())
    answers = []

    def busy(**_: object) -> tuple[object, dict[str, object]] | None:
        answers.append(1)
        if len(answers) > 2:
            return None
        from botocore.awsrequest import AWSResponse

        error = {"Error": {"Code": "ConditionalRequestConflict", "Message": None}, "ResponseMetadata": {}}
        return AWSResponse("", 409, {}, None), error

    store._client.meta.events.register("before-call.s3.PutObject", busy)
    assert not store.create("some/key", b"content").existed
    assert len(answers) == 3


def test_too_large_an_object_is_refused_before_it_is_sent(
    moto_s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moto_s3.log_in(monkeypatch)
    store = opened(moto_s3.bucket())
    monkeypatch.setattr("airtight.publish.s3._LARGEST_PUT", 10)
    assert store.create("some/key", bytes(10)).size == 10
    with pytest.raises(StoreUnwritable, match="Split it"):
        store.create("other/key", bytes(11))
    assert store.stat("other/key") is None


def test_servers_that_are_away_or_refuse_are_told_plainly(
    moto_s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moto_s3.log_in(monkeypatch)
    with pytest.raises(ConfigurationError, match="does not exist"):
        opened("no-such-bucket")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(StorageError, match="cannot be reached"):
        opened("bucket")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/none")
    with pytest.raises(ConfigurationError, match="no credentials"):
        opened("bucket")


def test_a_wrong_log_in_is_told_plainly(rgw: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = rgw.bucket()
    rgw.log_in(monkeypatch)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(ConfigurationError, match="refuses the log-in") as caught:
        opened(bucket)
    assert "wrong" not in str(caught.value)


def test_someone_who_may_only_read_reads_and_is_told_that_he_may_not_write(
    rgw: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rgw.log_in(monkeypatch)
    bucket = rgw.bucket()
    opened(bucket).create("some/key", b"content")
    deny = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject",'
    rgw.client().put_bucket_policy(Bucket=bucket, Policy=f'{deny}"Resource":"arn:aws:s3:::{bucket}/*"}}]}}')
    reader = opened(bucket)
    assert reader.read("some/key") == b"content"
    with pytest.raises(StoreUnwritable, match=r"does not let this identity write here \(AccessDenied\)"):
        reader.create("other/key", b"content")


def test_an_archive_is_read_by_ranges(store: Store, tmp_path: Path) -> None:
    sealed = seal(tmp_path, COLLECTION, populations=(population("accounts", COLLECTION),), payload=bytes(8_000_000))
    store.create("bundles/x", sealed.file)
    fetched: list[str] = []
    assert isinstance(store, S3Store)
    store._client.meta.events.register(
        "before-call.s3.GetObject", lambda params, **_: fetched.append(params["headers"])
    )
    with store.open("bundles/x") as file:
        assert read_summary(file, "bundles/x").ref.digest == sealed.digest
    assert 1 <= len(fetched) <= 4
    assert all("Range" in headers for headers in fetched)


def test_staging_in_a_bucket_does_what_staging_in_a_folder_does(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.bucket()
    file = tmp_path / "rows"
    file.write_bytes(b"rows")
    first, second = (
        open_staging(f"s3://{bucket}/staging", scope, distributed=True) for scope in ("one/day", "two/day")
    )
    ours, theirs = first.put(file), second.put(file)
    assert ours == StagedFile(f"s3://{bucket}/staging/one/day/{ours.sha256}", ours.sha256, 4)
    assert second.fetch(ours).read_bytes() == b"rows"
    assert sorted(second.expired(datetime.now(UTC) + timedelta(hours=1))) == sorted([ours, theirs])
    assert list(second.expired(datetime.now(UTC) - timedelta(hours=1))) == []
    first.release([ours, ours])
    assert second.fetch(theirs).read_bytes() == b"rows"
    assert list(second.expired(datetime.now(UTC) + timedelta(hours=1))) == [theirs]
    s3.client().put_object(Bucket=bucket, Key=f"staging/three/{'0' * 64}", Body=b"other")
    with pytest.raises(EvidenceError, match="changed"):
        first.fetch(StagedFile(f"s3://{bucket}/staging/three/{'0' * 64}", "0" * 64, 5))
    with pytest.raises(EvidenceError, match="gone"):
        first.fetch(StagedFile(f"s3://{bucket}/staging/three/{'1' * 64}", "1" * 64, 5))
    with pytest.raises(StorageError, match="elsewhere"):
        first.fetch(StagedFile(f"s3://{bucket}/other/{'1' * 64}", "1" * 64, 5))
    assert first.scratch() != first.scratch()
