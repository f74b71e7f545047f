"""From question to verdict: who is asked, which answer is kept, and what it makes of a day that was judged before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from airtight import pipeline, queries
from airtight.domain.bundle import BundleKind
from airtight.domain.result import ResultState
from airtight.errors import EvidenceError
from airtight.installation import Installation, Trigger
from airtight.journey.answering import keep
from airtight.journey.answers import ASKED, StoredAnswer, acts_of, answers_ending, sha256_of
from airtight.journey.asking import Question, ask, questions

from .conftest import DAY, LittleOrganisation

SOURCE = """\
- id: product
  collection: governance_records
  system: little
  connector: airtight
  populations: {attestations: identity}
"""
PEOPLE = """\
owners: {}
default: all@little.example
people:
  E1: {address: a@little.example, roles: [HR / ethics officer], account: owner}
  E2: {address: b@little.example, roles: [Compliance lead], account: ada}
  E3: {address: c@little.example, roles: [Compliance lead, HR / ethics officer], account: both}
  E4: {address: d@little.example, roles: [Compliance lead]}
  E5: {address: e@little.example, roles: [Nobody], account: stranger}
"""
TODAY = date.fromisoformat(DAY)
NOW = datetime(2026, 7, 1, 7, tzinfo=UTC)
#: due every day, about a year, owned by HR / ethics officer, answered by the Compliance lead
TEST = "GV-07.T3"


@pytest.fixture
def opened(tmp_path: Path, repository: Path) -> Installation:
    little = LittleOrganisation(tmp_path, repository)
    little.export()
    sources = little.overlay / "sources.yaml"
    sources.write_text(sources.read_text() + SOURCE)
    little.overlay.joinpath("people.yaml").write_text(PEOPLE)
    return little.open()


def asked(opened: Installation, day: date = TODAY, now: datetime = NOW) -> Question:
    """The question about the yearly test."""
    [found] = [question for question in ask(opened, day, now) if question.test == TEST]
    return found


def answer(question: Question, **changes: object) -> StoredAnswer:
    stored = StoredAnswer(
        place="ask_attestations/run/ask/0/try 1",
        subject=question.subject,
        body=question.body,
        account="ada",
        answered_at=NOW + timedelta(hours=2),
        chosen=("It holds",),
        statement="I sent a concern and got an answer.",
    )
    return replace(stored, **changes)  # type: ignore[arg-type]


# ---- asking --------------------------------------------------------------------------------------------------


def test_those_with_the_role_are_asked_who_have_an_account_and_do_not_own_the_control(opened) -> None:
    assert [person.id for person in asked(opened).asked] == ["E2"]


def test_a_person_sees_procedure_period_owner_and_the_evidence_with_its_digests(opened) -> None:
    pipeline.collect_day(opened, "access_reviews", DAY, trigger=Trigger(), clock=lambda: NOW)
    control = opened.catalog.controls["GV-07"]
    tests = tuple(replace(test, populations=("hr_roster",)) for test in control.tests)
    catalog = replace(opened.catalog, controls={"GV-07": replace(control, tests=tests)})
    body = asked(replace(opened, catalog=catalog)).body
    [sealed] = opened.index.sealed_populations(["hr_roster"], DAY, DAY)
    for part in (
        "how to reach it is published",
        "Period: 2025-07-01 to 2026-06-30",
        "HR / ethics officer owns this control and may not answer.",
        f"| hr_roster | 2026-06-30 | hr | 2 | {sealed.sha256} | {sealed.bundle} |",
    ):
        assert part in body


def test_asking_twice_for_a_day_asks_the_same_and_is_kept_once(opened) -> None:
    assert asked(opened) == asked(opened, now=NOW + timedelta(minutes=5))
    [act] = acts_of(opened, TEST, ASKED)
    assert act.detail["shown_sha256"] == asked(opened).sha256


def test_who_was_asked_yesterday_is_not_asked_again_until_fourteen_days_have_gone_by(opened) -> None:
    asked(opened)
    for days, count in ((1, 0), (13, 0), (14, 1)):
        later = ask(opened, TODAY + timedelta(days=days), NOW + timedelta(days=days))
        assert len([each for each in later if each.test == TEST]) == count


def test_an_attestation_that_nobody_can_be_asked_about_is_told_and_not_put(opened) -> None:
    end = date(2026, 6, 30)
    chair = [each for each in questions(opened, end) if each.test == "GV-06.T3"]
    assert [each.asked for each in chair] == [()]
    assert "GV-06.T3" not in {each.test for each in ask(opened, end, NOW)}


# ---- keeping -------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_once_with_who_when_what_was_shown_and_the_statement(opened) -> None:
    question = asked(opened)
    kept = keep(opened, TODAY, answer(question))
    assert keep(opened, TODAY, answer(question)) == kept
    [record] = answers_ending(opened, TODAY)
    assert (record["attested_by"], record["attested_at"]) == ("E2", "2026-07-01T09:00:00Z")
    assert (record["period_start"], record["period_end"]) == ("2025-07-01", "2026-06-30")
    assert record["shown_sha256"] == sha256_of(str(record["shown"])) == question.sha256
    assert record["statement"] == "I sent a concern and got an answer."
    assert record["answer"] == "holds"
    assert list(answers_ending(opened, TODAY - timedelta(days=1))) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"account": None}, "nobody answered."),
        ({"account": "eve"}, "belongs to nobody"),
        ({"account": "owner"}, "E1 owns the control; nobody answers for a control that they own."),
        ({"account": "both"}, "E3 owns the control; nobody answers for a control that they own."),
        ({"account": "stranger"}, "E5 answered and was not asked."),
        ({"chosen": ()}, "one answer has to be chosen."),
        ({"chosen": ("It holds", "It does not hold")}, "one answer has to be chosen."),
        ({"chosen": ("Approve",)}, "one answer has to be chosen."),
        ({"statement": " ok"}, "the answer states nothing."),
        ({"answered_at": None}, "it is not known when"),
        ({"body": "Something else."}, "what was shown is not what was asked."),
        ({"subject": "AC-01.T1 for 2026-06-30 to 2026-06-30: Leavers"}, "no attestation of that name is due"),
        ({"subject": "Please approve"}, "no attestation of that name is due"),
    ],
)
def test_an_answer_that_may_not_be_kept_is_refused_and_leaves_nothing(opened, changes, reason) -> None:
    question = asked(opened)
    with pytest.raises(EvidenceError) as refused:
        keep(opened, TODAY, answer(question, **changes))
    assert reason in refused.value.message
    assert list(answers_ending(opened, TODAY)) == []


def test_an_answer_to_a_question_of_another_day_is_refused(opened) -> None:
    question = asked(opened)
    with pytest.raises(EvidenceError, match="what was shown is not what was asked"):
        keep(opened, TODAY + timedelta(days=1), answer(question))


def test_who_answered_is_not_asked_again_and_whose_answer_was_refused_is(opened) -> None:
    question = asked(opened)
    assert [each.test for each in questions(opened, TODAY) if each.test == TEST] == [TEST]
    keep(opened, TODAY, answer(question))
    assert [each.test for each in questions(opened, TODAY) if each.test == TEST] == []


# ---- from the answer to the verdict --------------------------------------------------------------------------


def state_of(opened: Installation) -> tuple[ResultState, str]:
    result, _ = queries.control_result(opened, "GV-07", DAY)
    [test] = [each for each in result.tests if each.test == TEST]
    return test.state, test.reason


def test_an_answer_has_its_day_judged_again_and_both_verdicts_stay(opened) -> None:
    scheduled = Trigger(run_id="scheduled__1", kind="scheduled")
    pipeline.run_day(opened, DAY, trigger=scheduled, clock=lambda: NOW)
    assert state_of(opened)[0] is ResultState.NOT_COLLECTED
    said = answer(asked(opened), chosen=("It does not hold",), statement="The form does not load.")
    keep(opened, TODAY, said)
    by_ada = Trigger(dag_id="ask_attestations", run_id="asked__1", kind="scheduled", by="E2", reason="answer")
    published = pipeline.take_in_answers(opened, DAY, trigger=by_ada, clock=lambda: NOW)
    assert published
    assert (published.judge_again, published.bundle.slot.revision) == (True, 1)
    assert pipeline.take_in_answers(opened, DAY, trigger=by_ada, clock=lambda: NOW) is None
    first = opened.index.head(BundleKind.RESULTS, "controls", DAY)
    again = pipeline.evaluate(opened, DAY, trigger=by_ada).bundle
    assert again.supersedes == first.digest
    state, reason = state_of(opened)
    assert state is ResultState.FAIL
    assert reason.startswith("E2 answered on 2026-07-01 for 2025-07-01 to 2026-06-30: does-not-hold")


def test_an_answer_before_the_day_is_sealed_waits_for_its_collection(opened) -> None:
    keep(opened, TODAY, answer(asked(opened)))
    assert pipeline.take_in_answers(opened, DAY, trigger=Trigger(by="E2", reason="answer"), clock=lambda: NOW) is None
    pipeline.run_day(opened, DAY, trigger=Trigger(), clock=lambda: NOW)
    assert state_of(opened)[0] is ResultState.PASS


def test_the_sealed_answer_reads_as_it_was_given(opened) -> None:
    keep(opened, TODAY, answer(asked(opened)))
    outcome = pipeline.collect(opened, "product", DAY, trigger=Trigger(), clock=lambda: NOW)
    assert (outcome.rows, outcome.trouble) == (1, None)
    assert json.dumps(outcome.reference())
