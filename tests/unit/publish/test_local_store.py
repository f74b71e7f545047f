"""The store in a folder: what every store promises, and how it treats its disk."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from airtight.domain.bundle import Environment
from airtight.errors import EvidenceError, StorageError, StoreUnwritable
from airtight.publish.local import LocalStore
from airtight.publish.opening import open_store
from airtight.publish.store import Store

pytest.register_assert_rewrite("store_promises")
from store_promises import *  # noqa: E402, F403


def test_objects_are_read_only(store: Store, place: Path) -> None:
    store.create("some/key", b"content")
    assert stat.S_IMODE((place / "some/key").stat().st_mode) == 0o444


def test_listing_shows_no_temporary_files(store: Store, place: Path) -> None:
    (place / ".writing").mkdir(exist_ok=True)
    (place / ".writing" / "leftover").write_bytes(b"half")
    assert [entry.key for entry in store.list()] == ["store.json"]


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


def test_a_folder_says_that_it_protects_nothing(store: Store) -> None:
    can = store.capabilities()
    assert (can.worm, can.many_writers, can.presign, can.versions) == (False, True, False, False)
    with pytest.raises(StorageError):
        store.presign("store.json", timedelta(minutes=1))


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
