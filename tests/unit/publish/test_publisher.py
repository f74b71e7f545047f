"""One bundle, whole: whatever fails, whoever else writes."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from bundles import COLLECTION, ORGANISATION, line, population, read_summary, seal

from airtight.domain.bundle import BundleRef, Environment, SealedBundle
from airtight.errors import ConfigurationError, EvidenceError
from airtight.publish.index import Index
from airtight.publish.keys import bundle_key, slot_key
from airtight.publish.opening import open_store
from airtight.publish.publisher import holder_of, publish
from airtight.publish.store import Store

FORK = get_context("fork")


def test_a_published_bundle_is_in_the_store_its_slot_and_the_index(tmp_path: Path, store: Store, index: Index) -> None:
    sealed = seal(tmp_path, populations=(population("accounts", COLLECTION),), results=(line("AC-01"),))
    ref = publish(sealed, read_summary, store, index)
    assert ref.key == f"bundles/collection/access_reviews/2026-09-14/{sealed.digest}.zip"
    assert (ref.digest, ref.size) == (sealed.digest, sealed.size)
    assert store.read(ref.key) == sealed.file.read_bytes()
    assert store.read("slots/collection/access_reviews/2026-09-14/0000") == f"{sealed.digest}\n".encode()
    found = index.find(sealed.digest)
    assert found is not None
    assert found.ref == ref


def test_publishing_again_is_success(tmp_path: Path, store: Store, index: Index) -> None:
    sealed = seal(tmp_path)
    assert publish(sealed, read_summary, store, index) == publish(sealed, read_summary, store, index)


def test_a_bundle_sealed_again_is_the_bundle_that_is_there(tmp_path: Path, store: Store, index: Index) -> None:
    first, again = seal(tmp_path), seal(tmp_path)
    assert first.digest == again.digest
    assert first.file.read_bytes() != again.file.read_bytes()
    ref = publish(first, read_summary, store, index)
    assert publish(again, read_summary, store, index) == ref
    assert store.read(ref.key) == first.file.read_bytes()


def test_the_loser_of_a_slot_returns_the_winner_and_says_so(
    tmp_path: Path, store: Store, index: Index, caplog: pytest.LogCaptureFixture
) -> None:
    winner, loser = seal(tmp_path, content="winner"), seal(tmp_path, content="loser")
    publish(winner, read_summary, store, index)
    with caplog.at_level(logging.WARNING):
        ref = publish(loser, read_summary, store, index)
    assert ref.digest == winner.digest
    assert f"bundle {loser.digest} is superseded by winner {winner.digest}" in caplog.text
    assert [bundle.ref.digest for bundle in index.bundles()] == [winner.digest]


def test_the_loser_indexes_a_winner_that_died_before_it_could(tmp_path: Path, store: Store, index: Index) -> None:
    winner, loser = seal(tmp_path, content="winner"), seal(tmp_path, content="loser")
    store.create(bundle_key(winner.slot, winner.digest), winner.file)
    store.create(slot_key(winner.slot), f"{winner.digest}\n".encode())
    publish(loser, read_summary, store, index)
    assert index.find(winner.digest) is not None


def test_a_revision_must_supersede_what_the_store_holds(tmp_path: Path, store: Store, index: Index) -> None:
    first = seal(tmp_path)
    later = replace(COLLECTION, revision=1)
    with pytest.raises(EvidenceError, match="the revision before is None"):
        publish(seal(tmp_path, later, supersedes=first.digest), read_summary, store, index)
    publish(first, read_summary, store, index)
    for supersedes in (None, "0" * 64):
        with pytest.raises(EvidenceError, match=f"the revision before is {first.digest}"):
            publish(seal(tmp_path, later, supersedes=supersedes), read_summary, store, index)
    with pytest.raises(EvidenceError, match="the revision before is None"):
        publish(seal(tmp_path, content="x", supersedes=first.digest), read_summary, store, index)
    ref = publish(seal(tmp_path, later, supersedes=first.digest), read_summary, store, index)
    assert index.head(ref.slot.kind, ref.slot.name, ref.slot.partition) == ref
    assert holder_of(store, first.slot) == first.digest


def test_production_evidence_enters_no_sample_store(tmp_path: Path, store: Store, index: Index) -> None:
    with pytest.raises(ConfigurationError, match="production evidence may not enter a store of sample"):
        publish(seal(tmp_path, environment=Environment.PRODUCTION), read_summary, store, index)
    assert [entry.key for entry in store.list()] == ["store.json"]


def test_garbage_under_a_bundle_s_key_is_no_bundle(tmp_path: Path, store: Store, index: Index) -> None:
    sealed = seal(tmp_path)
    store.create(bundle_key(sealed.slot, sealed.digest), b"garbage")
    with pytest.raises(EvidenceError, match="no bundle"):
        publish(sealed, read_summary, store, index)
    assert holder_of(store, sealed.slot) is None


def test_a_slot_that_names_a_vanished_bundle_is_told(tmp_path: Path, store: Store, index: Index) -> None:
    sealed = seal(tmp_path)
    store.create(slot_key(sealed.slot), f"{'0' * 64}\n".encode())
    with pytest.raises(EvidenceError, match="does not hold it"):
        publish(sealed, read_summary, store, index)


@pytest.mark.parametrize("content", [b"", b"x\n", b"0" * 64, b"Z" * 64 + b"\n", b"\xff" * 64 + b"\n"])
def test_a_slot_that_holds_no_digest_is_told(tmp_path: Path, store: Store, index: Index, content: bytes) -> None:
    sealed = seal(tmp_path)
    store.create(slot_key(sealed.slot), content)
    with pytest.raises(EvidenceError, match="digest"):
        publish(sealed, read_summary, store, index)


# What a killed process leaves behind: the child does the n-th thing to a file and is gone.

_TOUCHES = {"open", "os.link", "os.remove", "os.mkdir", "os.rename", "os.chmod", "os.truncate", "fcntl.flock"}


def _publish_and_die(at: int, place: str, index_url: str, sealed: SealedBundle) -> None:
    """Runs in a fork: publish, killed -9 just before the given touch of a file or database."""
    touched = 0

    def count(event: str, _: object) -> None:
        nonlocal touched
        if event in _TOUCHES or event.startswith("sqlite3"):
            touched += 1
            if touched > at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    store = open_store(place, Environment.SAMPLE, ORGANISATION)
    publish(sealed, read_summary, store, _Traced(index_url, lambda: count("open", None)))
    os._exit(0)


class _Traced(Index):
    """An index whose transactions can be cut before they begin, before they commit and after."""

    def __init__(self, url: str, step: Callable[[], None]) -> None:
        import sqlalchemy as sa

        super().__init__(url)
        for moment in ("begin", "commit", "after_cursor_execute"):
            sa.event.listen(self.database._engine, moment, lambda *_: step())


def _killed_at(at: int, place: Path, index_url: str, sealed: SealedBundle) -> bool:
    child = FORK.Process(target=_publish_and_die, args=(at, str(place), index_url, sealed))
    child.start()
    child.join(60)
    assert child.exitcode in (0, -signal.SIGKILL)
    return child.exitcode != 0


@pytest.mark.slow
def test_killed_at_any_step_and_retried_there_is_one_whole_bundle(tmp_path: Path) -> None:
    steps = 0
    while True:
        folder = tmp_path / str(steps)
        folder.mkdir()
        place, index_url = folder / "store", f"sqlite:///{folder / 'index.db'}"
        sealed, again = seal(folder, payload=os.urandom(200_000)), seal(folder, payload=os.urandom(200_000))
        killed = _killed_at(steps, place, index_url, sealed)
        _check_one_whole_bundle(place, index_url, again, sealed if not killed else None)
        if not killed:
            break
        steps += 1
    assert steps > 30, "the steps were not seen"


def _check_one_whole_bundle(place: Path, index_url: str, retried: SealedBundle, done: SealedBundle | None) -> None:
    """A retry, sealed again with another signature, finds or makes the one bundle."""
    store, index = open_store(str(place), Environment.SAMPLE, ORGANISATION), Index(index_url)
    ref = publish(retried, read_summary, store, index)
    keys = [entry.key for entry in store.list() if entry.key != "store.json"]
    assert keys == [bundle_key(retried.slot, retried.digest), slot_key(retried.slot)]
    with store.open(ref.key) as file:
        assert read_summary(file, ref.key).ref.digest == retried.digest
    assert [bundle.ref for bundle in index.bundles()] == [ref]
    assert list((place / ".writing").iterdir()) == []
    if done:
        assert store.read(ref.key) == done.file.read_bytes()


def _publish_at_once(place: str, index_url: str, sealed: SealedBundle, start: object, told: object) -> None:
    store, index = open_store(place, Environment.SAMPLE, ORGANISATION), Index(index_url)
    start.wait()  # type: ignore[attr-defined]
    told.put(publish(sealed, read_summary, store, index))  # type: ignore[attr-defined]


@pytest.mark.parametrize("same", [True, False], ids=["the same bundle", "different bundles"])
def test_many_writers_at_once_leave_one_whole_bundle(tmp_path: Path, same: bool) -> None:
    for number in range(5):
        folder = tmp_path / str(number)
        folder.mkdir()
        place, index_url = folder / "store", f"sqlite:///{folder / 'index.db'}"
        bundles = [seal(folder, content="same" if same else str(writer)) for writer in range(6)]
        start, told = FORK.Barrier(6), FORK.Queue()
        writers = [
            FORK.Process(target=_publish_at_once, args=(str(place), index_url, sealed, start, told))
            for sealed in bundles
        ]
        for writer in writers:
            writer.start()
        refs: set[BundleRef] = {told.get(timeout=60) for _ in writers}
        for writer in writers:
            writer.join(60)
        assert len(refs) == 1
        assert [bundle.ref for bundle in Index(index_url).bundles()] == list(refs)
        store = open_store(str(place), Environment.SAMPLE, ORGANISATION)
        assert len(list(store.list("slots/"))) == 1
