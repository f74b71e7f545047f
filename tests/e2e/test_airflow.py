"""Three days of a small organisation through a real Airflow: the tests tell one story, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow_story import ASKING, Story, free_port, judge_newest, story

from airtight.domain.bundle import BundleKind
from airtight.domain.result import ResultState
from airtight.errors import ConfigurationError
from airtight.journey.answers import ANSWERED, acts_of
from airtight.journey.verifying import register_in
from airtight.seal.read import BundleReader
from airtight_launch.journey import ALL, COLLECTING, unpause
from airtight_launch.server import Api, members

pytestmark = [pytest.mark.slow, pytest.mark.airflow, pytest.mark.server]
ENGINEER, AUDITOR = "engineer", "auditor"
#: due every day, about a year, owned by another role than the one that answers
YEARLY = "GV-07.T3"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Story]:
    """Airflow, up, with its newest day collected and judged."""
    with (
        pytest.MonkeyPatch.context() as environ,
        story(tmp_path_factory.mktemp("story"), repository, environ) as started,
    ):
        states = judge_newest(started)
        assert states == {dag: ["success"] for dag in ALL}
        yield started


def test_leaver_with_an_active_account_is_found_in_the_scheduled_day(told):
    result = told.control("AC-01", told.newest)
    assert result.state is ResultState.FAIL
    (test,) = [each for each in result.tests if each.test == "AC-01.T1"]
    assert ["a2" in dict(deviation.key).values() for deviation in test.deviations] == [True]


def test_every_source_gave_and_its_task_bears_its_name(told):
    for collection, sources in (("access_reviews", ("hr", "directory")), ("change_records", ("deploys", "branches"))):
        tasks = told.tasks(f"collect_{collection}", told.newest)
        mapped = {name: state for (task, name), state in tasks.items() if task == "collect_source"}
        assert mapped == dict.fromkeys(sources, "success")


def test_register_of_the_day_lacks_no_bundle(told):
    register = register_in(told.opened(), told.head(BundleKind.REGISTER, "day", told.newest))
    assert register.missing == ()


def test_critical_alert_and_digest_are_mailed_once_however_often_the_day_runs(told):
    assert told.clear("evaluate_controls", told.newest) == "success"
    assert told.run("watch_coverage", told.newest) == "success"
    assert len(told.mailbox.subjects("AC-01 is fail")) == 1
    assert len(told.mailbox.subjects("for IT operations")) == 1
    assert {mail["To"] for mail in told.mailbox.received} == {"it@little.example", "everyone@little.example"}


def test_running_a_day_again_changes_nothing(told):
    before = told.bundles(told.newest)
    assert told.run("collect_access_reviews", told.newest) == "success"
    assert told.clear("collect_change_records", told.newest) == "success"
    assert told.run("verify_archive", told.newest) == "success"
    assert told.bundles(told.newest) == before


def test_auditor_reads_and_does_not_trigger(told):
    auditor = Api(told.home, AUDITOR)
    assert auditor.call("GET", "dags/collect_access_reviews/dagRuns")["total_entries"] >= 1
    with pytest.raises(ConfigurationError, match="403"):
        told.trigger("collect_access_reviews", told.newest, api=auditor)
    with pytest.raises(ConfigurationError, match="403"):
        auditor.call("GET", "connections/deploys_db")


def test_failing_source_turns_its_own_task_red_and_the_day_goes_on(told):
    late = told.organisation.days[1]
    told.connect_deploys(conn_type="postgres", host="127.0.0.1", port=free_port(), schema="deploys")
    for run in [(dag, told.trigger(dag, late)) for dag in COLLECTING]:
        assert told.ended(*run) == "success"
    access, changes = (told.tasks(f"collect_{name}", late) for name in ("access_reviews", "change_records"))
    assert access["collect_source", "directory"] == "failed"
    assert access["collect_source", "hr"] == "success"
    assert changes["collect_source", "deploys"] == "failed"
    assert changes["collect_source", "branches"] == "success"
    assert "exports/directory" in told.trouble("accounts", late)
    assert "cannot be reached" in told.trouble("deployments", late)
    assert told.trouble("hr_roster", late) is None
    assert told.runs_of("evaluate_controls", late) == ["success"]
    assert told.control("AC-01", late).state is ResultState.INCONCLUSIVE


def test_late_source_leads_to_superseding_results_that_name_the_first(told):
    late = told.organisation.days[1]
    first = {kind: told.head(kind, name, late) for kind, name in _PLACES}
    told.organisation.directory(late)
    asked = told.trigger("collect_access_reviews", late, api=Api(told.home, ENGINEER), again=True, reason="late export")
    assert told.ended("collect_access_reviews", asked) == "success"
    assert told.runs_of("evaluate_controls", late, 2) == ["success", "success"]
    for kind, name in _PLACES:
        assert told.head(kind, name, late).supersedes == first[kind].digest
    assert told.control("AC-01", late).state is ResultState.FAIL
    facts = told.opened().index.find(told.head(*_PLACES[0], late).digest).facts
    assert (facts.triggered_by, facts.reason) == (ENGINEER, "late export")


_PLACES = ((BundleKind.COLLECTION, "access_reviews"), (BundleKind.RESULTS, "controls"))


def test_backfill_marks_events_retrospective_and_refuses_a_source_without_history(told):
    past = told.organisation.days[2]
    told.connect_deploys(conn_type="sqlite", host=str(told.organisation.database), port=None, schema=None)
    assert told.backfill("collect_change_records", past) == "success"
    assert told.trouble("deployments", past) is None
    assert "keeps no history" in told.trouble("branch_protections", past)
    outcomes = _outcomes(told, "change_records", past)
    assert {entry.population: entry.retrospective for entry in outcomes["deploys"].collected} == {"deployments": True}
    assert told.tasks("collect_change_records", past)["collect_source", "branches"] == "failed"


def test_day_that_lacks_a_collection_is_declared_due_and_judged(told):
    past = told.organisation.days[2]
    assert told.run("watch_coverage", past) == "success"
    assert told.runs_of("evaluate_controls", past) == ["success"]
    result = told.control("AC-01", past)
    assert result.state is ResultState.INCONCLUSIVE
    assert "hr_roster of hr" in result.reason
    register = register_in(told.opened(), told.head(BundleKind.REGISTER, "day", past))
    assert "access_reviews" in {bundle.name for bundle in register.missing}


def test_collection_that_comes_after_the_day_was_judged_has_it_judged_again(told):
    past = told.organisation.days[2]
    first = told.head(BundleKind.RESULTS, "controls", past)
    assert told.backfill("collect_access_reviews", past) == "success"
    assert told.runs_of("evaluate_controls", past, 2) == ["success", "success"]
    assert told.head(BundleKind.RESULTS, "controls", past).supersedes == first.digest
    assert told.control("AC-01", past).state is ResultState.FAIL


def _attested(told, day):
    """State and reason of the yearly attestation, as the latest results of a day have it."""
    return next((test.state, test.reason) for test in told.control("GV-07", day).tests if test.test == YEARLY)


def test_named_person_is_asked_and_shown_what_it_is_about_and_nobody_else_may_answer(told):
    assert _attested(told, told.newest)[0] is ResultState.NOT_COLLECTED
    unpause(told.admin, ASKING)
    question = told.question(YEARLY, told.newest)
    assert "how to reach it is published" in question["body"]
    assert f"to {told.newest}, both days included" in question["body"]
    assert question["assigned_users"] == [{"id": "manager", "name": "E1"}]
    assert {mail["To"] for mail in told.mailbox.received if f"asked: {YEARLY}" in mail["Subject"]} == {
        "manager@little.example"
    }
    for other in (AUDITOR, ENGINEER):
        with pytest.raises(ConfigurationError, match="403"):
            told.answer(question, "It holds", "All is well.", as_=other)


def test_answer_becomes_evidence_and_the_day_is_judged_again(told):
    first = told.head(BundleKind.RESULTS, "controls", told.newest)
    told.answer(told.question(YEARLY, told.newest), "It holds with exceptions", "The page was down.", as_="manager")
    state, reason = told.until(lambda: _attested(told, told.newest), lambda seen: "awaits" not in seen[1])
    assert state is ResultState.EXCEPTIONS
    assert reason.startswith("E1 answered on ")
    assert told.head(BundleKind.RESULTS, "controls", told.newest).supersedes == first.digest
    facts = told.opened().index.find(told.head(BundleKind.COLLECTION, "governance_records", told.newest).digest).facts
    assert (facts.triggered_by, facts.reason) == ("E1", f"answer to {YEARLY}")
    shown = told.until(lambda: told.tasks(ASKING, told.newest), lambda tasks: _states(tasks, "question.keep") != [])
    assert "success" in _states(shown, "question.keep")


def test_question_that_somebody_marks_as_answered_is_not(told):
    late = told.organisation.days[1]
    run = told.trigger(ASKING, late)
    told.mark_successful(told.question(YEARLY, late))
    tasks = told.until(lambda: told.tasks(ASKING, late), lambda seen: "failed" in _states(seen, "question.keep"))
    assert "success" in _states(tasks, "question.ask")
    assert "success" not in _states(tasks, "question.seal")
    assert told.ended(ASKING, run) == "failed"
    answers = [act.detail["last"] for act in acts_of(told.opened(), YEARLY, ANSWERED)]
    assert answers == [told.newest.isoformat()]


def _states(tasks, name):
    return [state for (task, _), state in tasks.items() if task == name]


def test_password_of_a_connection_is_nowhere_in_the_state(told):
    holding = [
        file for file in told.home.state.rglob("*") if file.is_file() and told.password.encode() in file.read_bytes()
    ]
    assert holding == []


def test_no_process_of_airflow_inherits_a_secret(told):
    files = [told.home.airflow / "passwords.json", told.home.airflow / "secrets.json"]
    secrets = {value for file in files for value in json.loads(file.read_text()).values()} | {told.password}
    for pid in members(told.running.process.pid):
        environment = Path(f"/proc/{pid}/environ").read_bytes()
        assert not [secret for secret in secrets if secret.encode() in environment]


def test_secrets_lie_in_files_that_only_their_owner_reads(told):
    private = ["airflow/passwords.json", "airflow/secrets.json", "airflow/airflow.cfg"]
    private += ["keys/signing.pem", "keys/pseudonym.key"]
    assert {name: oct((told.home.state / name).stat().st_mode & 0o777) for name in private} == dict.fromkeys(
        private, "0o600"
    )


def _outcomes(told, collection, day):
    opened = told.opened()
    with opened.store.open(told.head(BundleKind.COLLECTION, collection, day).key) as file:
        return {outcome.source: outcome for outcome in BundleReader(file).outcomes()}
