"""Pages about the catalog say what the definitions say, and nothing in them is taken for HTML."""

from __future__ import annotations

from airtight.domain.control import Case, Control, ControlTest, Design, Nature, Operation
from airtight.domain.framework import Framework, Requirement
from airtight.domain.period import Frequency
from airtight.review.documents import control_list, filled, requirement_list

PROCEDURE = "Deviation when over\n  {hours} hours, of {kinds}, see {unknown}."
TEST = ControlTest(
    id="AC-01.T1",
    title="Leavers <b>",
    kind="sql",
    procedure=PROCEDURE,
    window="day",
    populations=("accounts", "people_history"),
    requires=(),
    population="SELECT 1",
    tested=None,
    untested_reason=None,
    deviations="SELECT 1",
    parameters={"hours": 24, "kinds": ("human", "shared")},
    tolerance=0.05,
    empty_ok=False,
    cases=(Case("left two days ago", {}, ()),),
)
CONTROL = Control(
    id="AC-01",
    title="Leavers | lose access",
    objective="Access ends.",
    owner="IT operations",
    frequency=Frequency.DAILY,
    tiers=("high", "low"),
    requirements={"soc2": ("CC6.2",)},
    supports={"soc2": ("CC6.3",)},
    tests=(TEST,),
    life=(),
    file="",
    digest="",
    design=Design("Leavers go on.", Nature.DETECTIVE, Operation.AUTOMATED, "one account", "Internal auditor"),
    depth={"high": Frequency.DAILY, "low": Frequency.MONTHLY},
)
SOC2 = Framework(
    "soc2",
    "Criteria",
    "2017",
    (
        Requirement("soc2", "CC6", "Access", "series", None, False),
        Requirement("soc2", "CC6.2", "Registration", "criterion", "CC6", True),
        Requirement("soc2", "CC6.3", "Least | privilege", "criterion", "CC6", True),
    ),
)
CONTROLS, FRAMEWORKS = {"AC-01": CONTROL}, {"soc2": SOC2}


def test_control_is_told_with_all_that_an_auditor_asks():
    page = control_list(CONTROLS, FRAMEWORKS)
    for told in (
        "1 controls, 1 tests, 1 worked examples.",
        "| **Frequency** | daily (high daily, low monthly) |",
        "| **soc2, direct** | CC6.2 |",
        "| **soc2, supporting** | CC6.3 |",
        "| **Risk** | Leavers go on. |",
        "| **Design** | detective, automated |",
        "| **Design judged by** | Internal auditor |",
        "- populations: `accounts`, `people_history`",
        "- parameters: `hours` = 24, `kinds` = human, shared",
        "- tolerance: 0.05 of the items tested",
    ):
        assert told in page


def test_procedure_is_told_with_its_parameters():
    assert filled(TEST) == "Deviation when over 24 hours, of human, shared, see {unknown}."


def test_nothing_written_in_a_definition_breaks_the_page():
    page = control_list(CONTROLS, FRAMEWORKS)
    assert "Leavers \\| lose access" in page
    assert "### AC-01.T1 Leavers &lt;b>" in page


def test_matrix_tells_direct_from_supporting():
    page = requirement_list(CONTROLS, FRAMEWORKS)
    assert "`soc2`: 2 requirements, 1 with a direct control." in page
    assert "| CC6.2 | Registration | [AC-01](controls.md#ac-01) |  |" in page
    assert "| CC6.3 | Least \\| privilege |  | [AC-01](controls.md#ac-01) |" in page
    assert "| **CC6** | **Access** |  |  |" in page


def test_licensed_text_stands_beside_its_title_only_where_given():
    assert "Registration: Text of ours" in requirement_list(CONTROLS, FRAMEWORKS, {("soc2", "CC6.2"): "Text of ours"})
    assert "Text of ours" not in requirement_list(CONTROLS, FRAMEWORKS)


def test_pages_are_written_once_and_found_stale_afterwards(command, tmp_path):
    folder = tmp_path / "pages"
    assert command("docs", "--into", str(folder), "--check").returncode == 1
    assert "2 of 2 pages written" in command("docs", "--into", str(folder)).stdout
    assert command("docs", "--into", str(folder), "--check").returncode == 0
    assert "0 of 2 pages written" in command("docs", "--into", str(folder)).stdout
    folder.joinpath("controls.md").write_text("something else")
    stale = command("docs", "--into", str(folder), "--check")
    assert (stale.returncode, "controls.md is stale" in stale.stdout) == (1, True)


def test_pages_of_an_organisation_elsewhere_need_a_folder(command):
    found = command("docs")
    assert (found.returncode, "--into FOLDER" in found.stderr) == (2, True)
