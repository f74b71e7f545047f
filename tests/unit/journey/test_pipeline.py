"""The journey of a day: what is sealed stays, what is late supersedes, what is missing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from airtight import pipeline, queries
from airtight.domain.bundle import BundleKind
from airtight.domain.result import ResultState
from airtight.errors import ConfigurationError, DefinitionError, EvidenceError, StorageError
from airtight.installation import Installation, Trigger
from airtight.publish.index import Chosen

from .conftest import ACCOUNTS_CSV, DAY

ENGINEER = Trigger(kind="manual", by="ada", reason="the export came late")


def _test(opened: Installation, test: str):
    result, _ = queries.control_result(opened, test[:5], DAY)
    return next(each for each in result.tests if each.test == test)


def test_leaver_still_active_is_a_deviation_of_the_sealed_day(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    found = _test(opened, "AC-01.T1")
    assert found.state is ResultState.FAIL
    assert [dict(deviation.key)["account_id"] for deviation in found.deviations] == ["a2"]
    assert {entry.population for entry in found.inputs} == {"hr_roster", "accounts"}


def test_running_a_day_again_changes_nothing(little, scheduled, clock):
    opened = little.open()
    first = pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    before = [bundle.ref for bundle in opened.index.bundles()]
    little.export(accounts=None)
    again = pipeline.run_day(opened, DAY, trigger=replace(scheduled, run_id="manual__2", kind="manual"), clock=clock)
    assert again == first
    assert [bundle.ref for bundle in opened.index.bundles()] == before


def test_collecting_again_needs_a_person_and_a_reason(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    with pytest.raises(ConfigurationError, match="by a person, for a reason"):
        pipeline.collect_day(opened, "access_reviews", DAY, trigger=scheduled, again=True, clock=clock)


def test_source_that_fails_takes_only_its_own_populations(little, scheduled, clock):
    little.state.joinpath("exports/hr", DAY, "people.csv").unlink()
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    sealed = {entry.population: entry for entry in opened.index.sealed_populations(["hr_roster", "accounts"], DAY, DAY)}
    assert sealed["accounts"].collected
    assert not sealed["hr_roster"].collected
    assert "no file matches" in (sealed["hr_roster"].trouble or "")
    leaver = _test(opened, "AC-01.T1")
    assert leaver.state is ResultState.INCONCLUSIVE
    assert leaver.causes == ("hr",)
    assert _test(opened, "AC-04.T1").state is ResultState.PASS


def test_late_source_leads_to_superseding_bundles_and_both_stay(little, scheduled, clock):
    little.state.joinpath("exports/hr", DAY, "people.csv").unlink()
    opened = little.open()
    first = pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    little.export()
    collected = pipeline.collect_day(opened, "access_reviews", DAY, trigger=ENGINEER, again=True, clock=clock)
    second = pipeline.evaluate(opened, DAY, trigger=ENGINEER)
    assert collected.bundle.slot.revision == 1
    assert second.bundle.supersedes == first.bundle.digest
    assert _test(opened, "AC-01.T1").state is ResultState.FAIL
    revisions = opened.index.bundles(Chosen(kind=BundleKind.RESULTS, first=DAY, last=DAY))
    assert [(bundle.ref.slot.revision, bundle.superseded) for bundle in revisions] == [(0, True), (1, False)]
    assert opened.index.find(collected.bundle.digest).facts.reason == "the export came late"


def test_collecting_again_never_loses_what_stood(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    little.state.joinpath("exports/hr", DAY, "people.csv").unlink()
    pipeline.collect_day(opened, "access_reviews", DAY, trigger=ENGINEER, again=True, clock=clock)
    sealed = opened.index.sealed_populations(["hr_roster"], DAY, DAY)
    assert [(entry.collected, entry.rows) for entry in sealed] == [(True, 2)]


def test_personal_data_is_in_no_bundle(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    import io

    import pyarrow.parquet as pq

    from airtight.seal.read import BundleReader

    head = opened.index.head(BundleKind.COLLECTION, "access_reviews", DAY)
    with opened.store.open(head.key) as file:
        reader = BundleReader(file)
        parquet = pq.read_table(io.BytesIO(reader.read("data/populations/hr/hr_roster.parquet"))).to_pylist()
        everything = b"".join(reader.read(name) for name in reader.names if name.startswith("data/"))
    assert all(row["work_email"].startswith("p_") for row in parquet)
    assert b"ada@little.example" not in everything


def test_staging_is_empty_after_publishing(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    assert [path for path in (little.state / "staging").rglob("*") if path.is_file()] == []


def test_late_records_supersede_and_the_same_records_do_not(little, scheduled, clock):
    sources = little.overlay / "sources.yaml"
    sources.write_text(
        sources.read_text().replace("  populations: {accounts", "  settles_after: P2D\n  populations: {accounts")
    )
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    assert pipeline.recount(opened, DAY, trigger=scheduled, clock=clock) == ()
    little.export(accounts=ACCOUNTS_CSV + "a3,late,E1,active,,2026-06-30T09:00:00\n")
    (again,) = pipeline.recount(opened, DAY, trigger=scheduled, clock=clock)
    assert (again.bundle.slot.revision, again.bundle.supersedes is not None) == (1, True)
    assert [entry.rows for entry in opened.index.sealed_populations(["accounts"], DAY, DAY)] == [3]
    assert [entry.rows for entry in opened.index.sealed_populations(["hr_roster"], DAY, DAY)] == [2]


def test_register_names_what_is_missing_and_the_day_stays_due(little, scheduled, clock):
    opened = little.open()
    coverage = pipeline.watch_coverage(opened, DAY, trigger=scheduled)
    assert coverage.day_due
    assert {bundle.name for bundle in coverage.register.missing} == {"access_reviews", "controls"}
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    after = pipeline.watch_coverage(opened, DAY, trigger=scheduled)
    assert not after.day_due
    assert after.register.missing == ()
    assert after.bundle.supersedes is not None


def test_altered_bundle_is_not_judged_from(little, scheduled, clock):
    opened = little.open()
    pipeline.collect_day(opened, "access_reviews", DAY, trigger=scheduled, clock=clock)
    head = opened.index.head(BundleKind.COLLECTION, "access_reviews", DAY)
    file = little.state / "bundles" / head.key
    content = bytearray(file.read_bytes())
    place = content.index(b"PAR1") + 40
    content[place] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(EvidenceError, match="parquet"):
        pipeline.evaluate(opened, DAY, trigger=scheduled)
    report = pipeline.verify_archive(opened, clock=clock)
    assert report.verified == 1
    assert "parquet" in report.broken[0]


def test_bundle_that_vanished_is_missed_by_the_archive(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    assert pipeline.verify_archive(opened, clock=clock).broken == ()
    head = opened.index.head(BundleKind.RESULTS, "controls", DAY)
    little.state.joinpath("bundles", head.key).unlink()
    report = pipeline.verify_archive(opened, clock=clock)
    assert any("no longer holds it" in sentence for sentence in report.broken)
    assert any("is gone" in sentence for sentence in report.broken)


def test_reindex_gives_the_same_index_again(little, scheduled, clock):
    from airtight.journey.mending import rebuild_index

    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    before = (opened.index.bundles(), opened.index.results())
    little.state.joinpath("index.db").write_bytes(b"no database at all")
    mended = rebuild_index(opened.settings)
    assert mended.aside is not None
    assert mended.bundles == 3
    reopened = little.open()
    assert (reopened.index.bundles(), reopened.index.results()) == before


def test_lost_index_is_noticed_before_a_day_is_collected_twice(little, scheduled, clock):
    pipeline.run_day(little.open(), DAY, trigger=scheduled, clock=clock)
    for file in little.state.glob("index.db*"):
        file.unlink()
    with pytest.raises(StorageError, match="airtight reindex"):
        little.open()


def test_unknown_source_and_odd_partition_are_refused(little, scheduled):
    opened = little.open()
    with pytest.raises(DefinitionError, match="there is no source 'nobody'"):
        pipeline.collect(opened, "nobody", DAY, trigger=scheduled)
    with pytest.raises(DefinitionError, match="is not a day"):
        pipeline.collect(opened, "hr", "30.06.2026", trigger=scheduled)


def test_sample_evidence_is_refused_by_a_production_store(little, scheduled, clock):
    opened = little.open()
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=clock)
    settings = little.overlay / "airtight.yaml"
    settings.write_text(settings.read_text().replace("sample", "production"))
    with pytest.raises(ConfigurationError, match="sample evidence"):
        little.open()
