"""What the store in a folder promises."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from airtight.domain.bundle import Environment
from airtight.errors import EvidenceError, StorageError, StoreConflict, StoreUnwritable
from airtight.publish.local import LocalStore
from airtight.publish.opening import open_store
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


def test_objects_are_read_only(store: Store, place: Path) -> None:
    store.create("some/key", b"content")
    assert stat.S_IMODE((place / "some/key").stat().st_mode) == 0o444


def test_listing_has_the_order_of_bytes_and_shows_no_temporary_files(store: Store, place: Path) -> None:
    keys = ["a/b/c", "a/b-c", "a/b.d", "a/bb", "a/B", "z"]
    for key in keys:
        store.create(key, b"x")
    (place / ".writing" / "leftover").write_bytes(b"half")
    assert [entry.key for entry in store.list()] == sorted([*keys, "store.json"])
    assert [entry.key for entry in store.list("a/b")] == sorted(key for key in keys if key.startswith("a/b"))
    assert list(store.list("absent/")) == []
    assert list(store.list("../")) == []


def test_a_symbolic_link_in_the_store_is_no_evidence(store: Store, place: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_bytes(b"content")
    (place / "some").mkdir()
    (place / "some/key").symlink_to(tmp_path / "outside")
    with pytest.raises(EvidenceError, match="symbolic link"):
        store.read("some/key")
    with pytest.raises(EvidenceError, match="symbolic link"):
        store.create("some/key", b"content")


def test_leftovers_of_killed_writers_are_swept_and_live_ones_left_alone(place: Path, store: Store) -> None:
    dead = place / ".writing" / "dead"
    dead.parent.mkdir(exist_ok=True)
    dead.write_bytes(b"half")
    assert isinstance(store, LocalStore)
    with store._temporary() as (alive, _):
        open_store(str(place), Environment.SAMPLE, "Meridian Lending")
        assert alive.exists()
        assert not dead.exists()
    assert not alive.exists()


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


def test_a_folder_says_that_it_protects_nothing(store: Store) -> None:
    can = store.capabilities()
    assert (can.worm, can.many_writers, can.presign, can.versions) == (False, True, False, False)
    with pytest.raises(StorageError):
        store.presign("store.json", timedelta(minutes=1))


def test_listing_tells_when_an_object_was_written(store: Store) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    store.create(KEY, b"raw")
    (entry,) = store.list("raw/")
    assert before <= entry.modified <= datetime.now(UTC) + timedelta(seconds=2)


AS_NOBODY = """
import os, sys
from airtight.domain.bundle import Environment
from airtight.errors import AirtightError
from airtight.publish.opening import open_store
os.setgid(65534); os.setuid(65534)
try:
    store = open_store(sys.argv[1], Environment.SAMPLE, "Meridian Lending")
    print(store.read("some/key").decode())
    store.create("other/key", b"x")
except AirtightError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become a user who may not write")
def test_a_read_only_store_is_read_and_says_plainly_that_it_cannot_be_written() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        open_store(f"{folder}/store", Environment.SAMPLE, "Meridian Lending").create("some/key", b"content")
        (Path(folder) / "store/.writing/leftover").write_bytes(b"half")
        said = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, f"{folder}/store"], capture_output=True, text=True, check=True
        ).stdout
    assert said.splitlines()[0] == "content"
    assert "StoreUnwritable" in said
    assert "Permission denied" in said


FILL = """
import resource, signal, sys
from airtight.domain.bundle import Environment
from airtight.errors import StoreUnwritable
from airtight.publish.opening import open_store
store = open_store(sys.argv[1], Environment.SAMPLE, "Meridian Lending")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    store.create("some/key", bytes(5_000_000))
except StoreUnwritable as error:
    print(error)
"""


def test_a_disk_that_takes_no_more_leaves_nothing_half_written(place: Path, store: Store) -> None:
    said = subprocess.run([sys.executable, "-c", FILL, str(place)], capture_output=True, text=True, check=True).stdout
    assert "cannot be written" in said
    assert store.stat("some/key") is None
    assert list((place / ".writing").iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a small disk")
def test_a_full_disk_is_named(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        small = open_store(str(disk / "store"), Environment.SAMPLE, "Meridian Lending")
        with pytest.raises(StoreUnwritable, match=r"No space left.*Free space"):
            small.create("some/key", os.urandom(500_000))
        assert small.stat("some/key") is None
        assert small.create("other/key", b"small").size == 5
    finally:
        subprocess.run(["umount", str(disk)], check=True)
