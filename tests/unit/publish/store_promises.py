"""What every store promises, whatever keeps the objects: run over each kind by the fixture ``store``."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airtight.errors import EvidenceError, StorageError, StoreConflict, StoreUnwritable
from airtight.publish.store import ObjectMissing, Store

KEY = "raw/" + "a" * 64


def test_what_was_created_is_read_back(store: Store) -> None:
    stored = store.create("some/key", b"content")
    assert (stored.size, stored.sha256, stored.existed) == (7, hashlib.sha256(b"content").hexdigest(), False)
    assert store.read("some/key") == b"content"


def test_a_file_is_stored_as_it_is(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(os.urandom(3_000_000))
    stored = store.create("some/key", file, hashlib.sha256(file.read_bytes()).hexdigest())
    assert store.read("some/key") == file.read_bytes()
    assert stored.size == 3_000_000


def test_empty_content_is_content(store: Store) -> None:
    store.create("some/key", b"")
    assert store.read("some/key") == b""


def test_same_content_again_is_success(store: Store) -> None:
    store.create("some/key", b"content")
    assert store.create("some/key", b"content").existed


def test_other_content_under_a_key_is_refused_and_replaces_nothing(store: Store) -> None:
    store.create("some/key", b"content")
    with pytest.raises(StoreConflict, match="nothing was replaced"):
        store.create("some/key", b"other")
    assert store.read("some/key") == b"content"


def test_content_that_is_not_what_it_is_said_to_be_is_refused(store: Store) -> None:
    with pytest.raises(EvidenceError, match="nothing was written"):
        store.create("some/key", b"content", hashlib.sha256(b"other").hexdigest())
    assert store.stat("some/key") is None


def test_ranges_are_half_open_and_end_with_the_object(store: Store) -> None:
    store.create("some/key", b"0123456789")
    assert store.read("some/key", 2, 5) == b"234"
    assert store.read("some/key", 8, 99) == b"89"
    assert store.read("some/key", 99) == b""
    assert store.read("some/key", 5, 2) == b""


def test_a_missing_object_is_told_apart_from_other_failures(store: Store) -> None:
    for ask in (store.read, store.open):
        with pytest.raises(ObjectMissing):
            ask("no/such")
    store.create("some/key", b"x")
    with pytest.raises(ObjectMissing):
        store.read("some")
    with pytest.raises(ObjectMissing):
        store.read("some/key/below")
    assert store.stat("some/key/below") is None
    assert store.versions("no/such") == ()


def test_content_that_cannot_be_read_is_not_called_unwritable(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="to be stored cannot be read") as caught:
        store.create("some/key", tmp_path / "absent")
    assert not isinstance(caught.value, StoreUnwritable)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../up", "a/../b", "a//b", ".writing/x", "a/.b", "a b", "ä", "a\n", "a" * 901]
)
def test_keys_that_could_lead_elsewhere_are_refused(store: Store, key: str) -> None:
    with pytest.raises(StorageError, match="no key"):
        store.create(key, b"x")


def test_only_raw_objects_can_be_retired_and_each_leaves_a_tombstone(store: Store) -> None:
    store.create(KEY, b"raw")
    store.create("bundles/x", b"bundle")
    with pytest.raises(StorageError, match="only raw"):
        store.retire("bundles/x", b"why")
    grave = store.retire(KEY, b"why")
    assert store.stat(KEY) is None
    assert store.read(grave.key) == b"why"
    assert grave.key.startswith(f"tombstones/{KEY}/")


def test_retiring_again_is_success_and_a_stranger_is_missing(store: Store) -> None:
    store.create(KEY, b"raw")
    assert store.retire(KEY, b"why").key == store.retire(KEY, b"why").key
    with pytest.raises(ObjectMissing):
        store.retire("raw/" + "b" * 64, b"why")


def test_raw_bytes_collected_again_after_their_retirement_can_be_retired_again(store: Store) -> None:
    for reason in (b"first", b"second"):
        store.create(KEY, b"raw")
        store.retire(KEY, reason)
    assert len(list(store.list("tombstones/"))) == 2


def test_listing_tells_when_an_object_was_written(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    store.create(KEY, b"raw")
    (entry,) = store.list("raw/")
    assert before <= entry.modified <= datetime.now(UTC) + timedelta(seconds=2)


def test_listing_has_the_order_of_bytes(store: Store) -> None:
    keys = ["a/b/c", "a/b-c", "a/b.d", "a/bb", "a/B", "z"]
    for key in keys:
        store.create(key, b"x")
    assert [entry.key for entry in store.list() if not entry.key.startswith("probes/")] == sorted([*keys, "store.json"])
    assert [entry.key for entry in store.list("a/b")] == sorted(key for key in keys if key.startswith("a/b"))
    assert list(store.list("absent/")) == []
    assert list(store.list("../")) == []


def test_an_opened_object_reads_like_a_file(store: Store) -> None:
    store.create("some/key", bytes(range(256)) * 1000)
    with store.open("some/key") as file:
        assert file.seek(-6, os.SEEK_END) == 255_994
        assert file.read() == bytes(range(250, 256))
        file.seek(2)
        assert file.read(3) == b"\x02\x03\x04"


def test_the_one_version_of_a_key_is_its_latest(store: Store) -> None:
    stored = store.create("some/key", b"content")
    (version,) = store.versions("some/key")
    assert (version.id, version.size, version.latest, version.deleted) == (stored.version, 7, True, False)
    assert store.read("some/key", version=stored.version) == b"content"
    with pytest.raises(ObjectMissing):
        store.read("some/key", version="no-such-version")
