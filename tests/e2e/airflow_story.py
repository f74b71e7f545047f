"""A real Airflow with a small organisation, and what tests do with it: trigger, wait, look."""

from __future__ import annotations

import email
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pytest
from aiosmtpd.controller import Controller
from airflow_organisation import AirflowOrganisation

from airtight import queries
from airtight.domain.bundle import BundleKind
from airtight.domain.result import ControlResult
from airtight.installation import Installation, open_installation
from airtight.publish.index import Chosen
from airtight.settings import load_settings
from airtight_launch.home import Home, prepare
from airtight_launch.journey import COLLECTING, FINISHED, prepare_airflow, runs, unpause
from airtight_launch.sample import prepare_keys
from airtight_launch.server import Api, Running, airflow

PATIENCE = 600.0
ASKING = "ask_attestations"


@dataclass
class Mailbox:
    """What a real SMTP server received."""

    received: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the server's own name
        self.received.append(email.message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"

    def subjects(self, part: str) -> list[str]:
        """Subjects that hold these words."""
        return [mail["Subject"] for mail in self.received if part in mail["Subject"]]


@dataclass(frozen=True)
class Story:
    """One Airflow, its organisation and its mailbox; ``password`` is planted in the connection ``deploys_db``."""

    home: Home
    organisation: AirflowOrganisation
    running: Running
    mailbox: Mailbox
    password: str

    @property
    def admin(self) -> Api:
        return self.running.api

    @property
    def newest(self) -> date:
        return self.organisation.days[0]

    def opened(self) -> Installation:
        """The installation, as a reader sees it."""
        return open_installation(load_settings(self.home.environment()))

    def connect_deploys(self, **changed: object) -> None:
        """Declare the connection of the source ``deploys``, or change it."""
        body = {"connection_id": "deploys_db", "login": "reader", "password": self.password, **changed}
        exists = any(
            each["connection_id"] == "deploys_db" for each in self.admin.call("GET", "connections")["connections"]
        )
        self.admin.call("PATCH" if exists else "POST", "connections/deploys_db" if exists else "connections", body)

    def trigger(self, dag: str, day: date, *, api: Api | None = None, **conf: object) -> str:
        """Start a DAG for a day by hand; returns the run's id."""
        body = {"logical_date": None, "partition_key": day.isoformat(), "conf": conf}
        return str((api or self.admin).call("POST", f"dags/{dag}/dagRuns", body)["dag_run_id"])

    def ended(self, dag: str, run: str) -> str:
        """The final state of a run."""
        found = self.until(
            lambda: next((each for each in runs(self.admin, dag) if each["dag_run_id"] == run), {}), _is_finished
        )
        return str(found["state"])

    def run(self, dag: str, day: date, **conf: object) -> str:
        """Start a DAG for a day and wait for its end."""
        return self.ended(dag, self.trigger(dag, day, **conf))

    def runs_of(self, dag: str, day: date, count: int = 1) -> list[str]:
        """States of a DAG's runs for a day, as soon as there are ``count`` and all have ended; newest first."""
        found = self.until(
            lambda: [each for each in runs(self.admin, dag) if each["partition_key"] == day.isoformat()],
            lambda present: len(present) >= count and all(map(_is_finished, present)),
        )
        return [str(each["state"]) for each in found]

    def until(self, look: Callable[[], object], good: Callable[..., bool]):
        """What ``look`` gives, as soon as it is good."""
        deadline = time.monotonic() + PATIENCE
        while not good(seen := look()):
            assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s, last seen: {seen}"
            assert self.running.process.poll() is None, "Airflow stopped"
            time.sleep(1)
        return seen

    def tasks(self, dag: str, day: date) -> dict[tuple[str, str | None], str]:
        """(task, name of the mapped one) -> state, for the newest run of a day."""
        run = next(each for each in runs(self.admin, dag) if each["partition_key"] == day.isoformat())
        path = f"dags/{dag}/dagRuns/{quote(str(run['dag_run_id']), safe='')}/taskInstances"
        found = self.admin.call("GET", path)["task_instances"]
        return {(each["task_id"], each["rendered_map_index"]): each["state"] for each in found}

    def clear(self, dag: str, day: date) -> str:
        """Clear the newest run of a day, so that all its tasks run again; returns its final state."""
        run = next(each for each in runs(self.admin, dag) if each["partition_key"] == day.isoformat())
        path = f"dags/{dag}/dagRuns/{quote(str(run['dag_run_id']), safe='')}/clear"
        self.admin.call("POST", path, {"dry_run": False})
        return self.ended(dag, str(run["dag_run_id"]))

    def question(self, test: str, day: date) -> dict:
        """The open question about an attestation test that a day has due, as soon as it is put."""

        def open_question() -> dict | None:
            asked = self.admin.call("GET", "dags/ask_attestations/dagRuns/~/hitlDetails?response_received=false")
            run_ids = {each["dag_run_id"] for each in runs(self.admin, ASKING) if each["partition_key"] == str(day)}
            found = [each for each in asked["hitl_details"] if each["subject"].startswith(f"{test} ")]
            waiting = [each for each in found if each["task_instance"]["dag_run_id"] in run_ids]
            return next((each for each in waiting if each["task_instance"]["state"] == "awaiting_input"), None)

        return self.until(open_question, bool)

    def answer(self, question: dict, option: str, statement: str, *, as_: str) -> None:
        """Answer a question as one of the log-ins."""
        body = {"chosen_options": [option], "params_input": {"statement": statement}}
        Api(self.home, as_).call("PATCH", f"{_place(question)}/hitlDetails", body)

    def mark_successful(self, question: dict) -> None:
        """Mark the task that asks as successful, as somebody may who wants to get on."""
        self.admin.call("PATCH", _place(question), {"new_state": "success"})

    def backfill(self, dag: str, day: date) -> str:
        """``airflow backfill create`` for one day, as an engineer types it; returns the run's final state."""
        command = [str(Path(sys.executable).with_name("airflow")), "backfill", "create", "--dag-id", dag]
        command += ["--from-date", f"{day}", "--to-date", f"{day}T23:59:59"]
        done = subprocess.run(command, env=self.home.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return self.runs_of(dag, day)[0]

    def bundles(self, day: date) -> list[tuple[str, int, str]]:
        """(name, revision, digest) of each bundle of a day."""
        chosen = Chosen(first=day.isoformat(), last=day.isoformat())
        refs = [bundle.ref for bundle in queries.bundles(self.opened(), chosen)]
        return sorted((ref.slot.name, ref.slot.revision, ref.digest) for ref in refs)

    def head(self, kind: BundleKind, name: str, day: date):
        """The latest bundle of a place."""
        return self.opened().index.head(kind, name, day.isoformat())

    def control(self, control: str, day: date) -> ControlResult:
        """The latest result of a control."""
        return queries.control_result(self.opened(), control, day.isoformat())[0]

    def trouble(self, population: str, day: date) -> str | None:
        """Why a population of a day is not to be relied on."""
        (sealed,) = self.opened().index.sealed_populations([population], day.isoformat(), day.isoformat())
        return sealed.trouble


def _place(question: dict) -> str:
    task = question["task_instance"]
    run, name = quote(task["dag_run_id"], safe=""), quote(task["task_id"], safe="")
    return f"dags/{ASKING}/dagRuns/{run}/taskInstances/{name}/{task['map_index']}"


def _is_finished(run: dict[str, object]) -> bool:
    return run.get("state") in FINISHED


@contextmanager
def story(root: Path, repository: Path, environ: pytest.MonkeyPatch) -> Iterator[Story]:
    """Airflow under ``root``, healthy, with every DAG still paused; stopped on leaving."""
    # The day before the newest day whose schedules have all passed, whatever hour it is.
    today = (datetime.now(UTC) - timedelta(hours=7)).date()
    organisation = AirflowOrganisation(root, repository, today)
    mailbox, mail_port, port = Mailbox(), free_port(), free_port()
    environ.setenv("AIRFLOW_CONN_LITTLE_MAIL", f"smtp://127.0.0.1:{mail_port}/?disable_ssl=true&disable_tls=true")
    environ.setenv("AIRTIGHT_MAIL_CONNECTION", "little_mail")
    moved = {"AIRTIGHT_STATE": str(organisation.state), "AIRTIGHT_ORGANISATION": str(organisation.folder)}
    home = Home.of(repository, os.environ | moved, port)
    prepare(home, workers=4, retry_seconds=1)
    prepare_keys(home.state)
    server = Controller(mailbox, hostname="127.0.0.1", port=mail_port)
    server.start()
    try:
        with airflow(home, lambda _: None) as running:
            prepare_airflow(running.api, heavy_slots=2)
            told = Story(home, organisation, running, mailbox, f"planted-{secrets.token_hex(8)}")
            told.connect_deploys(conn_type="sqlite", host=str(organisation.database))
            yield told
    finally:
        server.stop()


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def judge_newest(told: Story) -> dict[str, list[str]]:
    """Let the schedule bring the newest day: collections, evaluation, register, archive; states by DAG."""
    unpause(told.admin, "evaluate_controls")
    for dag in COLLECTING:
        unpause(told.admin, dag)
    states = {dag: told.runs_of(dag, told.newest) for dag in (*COLLECTING, "evaluate_controls")}
    for dag in ("watch_coverage", "verify_archive"):
        unpause(told.admin, dag)
        states[dag] = told.runs_of(dag, told.newest)
    return states
