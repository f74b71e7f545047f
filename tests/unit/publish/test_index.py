"""The index in SQLite: what every index promises, and how a damaged file is told and mended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from bundles import COLLECTION, RESULTS, line, population, read_summary, seal

from airtight.domain.bundle import SealedBundle
from airtight.errors import ConfigurationError, EvidenceError, StorageError
from airtight.publish.acts import Act, AlertState, Verified
from airtight.publish.index import Index
from airtight.publish.keys import bundle_key, slot_key
from airtight.publish.publisher import publish
from airtight.publish.reindex import lags_behind, open_or_mend, rebuild
from airtight.publish.store import Store
from airtight.publish.tables import SCHEMA

pytest.register_assert_rewrite("index_promises")
from index_promises import *  # noqa: E402, F403
from index_promises import NOON, everything  # noqa: E402


def fill(folder: Path, store: Store, index: Index) -> list[SealedBundle]:
    """Publish two days with a correction; note an act, a state and a verification."""
    first = seal(folder, populations=(population("accounts", COLLECTION),))
    later = replace(COLLECTION, revision=1)
    made = [
        first,
        seal(folder, later, supersedes=first.digest, populations=(population("accounts", later),)),
        seal(folder, RESULTS, results=(line("AC-01"), line("AC-01", "AC-01.T1"), line("CH-01", causes=("x",)))),
    ]
    for sealed in made:
        publish(sealed, read_summary, store, index)
    index.journal.append(Act(NOON, "ann", "waive", "AC-01", {"until": "2026-12-31"}))
    index.alerts.change(AlertState("control:AC-01", "fail", NOON, "okta"))
    index.verifications.add(Verified(first.digest, NOON, "holds"))
    return made


def kept(index: Index) -> tuple[object, ...]:
    return (index.journal.acts(), index.alerts.states(), index.verifications.of(index.bundles()[0].ref.digest))


def test_the_schema_that_the_code_expects_is_the_last_migration() -> None:
    from alembic.script import ScriptDirectory

    import airtight.publish.migrations as migrations

    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() == SCHEMA


def test_reindex_gives_the_same_index_again(tmp_path: Path, store: Store, index: Index) -> None:
    fill(tmp_path, store, index)
    other = Index(f"sqlite:///{tmp_path / 'other.db'}")
    assert lags_behind(other, store)
    assert rebuild(other, store, read_summary).problems == ()
    assert everything(other) == everything(index)
    assert len(everything(other)) == 8
    assert not lags_behind(other, store)


def test_reindex_mends_rows_that_were_changed_or_added_by_hand(tmp_path: Path, store: Store, index: Index) -> None:
    fill(tmp_path, store, index)
    before, acts = everything(index), kept(index)
    with index.database.writing() as connection:
        connection.execute(sa.text("UPDATE results SET state = 'fail'"))
        connection.execute(sa.text("DELETE FROM populations"))
        connection.execute(sa.text("UPDATE bundles SET partition = '2020-01-01' WHERE kind = 'results'"))
        connection.execute(
            sa.text(
                "INSERT INTO bundles SELECT 'feed', kind, name, '2026-09-01', 0, NULL, environment, key, size, "
                'version, dag_id, run_id, "trigger", triggered_by, reason, code_commit, lock_sha256, catalog_sha256 '
                "FROM bundles WHERE revision = 1"
            )
        )
    rebuild(index, store, read_summary)
    assert everything(index) == before
    assert kept(index) == acts


def test_reindex_reports_what_vanished_and_goes_on(tmp_path: Path, store: Store, index: Index, place: Path) -> None:
    first, second, results = fill(tmp_path, store, index)
    (place / bundle_key(results.slot, results.digest)).unlink()
    (place / slot_key(first.slot)).chmod(0o644)
    (place / slot_key(first.slot)).write_bytes(b"nonsense")
    (place / "slots/collection/x").mkdir()
    (place / "slots/collection/x/y").write_bytes(b"")
    rebuilt = rebuild(index, store, read_summary)
    assert rebuilt.bundles == 1
    assert [key for key, _ in rebuilt.problems] == [
        slot_key(first.slot),
        "slots/collection/x/y",
        slot_key(results.slot),
    ]
    assert [bundle.ref.digest for bundle in index.bundles()] == [second.digest]


def test_reindex_keeps_what_is_published_while_it_reads(tmp_path: Path, store: Store, index: Index) -> None:
    fill(tmp_path, store, index)
    meanwhile = seal(tmp_path, replace(RESULTS, partition="2026-09-15"))

    def read_slowly(file: object, key: str) -> object:
        publish(meanwhile, read_summary, store, index)
        return read_summary(file, key)  # type: ignore[arg-type]

    rebuild(index, store, read_slowly)  # type: ignore[arg-type]
    assert index.find(meanwhile.digest) is not None
    assert len(index.bundles()) == 4


@pytest.mark.parametrize("garbage", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_garbage_file_names_the_remedy_and_is_moved_aside(
    tmp_path: Path, store: Store, index_url: str, garbage: bytes
) -> None:
    fill(tmp_path, store, Index(index_url))
    before = everything(Index(index_url))
    file = tmp_path / "index.db"
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    file.write_bytes(garbage)
    with pytest.raises(StorageError, match="airtight reindex"):
        Index(index_url)
    mended = open_or_mend(index_url)
    assert mended.aside is not None
    assert mended.aside.read_bytes() == garbage
    assert set(mended.lost) == {"journal", "alert_states", "verifications"}
    rebuild(mended.index, store, read_summary)
    assert everything(mended.index) == before


@pytest.mark.parametrize(
    "damage", ["DROP TABLE results", "DROP TABLE airtight_version", "UPDATE airtight_version SET version_num = '9999'"]
)
def test_acts_survive_the_mending_of_an_index(tmp_path: Path, store: Store, index_url: str, damage: str) -> None:
    index = Index(index_url)
    fill(tmp_path, store, index)
    before, acts = everything(index), kept(index)
    with index.database.writing() as connection:
        connection.execute(sa.text(damage))
    mended = open_or_mend(index_url)
    rebuild(mended.index, store, read_summary)
    assert (everything(mended.index), kept(mended.index), mended.lost) == (before, acts, ())


def test_a_second_mending_overwrites_no_earlier_file(tmp_path: Path, index_url: str) -> None:
    asides = []
    for number in range(2):
        (tmp_path / "index.db").write_bytes(b"garbage %d" % number * 200)
        asides.append(open_or_mend(index_url).aside)
    assert asides[0] != asides[1]


def test_a_sound_index_is_not_moved(index: Index, index_url: str) -> None:
    assert open_or_mend(index_url).aside is None


def test_a_page_overwritten_inside_the_file_is_noticed_by_mending(tmp_path: Path, store: Store, index_url: str) -> None:
    fill(tmp_path, store, Index(index_url))
    with Index(index_url).database.reading() as connection:
        page = connection.execute(sa.text("SELECT rootpage FROM sqlite_master WHERE name = 'results'")).scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    with (tmp_path / "index.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xaa" * size)
    mended = open_or_mend(index_url)
    assert mended.aside is not None
    assert rebuild(mended.index, store, read_summary).bundles == 3


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/x", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_no_index_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Index(url)


def test_a_password_stands_in_no_message() -> None:
    with pytest.raises(StorageError) as caught:
        Index("postgresql://someone:s3cr3t@127.0.0.1:1/none")
    assert "s3cr3t" not in str(caught.value)
    assert "does not answer" in str(caught.value)


def test_sqlite_offers_no_lock_for_stores(index: Index) -> None:
    assert index.store_lock() is None
    with pytest.raises(StorageError, match="PostgreSQL"), index.database.lock("x"):
        pass


def test_a_published_bundle_that_says_it_is_another_is_no_evidence(tmp_path: Path, store: Store, index: Index) -> None:
    sealed = seal(tmp_path)
    impostor = seal(tmp_path, content="impostor")
    store.create(bundle_key(sealed.slot, sealed.digest), impostor.file)
    with pytest.raises(EvidenceError, match="holds bundle"):
        publish(sealed, read_summary, store, index)
    assert index.bundles() == ()
    assert list(store.list("slots/")) == []


def test_readers_do_not_wait_for_a_writer(index: Index, index_url: str) -> None:
    with index.database.writing():
        assert Index(index_url).bundles() == ()
