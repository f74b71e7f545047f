"""A framework, its mapping and a control of one's own are three files: judged with the rest, without any code."""

from __future__ import annotations

import json
import subprocess

import pytest

from airtight import queries

from .governed import DAY

FRAMEWORK = """\
id: nist-ai-rmf
name: NIST AI Risk Management Framework
edition: "1.0"
requirements:
  - {id: GOVERN-1, kind: category, assessable: false, title: Policies and practices}
  - {id: GOVERN-1.7, parent: GOVERN-1, kind: subcategory, title: Systems are decommissioned safely}
  - {id: GOVERN-2.1, kind: subcategory, title: Roles and lines of communication are clear}
  - {id: MEASURE-2.7, kind: subcategory, title: Security and resilience are evaluated}
"""
CONTROL = """\
id: XR-01
title: Accounts of administrators carry a name
objective: Whoever may change an AI system can be told.
owner: IT operations
frequency: daily
tiers: [entity]
requirements: {nist-ai-rmf: [GOVERN-2.1]}
design:
  risk: A change of an AI system that nobody can be held to.
  nature: detective
  operation: automated
  precision: Every account.
  evaluator: Internal auditor
tests:
  - id: XR-01.T1
    title: A log-in name
    procedure: Inspect every account. Deviation when its person is not on the roster.
    window: day
    populations: [accounts, hr_roster]
    population: SELECT account_id FROM accounts
    deviations: >-
      SELECT account_id FROM accounts
      WHERE person_id NOT IN (SELECT person_id FROM hr_roster WHERE status = 'active')
    cases:
      - name: one who left
        given:
          accounts: [{account_id: a1, person_id: p1}, {account_id: a2, person_id: p2}]
          hr_roster: [{person_id: p1, status: active}, {person_id: p2, status: terminated}]
        deviations: [{account_id: a2}]
"""


@pytest.fixture
def own(governed):
    for path, text in {
        "frameworks/nist-ai-rmf.yaml": FRAMEWORK,
        "controls/XR-01.yaml": CONTROL,
        "requirements/nist-ai-rmf.yaml": "direct: {AC-01: [MEASURE-2.7]}\nsupports: {IR-01: [GOVERN-1.7]}\n",
    }.items():
        file = governed.little.overlay / "catalog" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return governed


def test_own_framework_is_judged_without_code(own):
    own.run()
    result, bundle = queries.control_result(own.open(), "XR-01", DAY)
    assert [deviation.key for test in result.tests for deviation in test.deviations] == [(("account_id", "a2"),)]
    assert dict(result.requirements) == {"nist-ai-rmf": ("GOVERN-2.1",)}
    extended, _ = queries.control_result(own.open(), "AC-01", DAY)
    assert dict(extended.requirements)["nist-ai-rmf"] == ("MEASURE-2.7",)
    assert bundle.slot.partition == DAY


def test_own_framework_has_coverage_and_gap_like_the_others(own, command):
    covered = json.loads(command("coverage", "--framework", "nist-ai-rmf", "--json").stdout)
    assert [(each["id"], each["controls"], each["supported_by"]) for each in covered] == [
        ("GOVERN-1.7", [], ["IR-01"]),
        ("GOVERN-2.1", ["XR-01"], []),
        ("MEASURE-2.7", ["AC-01"], []),
    ]
    gap = json.loads(command("gap", "--base", "soc2", "--target", "nist-ai-rmf", "--json").stdout)
    assert [row["standing"] for row in gap["rows"]][:2] == ["open", "additional"]


def test_licensed_texts_are_quoted_outside_the_repository_only(own, command, tmp_path):
    folder = own.little.overlay / "texts" / "nist-ai-rmf"
    folder.mkdir(parents=True)
    folder.joinpath("GOVERN-2.1.md").write_text("Licensed words")
    assert command("docs", "--into", str(tmp_path / "a")).returncode == 0
    assert "Licensed words" not in (tmp_path / "a" / "requirements.md").read_text()
    assert command("docs", "--into", str(tmp_path / "b"), "--texts").returncode == 0
    assert "Licensed words" in (tmp_path / "b" / "requirements.md").read_text()
    inside = command("docs", "--into", str(own.little.home / "docs"), "--texts")
    assert (inside.returncode, "never go into the repository" in inside.stderr) == (2, True)


def test_git_ignores_licensed_texts(repository):
    place = "include/organisation/texts/iso42001/A.8.4.md"
    found = subprocess.run(["git", "check-ignore", place], cwd=repository, capture_output=True, text=True, check=False)
    if found.returncode == 128:
        pytest.skip("not a git checkout")
    assert found.stdout.strip() == place
