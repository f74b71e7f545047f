"""Risks against their appetite, re-assessment by tier and trigger, acceptances that end, and the picture of it all."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest

from airtight.review.matrix import matrix
from airtight.review.registers import AiSystem, Incident, ModelVersion, Obligation, Risk, TrainingSet
from airtight.review.risks import Acceptance, Limits, Place, review_risks
from airtight.review.triggers import LOOK_BACK, Happenings, triggers_of

from .governed import DAY

ON = date(2026, 6, 30)
SYSTEMS = (
    AiSystem("high", "High", "high", "production"),
    AiSystem("medium", "Medium", "medium", "production"),
    AiSystem("low", "Low", "low", "production"),
    AiSystem("untiered", "Untiered", None, "production"),
)
RISK = Risk(
    risk_id="R-1",
    title="Applicants are judged unfairly",
    category="bias",
    likelihood=4,
    impact=5,
    inherent=20,
    treatment="mitigate",
    residual_likelihood=2,
    residual_impact=4,
    residual=8,
    appetite=8,
    last_assessed_at=ON,
)


def risk(**changes: object) -> Risk:
    return replace(RISK, **changes)  # type: ignore[arg-type]


def review(*risks: Risk, systems=SYSTEMS, happenings=Happenings()):  # noqa: B008
    return review_risks(risks, systems, triggers_of(happenings, ON), Limits(), ON)


def test_scores_are_placed_and_compared_with_the_appetite():
    found = review(risk(), risk(risk_id="R-2", residual_likelihood=3, residual=12))
    assert [(row.risk_id, row.inherent, row.residual, row.above) for row in found.rows] == [
        ("R-2", Place(4, 5), Place(3, 4), True),
        ("R-1", Place(4, 5), Place(2, 4), False),  # a score at the appetite is within it
    ]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"impact": 7, "inherent": 28}, "R-1: impact 7 is not on the scale from 1 to 5."),
        ({"likelihood": 0, "inherent": 0}, "R-1: likelihood 0 is not on the scale from 1 to 5."),
        ({"residual_impact": -1}, "R-1: residual impact -1 is not on the scale from 1 to 5."),
        ({"likelihood": None}, "R-1 has no likelihood."),
        ({"inherent": 19}, "R-1: the inherent score is 19, and 4 x 5 is 20."),
        ({"residual": None}, "R-1: the residual score is None, and 2 x 4 is 8."),
        ({"appetite": None}, "R-1 has no appetite."),
        ({"risk_id": None, "appetite": None}, "a risk without id has no appetite."),
    ],
)
def test_risk_that_does_not_fit_is_named(changes, problem):
    assert review(risk(**changes)).problems == (problem,)


def test_closed_risk_is_of_no_concern():
    found = review(risk(closed_at=ON, impact=7, last_assessed_at=None))
    assert (found.rows, found.problems, found.due, found.acceptances) == ((), (), (), ())


def assessed(days: int, system: str | None, systems=SYSTEMS):
    found = review(risk(ai_system_id=system, last_assessed_at=ON - timedelta(days=days)), systems=systems)
    return [(each.cause, each.overdue) for each in found.due]


@pytest.mark.parametrize(
    ("system", "tier", "interval"),
    [
        ("high", "high", 92),
        ("medium", "medium", 184),
        ("low", "low", 366),
        (None, "medium", 184),
        ("untiered", "high", 92),
        ("who", "high", 92),
    ],
)
def test_interval_of_the_tier_tells_when_a_risk_is_due(system, tier, interval):
    cause = f"interval of tier {tier}"
    assert assessed(interval, system) == [(cause, True)]
    assert assessed(interval - 1, system) == [(cause, False)]  # the last day of it
    assert assessed(interval - 31, system) == [(cause, False)]
    assert assessed(interval - 32, system) == []  # beyond the notice


def test_without_inventory_every_system_counts_as_high():
    assert assessed(92, "low", systems=None) == [("interval of tier high", True)]


def test_risk_never_assessed_is_overdue():
    assert [(each.ref, each.overdue) for each in review(risk(last_assessed_at=None)).due] == [("never assessed", True)]


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


EARLY = ON - timedelta(days=10)
HAPPENED = {
    "new deployment": Happenings(versions=(ModelVersion("m1", "high", None, on(EARLY)),)),
    "retraining": Happenings(versions=(ModelVersion("m1", "high", on(EARLY), None),)),
    "new training data": Happenings(training_sets=(TrainingSet("d1", "2", "high", EARLY),)),
    "new regulation": Happenings(obligations=(Obligation("EU-1", "Art. 50", EARLY, "in-force", "applies"),)),
    "incident": Happenings(incidents=(Incident("i1", "high", "sev2", on(EARLY)),)),
}


@pytest.mark.parametrize("cause", HAPPENED)
def test_trigger_without_assessment_since_is_due(cause):
    found = review(risk(ai_system_id="low", last_assessed_at=ON), happenings=HAPPENED[cause])
    assert [(each.cause, each.since, each.due, each.overdue) for each in found.due] == [
        (cause, EARLY, EARLY + timedelta(days=30), False)
    ]


@pytest.mark.parametrize("cause", sorted(set(HAPPENED) - {"new regulation"}))
def test_assessment_of_the_system_since_the_trigger_settles_it(cause):
    settled = risk(ai_system_id="high", last_assessed_at=EARLY)
    assert review(settled, happenings=HAPPENED[cause]).due == ()
    before = replace(settled, last_assessed_at=EARLY - timedelta(days=1))
    assert [each.cause for each in review(before, happenings=HAPPENED[cause]).due] == [cause]


def test_assessment_that_names_the_regulation_settles_it():
    assert review(risk(trigger_ref="EU-1"), happenings=HAPPENED["new regulation"]).due == ()


def test_earlier_assessment_that_named_the_trigger_still_settles_it():
    now, before = risk(trigger_ref="another"), risk(trigger_ref="EU-1", last_assessed_at=EARLY)
    triggers = triggers_of(HAPPENED["new regulation"], ON)
    assert len(review_risks([now], SYSTEMS, triggers, Limits(), ON).due) == 1
    assert review_risks([now], SYSTEMS, triggers, Limits(), ON, earlier=[before]).due == ()


def test_trigger_is_overdue_after_its_days():
    late = Happenings(incidents=(Incident("i1", "high", "sev1", on(ON - timedelta(days=31))),))
    assert [each.overdue for each in review(happenings=late).due] == [True]
    last_day = Happenings(incidents=(Incident("i1", "high", "sev1", on(ON - timedelta(days=30))),))
    assert [each.overdue for each in review(happenings=last_day).due] == [False]


@pytest.mark.parametrize(
    "happenings",
    [
        Happenings(incidents=(Incident("i1", "high", "sev3", on(EARLY)),)),
        Happenings(incidents=(Incident("i1", "high", "sev1", on(ON + timedelta(days=1))),)),
        Happenings(incidents=(Incident("i1", "high", "sev1", on(ON - timedelta(days=LOOK_BACK))),)),
        Happenings(obligations=(Obligation("EU-1", "Art. 50", EARLY, "proposed", "applies"),)),
        Happenings(obligations=(Obligation("EU-1", "Art. 50", EARLY, "in-force", "does-not"),)),
        Happenings(obligations=(Obligation("EU-1", "Art. 50", None, "in-force", "applies"),)),
        Happenings(versions=(ModelVersion("m1", "high", None, None),)),
    ],
)
def test_what_is_slight_future_or_long_ago_triggers_nothing(happenings):
    assert triggers_of(happenings, ON) == ()


def test_unknown_severity_and_status_count_as_the_worst():
    happenings = Happenings(
        obligations=(Obligation("EU-1", "Art. 50", EARLY, None, None),),
        incidents=(Incident("i1", None, None, on(EARLY)),),
    )
    assert [trigger.subject for trigger in triggers_of(happenings, ON)] == ["i1", "EU-1"]


@pytest.mark.parametrize(
    ("left", "state"),
    [(-1, Acceptance.EXPIRED), (0, Acceptance.ENDS_SOON), (30, Acceptance.ENDS_SOON), (31, Acceptance.RUNS)],
)
def test_acceptance_runs_to_the_end_of_its_last_day(left, state):
    borne = risk(appetite=4, accepted_by="ceo", accepted_until=ON + timedelta(days=left))
    assert [each.state for each in review(borne).acceptances] == [state]


def test_residual_risk_above_the_appetite_needs_an_acceptance():
    assert [each.state for each in review(risk(appetite=7)).acceptances] == [Acceptance.MISSING]
    assert [each.state for each in review(risk(appetite=7, accepted_by="ceo")).acceptances] == [Acceptance.MISSING]
    assert [each.state for each in review(risk(appetite=None)).acceptances] == [Acceptance.MISSING]
    assert review(risk(appetite=8)).acceptances == ()


def drawn(*risks: Risk) -> ElementTree.Element:
    return ElementTree.fromstring(matrix(review(*risks), "Little <Org>"))  # noqa: S314  our own picture


def words(root: ElementTree.Element) -> str:
    return " | ".join(root.itertext())


def test_picture_says_in_words_what_it_shows():
    root = drawn(risk())
    assert root.get("role") == "img"
    assert "R-1: likelihood 4 x impact 5 = 20 before treatment, likelihood 2 x impact 4 = 8 after it" in words(root)
    assert "appetite 8" in words(root)
    assert "Little <Org>" in words(root)


def test_crowded_square_counts_the_rest():
    assert "and 3 more" in words(drawn(*(risk(risk_id=f"R-{number}") for number in range(6))))


def test_risk_off_the_scale_is_named_in_the_picture_and_not_moved():
    root = drawn(risk(impact=7))
    assert "not on the scale: R-1" in words(root)


def test_hostile_names_keep_the_picture_whole():
    root = drawn(risk(risk_id="R\x00\x1b<script>" + "x" * 200))
    assert "script" not in {element.tag.rpartition("}")[2] for element in root.iter()}


def test_line_of_the_appetite_divides_the_squares():
    from airtight.review.matrix import _border

    assert _border(25) == _border(0) == "M0 0"
    assert _border(8).count("v") == sum(one * 5 > 8 >= one for one in range(1, 6))


ROW = {
    "risk_id": "R-1",
    "title": "Unfair",
    "category": "bias",
    "ai_system_id": None,
    "likelihood": 4,
    "impact": 7,
    "inherent": 28,
    "treatment": "mitigate",
    "control_ids": [],
    "residual_likelihood": 2,
    "residual_impact": 2,
    "residual": 4,
    "appetite": 8,
    "identified_at": "2026-01-01",
    "last_assessed_at": "2026-06-01",
    "evidence_refs": [],
}


def test_sealed_risk_with_impact_7_is_reported_by_name(governed, command, tmp_path):
    governed.keep("risk_register", [ROW])
    governed.collect()
    svg = tmp_path / "risks.svg"
    found = command("risks", "--svg", str(svg), "--json")
    assert found.returncode == 2
    document = json.loads(found.stdout)
    assert document["review"]["problems"] == ["R-1: impact 7 is not on the scale from 1 to 5."]
    assert f"not sealed for {DAY}" in document["not_known"]["ai_inventory"][0]
    assert "not on the scale: R-1" in svg.read_text()
    told = command("risks")
    assert (told.returncode, "does not fit: R-1: impact 7" in told.stderr) == (2, True)


def test_assessment_sealed_on_an_earlier_day_settles_its_trigger(governed, command):
    incident = {"incident_id": "i1", "category": "ai-bias", "severity": "sev1", "detected_at": "2026-06-20T09:00:00Z"}
    flags = {"personal_data_affected": False, "notify_required": False}
    fitting = {**ROW, "impact": 5, "inherent": 20}
    named = {**fitting, "last_assessed_at": "2026-06-22", "trigger_ref": "i1"}
    governed.keep("risk_register", [named], day="2026-06-29")
    governed.keep("risk_register", [{**named, "last_assessed_at": "2026-06-30", "trigger_ref": "other"}])
    governed.keep("incidents", [{**incident, **flags}])
    governed.collect()
    assert [each["ref"] for each in json.loads(command("risks", "--json").stdout)["review"]["due"]] == ["i1"]
    governed.collect("2026-06-29")
    assert json.loads(command("risks", "--json").stdout)["review"]["due"] == []


def test_limits_are_those_of_the_control(governed):
    from airtight.journey.risk_reviews import limits_on

    assert limits_on(governed.open().catalog, ON) == Limits()
