"""A name that articles use leads to the real ids, to controls and to the note; the gap is counted from controls."""

from __future__ import annotations

from pathlib import Path

import pytest

from airtight.definitions.frameworks import load_crosswalk, load_frameworks
from airtight.domain.control import Control
from airtight.domain.framework import Framework, Requirement
from airtight.domain.period import Frequency
from airtight.review.crosswalk import look_up, near
from airtight.review.gap import Standing, gap_between

FOLDER = Path(__file__).resolve().parents[3] / "include" / "catalog" / "frameworks"
FRAMEWORKS = load_frameworks(FOLDER)
ALIASES = load_crosswalk(FOLDER / "crosswalk.yaml", FRAMEWORKS)


def control(name: str, soc2: tuple[str, ...] = (), iso: tuple[str, ...] = (), helps: tuple[str, ...] = ()) -> Control:
    mapped = {"soc2": soc2, "iso42001": iso}
    return Control(name, name, "", "", Frequency.DAILY, (), mapped, {"iso42001": helps}, (), (), "", "")


CONTROLS = {
    each.id: each
    for each in (
        control("DT-01", ("PI1.2",), ("A.7.4",)),
        control("DV-03", ("PI1.3",), ("A.6.2.4", "A.6.2.6")),
        control("GV-01", (), ("5.1",), helps=("A.5.4",)),
        control("AC-01", ("CC6.2",)),
    )
}


def asked(name: str):
    return look_up(name, FRAMEWORKS, ALIASES, CONTROLS)


@pytest.mark.parametrize("name", ["A.7.2 Fairness", "a.7.2  FAIRNESS", "Fairness", "fairness A.7.2"])
def test_wrong_label_leads_to_real_ids_controls_and_note(name):
    first = asked(name)[0]
    assert (first.label, first.relation) == ("A.7.2 Fairness", "wrong-id")
    assert [node.id for node in first.requirements] == ["A.5.4", "A.6.1.2", "A.6.2.4", "A.6.2.6", "A.7.4"]
    assert "Annex C" in first.note
    assert first.controls == ("DT-01", "DV-03")  # DT-01 is named by the crosswalk; DV-03 answers more
    assert first.supporting == ("GV-01",)


def test_id_alone_says_what_it_is_beside_what_others_take_it_for():
    found = asked("A.7.2")
    assert [meaning.label for meaning in found] == ["A.7.2 Fairness", "A.7.2"]
    assert "Data for development" in found[1].note


@pytest.mark.parametrize(
    ("name", "ids"), [("A.6.1", ["A.6.1.2", "A.6.1.3"]), ("CC3", ["CC3.1", "CC3.2", "CC3.3", "CC3.4"])]
)
def test_heading_leads_to_the_requirements_below_it(name, ids):
    meaning = asked(name)[-1]
    assert (meaning.relation, [node.id for node in meaning.requirements]) == ("label", ids)


def test_every_alias_is_found_under_its_own_label():
    assert all(asked(alias.label)[0].label == alias.label for alias in ALIASES)


@pytest.mark.parametrize("name", ["", "  ", "Blockchain", "🦆"])
def test_unknown_name_means_nothing(name):
    assert asked(name) == ()


def test_misspelt_name_gets_a_hint():
    assert "A.7.2 Fairness" in near("A.7.2 Fairnes", FRAMEWORKS, ALIASES)


def requirement(framework: str, name: str, parent: str | None = None, assessable: bool = True) -> Requirement:
    return Requirement(framework, name, f"title {name}", "clause", parent, assessable)


BASE = Framework("soc2", "Base", "1", (requirement("soc2", "PI1.2"), requirement("soc2", "CC6.2")))
TARGET = Framework(
    "iso42001",
    "Target",
    "1",
    (
        requirement("iso42001", "A.7", assessable=False),
        requirement("iso42001", "A.7.4", "A.7"),
        requirement("iso42001", "5", assessable=False),
        requirement("iso42001", "5.1", "5"),
        requirement("iso42001", "5.2", "5"),
        requirement("iso42001", "A.5.4"),
    ),
)


def test_gap_tells_what_comes_along_from_what_is_added():
    found = gap_between(BASE, TARGET, CONTROLS)
    assert [(row.requirement.id, row.standing) for row in found.rows] == [
        ("A.7.4", Standing.COMES_ALONG),
        ("5.1", Standing.ADDITIONAL),
        ("5.2", Standing.OPEN),
        ("A.5.4", Standing.OPEN),  # a control that only helps does not answer
    ]
    assert (found.beyond_percent, found.unshared_percent) == (75.0, 75.0)
    assert [(each.clause, each.total, each.comes_along, each.additional, each.open) for each in found.clauses] == [
        ("A.7", 1, 1, 0, 0),
        ("5", 2, 0, 1, 1),
        ("A.5.4", 1, 0, 0, 1),
    ]
    assert (found.shared_controls, found.only_base, found.only_target) == (("DT-01", "DV-03"), ("AC-01",), ("GV-01",))


def test_control_that_the_base_could_do_without_brings_nothing_along():
    twin = control("RM-01", ("PI1.2",))
    found = gap_between(BASE, TARGET, {**CONTROLS, "RM-01": twin})
    assert found.rows[0].standing is Standing.ADDITIONAL
    assert (found.rows[0].shared, found.unshared_percent) == (("DT-01",), 75.0)
    assert (found.needed, found.added) == (("AC-01", "DV-03", "RM-01"), ("DT-01", "GV-01"))


def test_of_two_controls_alike_one_is_needed():
    one = Framework("soc2", "One", "1", (requirement("soc2", "PI1.2"),))
    twins = {name: control(name, ("PI1.2",), iso) for name, iso in (("DT-01", ("A.7.4",)), ("RM-01", ()))}
    assert gap_between(one, TARGET, twins).needed == ("RM-01",)


def test_framework_without_requirements_has_no_share():
    empty = Framework("iso42001", "Empty", "1", ())
    assert gap_between(BASE, empty, CONTROLS).beyond_percent is None


def test_command_answers_with_the_note(command):
    found = command("crosswalk", "A.7.2 Fairness")
    assert found.returncode == 0, found.stderr
    assert "iso42001 A.6.2.6" in found.stdout
    assert "not an Annex A control" in found.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("crosswalk", "Fairnes"), "nothing is known under 'Fairnes'. Close to it"),
        (("gap", "--base", "soc2", "--target", "soc2"), "asks nothing on top of itself"),
        (("gap", "--target", "nist"), "there is no framework 'nist'"),
    ],
)
def test_mistake_is_one_sentence(command, arguments, sentence):
    found = command(*arguments)
    assert (found.returncode, sentence in found.stderr, "Traceback" in found.stderr) == (2, True, False)


def test_gap_of_the_shipped_catalog_covers_all_70_requirements(command):
    import json

    found = json.loads(command("gap", "--json").stdout)
    assert len(found["rows"]) == sum(each["total"] for each in found["clauses"]) == 70
