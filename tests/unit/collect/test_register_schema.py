"""JSON Schemas of registers: one definition with the reader, so what the one refuses the other refuses too."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from risk_registers import RISK, RISKS

from airtight.collect.register_check import check_registers
from airtight.collect.register_folder import PlainFolder
from airtight.collect.register_rows import read_register
from airtight.collect.register_schema import register_schema
from airtight.document import parse_document

SOUND = [
    "[]\n",
    RISK,
    RISK.replace("R-1", "8.1").replace(
        "}",
        ", version: 1.10, weight: 2, open: false, seen_at: 2026-09-14, review: 2026-12-31, clauses: [6.1, A.5],"
        " appetite: {max: 4}, sections: ~, file: texts/r1.md}",
    ),
    RISK.replace("}", f", content_sha256: {'ab' * 32}, seen_at: '2026-09-14T10:00:00+02:00'}}"),
]
FAULTY = [
    "risks: []\n",
    "- R-1\n",
    "- {risk_id: R-1, treatment: accept}\n",
    *(
        RISK.replace(*change)
        for change in (
            ("impact", "impct"),
            ("3", "~"),
            ("3", "three"),
            ("3", "3.5"),
            ("3", "true"),
            ("accept", "ignore"),
            ("}", ", open: yes}"),
            ("}", ", seen_at: soon}"),
            ("}", ", review: tomorrow}"),
            ("}", ", clauses: 6.1}"),
            ("}", ", clauses: [[a]]}"),
            ("}", ", content_sha256: ABC}"),
            ("}", ", version: true}"),
        )
    ),
]


def by_schema(text: str) -> bool:
    rows = parse_document(text.encode(), "risks.yaml").value()
    return Draft202012Validator(register_schema(RISKS)).is_valid(rows)


def by_reader(text: str, folder: Path) -> bool:
    (folder / "risks.yaml").write_text(text)
    return not read_register(PlainFolder(folder, "here"), "risks", RISKS).faults


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(register_schema(RISKS))


@pytest.mark.parametrize("text", SOUND)
def test_both_take_what_is_sound(text, tmp_path) -> None:
    assert (by_schema(text), by_reader(text, tmp_path)) == (True, True)


@pytest.mark.parametrize("text", FAULTY)
def test_both_refuse_what_is_not(text, tmp_path) -> None:
    assert (by_schema(text), by_reader(text, tmp_path)) == (False, False)


def test_the_sample_has_a_current_schema_of_each_register(repository: Path) -> None:
    from airtight.definitions.populations import load_populations

    schemas = load_populations(repository / "include" / "catalog" / "populations")
    organisation = repository / "include" / "organisation"
    declared = yaml.safe_load((organisation / "sources.yaml").read_text(encoding="utf-8"))
    kept = {name for source in declared if source["connector"] == "registers" for name in source["populations"]}
    found = {
        file.name.removesuffix(".schema.json"): yaml.safe_load(file.read_text(encoding="utf-8"))
        for file in (organisation / "registers" / "schema").glob("*.json")
    }
    assert found == {name: register_schema(schemas[name]) for name in kept}, "run: airtight registers schema"


def test_a_folder_is_checked_whole(tmp_path) -> None:
    (tmp_path / "risks.yaml").write_text(RISK + RISK.replace("R-1", "R-2").replace("3", "x").replace("accept", "y"))
    (tmp_path / "riskz.yaml").write_text("[]\n")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "r.md").write_text("# Text\n")
    checked = check_registers(tmp_path, {"risks": RISKS})
    assert [fault.where for fault in checked.faults] == [
        "riskz.yaml",
        "risks.yaml:2 [1].impact",
        "risks.yaml:2 [1].treatment",
    ]
    assert checked.rows == {"risks": 2}


def test_a_document_that_differs_is_noted_and_is_no_fault(tmp_path) -> None:
    (tmp_path / "r.md").write_text("# Text\n")
    (tmp_path / "risks.yaml").write_text(RISK.replace("}", f", content_sha256: {'0' * 64}, file: r.md}}"))
    checked = check_registers(tmp_path, {"risks": RISKS})
    assert checked.faults == ()
    assert checked.differing[0].startswith("risks R-1: the document has the SHA-256")
