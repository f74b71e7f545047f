"""A supplier's score is the sum of points that are told; what is not known counts as the worst."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from airtight.review.registers import Vendor
from airtight.review.vendors import score_vendors

ON = date(2026, 6, 30)
QUESTIONS = ("training-on-our-data", "sub-processors", "evaluation", "change-notice")
GOOD = Vendor(
    vendor_id="v1",
    name="Paper & Co",
    tier="low",
    provides_ai=False,
    data_classes=("public",),
    subprocessor=False,
    last_assessed_at=date(2026, 1, 1),
    assessment_result="approved",
    assurance_report="SOC 2 Type II",
    report_period_end=date(2025, 12, 31),
    exceptions_evaluated=True,
    cuecs_mapped=True,
    ai_answers=QUESTIONS,
    next_review_at=date(2027, 1, 1),
    status="active",
)


def score(**changes: object):
    return score_vendors([replace(GOOD, **changes)], ON)[0]  # type: ignore[arg-type]


def test_known_good_supplier_has_the_points_of_its_tier_only():
    found = score()
    assert (found.score, found.band, [(each.points, each.reason) for each in found.points]) == (
        3,
        "low",
        [(3, "tier low")],
    )


def test_supplier_of_which_nothing_is_known_has_all_points():
    found = score_vendors([Vendor("v1")], ON)[0]
    assert (found.exposure, found.weakness, found.score, found.band) == (50, 50, 100, "high")


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({"tier": "critical"}, 22),
        ({"tier": "medium"}, 7),
        ({"tier": "gigantic"}, 22),
        ({"provides_ai": True}, 10),
        ({"provides_ai": True, "ai_answers": QUESTIONS[:3]}, 20),
        ({"subprocessor": True}, 5),
        ({"subprocessor": None}, 5),
        ({"data_classes": ("personal", "public")}, 10),
        ({"data_classes": None}, 10),
        ({"data_classes": ()}, 0),
        ({"assessment_result": "conditional"}, 8),
        ({"assessment_result": "rejected"}, 20),
        ({"assessment_result": "rejected", "next_review_at": None}, 20),
        ({"last_assessed_at": None}, 20),
        ({"next_review_at": ON}, 0),
        ({"next_review_at": ON - timedelta(days=1)}, 10),
        ({"next_review_at": None}, 10),
        ({"assurance_report": None}, 20),
        ({"assurance_report": "", "cuecs_mapped": None}, 20),
        ({"report_period_end": ON - timedelta(days=365)}, 0),
        ({"report_period_end": ON - timedelta(days=366)}, 6),
        ({"report_period_end": ON - timedelta(days=366), "bridge_letter_until": ON}, 0),
        ({"report_period_end": ON - timedelta(days=366), "bridge_letter_until": ON - timedelta(days=1)}, 6),
        ({"report_period_end": None}, 6),
        ({"exceptions_evaluated": None}, 5),
        ({"cuecs_mapped": False}, 5),
    ],
)
def test_each_fact_adds_its_points(changes, points):
    found = score(**changes)
    assert found.score == 3 + points
    assert found.score == sum(each.points for each in found.points)


@pytest.mark.parametrize(("tier", "band"), [("low", "low"), ("high", "medium"), ("critical", "high")])
def test_bands_divide_the_scores(tier, band):
    # 3, 18 or 25 for the tier; 35 is medium, 60 high
    extra = {"low": {}, "high": {"provides_ai": True, "exceptions_evaluated": None, "subprocessor": True}}
    extra["critical"] = {"assurance_report": None, "provides_ai": True, "subprocessor": True}
    found = score(tier=tier, **extra[tier])
    assert (found.score, found.band) == ({"low": 3, "high": 38, "critical": 60}[tier], band)


def test_highest_score_comes_first_and_who_is_gone_is_left_out():
    found = score_vendors([GOOD, Vendor("v2"), Vendor("v0", status="offboarded")], ON)
    assert [each.vendor_id for each in found] == ["v2", "v1"]


def test_sealed_vendors_are_scored(governed, command):
    plain = {"name": "Paper", "tier": "low", "provides_ai": False, "data_classes": ["public"], "subprocessor": False}
    owned = {"owner_id": "p1", "assessment_result": "none", "next_review_at": "2027-01-01", "status": "active"}
    governed.keep("vendors", [{"vendor_id": "v1", **plain, **owned, "cuecs_mapped": False}])
    governed.collect()
    found = json.loads(command("vendors", "--json").stdout)
    assert [(each["vendor_id"], each["score"], each["band"]) for each in found["vendors"]] == [("v1", 43, "medium")]
    assert "20 never assessed" in command("vendors").stdout
