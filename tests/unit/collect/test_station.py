"""Station 1 as a whole: what is claimed about history, completeness, failures, secrets and people."""

from __future__ import annotations

import gzip
import io
import json
import logging
import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from collecting import DAY, EVENTS, EVENTS_FROM_JSON, KEY, Collection, event, reason, write_json_lines

from airtight.collect import registry
from airtight.collect.connector import CollectionRequest, Pulled, RawFile
from airtight.collect.jsonlines import write_json_lines as json_lines
from airtight.collect.raw_objects import stage_raw
from airtight.collect.redaction import mask, pseudonym
from airtight.collect.reidentification import ReidentificationMap
from airtight.collect.trial import try_mapping
from airtight.domain.collection import Completeness
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema, Redaction
from airtight.domain.source import Credentials, Source
from airtight.errors import ConfigurationError, DefinitionError, SourceUnreachable

PEOPLE_CSV = """id,email,ip,phone
p1,Jane@Example.com ,203.0.113.77,+1 555
p2,,2001:db8:1:2::9,
p3,jane@example.com,AWS Internal,1
"""


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    (tmp_path / "people.csv").write_text(PEOPLE_CSV)
    (tmp_path / f"people-{DAY}.csv").write_text(PEOPLE_CSV)
    write_json_lines(tmp_path / "events.jsonl", [event(1), event(2)])
    return Collection(tmp_path)


def people(collection: Collection, path: str = "people.csv", **changes: object) -> Collection:
    collection.options, collection.populations = {"path": path}, {"people": "people.sql"}
    for name, value in changes.items():
        setattr(collection, name, value)
    return collection


class Fake:
    """A connector that does what a test says."""

    def __init__(self, pull) -> None:
        self.pull = pull

    def check(self, source: Source) -> None: ...

    def keeps_history(self, source: Source) -> bool:
        return False


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, collection: Collection):
    def use(pull) -> Collection:
        monkeypatch.setitem(registry.CONNECTORS, "fake", lambda: Fake(pull))
        collection.connector, collection.mappings = "fake", {"events.sql": EVENTS_FROM_JSON}
        return collection

    return use


# ---- history -------------------------------------------------------------------------------------------------


def test_a_snapshot_taken_within_its_lag_stands_for_the_day(collection: Collection) -> None:
    outcome = people(collection, now=datetime(2026, 9, 15, 6, tzinfo=UTC)).run()
    assert [entry.rows for entry in outcome.collected] == [3]


def test_a_snapshot_taken_late_is_not_put_under_a_past_date(collection: Collection) -> None:
    late = people(collection, now=datetime(2026, 9, 15, 6, 0, 1, tzinfo=UTC))
    assert reason(late.run()).startswith("the source keeps no history")
    assert late.run().provenance is None, "the source was not even asked"


def test_a_snapshot_is_not_made_up_for_by_backfill(collection: Collection) -> None:
    assert reason(people(collection, backfill=True).run()).startswith("the source keeps no history")


def test_a_dated_file_is_the_state_of_its_day_and_may_be_backfilled(collection: Collection) -> None:
    dated = people(collection, "people-{partition}.csv", backfill=True, now=datetime(2027, 1, 1, tzinfo=UTC))
    [population] = dated.run().collected
    assert population.retrospective


def test_events_collected_by_backfill_are_marked(collection: Collection) -> None:
    collection.options, collection.mappings = {"path": "events.jsonl"}, {"events.sql": EVENTS_FROM_JSON}
    assert [entry.retrospective for entry in collection.run(backfill=True).collected] == [True]
    assert [entry.retrospective for entry in collection.run().collected] == [False]


def test_a_window_that_has_not_ended_is_not_collected(collection: Collection) -> None:
    running = datetime(2026, 9, 14, 12, tzinfo=UTC)
    assert "the window has not ended" in reason(collection.run(now=running))
    assert "the day has not come" in reason(people(collection, now=datetime(2026, 9, 13, tzinfo=UTC)).run())


# ---- failures ------------------------------------------------------------------------------------------------


def test_a_source_that_is_down_owes_every_population(fake, collection: Collection) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        raise SourceUnreachable("the source is down.", where="somewhere")

    outcome = fake(pull).run(populations={"events": "events.sql", "people": "people.sql"})
    assert [(entry.population, entry.reason) for entry in outcome.missing] == [
        ("events", "somewhere: the source is down."),
        ("people", "somewhere: the source is down."),
    ]
    assert not list((collection.base / "staging" / "scratch").iterdir()), "nothing half-written stays"


def test_an_unforeseen_fault_is_a_reason_without_data(fake, caplog: pytest.LogCaptureFixture) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        raise KeyError("jane@example.com")

    said = reason(fake(pull).run())
    assert said.startswith("collecting by connector fake failed unexpectedly: KeyError at test_station.py line ")
    assert "jane" not in said + caplog.text


def test_a_pull_without_files_is_no_empty_population(fake) -> None:
    assert "gave no file" in reason(fake(lambda _: Pulled((), "q", "i", None, 1)).run())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"connector": "telepathy"}, "sources.yaml: exports.connector: there is no connector 'telepathy'."),
        ({"populations": {"events": "gone.sql"}}, "there is no mapping 'gone.sql'"),
        ({"populations": {"ghosts": "events.sql"}}, "there is no schema of population 'ghosts'"),
        ({"options": {"path": "events.jsonl", "colour": 1}}, "exports.options.colour"),
    ],
)
def test_a_wrong_declaration_is_a_reason(collection: Collection, change: dict[str, object], complaint: str) -> None:
    collection.options = {"path": "events.jsonl"}
    assert complaint in reason(collection.run(**change))


# ---- completeness and provenance -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        ({"source_count": 2, "count_method": "asked"}, Completeness.PROVEN),
        ({"exhausted": True}, Completeness.EXHAUSTED),
        ({}, Completeness.UNPROVEN),
        ({"source_count": 3, "exhausted": True}, Completeness.UNPROVEN),
        ({"exhausted": True, "rejected": (("half a record", 1),)}, Completeness.UNPROVEN),
    ],
)
def test_completeness_has_a_grade(fake, facts: dict[str, object], grade: Completeness) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        files = (json_lines(request.folder, "raw", [event(1), event(2)]),)
        return Pulled(files, "GET /events", "reader", False, 1, **facts)  # type: ignore[arg-type]

    outcome = fake(pull).run()
    assert [entry.completeness for entry in outcome.collected] == [grade]
    assert outcome.provenance
    assert outcome.provenance.completeness is grade
    assert (outcome.collected[0].discrepancy is not None) == (facts.get("source_count") == 3)


@pytest.mark.parametrize(
    ("raw_count", "other_count", "grade"),
    [
        (2, None, Completeness.PROVEN),
        (None, 3, Completeness.EXHAUSTED),
        (2, 4, Completeness.PROVEN),
        (3, 3, Completeness.UNPROVEN),
    ],
)
def test_count_of_a_stream_speaks_for_what_is_mapped_from_it(
    fake, raw_count: int | None, other_count: int | None, grade: Completeness
) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        raw = json_lines(request.folder, "raw", [event(1), event(2)])
        other = json_lines(request.folder, "other", [{}, {}, {}])
        files = (replace(raw, expected=raw_count), replace(other, expected=other_count))
        return Pulled(files, "GET /events", "reader", False, 1, exhausted=True)

    (entry,) = fake(pull).run().collected
    assert entry.completeness is grade
    assert (entry.discrepancy is not None) == (grade is Completeness.UNPROVEN)


def test_provenance_tells_how_it_was_obtained(fake) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        file = json_lines(request.folder, "raw", [event(1), event(2), event(3, at="x")], "/events?page=1")
        return Pulled((file,), "GET /events", "reader", True, 7, 3, "header X-Total", notes=("slow day",))

    provenance = fake(pull).run().provenance
    assert (provenance.query, provenance.identity, provenance.can_write, provenance.pages) == (
        "GET /events",
        "reader",
        True,
        7,
    )
    assert (provenance.source_count, provenance.count_method, provenance.received) == (3, "header X-Total", 3)
    assert (provenance.started_at, provenance.code_version, provenance.system) == (
        datetime(2026, 9, 15, 1, tzinfo=UTC),
        "test",
        "acme/exports",
    )
    assert provenance.rejected == (("events: occurred_at is not a time", 1),)
    assert provenance.notes == ("slow day",)
    assert [entry.records for entry in provenance.raw] == [3]


def test_large_raw_files_are_staged_in_parts(collection: Collection) -> None:
    path = collection.base / "big.jsonl"
    path.write_bytes(bytes(range(256)) * 10)
    parts = stage_raw([RawFile(path, "raw", "jsonl", "application/jsonl", 5)], collection.staging, largest=1000)
    assert [part.file.size for part in parts] == [1000, 1000, 560]
    assert [part.records for part in parts] == [5, None, None]
    assert b"".join(collection.staging.fetch(part.file).read_bytes() for part in parts) == path.read_bytes()


# ---- secrets -------------------------------------------------------------------------------------------------

PASSWORD = "s3cr3t/pass+word"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_connections_secret_shows_up_nowhere(
    fake,
    collection: Collection,
    caplog: pytest.LogCaptureFixture,
    pack,
) -> None:
    def pull(request: CollectionRequest) -> Pulled:
        path = request.folder / "raw.jsonl"
        path.write_bytes(pack(json.dumps(event(1, note=f"login with {PASSWORD}")).encode()))
        file = RawFile(path, "raw", "jsonl", "application/jsonl", name="raw")
        return Pulled((file,), f"GET /?token={PASSWORD}", f"u:{PASSWORD}", None, 1, notes=(f"used {PASSWORD}",))

    outcome = fake(pull).run(credentials=Credentials(login="u", password=PASSWORD, extra={"region_name": "login"}))
    assert PASSWORD not in repr(outcome)
    [raw] = collection.raw(outcome)
    text = gzip.decompress(raw) if pack is gzip.compress else raw
    assert PASSWORD.encode() not in text
    assert collection.rows(outcome)[0]["note"] == "login with ***"
    assert outcome.provenance
    assert outcome.provenance.secrets_masked == 1

    def fail(request: CollectionRequest) -> Pulled:
        raise SourceUnreachable(f"postgresql://u:{PASSWORD}@h is down.", where=PASSWORD, remedy=f"Try {PASSWORD}")

    caplog.set_level(logging.DEBUG)
    refused = fake(fail).run(credentials=Credentials(uri="postgresql://u:s3cr3t%2Fpass%2Bword@h/db"))
    assert reason(refused) == "***: postgresql://u:***@h is down. Try ***"
    assert PASSWORD not in caplog.text


def test_raw_bytes_without_a_secret_are_left_alone(collection: Collection) -> None:
    data = (collection.base / "events.jsonl").read_bytes()
    outcome = collection.run(
        options={"path": "events.jsonl"},
        mappings={"events.sql": EVENTS_FROM_JSON},
        credentials=Credentials(password=PASSWORD),
    )
    assert collection.raw(outcome) == [data]


def test_a_secret_across_two_pieces_of_a_file_is_found(
    fake,
    collection: Collection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("airtight.collect.scrubbing._CHUNK", 10)

    def pull(request: CollectionRequest) -> Pulled:
        return Pulled((json_lines(request.folder, "raw", [event(1, note=f"a {PASSWORD} b")]),), "", "", None, 1)

    [row] = collection.rows(fake(pull).run(credentials=Credentials(password=PASSWORD)))
    assert row["note"] == "a *** b"


def test_a_connections_secret_in_parquet_is_masked(collection: Collection) -> None:
    table = {"id": ["e1", "e2"], "at": ["2026-09-14T10:00:00Z"] * 2, "kind": ["login"] * 2, "note": [PASSWORD, None]}
    table["nested"] = [{"list": [f"a {PASSWORD}", None]}, None]  # type: ignore[list-item]
    pq.write_table(pa.table(table), collection.base / "x.parquet")
    outcome = collection.run(options={"path": "x.parquet"}, credentials=Credentials(password=PASSWORD))
    assert [row["note"] for row in collection.rows(outcome)] == ["***", None]
    [raw] = collection.raw(outcome)
    assert pq.read_table(io.BytesIO(raw))["nested"].to_pylist() == [{"list": ["a ***", None]}, None]
    assert outcome.provenance
    assert outcome.provenance.secrets_masked == 2


@pytest.mark.parametrize(
    ("credentials", "secrets"),
    [
        (Credentials(uri="postgresql://u:p%40ss@h/db"), {"p%40ss", "p@ss"}),
        (Credentials(uri="postgresql://u:p@ss[word@h/db"), {"p@ss[word"}),
        (Credentials(uri="https://h/db"), set()),
        (Credentials(password="pw", extra={"token": "tok", "region_name": "eu"}), {"pw", "tok"}),
    ],
)
def test_every_secret_of_a_connection_is_known(credentials: Credentials, secrets: set[str]) -> None:
    assert set(credentials.secrets()) == secrets
    assert not any(secret in repr(credentials) for secret in secrets)


# ---- people --------------------------------------------------------------------------------------------------


def test_redaction_happens_before_the_file_is_written(collection: Collection) -> None:
    outcome = people(collection).run()
    rows = {row["person_id"]: row for row in collection.rows(outcome, "people")}
    jane = pseudonym(KEY, "jane@example.com")
    assert (rows["p1"]["email"], rows["p3"]["email"], rows["p2"]["email"]) == (jane, jane, None)
    assert [rows[key]["ip"] for key in ("p1", "p2", "p3")] == ["203.0.113.0/24", "2001:db8:1::/48", "***"]
    assert {row["phone"] for row in rows.values()} == {None}
    assert "jane" not in str(rows).lower()


def test_a_pseudonym_is_stable_keyed_and_tells_nothing() -> None:
    assert pseudonym(KEY, " Jane@Example.COM ") == pseudonym(KEY, "jane@example.com")
    assert pseudonym(KEY, "jane") != pseudonym(b"x" * 32, "jane")
    assert len(pseudonym(KEY, "jane")) == 34
    assert mask("not an address") == "***"


def test_without_a_key_no_pseudonym_is_made_up(collection: Collection) -> None:
    assert "there is no pseudonym key" in reason(people(collection, key=None).run())


def test_lists_and_json_are_redacted_within(collection: Collection) -> None:
    schema = PopulationSchema(
        name="people",
        title="",
        kind=PopulationKind.REGISTER,
        sensitivity="",
        key=("person_id",),
        columns=(
            Column("person_id", ColumnType.ID),
            Column("names", ColumnType.LIST, nullable=True, redaction=Redaction.PSEUDONYM),
            Column("ips", ColumnType.LIST, nullable=True, redaction=Redaction.MASK),
            Column("blob", ColumnType.JSON, nullable=True, redaction=Redaction.MASK),
            Column("age", ColumnType.INT, nullable=True, redaction=Redaction.MASK),
        ),
    )
    sql = """SELECT id AS person_id, ['Jane', NULL] AS names, ['10.1.2.3', 'x'] AS ips,
      '{"a": "secret"}' AS blob, 41 AS age FROM raw WHERE id = 'p1'"""
    outcome = people(collection, schemas={"people": schema}, mappings={"people.sql": sql}).run()
    [row] = collection.rows(outcome, "people")
    assert row["names"] == [pseudonym(KEY, "jane"), None]
    assert row["ips"] == ["10.1.2.0/24", "***"]
    assert (json.loads(str(row["blob"])), row["age"]) == ("***", None)


@pytest.fixture
def restricted(tmp_path: Path) -> tuple[Path, ReidentificationMap]:
    folder = tmp_path / "restricted"
    return folder, ReidentificationMap(folder)


def test_an_engineer_can_name_the_person_and_each_look_up_is_recorded(
    collection: Collection, restricted: tuple[Path, ReidentificationMap]
) -> None:
    folder, known = restricted
    outcome = people(collection, people=known).run()
    found = {row["email"] for row in collection.rows(outcome, "people")} - {None}
    clock = lambda: datetime(2026, 9, 16, tzinfo=UTC)  # noqa: E731
    assert known.look_up(str(*found), "eve", "ticket 7", clock).strip().lower() == "jane@example.com"  # type: ignore[union-attr]
    assert known.look_up("p_nobody", "eve", "curious", clock) is None
    entries = [json.loads(line) for line in (folder / "lookups.jsonl").read_text().splitlines()]
    assert [(entry["who"], entry["which"], entry["why"]) for entry in entries] == [
        ("eve", *found, "ticket 7"),
        ("eve", "p_nobody", "curious"),
    ]
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for staged in (collection.base / "staging").rglob("*"):
        assert not staged.is_file() or b"SQLite format" not in staged.read_bytes()


def test_a_look_up_needs_a_person_and_a_reason(restricted: tuple[Path, ReidentificationMap]) -> None:
    with pytest.raises(DefinitionError, match="a person and a reason"):
        restricted[1].look_up("p_x", "eve", " ", lambda: datetime(2026, 9, 16, tzinfo=UTC))


def test_a_map_that_others_may_read_is_refused(restricted: tuple[Path, ReidentificationMap]) -> None:
    (restricted[0] / "people.sqlite").chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read"):
        ReidentificationMap(restricted[0])


# ---- trial ---------------------------------------------------------------------------------------------------


def test_a_mapping_can_be_tried_without_sealing_anything(collection: Collection) -> None:
    write_json_lines(collection.base / "events.jsonl", [*(event(n) for n in range(4)), event(5, kind="sneeze")])
    collection.options = {"path": "events.jsonl"}
    request = CollectionRequest(
        collection.source,
        window=day_window(DAY),
        partition=DAY.isoformat(),
        folder=collection.base / "trial",
        base=collection.base,
        sample=100,
    )
    trial = try_mapping(request, EVENTS, EVENTS_FROM_JSON, "events.sql", show=2)
    assert trial.columns == EVENTS.column_names
    assert [row[0] for row in trial.rows] == ["e0", "e1"]
    assert (trial.mapped, trial.rejected) == (5, (("kind is not one of the values of its schema", 1),))
    assert not (collection.base / "trial").exists()
    with pytest.raises(DefinitionError, match="no stream"):
        try_mapping(request, EVENTS, "SELECT * FROM nowhere", "events.sql")
