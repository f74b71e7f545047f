"""Staging in a folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from airtight.domain.collection import RawObject
from airtight.errors import ConfigurationError, EvidenceError, StorageError, StoreUnwritable
from airtight.publish.raw import expired_raw, put_raw
from airtight.publish.staging import open_staging
from airtight.publish.store import Store


def _file(folder: Path, content: bytes = b"rows") -> Path:
    file = folder / "a file"
    file.write_bytes(content)
    return file


def test_a_staged_file_is_fetched_by_whoever_has_its_reference(tmp_path: Path) -> None:
    root = str(tmp_path / "a stäging")
    staged = open_staging(root, "one/2026-09-14").put(_file(tmp_path))
    assert open_staging(root, "other/2026-09-14").fetch(staged).read_bytes() == b"rows"
    assert staged.size == 4


def test_the_same_bytes_are_staged_once_a_run(tmp_path: Path) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    assert staging.put(_file(tmp_path)) == staging.put(_file(tmp_path))


def test_a_run_that_releases_takes_nothing_from_another(tmp_path: Path) -> None:
    first, second = (open_staging(str(tmp_path / "staging"), scope) for scope in ("one/day", "two/day"))
    ours, theirs = first.put(_file(tmp_path)), second.put(_file(tmp_path))
    first.release([ours, ours])
    first.release([ours])
    assert second.fetch(theirs).read_bytes() == b"rows"
    with pytest.raises(EvidenceError, match="gone"):
        first.fetch(ours)


def test_staging_is_empty_after_a_release_and_goes_on(tmp_path: Path) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    staging.release([staging.put(_file(tmp_path))])
    assert [path for path in (tmp_path / "staging").rglob("*") if path.is_file()] == []
    assert staging.fetch(staging.put(_file(tmp_path))).read_bytes() == b"rows"


def test_a_file_changed_in_staging_is_noticed(tmp_path: Path) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    staged = staging.put(_file(tmp_path))
    Path(unquote(urlsplit(staged.uri).path)).write_bytes(b"more rows")
    with pytest.raises(EvidenceError, match="changed"):
        staging.fetch(staged)


def test_a_reference_into_another_place_is_refused(tmp_path: Path) -> None:
    staged = open_staging(str(tmp_path / "one"), "one/day").put(_file(tmp_path))
    for act in (lambda staging: staging.fetch(staged), lambda staging: staging.release([staged])):
        with pytest.raises(StorageError, match="elsewhere"):
            act(open_staging(str(tmp_path / "two"), "one/day"))


def test_a_local_folder_is_refused_under_a_distributed_executor(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="other machines"):
        open_staging(str(tmp_path / "staging"), "one/day", distributed=True)
    assert not (tmp_path / "staging").exists()


@pytest.mark.parametrize("scope", ["", "../up", "/etc", "a//b", ".hidden"])
def test_a_scope_stays_inside_staging(tmp_path: Path, scope: str) -> None:
    with pytest.raises(StorageError):
        open_staging(str(tmp_path / "staging"), scope)


def test_a_place_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "staging").write_bytes(b"")
    with pytest.raises(StoreUnwritable):
        open_staging(str(tmp_path / "staging"), "one/day")


def test_scratch_folders_are_fresh_and_swept_when_stale(tmp_path: Path) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    first, second = staging.scratch(), staging.scratch()
    assert first != second
    assert list(first.iterdir()) == []
    (first / "work").write_bytes(b"x")
    assert staging.sweep_scratch(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert staging.sweep_scratch(datetime.now(UTC) + timedelta(hours=1)) == 2
    assert not first.exists()


def test_forgotten_files_can_be_found_and_released(tmp_path: Path) -> None:
    root = str(tmp_path / "staging")
    staged = open_staging(root, "one/day").put(_file(tmp_path))
    cleaner = open_staging(root, "retention")
    assert list(cleaner.expired(datetime.now(UTC) - timedelta(hours=1))) == []
    found = list(cleaner.expired(datetime.now(UTC) + timedelta(hours=1)))
    assert found == [staged]
    cleaner.release(found)
    assert list(cleaner.expired(datetime.now(UTC) + timedelta(hours=1))) == []


def test_raw_objects_enter_the_store_once(tmp_path: Path, store: Store) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    staged = staging.put(_file(tmp_path))
    twice = [RawObject(staged, stream, "text/csv", None) for stream in ("one", "two")]
    (stored,) = put_raw(twice, staging, store)
    assert store.read(stored.key) == b"rows"
    assert put_raw(twice, staging, store)[0].existed


def test_raw_objects_expire_unless_a_younger_bundle_needs_them(tmp_path: Path, store: Store) -> None:
    staging = open_staging(str(tmp_path / "staging"), "one/day")
    staged = staging.put(_file(tmp_path))
    (stored,) = put_raw([RawObject(staged, "raw", "text/csv", None)], staging, store)
    later, earlier = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) - timedelta(days=1)
    assert [entry.key for entry in expired_raw(store, later, needed=())] == [stored.key]
    assert list(expired_raw(store, later, needed={stored.sha256})) == []
    assert list(expired_raw(store, earlier, needed=())) == []
