"""What the index promises, whichever database keeps it: run over each by the fixtures ``index`` and ``index_url``."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from bundles import COLLECTION, DAY, RESULTS, facts, line, population, read_summary, seal

from airtight.domain.bundle import BundleKind, BundleSummary, SealedPopulation, Slot
from airtight.domain.result import ResultState
from airtight.errors import StorageError
from airtight.publish.acts import Act, AlertState, Verified
from airtight.publish.database import IndexBroken
from airtight.publish.index import Chosen, Index
from airtight.publish.rows import derived_rows
from airtight.publish.tables import METADATA

NOON = datetime(2026, 9, 15, 12, 0, 0, 250, tzinfo=UTC)
FORK = multiprocessing.get_context("fork")


def summary(folder: Path, slot: Slot = COLLECTION, **contents: object) -> BundleSummary:
    sealed = seal(folder, slot, **contents)  # type: ignore[arg-type]
    key = f"bundles/{sealed.digest}.zip"
    with sealed.file.open("rb") as file:
        read = read_summary(file, key)
    return replace(read, ref=replace(read.ref, size=sealed.size))


def everything(index: Index) -> list[object]:
    with index.database.reading() as connection:
        return [dict(row) for row in derived_rows(connection)]


def accounts(slot: Slot, source: str = "okta", trouble: str | None = None) -> SealedPopulation:
    return population("accounts", slot, source, trouble)


def test_what_was_recorded_is_found_again(index: Index, tmp_path: Path) -> None:
    sealed = summary(tmp_path, populations=(accounts(COLLECTION), population("hr_roster", COLLECTION, "hr")))
    index.record(sealed, "version-1")
    found = index.find(sealed.ref.digest)
    assert found is not None
    assert (found.ref, found.facts, found.version, found.superseded) == (sealed.ref, sealed.facts, "version-1", False)
    assert index.sealed_populations(["accounts", "hr_roster"], DAY, DAY) == sealed.populations
    assert index.find("0" * 64) is None


def test_recording_again_changes_nothing(index: Index, tmp_path: Path) -> None:
    sealed = summary(tmp_path, populations=(accounts(COLLECTION),), results=(line("AC-01"),))
    index.record(sealed, "v")
    before = everything(index)
    index.record(sealed, "v")
    assert everything(index) == before


def test_another_bundle_in_an_indexed_slot_is_refused(index: Index, tmp_path: Path) -> None:
    index.record(summary(tmp_path))
    with pytest.raises(StorageError, match="airtight reindex"):
        index.record(summary(tmp_path, content="other"))


def test_the_head_is_the_latest_revision_and_history_keeps_all(index: Index, tmp_path: Path) -> None:
    first = summary(tmp_path)
    second = summary(tmp_path, replace(COLLECTION, revision=1), content="second", supersedes=first.ref.digest)
    assert index.head(BundleKind.COLLECTION, "access_reviews", DAY) is None
    index.record(second)
    index.record(first)
    assert index.head(BundleKind.COLLECTION, "access_reviews", DAY) == second.ref
    assert index.history(COLLECTION) == (first.ref, second.ref)
    assert [bundle.superseded for bundle in index.bundles()] == [True, False]
    assert [bundle.ref for bundle in index.bundles(Chosen(current_only=True))] == [second.ref]
    assert index.head(BundleKind.COLLECTION, "change_records", DAY) is None


def test_populations_come_from_bundles_that_nothing_supersedes(index: Index, tmp_path: Path) -> None:
    first = summary(tmp_path, populations=(accounts(COLLECTION, trouble="Okta was down"),))
    later = replace(COLLECTION, revision=1)
    second = summary(tmp_path, later, content="second", supersedes=first.ref.digest, populations=(accounts(later),))
    index.record(first)
    assert index.sealed_populations(["accounts"], DAY, DAY) == first.populations
    index.record(second)
    assert index.sealed_populations(["accounts"], DAY, DAY) == second.populations


def test_populations_are_chosen_by_name_and_by_days_both_included(index: Index, tmp_path: Path) -> None:
    for day in ("2026-09-13", "2026-09-14", "2026-09-15", "2026-09-16"):
        slot = Slot(BundleKind.COLLECTION, "access_reviews", day)
        index.record(summary(tmp_path, slot, populations=(accounts(slot, "b"), accounts(slot, "a"))))
    found = index.sealed_populations(["accounts", "accounts", "no_such"], "2026-09-14", "2026-09-15")
    assert [(entry.partition, entry.source) for entry in found] == [
        ("2026-09-14", "a"),
        ("2026-09-14", "b"),
        ("2026-09-15", "a"),
        ("2026-09-15", "b"),
    ]
    assert index.sealed_populations([], "2026-09-14", "2026-09-15") == ()
    assert index.sealed_populations(["accounts"], "2026-09-15", "2026-09-14") == ()


def test_bundles_are_chosen_by_kind_name_partition_and_control(index: Index, tmp_path: Path) -> None:
    index.record(summary(tmp_path))
    index.record(summary(tmp_path, RESULTS, results=(line("AC-01"), line("AC-01", "AC-01.T1"))))
    other = replace(RESULTS, partition="2026-09-15")
    index.record(summary(tmp_path, other, results=(line("CH-01"),)))

    def chosen(**wanted: object) -> list[Slot]:
        return [bundle.ref.slot for bundle in index.bundles(Chosen(**wanted))]  # type: ignore[arg-type]

    assert chosen() == [COLLECTION, RESULTS, other]
    assert chosen(kind=BundleKind.RESULTS) == [RESULTS, other]
    assert chosen(name="access_reviews") == [COLLECTION]
    assert chosen(first="2026-09-15") == [other]
    assert chosen(last="2026-09-14") == [COLLECTION, RESULTS]
    assert chosen(control="AC-01") == [RESULTS]
    assert chosen(control="AC-02") == []


def test_results_keep_every_fact_of_their_lines(index: Index, tmp_path: Path) -> None:
    whole = line(
        "AC-01",
        "AC-01.T1",
        ResultState.INCONCLUSIVE,
        reason="okta gave nothing",
        population_n=None,
        tested_n=None,
        deviation_n=3,
        waived_n=1,
        no_occurrence=True,
        causes=("okta-users", "hr"),
        planned=True,
    )
    sealed = summary(tmp_path, RESULTS, results=(whole, line("CH-01")))
    index.record(sealed)
    found = index.results()
    assert tuple(result.line for result in found) == sealed.results
    assert (found[0].bundle, found[0].partition, found[0].revision) == (sealed.ref.digest, DAY, 0)
    assert [result.line.control for result in index.results(Chosen(control="CH-01"))] == ["CH-01"]


def test_latest_results_are_those_of_the_latest_day_and_revision(index: Index, tmp_path: Path) -> None:
    first = summary(tmp_path, RESULTS, results=(line("AC-01"), line("CH-01")))
    corrected = replace(RESULTS, revision=1)
    second = summary(
        tmp_path, corrected, supersedes=first.ref.digest, results=(line("AC-01", state=ResultState.FAIL), line("CH-01"))
    )
    next_day = replace(RESULTS, partition="2026-09-15")
    index.record(first)
    index.record(second)
    index.record(summary(tmp_path, next_day, results=(line("AC-01", state=ResultState.EXCEPTIONS),)))
    latest = [(found.line.control, found.line.state, found.partition) for found in index.latest_results()]
    assert latest == [("AC-01", ResultState.EXCEPTIONS, "2026-09-15"), ("CH-01", ResultState.PASS, DAY)]
    assert [found.line.state for found in index.latest_results(DAY)] == [ResultState.FAIL, ResultState.PASS]


@pytest.mark.parametrize("reason", ["nul\0byte", "half a pair \ud800", "Zoë 🙂 ' \" % :x \\", "", "x" * 100_000])
def test_odd_text_is_indexed(index: Index, tmp_path: Path, reason: str) -> None:
    sealed = summary(tmp_path, RESULTS, results=(line("AC-01"),))
    index.record(replace(sealed, results=(line("AC-01", reason=reason),), facts=facts(reason)))
    (found,) = index.results()
    expected = reason.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    assert found.line.reason == expected
    (bundle,) = index.bundles()
    assert bundle.facts.reason == expected


def test_the_journal_keeps_acts_in_order(index: Index) -> None:
    acts = [
        Act(NOON, "ann", "waive", "AC-01", {"until": "2026-12-31", "n": [1, None]}),
        Act(NOON, "bo", "view", "x", {}),
    ]
    numbers = [index.journal.append(act) for act in acts]
    assert [entered.act for entered in index.journal.acts()] == acts
    assert [entered.number for entered in index.journal.acts(after=numbers[0])] == numbers[1:]
    assert [entered.act.who for entered in index.journal.acts(subject="AC-01")] == ["ann"]


@pytest.mark.parametrize("attempt", ["UPDATE journal SET who = 'eve'", "DELETE FROM journal"])
def test_the_database_itself_refuses_to_change_the_journal(index: Index, attempt: str) -> None:
    index.journal.append(Act(NOON, "ann", "waive", "AC-01", {}))
    with pytest.raises(StorageError, match="append-only"), index.database.writing() as connection:
        connection.execute(sa.text(attempt))
    assert [entered.act.who for entered in index.journal.acts()] == ["ann"]


def test_a_time_without_zone_is_refused(index: Index) -> None:
    with pytest.raises((ValueError, sa.exc.StatementError), match="time zone"):
        index.journal.append(Act(NOON.replace(tzinfo=None), "ann", "view", "x", {}))


def test_only_a_change_of_state_or_cause_is_a_change(index: Index) -> None:
    down = AlertState("source:okta", "failed", NOON, "unreachable")
    assert index.alerts.change(down) == (True, None)
    assert index.alerts.change(replace(down, since=NOON + timedelta(days=1))) == (False, down)
    refused = replace(down, root_cause="log-in refused")
    assert index.alerts.change(refused) == (True, down)
    up = replace(down, state="collected", root_cause=None)
    assert index.alerts.change(up) == (True, refused)
    assert index.alerts.states() == {"source:okta": up}


def test_bundles_never_verified_come_first_then_the_longest_ago(index: Index, tmp_path: Path) -> None:
    digests = []
    for day in ("2026-09-11", "2026-09-12", "2026-09-13", "2026-09-14"):
        sealed = summary(tmp_path, replace(COLLECTION, partition=day))
        index.record(sealed)
        digests.append(sealed.ref.digest)
    for age, digest in enumerate(digests[:3]):
        index.verifications.add(Verified(digest, NOON - timedelta(days=age), "holds"))
    assert index.verifications.due(0) == (digests[3],)
    assert index.verifications.due(2) == (digests[3], digests[2], digests[1])
    again = Verified(digests[2], NOON, "altered", "data/x differs")
    index.verifications.add(again)
    assert index.verifications.of(digests[2])[-1] == again
    assert index.verifications.due(1) == (digests[3], digests[1])


def test_opening_again_finds_everything(index: Index, index_url: str, tmp_path: Path) -> None:
    sealed = summary(tmp_path)
    index.record(sealed)
    assert Index(index_url).find(sealed.ref.digest) == index.find(sealed.ref.digest)


def test_the_migrations_lead_to_the_tables_that_the_code_uses(index: Index) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with index.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "airtight_version"})
        assert compare_metadata(context, METADATA) == []


def test_an_index_of_a_newer_version_is_refused(index: Index, index_url: str) -> None:
    with index.database.writing() as connection:
        connection.execute(sa.text("UPDATE airtight_version SET version_num = '9999'"))
    with pytest.raises(IndexBroken, match=r"newer version .*airtight reindex"):
        Index(index_url)


@pytest.mark.parametrize("table", ["results", "journal", "airtight_version"])
def test_a_missing_table_is_named_with_the_remedy(index: Index, index_url: str, table: str) -> None:
    with index.database.writing() as connection:
        connection.execute(sa.text(f"DROP TABLE {table}"))
    with pytest.raises(IndexBroken, match="airtight reindex"):
        Index(index_url)


def test_a_table_that_vanishes_under_an_open_index_is_told_plainly(index: Index) -> None:
    with index.database.writing() as connection:
        connection.execute(sa.text("DROP TABLE results"))
    with pytest.raises(IndexBroken, match="airtight reindex"):
        index.results()


def _open(url: str, start: object, opened: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    Index(url)
    opened.put(1)  # type: ignore[attr-defined]


def test_processes_that_open_a_fresh_index_at_once_migrate_it_once(index_url: str) -> None:
    start, opened = FORK.Barrier(6), FORK.Queue()
    workers = [FORK.Process(target=_open, args=(index_url, start, opened)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6
    assert Index(index_url).bundles() == ()


def _note(url: str, start: object, told: object) -> None:
    index = Index(url)
    start.wait()  # type: ignore[attr-defined]
    told.put(index.alerts.change(AlertState("control:AC-01", "fail", NOON, None))[0])  # type: ignore[attr-defined]


def test_of_processes_that_note_one_change_at_once_one_is_told(index: Index, index_url: str) -> None:
    start, told = FORK.Barrier(6), FORK.Queue()
    workers = [FORK.Process(target=_note, args=(index_url, start, told)) for _ in range(6)]
    for worker in workers:
        worker.start()
    assert sorted(told.get(timeout=60) for _ in workers) == [False] * 5 + [True]
    for worker in workers:
        worker.join(60)


def _record(url: str, sealed: BundleSummary, start: object) -> None:
    index = Index(url)
    start.wait()  # type: ignore[attr-defined]
    for _ in range(10):
        index.record(sealed)


def test_processes_that_record_one_bundle_at_once_leave_it_once(index: Index, index_url: str, tmp_path: Path) -> None:
    sealed = summary(tmp_path, RESULTS, results=(line("AC-01"),))
    start = FORK.Barrier(4)
    workers = [FORK.Process(target=_record, args=(index_url, sealed, start)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(everything(index)) == 2
