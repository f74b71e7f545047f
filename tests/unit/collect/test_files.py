"""Connector files: what people export survives, and what is broken is refused by name."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from collecting import EVENTS_FROM_JSON, Collection, event, reason, write_json_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from airtight.collect.connector import CsvDialect, RawFile
from airtight.collect.csv_records import open_csv
from airtight.collect.files import FilesConnector
from airtight.collect.json_records import record_batches
from airtight.domain.collection import Completeness
from airtight.errors import DefinitionError, SourceChanged, SourceIncomplete

JSON = {"mappings": {"events.sql": EVENTS_FROM_JSON}}


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path)


def read_csv(path: Path, **dialect: object) -> tuple[tuple[str, ...], list[list[str | None]]]:
    rows = open_csv(RawFile(path, "raw", "csv", "text/csv", name=path.name, dialect=CsvDialect(**dialect)))
    return rows.columns, [row for batch in rows.batches() for row in batch]


@pytest.mark.parametrize(
    "data",
    [
        b"id,at,kind,note\ne1,2026-09-14T10:00:00Z,login,caf\xc3\xa9\n",
        b"\xef\xbb\xbfid,at,kind,note\r\ne1,2026-09-14T10:00:00Z,login,caf\xc3\xa9\r\n",
        b"id;at;kind;note\ne1;2026-09-14T10:00:00Z;login;caf\xe9",
        b" id\t at \tkind\tnote\n e1 \t2026-09-14T12:00:00+02:00\t login\tcaf\xc3\xa9 \n\n",
        b'id|at|kind|note\n"e1"|"2026-09-14 10:00:00"|login|"caf\xc3\xa9"\n',
        "id,at,kind,note\ne1,2026-09-14T10:00:00Z,login,café\n".encode("utf-16"),
        gzip.compress(b"id,at,kind,note\re1,2026-09-14T10:00:00Z,login,caf\xc3\xa9\r"),
    ],
    ids=["plain", "bom-crlf", "semicolon-latin1", "tabs-padded-offset", "pipes-quoted", "utf16", "gzip-cr"],
)
def test_csv_as_people_write_it_gives_the_same_row(collection: Collection, data: bytes) -> None:
    (collection.base / "export.csv").write_bytes(data)
    [row] = collection.rows(outcome := collection.run())
    assert (row["event_id"], str(row["occurred_at"]), row["kind"], row["note"]) == (
        "e1",
        "2026-09-14 10:00:00",
        "login",
        "café",
    )
    assert collection.raw(outcome) == [data], "raw files keep every byte"


def test_an_encoding_that_had_to_be_assumed_is_noted(collection: Collection) -> None:
    (collection.base / "export.csv").write_bytes(b"id,at,kind,note\ne1,2026-09-14T10:00:00Z,login,caf\xe9\n")
    assumed, declared = collection.run(), collection.run(options={"path": "export.csv", "encoding": "latin-1"})
    assert assumed.provenance
    assert declared.provenance
    assert assumed.provenance.notes == ("export.csv is not UTF-8; it was read as Latin-1.",)
    assert declared.provenance.notes == ()


def test_a_declared_encoding_that_does_not_fit_is_refused(collection: Collection) -> None:
    (collection.base / "export.csv").write_bytes(b"id,at\ne1,caf\xe9\n")
    assert reason(collection.run(options={"path": "export.csv", "encoding": "utf-8"})) == (
        "export.csv: the file is not utf-8, as declared."
    )


def test_quoted_newlines_and_delimiters_stay_in_their_cell(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('a,b\n"one\ntwo","x, ""y"""\n')
    assert read_csv(tmp_path / "x.csv") == (("a", "b"), [["one\ntwo", 'x, "y"']])


cells = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    packed=st.booleans(),
)
def test_any_cells_survive(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    end: str,
    encoding: str,
    packed: bool,
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    data = text.getvalue().encode(encoding)
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(gzip.compress(data) if packed else data)
    columns, found = read_csv(path)
    assert columns == ("a", "b", "c")
    assert found == [[cell.strip() or None for cell in row] for row in rows]


def test_a_ragged_row_is_refused_and_counted_never_shifted(collection: Collection) -> None:
    lines = ["id,at,kind,note", *(f"e{n},2026-09-14T10:00:00Z,login,x" for n in range(5)), "e9,login,x", "e8,a,b,c,d"]
    (collection.base / "export.csv").write_text("\n".join(lines))
    outcome = collection.run()
    assert [row["event_id"] for row in collection.rows(outcome)] == ["e0", "e1", "e2", "e3", "e4"]
    assert outcome.provenance
    assert outcome.provenance.received == 7
    assert dict(outcome.provenance.rejected) == {
        "row has fewer cells than the header": 1,
        "row has more cells than the header": 1,
    }
    assert outcome.collected[0].completeness is Completeness.UNPROVEN


def test_mostly_ragged_rows_are_another_shape(collection: Collection) -> None:
    (collection.base / "export.csv").write_text("id,at,kind,note\na,b\nc,d\n")
    assert "2 of 2 rows do not have the 4 cells of the header" in reason(collection.run())


def test_a_missing_column_is_named_with_what_was_found(collection: Collection) -> None:
    (collection.base / "export.csv").write_text("id,when,kind,note\ne1,2026-09-14,login,x\n")
    assert reason(collection.run()) == "events.sql: the mapping needs column 'at'; found: raw (id, when, kind, note)."
    required = collection.run(options={"path": "export.csv", "required": ["at"]})
    assert reason(required).startswith("export.csv: column 'at' is missing; found: id, when, kind, note.")


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"", "there is no header line"),
        (b"a,b,A\n1,2,3\n", "column 'a' stands twice"),
        (b'a,b\n1,"never ends\n', "line 2 is not CSV"),
    ],
)
def test_a_broken_csv_says_what_is_wrong(tmp_path: Path, data: bytes, complaint: str) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises((SourceChanged, SourceIncomplete), match=f"x.csv: .*{complaint}"):
        read_csv(tmp_path / "x.csv")


def test_a_file_without_a_header_takes_the_declared_names(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1;2\n3;4\n")
    assert read_csv(tmp_path / "x.csv", header=("a", "b")) == (("a", "b"), [["1", "2"], ["3", "4"]])


@pytest.mark.parametrize(
    ("name", "data", "options"),
    [
        ("x.json", json.dumps([event(1), event(2)]).encode(), {}),
        ("x.json.gz", gzip.compress(json.dumps({"Records": [event(1), event(2)]}).encode()), {"records": "$.Records"}),
        ("x.json", json.dumps({"a": {"b": [event(1), event(2)]}, "z": 1}).encode(), {"records": "$.a.b"}),
        ("x.jsonl", "\r\n\r\n".join(json.dumps(event(n)) for n in (1, 2)).encode(), {}),
        ("x.dat", b"\xef\xbb\xbf" + b"\n".join(json.dumps(event(n)).encode() for n in (1, 2)), {"format": "jsonl"}),
        ("x.json", json.dumps([event(1), event(2)]).encode("utf-16"), {}),
    ],
    ids=["array", "records-gzip", "deeper", "lines-crlf-blank", "lines-bom", "utf16"],
)
def test_json_in_its_forms_gives_the_same_rows(
    collection: Collection, name: str, data: bytes, options: dict[str, str]
) -> None:
    (collection.base / name).write_bytes(data)
    outcome = collection.run(options={"path": name, **options}, **JSON)
    assert [row["event_id"] for row in collection.rows(outcome)] == ["e1", "e2"]
    assert outcome.provenance
    assert outcome.provenance.received == 2


def test_one_object_is_one_record(collection: Collection) -> None:
    (collection.base / "x.json").write_text(json.dumps(event(1)))
    assert len(collection.rows(collection.run(options={"path": "x.json"}, **JSON))) == 1


def test_a_large_json_file_streams_to_the_same_records(tmp_path: Path) -> None:
    expected = [event(n, big=10**30, share=0.25, text="é🦊") for n in range(500)]
    (tmp_path / "x.json").write_text(json.dumps({"Records": expected}))
    file = RawFile(tmp_path / "x.json", "raw", "json", "application/json", name="x.json", records_path="$.Records")
    whole = [json.loads(record) for batch in record_batches(file) for record in batch]
    streamed = [json.loads(record) for batch in record_batches(file, in_one_piece=100) for record in batch]
    assert whole == streamed == expected


@pytest.mark.parametrize("in_one_piece", [10**6, 5])
def test_a_list_that_is_not_where_it_was_declared_is_another_shape(tmp_path: Path, in_one_piece: int) -> None:
    (tmp_path / "x.json").write_text('{"Other": []}')
    file = RawFile(tmp_path / "x.json", "raw", "json", "application/json", name="x.json", records_path="$.Records")
    with pytest.raises(SourceChanged, match=r"x.json: there is no list of records at \$.Records"):
        list(record_batches(file, in_one_piece))


@pytest.mark.parametrize("in_one_piece", [10**6, 50])
def test_half_a_json_page_is_incomplete(tmp_path: Path, in_one_piece: int) -> None:
    (tmp_path / "x.json").write_bytes(json.dumps([event(n) for n in range(9)]).encode()[:-30])
    with pytest.raises(SourceIncomplete, match=r"x\.json"):
        list(record_batches(RawFile(tmp_path / "x.json", "raw", "json", "", name="x.json"), in_one_piece))


def test_a_bad_line_is_named_without_its_text(collection: Collection) -> None:
    (collection.base / "x.jsonl").write_text(json.dumps(event(1)) + "\n\n" + '{"id": "person@example.com\n')
    said = reason(collection.run(options={"path": "x.jsonl"}, **JSON))
    assert said.startswith("x.jsonl: line 3 is not JSON")
    assert "person@example.com" not in said


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv"])
def test_a_truncated_gzip_file_is_incomplete(collection: Collection, name: str) -> None:
    write_json_lines(collection.base / name, [event(n) for n in range(2000)])
    path = collection.base / name
    path.write_bytes(path.read_bytes()[:-40])
    assert reason(collection.run(options={"path": name}, **JSON)).startswith(f"{name}: the gzip file is cut off.")


def test_a_damaged_gzip_file_is_incomplete(collection: Collection) -> None:
    write_json_lines(collection.base / "x.jsonl", [event(n) for n in range(2000)])
    data = bytearray((collection.base / "x.jsonl").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (collection.base / "x.jsonl").write_bytes(data)
    assert "x.jsonl: the gzip file is" in reason(collection.run(options={"path": "x.jsonl"}, **JSON))


def test_half_a_surrogate_pair_does_not_lose_the_record(collection: Collection) -> None:
    (collection.base / "x.jsonl").write_text(json.dumps(event(1, note="a\ud83d")) + "\n" + json.dumps(event(2)) + "\n")
    rows = collection.rows(collection.run(options={"path": "x.jsonl"}, **JSON))
    assert [row["note"] for row in rows] == ["a?", None]


def test_huge_numbers_keep_their_digits(collection: Collection) -> None:
    (collection.base / "x.jsonl").write_text(
        '{"id":123456789012345678901234567890,"at":"2026-09-14T00:00:00Z","kind":"login"}\n'
    )
    [row] = collection.rows(collection.run(options={"path": "x.jsonl"}, **JSON))
    assert row["event_id"] == "123456789012345678901234567890"


def test_nan_is_not_json(collection: Collection) -> None:
    (collection.base / "x.jsonl").write_text('{"id": NaN}\n')
    assert "x.jsonl: line 1 is not JSON: NaN is not JSON." in reason(
        collection.run(options={"path": "x.jsonl"}, **JSON)
    )


def test_json_nested_too_deeply_is_refused(collection: Collection) -> None:
    (collection.base / "x.json").write_text("[" * 100_000 + "]" * 100_000)
    assert "nested too deeply" in reason(collection.run(options={"path": "x.json"}, **JSON))


def test_parquet_keeps_native_columns(collection: Collection) -> None:
    pq.write_table(
        pa.table({"id": ["e1"], "at": pa.array([1_789_387_200_000], pa.timestamp("ms")), "n": [{"k": "login"}]}),
        collection.base / "x.parquet",
    )
    sql = 'SELECT id AS event_id, "at" AS occurred_at, n.k AS kind FROM raw'
    [row] = collection.rows(collection.run(options={"path": "x.parquet"}, mappings={"events.sql": sql}))
    assert str(row["occurred_at"]) == "2026-09-14 12:00:00"
    data = (collection.base / "x.parquet").read_bytes()
    (collection.base / "y.parquet").write_bytes(data[:-10])
    assert "y.parquet: the Parquet file is cut off" in reason(collection.run(options={"path": "y.parquet"}))


def test_templates_globs_and_streams_find_their_files(collection: Collection) -> None:
    for number, place in enumerate(["2026/09/14/a.jsonl", "2026/09/14/deep/b.jsonl", "2026/09/13/c.jsonl"]):
        write_json_lines(collection.base / place, [event(number)])
    (collection.base / "2026-09-14.csv").write_text("id,label\ne0,zero\n")
    sql = EVENTS_FROM_JSON.replace("FROM raw", "FROM log JOIN names ON names.id = record->>'$.id'")
    outcome = collection.run(
        options={"streams": {"log": "{year}/{month}/{day}/**/*.jsonl", "names": {"path": "{partition}.csv"}}},
        mappings={"events.sql": sql},
    )
    assert [row["event_id"] for row in collection.rows(outcome)] == ["e0"]
    assert outcome.provenance
    assert outcome.provenance.query == "2026/09/14/**/*.jsonl 2026-09-14.csv"
    assert [entry.stream for entry in outcome.provenance.raw] == ["log", "log", "names"]


def test_a_missing_file_is_unreachable(collection: Collection) -> None:
    assert reason(collection.run(options={"path": "{partition}/*.csv"})).startswith("no file matches 2026-09-14/*.csv.")


def test_counts_prove_or_disprove(collection: Collection) -> None:
    write_json_lines(collection.base / "a.jsonl", [event(1), event(2)])
    options = {"path": "a.jsonl", "counts": "counts.json"}
    (collection.base / "counts.json").write_text('{"a.jsonl": 2}')
    [proven] = collection.run(options=options, **JSON).collected
    assert proven.completeness is Completeness.PROVEN
    assert proven.discrepancy is None
    (collection.base / "counts.json").write_text('{"a.jsonl": 3}')
    [differing] = collection.run(options=options, **JSON).collected
    assert differing.completeness is Completeness.UNPROVEN
    assert differing.discrepancy == "a.jsonl: the source counts 3 records, 2 were received"
    (collection.base / "counts.json").write_text('{"a.jsonl": 2, "b.jsonl": 1}')
    [lacking] = collection.run(options=options, **JSON).collected
    assert lacking.discrepancy == "the source counts 3 records, 2 were received"
    (collection.base / "counts.json").write_text('{"a.jsonl": ')
    assert "the counts file is not JSON" in reason(collection.run(options=options, **JSON))


def test_files_that_swap_records_do_not_cancel_out(collection: Collection) -> None:
    write_json_lines(collection.base / "a.jsonl", [event(1)])
    write_json_lines(collection.base / "b.jsonl", [event(2), event(3), event(4)])
    (collection.base / "counts.json").write_text('{"a.jsonl": 2, "b.jsonl": 2}')
    [population] = collection.run(options={"path": "*.jsonl", "counts": "counts.json"}, **JSON).collected
    assert population.discrepancy == "a.jsonl: the source counts 2 records, 1 were received"


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"path": "x.csv", "colour": "red"}, "colour"),
        ({}, "path"),
        ({"path": "x.csv", "streams": {"a": "b.csv"}}, "path"),
        ({"path": "x.dat"}, "path"),
        ({"path": "x.csv", "format": "xml"}, "format"),
        ({"path": "x.csv", "records": "$.R"}, "records"),
        ({"path": "x.csv", "delimiter": ";;"}, "delimiter"),
        ({"path": "x.csv", "encoding": "klingon"}, "encoding"),
        ({"path": "x.csv", "keeps_history": "yes"}, "keeps_history"),
        ({"path": "{date}.csv"}, "path"),
        ({"streams": {"a b": "x.csv"}}, "streams.a b"),
        ({"streams": {"a": {"path": "x.csv", "colour": 1}}}, "streams.a.colour"),
        ({"path": "../x.csv"}, None),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, options: dict[str, object], key: str | None) -> None:
    with pytest.raises(DefinitionError) as refused:
        FilesConnector().check(Collection(tmp_path, options=options).source)
    assert refused.value.where == "sources.yaml: exports.options" + (f".{key}" if key else "")


def test_only_an_absolute_path_leaves_the_base(
    collection: Collection, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.csv"
    outside.write_text("id,at,kind,note\ne1,2026-09-14T10:00:00Z,login,\n")
    assert len(collection.rows(collection.run(options={"path": str(outside)}))) == 1
    climbing = f"../{outside.parent.name}/x.csv"
    assert "leaves the base folder" in reason(collection.run(options={"path": climbing}))
