"""The index in PostgreSQL: what every index promises, and the locks that only it has."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
import sqlalchemy as sa

from airtight.domain.bundle import Environment
from airtight.errors import StorageError
from airtight.publish.database import _lock_number
from airtight.publish.index import Index
from airtight.publish.opening import open_store
from airtight.publish.publisher import publish
from airtight.publish.reindex import open_or_mend, rebuild

pytest.register_assert_rewrite("index_promises")
from bundles import COLLECTION, ORGANISATION, RESULTS, line, population, read_summary, seal  # noqa: E402
from index_promises import *  # noqa: E402, F403
from index_promises import everything  # noqa: E402

pytestmark = pytest.mark.server
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def index_url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def index(index_url: str) -> Index:
    return Index(index_url)


def test_both_databases_hold_the_same_rows(index: Index, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"), Environment.SAMPLE, ORGANISATION)
    other = Index(f"sqlite:///{tmp_path / 'index.db'}")
    for slot in (COLLECTION, RESULTS):
        publish(
            seal(tmp_path, slot, populations=(population("accounts", slot),), results=(line("AC-01"),)),
            read_summary,
            store,
            other,
        )
    rebuild(index, store, read_summary)
    assert everything(index) == everything(other)
    assert len(everything(index)) == 6


def test_a_damaged_database_is_not_ours_to_move(index: Index, index_url: str) -> None:
    with index.database.writing() as connection:
        connection.execute(sa.text("DROP TABLE results"))
    with pytest.raises(StorageError, match="empty database"):
        open_or_mend(index_url)


def test_partitions_are_ordered_by_their_bytes_whatever_the_database_speaks(index: Index, tmp_path: Path) -> None:
    with index.database.reading() as connection:
        ordered = sa.text("SELECT collation_name FROM information_schema.columns WHERE column_name = 'partition'")
        assert set(connection.execute(ordered).scalars()) == {"C"}


def _hold(url: str, held: object) -> None:
    with Index(url).database.lock("key"):
        held.set()  # type: ignore[attr-defined]
        signal.pause()


def test_a_lock_keeps_others_out_until_its_holder_is_killed(index: Index, index_url: str) -> None:
    held = FORK.Event()
    holder = FORK.Process(target=_hold, args=(index_url, held))
    holder.start()
    assert held.wait(30)
    assert not _can_take(index, "key")
    assert _can_take(index, "another key")
    os.kill(holder.pid or 0, signal.SIGKILL)
    holder.join()
    with index.database.lock("key"):  # waits until the server has seen its holder die
        assert not _can_take(index, "key")


def _can_take(index: Index, name: str) -> bool:
    number = _lock_number(f"airtight/store/{name}")
    with index.database.reading() as connection:
        return bool(connection.execute(sa.select(sa.func.pg_try_advisory_xact_lock(number))).scalar_one())
