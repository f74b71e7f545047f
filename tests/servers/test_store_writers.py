"""Publishing into a bucket: killed at any step, several writers at once, servers that let a second put through."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier

import pytest
from s3_servers import S3Server

from airtight.domain.bundle import BundleRef, Environment, SealedBundle
from airtight.errors import StorageError
from airtight.publish.index import Index
from airtight.publish.keys import bundle_key, slot_key
from airtight.publish.opening import Locking, open_store
from airtight.publish.publisher import publish
from airtight.publish.reindex import rebuild
from airtight.publish.s3 import S3Store
from airtight.publish.store import Store

from bundles import COLLECTION, ORGANISATION, population, read_summary, seal  # isort: skip

pytestmark = pytest.mark.server
# A child that inherits a client's open connections would share them: children start afresh.
SPAWN = get_context("spawn")
FORK = get_context("fork")


def opened(bucket: str, index: Index | None = None) -> S3Store:
    locking = Locking(lock=index.store_lock() if index else None)
    store = open_store(f"s3://{bucket}/evidence", Environment.SAMPLE, ORGANISATION, locking=locking)
    assert isinstance(store, S3Store)
    return store


@pytest.fixture(params=["moto", "rgw"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket with versions on each server: on the gateway only a lock keeps writers apart."""
    server: S3Server = request.getfixturevalue("moto_s3" if request.param == "moto" else "rgw")
    server.log_in(monkeypatch)
    return server.bucket(versions=True)


def test_threads_that_create_one_key_at_once_have_one_winner(bucket: str, postgresql_url: str) -> None:
    index = Index(postgresql_url)
    opened(bucket, index)
    stores = [opened(bucket, index) for _ in range(8)]
    for number in range(3):
        start, key = Barrier(8), f"slots/race/{number}"
        with ThreadPoolExecutor(8) as pool:
            won = [pool.submit(_create_at_once, start, stores[writer], key, b"%d" % writer) for writer in range(8)]
        assert sum(outcome.result() for outcome in won) == 1
        assert len(stores[0].versions(key)) == 1


def _create_at_once(start: Barrier, store: Store, key: str, content: bytes) -> bool:
    start.wait()
    try:
        return not store.create(key, content).existed
    except StorageError:
        return False


def test_without_a_lock_the_gateway_has_many_winners_and_a_writer_says_so(
    rgw: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rgw.log_in(monkeypatch)
    bucket = rgw.bucket(versions=True)
    store = opened(bucket)
    assert not store.capabilities().many_writers
    raw = S3Server.client(rgw)
    versions = {
        raw.put_object(Bucket=bucket, Key="evidence/x", Body=b"%d" % writer, IfNoneMatch="*")["VersionId"]
        for writer in range(3)
    }
    assert len(versions) == 3, "the gateway has learnt to refuse: the lock is needed no more"

    def intrude(**_: object) -> None:
        raw.put_object(Bucket=bucket, Key="evidence/slots/x", Body=b"other")

    store._client.meta.events.register("before-call.s3.PutObject", intrude)
    with pytest.raises(StorageError, match="another process wrote the same key"):
        store.create("slots/x", b"mine")


def _publish_at_once(bucket: str, index_url: str, sealed: SealedBundle, start: object, told: object) -> None:
    index = Index(index_url)
    store = opened(bucket, index)
    start.wait()  # type: ignore[attr-defined]
    told.put(publish(sealed, read_summary, store, index))  # type: ignore[attr-defined]


def test_processes_that_publish_at_once_leave_one_whole_bundle(
    bucket: str,
    postgresql_url: str,
    tmp_path: Path,
) -> None:
    bundles = [seal(tmp_path, content=str(writer), payload=os.urandom(500_000)) for writer in range(4)]
    start, told = SPAWN.Barrier(4), SPAWN.Queue()
    writers = [
        SPAWN.Process(target=_publish_at_once, args=(bucket, postgresql_url, sealed, start, told)) for sealed in bundles
    ]
    for writer in writers:
        writer.start()
    refs: set[BundleRef] = {told.get(timeout=120) for _ in writers}
    for writer in writers:
        writer.join(60)
    assert len(refs) == 1
    index = Index(postgresql_url)
    store = opened(bucket, index)
    assert [bundle.ref for bundle in index.bundles()] == list(refs)
    assert [len(store.versions(entry.key)) for entry in store.list("slots/")] == [1]


class Mortal:
    """A store and an index whose process is killed -9 just before their n-th operation."""

    def __init__(self, wrapped: object, step: Callable[[], None]) -> None:
        self._wrapped = wrapped
        self._step = step

    def __getattr__(self, name: str) -> object:
        value = getattr(self._wrapped, name)
        if not callable(value):
            return value

        def counted(*args: object, **options: object) -> object:
            self._step()
            return value(*args, **options)

        return counted


def _publish_and_die(at: int, bucket: str, index_url: str, sealed: SealedBundle) -> None:
    done = 0

    def step(**_: object) -> None:
        nonlocal done
        done += 1
        if done > at:
            os.kill(os.getpid(), signal.SIGKILL)

    index = Index(index_url)
    store = opened(bucket, index)
    for moment in ("before-call", "after-call"):
        store._client.meta.events.register(f"{moment}.s3.PutObject", step)
    publish(sealed, read_summary, Mortal(store, step), Mortal(index, step))  # type: ignore[arg-type]
    os._exit(0)


@pytest.mark.slow
def test_killed_at_any_step_and_retried_there_is_one_whole_bundle(
    s3: S3Server,
    postgresql_url: str,
    tmp_path: Path,
) -> None:
    bucket, index, steps, killed = s3.bucket(versions=True), Index(postgresql_url), 0, True
    opened(bucket, index)
    while killed:
        slot = replace(COLLECTION, name=f"access_reviews-{steps}")
        sealed, again = (seal(tmp_path, slot, populations=(population("accounts", slot),)) for _ in range(2))
        child = FORK.Process(target=_publish_and_die, args=(steps, bucket, postgresql_url, sealed))
        child.start()
        child.join(60)
        assert child.exitcode in (0, -signal.SIGKILL)
        killed = child.exitcode != 0
        store = opened(bucket, index)
        ref = publish(again, read_summary, store, index)
        assert [
            (entry.key, len(store.versions(entry.key))) for entry in store.list(f"slots/{slot.kind.value}/{slot.name}/")
        ] == [(slot_key(slot), 1)]
        assert len(store.versions(bundle_key(slot, again.digest))) == 1
        assert index.history(slot) == (ref,)
        steps += 1
    assert steps > 10, "the steps were not seen"


def test_reindex_reads_a_bucket_as_it_reads_a_folder(s3: S3Server, tmp_path: Path) -> None:
    bucket, index = s3.bucket(versions=True), Index(f"sqlite:///{tmp_path / 'one.db'}")
    store, other = opened(bucket), Index(f"sqlite:///{tmp_path / 'other.db'}")
    first = seal(tmp_path, populations=(population("accounts", COLLECTION),))
    publish(first, read_summary, store, index)
    publish(seal(tmp_path, replace(COLLECTION, revision=1), supersedes=first.digest), read_summary, store, index)
    # what an intruder leaves behind changes nothing
    s3.client().delete_object(Bucket=bucket, Key=f"evidence/{slot_key(first.slot)}")
    s3.client().put_object(Bucket=bucket, Key=f"evidence/{bundle_key(first.slot, first.digest)}", Body=b"shadow")
    assert rebuild(other, store, read_summary).problems == ()
    assert other.bundles() == index.bundles()
    assert all(bundle.version for bundle in index.bundles())
    assert len(index.bundles()) == 2
