"""Connector ``registers``: what people write becomes rows, faults are named, and history is what was committed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from collecting import DAY, Collection, reason
from dulwich import porcelain
from risk_registers import RISK, RISKS

from airtight.collect.connector import CollectionRequest
from airtight.collect.registers import RegistersConnector
from airtight.definitions.sources import identity_mapping
from airtight.domain.collection import Completeness
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema
from airtight.domain.source import IDENTITY
from airtight.errors import DefinitionError

OTHERS = PopulationSchema(
    name="others",
    title="Others",
    kind=PopulationKind.REGISTER,
    sensitivity="internal",
    key=("id",),
    columns=(Column("id", ColumnType.ID),),
)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    """A folder of registers that keeps its days, below the state folder."""
    (tmp_path / str(DAY)).mkdir()
    return Collection(
        tmp_path,
        connector="registers",
        options={"folder": "{partition}"},
        populations={"risks": IDENTITY.format("risks")},
        mappings={IDENTITY.format(schema.name): identity_mapping(schema) for schema in (RISKS, OTHERS)},
        schemas={"risks": RISKS, "others": OTHERS},
    )


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def written(name: str, text: str | bytes) -> Path:
        file = tmp_path / str(DAY) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    return written


def test_a_list_of_rows_becomes_the_population(collection, write) -> None:
    write(
        "risks.yaml",
        """# kept by the risk office
- risk_id: R-1
  version: 1.0
  impact: 3
  weight: 0.5
  treatment: accept
  open: true
  seen_at: 2026-09-14T12:00:00+02:00
  review: 2026-12-31
  clauses: [6.1, A.5.2]
  appetite: {max: 4, zones: [a, null]}
""",
    )
    outcome = collection.run()
    [row] = collection.rows(outcome, "risks")
    assert row == {
        "risk_id": "R-1",
        "version": "1.0",
        "impact": 3,
        "weight": 0.5,
        "treatment": "accept",
        "open": True,
        "seen_at": datetime(2026, 9, 14, 10, tzinfo=UTC).replace(tzinfo=None),
        "review": date(2026, 12, 31),
        "clauses": ["6.1", "A.5.2"],
        "appetite": '{"max":4,"zones":["a",null]}',
        "content_sha256": None,
        "published_sha256": None,
        "sections": None,
    }
    assert outcome.collected[0].completeness is Completeness.PROVEN


def test_an_empty_list_is_a_proven_zero(collection, write) -> None:
    write("risks.yaml", "[]\n")
    outcome = collection.run()
    assert (outcome.collected[0].rows, outcome.collected[0].completeness) == (0, Completeness.PROVEN)


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_no_empty_register(collection, write, text) -> None:
    write("risks.yaml", text)
    assert reason(collection.run()).startswith("risks.yaml: the file is empty.")


def test_a_register_that_is_not_there_is_not_empty(collection) -> None:
    assert "there is no register risks" in reason(collection.run())


def test_json_is_read_with_tabs_escapes_and_lines(collection, write) -> None:
    write("risks.json", '[\n\t{"risk_id": "R\\u002d1 \\ud83d\\ude00 \\/", "impact": 3, "treatment": "accept"}\n]')
    assert collection.rows(collection.run(), "risks")[0]["risk_id"] == "R-1 😀 /"
    write("risks.json", '[\n\t{"risk_id": "R-1",\n\t"impact": "3", "treatment": "accept"}\n]')
    assert reason(collection.run()).startswith("risks.json:3 [0].impact: impact is not a whole number.")


def test_a_markdown_file_is_a_row_with_digest_and_headings(collection, write) -> None:
    front = "---\r\n# kept by Ada\r\nrisk_id: R-2\r\nimpact: 2\r\ntreatment: mitigate\r\n---\r\n"
    text = front + "# Purpose\r\n```\n# no heading\n```\n## Scope ##\n"
    file = write("risks/r2.md", text)
    write("risks.yaml", RISK)
    rows = {row["risk_id"]: row for row in collection.rows(collection.run(), "risks")}
    assert set(rows) == {"R-1", "R-2"}
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert rows["R-2"]["content_sha256"] == rows["R-2"]["published_sha256"] == digest
    assert rows["R-2"]["sections"] == ["Purpose", "Scope"]


def test_markdown_without_front_matter_is_refused_by_name(collection, write) -> None:
    write("risks/r2.md", "# Purpose\n")
    assert reason(collection.run()).startswith("risks/r2.md:1: the file has no front matter.")


def test_a_document_that_differs_from_the_register_comes_out_with_both_digests(collection, write) -> None:
    document = write("risks/policy.md", "# Text as published\n")
    write("risks.yaml", RISK.replace("}", f", content_sha256: {'0' * 64}, file: risks/policy.md}}"))
    [row] = collection.rows(collection.run(), "risks")
    assert row["content_sha256"] == "0" * 64
    assert row["published_sha256"] == hashlib.sha256(document.read_bytes()).hexdigest()
    document.unlink()
    assert collection.rows(collection.run(), "risks")[0]["published_sha256"] is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("risks: []\n", "risks.yaml:1: the file is a mapping. It must be a list."),
        ("- R-1\n", "risks.yaml:1 [0]: [0] is text. It must be a mapping (key: value)."),
        (RISK + RISK.replace("R-1", "R-2").replace("impact", "impct"), "risks.yaml:2 [1].impct: unknown key 'impct'."),
        ("- {risk_id: R-1, treatment: accept}\n", "risks.yaml:1 [0]: key 'impact' is missing."),
        (RISK.replace("3", "~"), "risks.yaml:1 [0].impact: impact is empty."),
        (RISK.replace("3", "three"), "risks.yaml:1 [0].impact: impact is not a whole number."),
        (RISK.replace("3", "3.5"), "risks.yaml:1 [0].impact: impact is not a whole number."),
        (RISK.replace("3", "true"), "risks.yaml:1 [0].impact: impact is not a whole number."),
        (RISK.replace("accept", "ignore"), "risks.yaml:1 [0].treatment: treatment is not one of its values."),
        (RISK.replace("}", ", open: yes}"), "risks.yaml:1 [0].open: open is not true or false."),
        (RISK.replace("}", ", review: 2026-02-30}"), "risks.yaml:1 [0].review: review is not a day"),
        (RISK.replace("}", ", seen_at: soon}"), "risks.yaml:1 [0].seen_at: seen_at is not a time"),
        (RISK.replace("}", ", seen_at: '9999-12-31T23:30:00-01:00'}"), "risks.yaml:1 [0].seen_at: seen_at is not"),
        (RISK.replace("}", ", clauses: 6.1}"), "risks.yaml:1 [0].clauses: clauses is not a list of words."),
        (RISK.replace("}", ", clauses: [[a]]}"), "risks.yaml:1 [0].clauses: clauses is not a list of words."),
        (RISK.replace("}", ", content_sha256: ABC}"), "risks.yaml:1 [0].content_sha256: content_sha256 is not a SHA"),
        (RISK.replace("}", ", file: ../secret}"), "risks.yaml:1 [0].file: the file lies outside the folder."),
        (RISK.replace("}", ", impact: 4}"), "risks.yaml:1 [0]: key 'impact' stands twice."),
        (RISK + "\n" + RISK, "risks.yaml:3 [1]: the row has the same risk_id as risks.yaml:1."),
        (RISK + "  - [\n", "risks.yaml:2: not YAML:"),
        (b"\xff\xfe\x00", "risks.yaml: the file is not UTF-8 text."),
    ],
)
def test_a_fault_refuses_the_register_by_file_line_and_key(collection, write, text, fault) -> None:
    write("risks.yaml", text)
    assert reason(collection.run()).startswith(fault)


def test_several_faults_are_counted(collection, write) -> None:
    write("risks.yaml", RISK.replace("3", "x").replace("accept", "y"))
    assert "And 1 more" in reason(collection.run())


def test_a_message_never_shows_the_value(collection, write) -> None:
    write("risks.yaml", RISK.replace("3", "jane@example.com").replace("accept", "jane@example.com"))
    assert "jane" not in reason(collection.run())


def test_a_refused_register_leaves_the_others_alone(collection, write) -> None:
    write("risks.yaml", RISK.replace("3", "x"))
    write("others.yaml", "- {id: O-1}\n")
    outcome = collection.run(populations={name: IDENTITY.format(name) for name in ("risks", "others")})
    assert [entry.population for entry in outcome.collected] == ["others"]
    assert [entry.population for entry in outcome.missing] == ["risks"]


def test_the_files_themselves_are_kept(collection, write) -> None:
    file = write("risks.yaml", "# approved in the meeting\n" + RISK)
    assert file.read_bytes() in collection.raw(collection.run())


def test_rows_of_another_shape_are_read_by_a_mapping(collection, write) -> None:
    write("risks.yaml", "- {nummer: R-9, wirkung: 2}\n")
    sql = "SELECT record->>'$.nummer' AS risk_id, record->'$.wirkung' AS impact, 'accept' AS treatment FROM risks"
    outcome = collection.run(populations={"risks": "own.sql"}, mappings={"own.sql": sql})
    assert collection.rows(outcome, "risks")[0]["risk_id"] == "R-9"


# ---- history -------------------------------------------------------------------------------------------------


def commit(folder: Path, text: str, moment: datetime) -> None:
    (folder / "registers").mkdir(exist_ok=True)
    (folder / "registers" / "risks.yaml").write_text(text)
    porcelain.add(str(folder), [str(folder / "registers" / "risks.yaml")])
    who, at = b"Ada <ada@lumen.example>", int(moment.timestamp())
    porcelain.commit(
        str(folder), b"Assess", author=who, committer=who, commit_timestamp=at, author_timestamp=at, commit_timezone=0
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    porcelain.init(str(tmp_path)).close()
    commit(tmp_path, RISK, datetime(2026, 9, 14, 9, tzinfo=UTC))
    commit(tmp_path, RISK.replace("3", "4"), datetime(2026, 9, 14, 23, 59, 59, tzinfo=UTC))
    commit(tmp_path, RISK.replace("3", "5"), datetime(2026, 9, 15, tzinfo=UTC))
    return tmp_path


def committed(collection: Collection, repository: Path) -> Collection:
    collection.options = {"folder": str(repository / "registers"), "history": "git"}
    collection.organisation = repository
    return collection


def test_the_version_committed_by_the_end_of_the_day_counts(collection, repository) -> None:
    (repository / "registers" / "risks.yaml").write_text(RISK.replace("3", "6"))
    later = committed(collection, repository)
    outcome = later.run(now=datetime(2027, 1, 1, tzinfo=UTC), backfill=True)
    assert later.rows(outcome, "risks")[0]["impact"] == 4
    assert "2026-09-14T23:59:59Z" in outcome.provenance.query


def test_a_day_before_the_first_commit_has_no_register(collection, repository) -> None:
    outcome = committed(collection, repository).run(window=day_window(date(2026, 9, 13)))
    assert "nothing was committed before 2026-09-14T00:00:00Z" in reason(outcome)


def test_a_folder_outside_of_git_has_no_history_to_read(collection, tmp_path) -> None:
    collection.options = {"folder": "/", "history": "git"}
    collection.organisation = tmp_path
    assert "lies in no git repository" in reason(collection.run())


def test_a_folder_of_people_counts_from_the_organisation_and_tells_today_only(collection, tmp_path) -> None:
    (tmp_path / "organisation" / "registers").mkdir(parents=True)
    (tmp_path / "organisation" / "registers" / "risks.yaml").write_text(RISK)
    collection.options, collection.organisation = {"folder": "registers"}, tmp_path / "organisation"
    assert collection.run(now=datetime(2026, 9, 15, 6, tzinfo=UTC)).collected
    assert "a register cannot be made up for later" in reason(collection.run(backfill=True))
    late = reason(collection.run(now=datetime(2026, 9, 15, 6, 0, 1, tzinfo=UTC)))
    assert "the register would have been taken more than 6 hours after its day" in late


def test_a_folder_that_names_its_day_may_be_read_later(collection, write) -> None:
    write("risks.yaml", RISK)
    assert collection.run(now=datetime(2027, 1, 1, tzinfo=UTC), backfill=True).collected


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({}, "folder"),
        ({"folder": "registers", "path": "x"}, "path"),
        ({"folder": "registers/{hour}"}, "folder"),
        ({"folder": "s3://bucket/registers"}, "folder"),
        ({"folder": "registers", "history": "svn"}, "history"),
        ({"folder": "registers", "branch": "main"}, "branch"),
        ({"folder": "registers/{partition}", "history": "git"}, "history"),
        ({"folder": "registers", "keeps_history": "yes"}, "keeps_history"),
    ],
)
def test_wrong_options_are_refused_by_name(collection, options, key) -> None:
    collection.options = options
    with pytest.raises(DefinitionError) as refused:
        RegistersConnector().check(collection.source)
    assert refused.value.where == f"sources.yaml: exports.options.{key}"


def test_a_first_look_counts_rows_and_tells_faults(collection, write, tmp_path) -> None:
    write("risks.yaml", RISK + RISK.replace("R-1", "R-2").replace("3", "x"))
    (tmp_path / "raw").mkdir()
    request = CollectionRequest(
        collection.source, collection.window, str(DAY), tmp_path / "raw", tmp_path, schemas=collection.schemas
    )
    seen = RegistersConnector().probe(request)
    assert seen.records == 2
    assert json.dumps(seen.notes).count("impact is not a whole number") == 1
