"""The DAG folder: what is scheduled, by whom it is owned, and how it fails."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.airflow
ROOT = Path(__file__).resolve().parents[2]
COLLECTING = {"collect_access_reviews", "collect_change_records", "collect_audit_logs", "collect_governance_records"}
#: collected for its own sake: evaluation does not wait for it, but judges again when it came later
MONITORED = "collect_model_metrics"
EXPECTED = COLLECTING | {MONITORED, "ask_attestations", "evaluate_controls", "watch_coverage", "verify_archive"}
#: tasks that ask a person: asked once, answered by nobody else
ASKING = {("ask_attestations", "question.ask")}
HEAVY = ("pandas", "great_expectations", "evidently", "duckdb", "boto3", "sqlalchemy", "airtight")


def test_every_dag_of_the_design_is_there(dags):
    assert set(dags) == EXPECTED


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_dag_says_who_owns_it_what_it_does_and_belongs_to_airtight(dags, dag_id):
    dag = dags[dag_id]
    assert "airtight" in dag.tags
    assert dag.description
    assert len(dag.doc_md) > 100
    assert all(task.owner != "airflow" for task in dag.tasks)


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_every_task_is_retried_but_those_that_ask_a_person(dags, dag_id):
    assert {task.task_id for task in dags[dag_id].tasks if task.retries < 1} == {
        task for dag, task in ASKING if dag == dag_id
    }


def test_a_person_is_asked_without_a_default_and_among_the_answers_that_the_library_knows(dags):
    from airtight.journey.answers import OPTIONS

    for dag_id, task_id in ASKING:
        asking = dags[dag_id].get_task(task_id)
        assert (asking.defaults, asking.multiple, asking.response_timeout) == (None, False, timedelta(days=14))
        assert asking.options == list(OPTIONS)
        # a form whose field may not be empty would fail before the person is asked
        assert asking.params.get_param("statement").schema["type"] == ["null", "string"]


def test_an_answer_is_kept_also_where_airflow_lost_the_task_that_asked(dags):
    assert dags["ask_attestations"].get_task("question.keep").trigger_rule == "all_done"


def test_answers_to_a_day_are_sealed_one_after_the_other(dags):
    assert dags["ask_attestations"].get_task("question.seal").max_active_tis_per_dag == 1


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_no_dag_catches_up_by_itself(dags, dag_id):
    assert dags[dag_id].catchup is False


@pytest.mark.parametrize(
    "dag_id", sorted(COLLECTING | {MONITORED, "ask_attestations", "watch_coverage", "verify_archive"})
)
def test_scheduled_run_is_named_by_the_day_before(dags, dag_id):
    timetable = dags[dag_id].timetable
    assert type(timetable).__name__ == "CronPartitionTimetable"
    assert (timetable.run_offset, timetable.key_format) == (-1, "%Y-%m-%d")


def test_quality_runs_in_one_task_a_collection_in_the_heavy_pool(dags):
    for dag_id in COLLECTING:
        pools = {task.task_id: task.pool for task in dags[dag_id].tasks}
        assert [name for name, pool in pools.items() if pool == "heavy"] == ["check_quality"]


def test_monitors_run_after_the_other_sources_and_before_quality_also_when_a_source_fails(dags):
    task = dags[MONITORED].get_task("run_monitors")
    assert (task.trigger_rule, task.pool) == ("all_done", "heavy")
    assert "collect_source" in task.upstream_task_ids
    assert "check_quality" in task.downstream_task_ids
    assert not [dag_id for dag_id in COLLECTING if dags[dag_id].has_task("run_monitors")]


def test_whatever_signs_runs_on_the_signing_queue(dags):
    signing = {(dag_id, task.task_id) for dag_id, dag in dags.items() for task in dag.tasks if task.queue == "signing"}
    seals = {(dag_id, "seal_and_publish") for dag_id in (*COLLECTING, MONITORED)}
    assert signing == seals | {
        ("ask_attestations", "question.seal"),
        ("evaluate_controls", "evaluate"),
        ("watch_coverage", "register"),
        ("watch_coverage", "recount"),
    }


def test_day_is_sealed_also_when_a_source_fails(dags):
    for dag_id in COLLECTING:
        assert dags[dag_id].get_task("check_quality").trigger_rule == "all_done"


def test_digests_are_sent_also_on_a_day_that_lacks_nothing(dags):
    digests = dags["watch_coverage"].get_task("send_digests")
    assert (digests.trigger_rule, digests.upstream_task_ids) == ("none_failed", {"declare_day_due"})


def test_evaluation_waits_for_all_collections_or_for_a_day_declared_due(dags):
    condition = repr(dags["evaluate_controls"].timetable.asset_condition)
    for dag_id in COLLECTING:
        assert f"evidence/{dag_id.removeprefix('collect_')}" in condition
    assert "evidence/day-due" in condition


@pytest.mark.parametrize("file", sorted((ROOT / "dags").glob("*.py")) + sorted((ROOT / "plugins").glob("*.py")))
def test_nothing_heavy_is_imported_while_files_are_parsed(file):
    tree = ast.parse(file.read_text())
    parsed = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {(node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name for node in parsed}
    assert not [name for name in names if name.split(".")[0] in HEAVY]
