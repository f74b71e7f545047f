"""One day through Airflow: unpause the DAGs, start the day, follow it to its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime

from airtight.errors import ConfigurationError
from airtight.wire import Json
from airtight_launch.server import Api

COLLECTING = ("collect_access_reviews", "collect_change_records", "collect_audit_logs", "collect_governance_records")
ALL = (*COLLECTING, "evaluate_controls", "watch_coverage", "verify_archive")
#: the connection that plugins/airtight_ask.py reads answers through, and the log-in that it uses
ANSWERS, READER = "airtight_answers", "auditor"
FINISHED = {"success", "failed"}


def prepare_airflow(api: Api, *, heavy_slots: int) -> None:
    """The pool that keeps heavy tasks to the machine's size, the log-in that reads answers back, and every DAG parsed.

    Raises:
        ConfigurationError: a DAG file does not import.
    """
    pool: Json = {"name": "heavy", "slots": heavy_slots, "include_deferred": False}
    api.call("POST", "pools", pool, accept=(409,))
    _connect_itself(api)
    errors = api.call("GET", "importErrors").get("import_errors")
    if errors:
        raise ConfigurationError(f"a DAG file does not import: {errors}")


def _connect_itself(api: Api) -> None:
    """The connection through which tasks read what persons answered, as a log-in that only reads."""
    body: Json = {
        "connection_id": ANSWERS,
        "conn_type": "http",
        "host": api.home.address,
        "login": READER,
        "password": api.home.passwords()[READER],
    }
    known = api.call("POST", "connections", body, accept=(409,))
    if "connection_id" not in known:
        api.call("PATCH", f"connections/{ANSWERS}", body)


def run_day(api: Api, day: date, now: datetime, progress: Callable[[str], None]) -> list[str]:
    """Every DAG for the day, in the order of the journey; returns those that failed."""
    unpause(api, "evaluate_controls")
    for dag in COLLECTING:
        start(api, dag, day, scheduled=now.hour >= 3)
    ended: dict[str, str] = {}
    for dag in COLLECTING:
        ended[dag] = wait_for(api, dag, day, _counting(progress, ended))
    later = ["evaluate_controls", "watch_coverage", "verify_archive"]
    if "failed" in ended.values():  # the day is judged once its register says what it lacks
        later = ["watch_coverage", "evaluate_controls", "verify_archive"]
    for dag in later:
        if dag != "evaluate_controls":
            start(api, dag, day, scheduled=now.hour >= 7)
        ended[dag] = wait_for(api, dag, day, _counting(progress, ended))
    unpause(api, "ask_attestations")  # persons have fourteen days to answer; nobody waits for them here
    return [dag for dag in ALL if ended[dag] != "success"]


def _counting(progress: Callable[[str], None], ended: dict[str, str]) -> Callable[[str], None]:
    return lambda text: progress(f"{len(ended)} of {len(ALL)} DAGs done; {text}")


def unpause(api: Api, dag_id: str) -> None:
    """Let a DAG run when its schedule or its evidence says so."""
    api.call("PATCH", f"dags/{dag_id}", {"is_paused": False})


def start(api: Api, dag_id: str, day: date, *, scheduled: bool) -> None:
    """Unpause a DAG and see to it that a run for the day exists; one that failed before is run again.

    Args:
        scheduled: the schedule itself makes that run when the DAG is unpaused; it is waited for, and triggered
            by hand only when it does not come within half a minute.
    """
    unpause(api, dag_id)
    deadline = time.monotonic() + (30.0 if scheduled else 0.0)
    while (run := run_of(api, dag_id, day)) is None or run["state"] == "failed":
        if run or time.monotonic() >= deadline:
            api.call("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "partition_key": day.isoformat()})
            return
        time.sleep(1)


def runs(api: Api, dag_id: str) -> list[dict[str, object]]:
    """The latest runs of a DAG, newest first."""
    found = api.call("GET", f"dags/{dag_id}/dagRuns?order_by=-run_after&limit=50").get("dag_runs")
    return [dict(run) for run in found if isinstance(run, dict)] if isinstance(found, list) else []


def run_of(api: Api, dag_id: str, day: date) -> dict[str, object] | None:
    """The newest run of a DAG for a day, or None."""
    return next((run for run in runs(api, dag_id) if run.get("partition_key") == day.isoformat()), None)


def wait_for(api: Api, dag_id: str, day: date, progress: Callable[[str], None], *, patience: float = 900.0) -> str:
    """Follow a DAG's run for a day until it ends; returns its final state.

    Raises:
        ConfigurationError: it did not end in time.
    """
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        run = run_of(api, dag_id, day)
        state = str(run["state"]) if run else "waiting for its evidence"
        progress(f"{dag_id}: {state}")
        if state in FINISHED:
            return state
        time.sleep(2)
    raise ConfigurationError(
        f"{dag_id} did not finish {day} within {patience:.0f} seconds.",
        remedy="Look at its run in Airflow; make run goes on with what is there.",
    )
