"""The statement of applicability: 38 rows, each decided, justified, approved and answered, or refused by name."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from airtight.definitions.frameworks import load_frameworks
from airtight.domain.control import Control, LifeCycle, Stage
from airtight.domain.period import Frequency
from airtight.domain.result import ResultState
from airtight.review.registers import Decision, Risk, Treatment
from airtight.review.sheets import sheet
from airtight.review.statement import ANNEX, Evidence, Statement, statement_of
from airtight.review.statement_forms import as_sheet, page

from .governed import DAY

ON = date(2026, 6, 30)
APPROVED = datetime(2026, 3, 1, 9, tzinfo=UTC)
CATALOG = Path(__file__).resolve().parents[3] / "include" / "catalog"
ISO = load_frameworks(CATALOG / "frameworks")["iso42001"]
IDS = tuple(node.id for node in ISO.assessable() if node.kind == ANNEX)


def control(name: str, answers: tuple[str, ...], supports: tuple[str, ...] = ()) -> Control:
    mapped = {"iso42001": answers}
    helped = {"iso42001": supports}
    return Control(name, f"Title of {name}", "", "owner", Frequency.DAILY, ("entity",), mapped, helped, (), (), "", "")


CONTROLS = {each.id: each for each in (control("GV-01", IDS[:20], IDS[20:21]), control("RM-03", IDS[20:]))}


def decision(name: str, **changes: object) -> Decision:
    made = Decision(name, "1", True, f"we need {name}", "implemented", (), (), "cro", APPROVED)
    return replace(made, **changes)  # type: ignore[arg-type]


def stated(*changed: Decision, without: str = "", **evidence: object) -> Statement:
    kept = {each: decision(each) for each in IDS if each != without}
    decisions = [each for each in kept.values() if each.annex_id not in {other.annex_id for other in changed}]
    given = Evidence((*decisions, *changed), (), (), {"GV-01": ResultState.PASS, "RM-03": ResultState.PASS}, {})
    return statement_of("Little Org", ISO, CONTROLS, replace(given, **evidence), ON)  # type: ignore[arg-type]


def row(statement: Statement, name: str):
    return next(each for each in statement.rows if each.annex_id == name)


def test_annex_a_gives_38_rows_in_its_own_order():
    statement = stated()
    assert (len(statement.rows), statement.problems) == (38, ())
    assert [each.annex_id for each in statement.rows] == list(IDS)
    assert statement.approvals == (("cro", APPROVED),)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"applicable": False, "justification": " "}, "A.8.4 is excluded without justification."),
        ({"applicable": True, "justification": None}, "A.8.4 is included without justification."),
        ({"applicable": None}, "A.8.4 is neither included nor excluded."),
        ({"approved_by": None}, "A.8.4 is not approved."),
        ({"approved_by": "  "}, "A.8.4 is not approved."),
        ({"approved_at": None}, "A.8.4 is not approved."),
        ({"approved_at": datetime(2026, 7, 1, tzinfo=UTC)}, "A.8.4 is not approved."),
        ({"control_ids": ("ZZ-09",)}, "A.8.4 names ZZ-09, which the catalog does not hold."),
    ],
)
def test_decision_that_lacks_something_is_refused_by_name(changed, problem):
    assert stated(decision("A.8.4", **changed)).problems == (problem,)


def test_approval_in_the_last_moment_of_the_day_counts():
    late = datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC)
    assert stated(decision("A.8.4", approved_at=late)).problems == ()


def test_missing_id_is_refused_by_name():
    assert stated(without="A.5.4").problems == (
        "A.5.4 (Assessing AI system impact on individuals or groups of individuals) has no decision.",
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("B.8.4", "B.8.4 is no Annex A control. Annex B is guidance to A.8.4, not a list of controls."),
        ("A.6.1", "A.6.1 is no Annex A control. It is a label for A.6.1.2, A.6.1.3."),
        ("6.1.3", "6.1.3 is no Annex A control."),
        ("", "a decision without id is no Annex A control."),
    ],
)
def test_unknown_id_is_refused_by_name(name, problem):
    assert stated(decision(name)).problems == (problem,)


def test_included_control_that_nothing_answers_is_refused():
    lonely = {"GV-01": CONTROLS["GV-01"]}
    found = statement_of("L", ISO, lonely, Evidence([decision(i) for i in IDS], (), (), {}, {}), ON)
    assert found.problems == tuple(f"{name} is included, and no control answers it." for name in IDS[20:])


def test_retired_control_answers_nothing():
    gone = Stage(LifeCycle.RETIRED, date(2026, 6, 1), "cro", "merged")
    controls = {**CONTROLS, "RM-03": replace(CONTROLS["RM-03"], life=(gone,))}
    found = statement_of("L", ISO, controls, Evidence([decision(i) for i in IDS], (), (), {}, {}), ON)
    assert len(found.problems) == 18


def test_excluded_control_with_reason_needs_no_control():
    nobody = decision("A.8.4", applicable=False, implementation="none")
    controls = {"GV-01": control("GV-01", tuple(name for name in IDS if name != "A.8.4"))}
    decisions = [decision(name) for name in IDS if name != "A.8.4"]
    assert statement_of("L", ISO, controls, Evidence([*decisions, nobody], (), (), {}, {}), ON).problems == ()


def test_latest_approved_version_is_in_force_and_a_draft_waits():
    draft = decision("A.8.4", version="3", applicable=False, approved_by=None, approved_at=None)
    second = decision("A.8.4", version="2", justification="newer", approved_at=datetime(2026, 5, 1, tzinfo=UTC))
    statement = stated(decision("A.8.4"), draft, second)
    assert (row(statement, "A.8.4").version, row(statement, "A.8.4").justification) == ("2", "newer")
    assert statement.pending == ("A.8.4, version 3",)


def test_row_shows_controls_results_risks_and_treatments():
    risks = (Risk("R-1", control_ids=("GV-01",)), Risk("R-2", control_ids=("AC-01",)))
    treatments = (Treatment("T-1", "R-1"), Treatment("T-2", "R-2"))
    statement = stated(risks=risks, treatments=treatments)
    shown = row(statement, IDS[0])
    assert [(answer.control, answer.state) for answer in shown.answers] == [("GV-01", ResultState.PASS)]
    assert (shown.risks, shown.treatments) == (("R-1",), ("T-1",))
    assert row(statement, IDS[20]).supporting == ("GV-01",)


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"control_ids": ("RM-03",)}, "the decision names RM-03; the catalog does not map it to A.2.2"),
        ({"applicable": False, "implementation": "partial"}, "excluded, and said to be partial"),
        ({"risk_ids": ("R-9",)}, "the decision names R-9, which the risk register does not hold"),
    ],
)
def test_what_does_not_fit_together_is_noted_not_refused(changed, note):
    statement = stated(decision("A.2.2", **changed))
    assert (statement.problems, note in row(statement, "A.2.2").notes) == ((), True)


def test_implemented_without_any_passing_control_is_noted():
    statement = stated(states={"GV-01": ResultState.INCONCLUSIVE, "RM-03": ResultState.PASS})
    noted = {each.annex_id for each in statement.rows if each.notes}
    assert noted == set(IDS[:20])


def test_excluded_control_that_a_treatment_relies_on_is_noted():
    out = decision("A.2.2", applicable=False, implementation="none")
    statement = stated(out, risks=(Risk("R-1", control_ids=("GV-01",)),))
    assert row(statement, "A.2.2").notes == ("excluded, and the treatment of R-1 relies on a control that answers it",)


def test_page_escapes_what_people_wrote_and_loads_nothing():
    html = page(stated(decision("A.8.4", justification="<script>alert(1)</script>")), {"A.8.4": "licensed <b>text</b>"})
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "licensed &lt;b&gt;text" in html
    assert "http" not in html.replace("http-equiv", "")


def test_objectives_keep_the_order_of_annex_a():
    html = page(stated(), {})
    assert html.index("A.2 Policies") < html.index("A.9 ") < html.index("A.10 ")


def test_csv_has_a_line_for_each_control_and_starts_no_formula():
    text = as_sheet(stated(decision("A.8.4", justification="=HYPERLINK(1)"))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(rows) == 38
    assert rows[IDS.index("A.8.4")]["justification"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\uff1d1"])
def test_cell_that_a_spreadsheet_would_run_is_quoted(cell):
    written = sheet(("a",), [(cell,)]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(written, newline="").readlines()[1:]))[0].startswith("'")


def _rows(*changed: dict[str, object]) -> list[dict[str, object]]:
    named = {str(each["annex_id"]): each for each in changed}
    plain = {"version": "1", "applicable": True, "justification": "needed", "implementation": "planned"}
    approved = {"control_ids": ["CF-01"], "risk_ids": [], "approved_by": "p1", "approved_at": "2026-03-01T09:00:00Z"}
    return [{"annex_id": name, **plain, **approved, **named.get(name, {})} for name in IDS]


def test_sealed_register_becomes_a_statement(governed, command, tmp_path):
    governed.keep("soa", _rows())
    governed.collect()
    html, sheet_file = tmp_path / "soa.html", tmp_path / "soa.csv"
    found = command("soa", "--html", str(html), "--csv", str(sheet_file), "--json")
    assert found.returncode == 0, found.stderr
    document = json.loads(found.stdout)
    assert (len(document["rows"]), document["problems"], document["day"]) == (38, [], DAY)
    assert document["bundles"]["soa"][0] in html.read_text()
    assert len(sheet_file.read_bytes().splitlines()) == 39


def test_refused_statement_writes_no_file(governed, command, tmp_path):
    governed.keep("soa", _rows({"annex_id": "A.8.4", "applicable": False, "justification": ""})[:-1])
    governed.collect()
    html = tmp_path / "soa.html"
    found = command("soa", "--html", str(html))
    assert (found.returncode, html.exists()) == (2, False)
    assert "refused: A.8.4 is excluded without justification." in found.stderr
    assert "refused: A.10.4" in found.stderr
    assert "Traceback" not in found.stderr


def test_day_without_the_register_names_the_latest_that_has_it(governed, command):
    governed.keep("soa", _rows())
    governed.collect()
    found = command("soa", "--on", "2026-06-29")
    assert (found.returncode, "The latest day that has it is 2026-06-30" in found.stderr) == (2, True)


def test_without_sealed_evidence_there_is_no_statement(command):
    found = command("soa")
    assert (found.returncode, "no sealed evidence holds 'soa'" in found.stderr) == (2, True)
