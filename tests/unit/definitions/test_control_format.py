"""Design, depth by tier and numbers from the charter: what the control format takes, and what it refuses by name."""

from __future__ import annotations

from datetime import date

import pytest
from sound_catalog import CONNECTORS, Place

from airtight.definitions.checks import find_problems
from airtight.domain.control import Nature, Operation
from airtight.domain.period import Frequency
from airtight.errors import DefinitionError

CONTROL = "home/include/catalog/controls/AC-01.yaml"
CHARTER = "organisation/registers/governance_charter.yaml"
TIERS = "tiers: [high, low]\ndepth: {high: daily, low: monthly}"
FIRST = """\
- charter_id: CH-1
  version: 1
  approved_by: E1
  approved_at: 2026-01-01
  effective_at: 2026-01-10
  superseded_at: 2026-04-01
  risk_appetite: {leavers: {hours: 48}}
"""
SECOND = """\
- charter_id: CH-1
  version: 2
  approved_by: E1
  approved_at: 2026-03-20
  effective_at: 2026-04-01
  risk_appetite: {leavers: {hours: 12.5}}
  escalation: {hours: 4, path: To the sponsor}
"""
DRAFT = "- {charter_id: CH-1, version: 3, effective_at: 2026-05-01, risk_appetite: {leavers: {hours: 999}}}\n"


def refused(place: Place) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        place.load()
    return caught.value


def chartered(place: Place, key: str = "leavers.hours", default: str = "24") -> None:
    place.replace(CONTROL, "{hours: 24, kinds", f"{{hours: {{charter: {key}, default: {default}}}, kinds")


# ---- design --------------------------------------------------------------------------------------------------


def test_a_control_states_its_design(place: Place) -> None:
    design = place.load().controls["AC-01"].design
    assert design
    assert (design.risk, design.precision) == ("Somebody who left goes on reading.", "Every account.")
    assert (design.nature, design.operation, design.evaluator) == (
        Nature.DETECTIVE,
        Operation.AUTOMATED,
        "Internal auditor",
    )


def test_a_control_without_a_design_loads_and_does_not_pass_the_check(place: Place) -> None:
    text = (place.root / CONTROL).read_text(encoding="utf-8")
    place.write(CONTROL, text[: text.index("design:")])
    control = place.load().controls["AC-01"]
    assert (control.design, control.depth) == (None, {})
    problems = find_problems(place.home, place.overlay, CONNECTORS)
    assert ("AC-01", "the control has no design record.") in {(each.where, each.message) for each in problems}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("nature: detective", "nature: perfect", "'perfect' is not known here."),
        ("operation: automated", "operation: by hand", "'by hand' is not known here."),
        ("  precision: Every account.\n", "", "key 'precision' is missing."),
        ("risk: Somebody who left goes on reading.", "risk: ~", "key 'risk' is missing."),
        ("evaluator: Internal auditor", "evaluator: Internal auditor\n  grade: 5", "unknown key 'grade'."),
    ],
)
def test_a_faulty_design_is_refused(place: Place, old: str, new: str, message: str) -> None:
    place.replace(CONTROL, old, new)
    error = refused(place)
    assert error.message == message
    assert "AC-01.yaml:" in (error.where or "")
    assert " design" in (error.where or "")


# ---- depth ---------------------------------------------------------------------------------------------------


def test_a_control_examines_each_tier_at_its_own_pace(place: Place) -> None:
    place.replace(CONTROL, "tiers: [entity]", TIERS)
    control = place.load().controls["AC-01"]
    assert control.depth == {"high": Frequency.DAILY, "low": Frequency.MONTHLY}
    assert control.due_tiers(date(2026, 6, 29)) == ("high",)
    assert control.due_tiers(date(2026, 6, 30)) == ("high", "low")


def test_sql_of_a_control_with_a_depth_may_bind_the_tiers_that_are_due(place: Place) -> None:
    sql = "tested: SELECT account_id FROM accounts WHERE list_contains($due_tiers, 'high')"
    place.replace(CONTROL, "tested: SELECT account_id FROM accounts WHERE person_id IS NOT NULL", sql)
    assert "due_tiers" in refused(place).message
    place.replace(CONTROL, "tiers: [entity]", TIERS)
    tests = {test.id: test for test in place.load().controls["AC-01"].tests}
    assert tests["AC-01.T1"].parameters["due_tiers"] == ("high", "low")
    assert "due_tiers" not in tests["AC-01.T2"].parameters


def test_a_case_names_the_tiers_that_are_due(place: Place) -> None:
    place.replace(CONTROL, "tiers: [entity]", TIERS)
    place.replace(CONTROL, "parameters: {hours: 1}", "parameters: {hours: 1, due_tiers: [high]}")
    [case, _] = place.load().controls["AC-01"].tests[0].cases
    assert case.parameters == {"hours": 1, "due_tiers": ("high",)}


def test_the_tiers_that_are_due_are_nobodys_parameter(place: Place) -> None:
    place.replace(CONTROL, "{hours: 24, kinds", "{due_tiers: [high], hours: 24, kinds")
    assert refused(place).message == "'due_tiers' is no name for a parameter."


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        ("tiers: [high, low]\ndepth: {high: daily}", "the tier 'low' has no frequency."),
        ("tiers: [high]\ndepth: {high: daily, low: monthly}", "unknown key 'low'."),
        ("tiers: [high]\ndepth: {high: hourly}", "'hourly' is not known here."),
    ],
)
def test_a_faulty_depth_is_refused(place: Place, tiers: str, message: str) -> None:
    place.replace(CONTROL, "tiers: [entity]", tiers)
    assert refused(place).message == message


def test_no_tier_is_examined_more_often_than_the_control(place: Place) -> None:
    place.replace(CONTROL, "frequency: daily", "frequency: weekly")
    place.replace(CONTROL, "tiers: [entity]", "tiers: [high]\ndepth: {high: daily}")
    assert refused(place).message == "a tier is examined more often than the control."


# ---- numbers from the charter --------------------------------------------------------------------------------


def test_the_version_in_force_on_a_day_gives_the_number(place: Place) -> None:
    chartered(place)
    place.write(CHARTER, SECOND + FIRST + DRAFT)
    test = place.load().controls["AC-01"].tests[0]
    assert test.parameters["hours"] == 24
    days = {day: test.chartered["hours"].on(date.fromisoformat(day)) for day in (
        "2026-01-09", "2026-01-10", "2026-03-31", "2026-04-01", "2026-12-31",
    )}  # fmt: skip
    assert list(days.values()) == [24, 48, 48, 12.5, 12.5]


def test_without_a_charter_the_default_holds(place: Place) -> None:
    chartered(place)
    value = place.load().controls["AC-01"].tests[0].chartered["hours"]
    assert (value.key, value.default, value.on(date(2026, 6, 30))) == ("leavers.hours", 24, 24)


def test_a_charter_may_be_a_document_and_hold_words(place: Place) -> None:
    chartered(place, "escalation.path", "To whom it concerns")
    front = SECOND.replace("- charter_id", "  charter_id").replace("\n  ", "\n")
    place.write("organisation/registers/governance_charter/v2.md", f"---\n{front.strip()}\n---\n# Charter\n")
    assert place.load().controls["AC-01"].tests[0].chartered["hours"].on(date(2026, 6, 30)) == "To the sponsor"


@pytest.mark.parametrize("key", ["leavers.minutes", "leavers.hours.most", "joiners", "escalation.weeks"])
def test_a_charter_without_the_threshold_is_refused_by_name(place: Place, key: str) -> None:
    chartered(place, key)
    place.write(CHARTER, FIRST + SECOND)
    error = refused(place)
    assert error.message == f"the charter (governance_charter.yaml:9 [1].version) does not state '{key}'."
    assert error.where == "AC-01.yaml:20 tests[0].parameters.hours"


@pytest.mark.parametrize("default", ["'24'", "true", "[a]"])
def test_a_threshold_of_another_type_is_refused_at_its_place(place: Place, default: str) -> None:
    chartered(place, default=default)
    place.write(CHARTER, SECOND)
    error = refused(place)
    assert error.message == "the control that names this needs another type."
    assert error.where == "governance_charter.yaml:6 [0].risk_appetite.leavers.hours"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  effective_at: 2026-04-01\n", "", "the approved version has no 'effective_at'."),
        ("effective_at: 2026-04-01", "effective_at: soon", "effective_at is text."),
    ],
)
def test_a_charter_that_does_not_tell_when_it_holds_is_refused(place: Place, old: str, new: str, message: str) -> None:
    chartered(place)
    place.write(CHARTER, SECOND.replace(old, new))
    assert refused(place).message == message


def test_a_parameter_that_is_half_from_the_charter_is_refused(place: Place) -> None:
    place.replace(CONTROL, "{hours: 24, kinds", "{hours: {charter: leavers.hours}, kinds")
    assert refused(place).message == "key 'default' is missing."


def test_the_digest_of_the_catalog_covers_the_charter(place: Place) -> None:
    digests = {place.load().digest}
    for text in (FIRST, FIRST + SECOND):
        place.write(CHARTER, text)
        digests.add(place.load().digest)
    assert len(digests) == 3


# ---- who answers an attestation ------------------------------------------------------------------------------

ATTESTER = "    attester: Auditor\n"
PEOPLE = "organisation/people.yaml"


def test_an_attestation_names_who_answers(place: Place) -> None:
    assert place.load().controls["AC-01"].tests[1].attester == "Auditor"


def test_nobody_answers_for_a_control_that_they_own(place: Place) -> None:
    place.replace(CONTROL, ATTESTER, "    attester: IT operations\n")
    assert refused(place).message == "IT operations owns the control; nobody answers for a control that they own."


def test_only_an_attestation_is_answered(place: Place) -> None:
    place.replace(CONTROL, "    tolerance: 0.05\n", f"    tolerance: 0.05\n{ATTESTER}")
    assert refused(place).message == "only an attestation has somebody who answers."


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (CONTROL, ATTESTER, "", "the attestation names nobody who answers."),
        (CONTROL, "Auditor\n", "Treasurer\n", "nobody with an account is 'Treasurer', so nobody can be asked."),
        (PEOPLE, ", account: auditor", "", "nobody with an account is 'Auditor', so nobody can be asked."),
    ],
)
def test_the_check_misses_who_answers(place: Place, path: str, old: str, new: str, message: str) -> None:
    place.replace(path, old, new)
    problems = find_problems(place.home, place.overlay, CONNECTORS)
    assert [each.message for each in problems if each.where == "AC-01.yaml AC-01.T2"] == [message]


def test_people_are_known_by_id_role_and_account(place: Place) -> None:
    people = place.load().people
    assert [person.id for person in people.persons] == ["E1", "E2"]
    assert [person.id for person in people.holding("Admin")] == ["E1"]
    found = people.by_account("auditor")
    assert (found and found.id, people.by_account("nobody")) == ("E2", None)


def test_an_organisation_may_name_nobody(place: Place) -> None:
    (place.root / PEOPLE).unlink()
    assert place.load().people.persons == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("roles: [Auditor], ", "", "key 'roles' is missing."),
        ("account: auditor", "login: auditor", "unknown key 'login'."),
        ("[IT operations, Admin]", "[Admin], account: auditor", "somebody else has the account 'auditor'."),
    ],
)
def test_faulty_people_are_refused(place: Place, old: str, new: str, message: str) -> None:
    place.replace(PEOPLE, old, new)
    assert refused(place).message == message


def test_the_digest_of_the_catalog_covers_the_people(place: Place) -> None:
    before = place.load().digest
    place.replace(PEOPLE, "roles: [Auditor]", "roles: [Auditor, Clerk]")
    assert place.load().digest != before
