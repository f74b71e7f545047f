"""The four common failures are told by signs with facts; missing evidence leaves them unknown, never clear."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from airtight.domain.control import Control, ControlTest, LifeCycle, Stage
from airtight.domain.period import Frequency
from airtight.domain.result import ResultState
from airtight.domain.source import Source
from airtight.review.failures import Verdict
from airtight.review.ownership import Governance, engineering_only, technical
from airtight.review.programme import Subjects, manual_collection, parallel_programmes, uniform_depth
from airtight.review.registers import AiSystem, CharterVersion, Meeting, Person, Risk, RoleHeld, Vendor
from airtight.review.warnings_page import page

DAY = date(2026, 6, 30)
AT = datetime(2026, 3, 1, tzinfo=UTC)
ROSTER = (
    Person("p1", "Executive", "Managing director", "active"),
    Person("p2", "Platform", "Lead", "active"),
    Person("p3", "Lending products", "Software engineer", "active"),
)
CHARTER = CharterVersion("c", "1", "p1", "CEO", AT, date(2026, 1, 1))
ROLES = (RoleHeld("risk-owner", "p1"), RoleHeld("model-validator", "p2"))
ATTENDED = json.dumps([{"person": "p1", "function": "executive"}, {"person": "p2", "function": "engineering"}])
MEETINGS = (Meeting("m", datetime(2026, 5, 1, tzinfo=UTC), ATTENDED),)
SOUND = Governance((CHARTER,), ROSTER, ROLES, MEETINGS)


def procedure(name: str, kind: str = "sql", deviations: str = "SELECT 1") -> ControlTest:
    parts = (name, name, kind, "", "day", (), (), "SELECT a", None, None, deviations if kind == "sql" else "", {}, 0.0)
    return ControlTest(*parts, empty_ok=False, cases=())


def control(name: str, owner: str = "Risk manager", soc2: bool = True, iso: bool = True, **changes: object) -> Control:
    mapped = {"soc2": ("CC6.1",) if soc2 else (), "iso42001": ("8.1",) if iso else ()}
    tests = (procedure(f"{name}.T1", deviations=f"SELECT '{name}'"),)
    tiers = ("high", "medium", "low")
    made = Control(name, f"Title of {name}", "", owner, Frequency.DAILY, tiers, mapped, {}, tests, (), "", "")
    return replace(made, **changes)  # type: ignore[arg-type]


A, B = control("AC-01"), control("RM-01")


def present(failure):
    return [sign.fact for sign in failure.signs if sign.present]


def owned(owner="Risk manager", **changes):
    return engineering_only(replace(SOUND, **changes), [control("AC-01", owner)], DAY)


def test_mixed_ownership_is_clear():
    assert owned().verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"charters": ()}, "No approved charter in force names an executive sponsor."),
        ({"charters": (replace(CHARTER, executive_sponsor_id=None),)}, "names an executive sponsor."),
        ({"charters": (replace(CHARTER, approved_at=None),)}, "names an executive sponsor."),
        ({"charters": (replace(CHARTER, superseded_at=DAY),)}, "names an executive sponsor."),
        ({"charters": (replace(CHARTER, effective_at=DAY + timedelta(days=1)),)}, "names an executive sponsor."),
        ({"charters": (replace(CHARTER, executive_sponsor_id="p2"),)}, "sponsor p2 works in a technical department."),
        ({"roles": (RoleHeld("x", "p2"), RoleHeld("y", "p3"))}, "2 of 2 (100 percent) of those who hold"),
        ({"roles": ()}, "Nobody on the roster holds a governance role."),
        ({"meetings": ()}, "No committee met in the 184 days before."),
        ({"meetings": (replace(MEETINGS[0], held_at=AT - timedelta(days=90)),)}, "No committee met"),
        ({"meetings": (replace(MEETINGS[0], attendees='[{"function": "engineering"}]'),)}, "functions: engineering."),
    ],
)
def test_sign_of_engineering_only_ownership_makes_a_warning(changes, fact):
    found = owned(**changes)
    assert (found.verdict, len(present(found))) == (Verdict.WARNING, 1)
    assert fact in present(found)[0]


def test_controls_owned_by_engineers_alone_are_a_sign():
    assert present(owned("Engineering lead")) == ["1 of 1 (100 percent) of the controls are owned by technical roles."]


@pytest.mark.parametrize("missing", ["charters", "roster", "roles", "meetings"])
def test_missing_register_leaves_ownership_unknown(missing):
    assert owned(**{missing: None}).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("attendees", [None, "", "{", "[1, null]", '{"function": "x"}', '[{"function": 7}]'])
def test_attendance_that_tells_nothing_is_unknown(attendees):
    assert owned(meetings=(replace(MEETINGS[0], attendees=attendees),)).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [("IT operations", True), ("Machine learning", True), ("Digital unit", False), ("Legal", False), (None, False)],
)
def test_words_tell_who_is_technical(text, expected):
    assert technical(text) is expected


def source(name: str, system: str = "hr/acme") -> Source:
    return Source(name, "access_reviews", system, "files", None, {}, timedelta(), timedelta(), {"hr_roster": "m.sql"})


def test_one_programme_for_both_frameworks_is_clear():
    assert parallel_programmes({"A": A, "B": B}, [source("hr"), source("hr2", "hr/other")]).verdict is Verdict.CLEAR


def test_controls_for_one_framework_each_are_a_sign():
    apart = {"A": control("AC-01", iso=False), "B": control("RM-01", soc2=False)}
    assert present(parallel_programmes(apart, [])) == [
        "0 of 1 (0 percent) of the controls for iso42001 answer soc2 too."
    ]


def test_a_single_framework_has_nothing_to_share():
    assert parallel_programmes({"A": control("AC-01", iso=False)}, []).verdict is Verdict.CLEAR


def test_controls_that_test_the_same_are_named():
    twin = replace(B, tests=(procedure("RM-01.T1", deviations="select  'AC-01'"),))
    assert present(parallel_programmes({"AC-01": A, "RM-01": twin}, [])) == [
        "These controls say or test the same: AC-01 and RM-01."
    ]


def test_population_collected_twice_from_one_system_is_named():
    found = parallel_programmes({"A": A, "B": B}, [source("hr"), source("hr-copy")])
    assert present(found) == ["Collected more than once: hr_roster of hr/acme by hr, hr-copy."]


def judged(*controls: Control, triggers=("scheduled",), **states: ResultState):
    known = {each.id: ResultState.PASS for each in controls} | {k.replace("_", "-"): v for k, v in states.items()}
    return manual_collection(controls, known, triggers, DAY)


ATTESTED = replace(control("GV-06"), tests=(procedure("GV-06.T1", "attestation"),))
FIVE = tuple(control(f"AC-0{number}") for number in range(1, 6))


def test_four_of_five_automated_is_enough_and_three_are_not():
    assert judged(*FIVE[:4], ATTESTED).verdict is Verdict.CLEAR
    found = judged(*FIVE[:4], ATTESTED, AC_04=ResultState.NOT_COLLECTED)
    told = "3 of 5 (60 percent) of the controls are judged from collected data alone."
    assert present(found) == [f"{told} People attest for GV-06. Nothing is collected for AC-04."]


def test_control_not_judged_so_far_leaves_automation_unknown_where_it_decides():
    assert manual_collection(FIVE, {}, ("scheduled",), DAY).verdict is Verdict.UNKNOWN
    four = {each.id: ResultState.PASS for each in FIVE[:4]}
    assert manual_collection(FIVE, four, ("scheduled",), DAY).verdict is Verdict.CLEAR
    blind = {each.id: ResultState.NOT_COLLECTED for each in FIVE[:2]}
    assert manual_collection(FIVE, blind, ("scheduled",), DAY).verdict is Verdict.WARNING


def test_control_out_of_scope_is_not_counted():
    out = replace(ATTESTED, life=(Stage(LifeCycle.NOT_APPLICABLE, date(2026, 1, 1), "cro", "no offices"),))
    assert judged(FIVE[0], out).verdict is Verdict.CLEAR


def test_collections_started_by_hand_are_a_sign_beyond_a_fifth():
    assert judged(*FIVE, triggers=("manual", *["scheduled"] * 4)).verdict is Verdict.CLEAR
    found = judged(*FIVE, triggers=("manual", *["scheduled"] * 3))
    assert present(found) == ["1 of 4 (25 percent) of the collections of the last month were started by hand."]


def test_nothing_collected_is_unknown():
    assert judged(*FIVE, triggers=()).verdict is Verdict.UNKNOWN


DEEP = replace(A, depth={"high": Frequency.DAILY, "low": Frequency.MONTHLY})
SYSTEMS = (AiSystem("s1", "S1", "high", "production"), AiSystem("s2", "S2", "low", "production"))
VENDORS = (Vendor("v1", tier="critical"), Vendor("v2", tier="low"))
RISKS = (Risk("R-1", inherent=20), Risk("R-2", inherent=4))


def depth(*controls: Control, systems=SYSTEMS, vendors=VENDORS, risks=RISKS):
    return uniform_depth(controls or (A, DEEP), Subjects(systems, vendors, risks))


def test_depth_that_follows_tiers_is_clear():
    assert depth().verdict is Verdict.CLEAR
    assert depth(replace(A, tiers=("high",))).verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"systems": [replace(each, risk_tier="high") for each in SYSTEMS]}, "2 AI systems by tier: high 2."),
        ({"systems": [replace(each, risk_tier=None) for each in SYSTEMS]}, "2 AI systems by tier: unknown 2."),
        ({"vendors": [replace(each, tier="low") for each in VENDORS]}, "2 suppliers by tier: low 2."),
        ({"risks": [replace(each, inherent=9) for each in RISKS]}, "2 open risks by inherent score: 9 2."),
    ],
)
def test_sameness_is_a_sign_of_uniform_depth(changes, fact):
    assert present(depth(**changes)) == [fact]


def test_controls_that_treat_all_tiers_alike_are_a_sign():
    assert present(depth(A, replace(B, tiers=("entity",)))) == ["Every control examines all tiers alike."]


def test_retired_systems_and_closed_risks_are_not_counted():
    retired = replace(SYSTEMS[1], lifecycle="retired")
    closed = replace(RISKS[1], closed_at=DAY)
    found = depth(systems=(SYSTEMS[0], retired), risks=(RISKS[0], closed))
    assert found.verdict is Verdict.CLEAR
    assert "There are 1 AI systems: too few to differ." in [sign.fact for sign in found.signs]


def test_missing_inventory_leaves_depth_unknown():
    assert depth(systems=None).verdict is Verdict.UNKNOWN


def test_page_tells_every_fact_and_escapes_it():
    found = owned(meetings=(replace(MEETINGS[0], attendees='[{"function": "<b>engineering</b>"}]'),))
    html = page("Little & Org", DAY, (found,))
    assert "Little &amp; Org" in html
    assert "&lt;b&gt;engineering" in html
    assert "<b>" not in html


def test_command_says_what_it_knows_of_a_young_organisation(governed, command, tmp_path):
    governed.run()
    html = tmp_path / "warnings.html"
    found = command("warnings", "--json", "--html", str(html))
    assert found.returncode == 1, found.stderr
    verdicts = {each["id"]: each["verdict"] for each in json.loads(found.stdout)["failures"]}
    assert verdicts == {
        "engineering-only": "unknown",
        "parallel-programmes": "clear",
        "manual-collection": "warning",  # most populations have no source
        "uniform-depth": "unknown",
    }
    assert "Engineering-only ownership" in html.read_text()


def test_nothing_judged_is_told(command):
    found = command("warnings")
    assert (found.returncode, "nothing was judged yet" in found.stderr) == (2, True)
