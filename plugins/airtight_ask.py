"""Asking persons through Airflow, and reading back what they answered from where Airflow stores it.

An answer is never taken from XCom or from a task's state: a task that somebody marks as successful has no answer. It is
read through Airflow's own API with the connection ``airtight_answers`` (HTTP; host is Airflow's address, the log-in
only needs to read). The operator asks once, without a default: nobody's silence is an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from airflow.providers.standard.operators.hitl import HITLOperator

if TYPE_CHECKING:
    from airtight.journey.answers import StoredAnswer

CONNECTION = "airtight_answers"
#: the field in which a person writes what they looked at and found
STATEMENT = "statement"
_LOG = logging.getLogger(__name__)


class AskPerson(HITLOperator):
    """Asks one or more persons, each of whom is told by mail where a mail connection is set.

    Args:
        addresses: mail addresses of those asked.
    """

    template_fields: ClassVar[Sequence[str]] = (*HITLOperator.template_fields, "assigned_users", "addresses")  # type: ignore[misc]

    def __init__(self, *, addresses: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.addresses = addresses

    def execute(self, context: Any) -> Any:
        """Tell the persons, then ask and wait; a mail that cannot be sent does not keep the question from being put."""
        from airflow.sdk.exceptions import AirflowException

        from airtight_edge import installation
        from airtight_mail import send_question

        link = self.generate_link_to_ui_from_context(context=context)
        try:
            send_question(installation(), self.addresses, self.subject, f"{self.body}\n\nAnswer here: {link}", context)
        except (AirflowException, OSError):
            _LOG.exception("the question is put, and could not be mailed")
        return super().execute(context)


def stored_answers(context: Mapping[str, Any], task_id: str) -> list[StoredAnswer]:
    """What Airflow has stored for a task that asks, at the same place in the run: every attempt, the latest last.

    Raises:
        AirflowException: Airflow does not answer, or refuses the log-in of the connection.
    """
    run, index = context["dag_run"], context["ti"].map_index
    parts = ("dags", run.dag_id, "dagRuns", run.run_id, "taskInstances", task_id, str(index), "hitlDetails")
    path = "/".join(quote(part, safe="") for part in parts)
    read = _Reader()
    latest = read(path)
    attempts = [read(f"{path}/tries/{number}") for number in range(1, int(latest["task_instance"]["try_number"]))]
    place = f"{run.dag_id}/{run.run_id}/{task_id}/{index}"
    found = [each for each in attempts if each and each["responded_at"]]
    return [_answer(place, each) for each in (*found, latest)]


def _answer(place: str, detail: Mapping[str, Any]) -> StoredAnswer:
    from datetime import UTC, datetime

    from airtight.journey.answers import StoredAnswer

    by, at = detail["responded_by_user"] or {}, detail["responded_at"]
    return StoredAnswer(
        place=f"{place}/try {detail['task_instance']['try_number']}",
        subject=detail["subject"],
        body=detail["body"] or "",
        account=by.get("id"),
        answered_at=datetime.fromisoformat(at).astimezone(UTC) if at else None,
        chosen=tuple(detail["chosen_options"] or ()),
        statement=str((detail["params_input"] or {}).get(STATEMENT) or ""),
    )


class _Reader:
    """Reads Airflow's API as the connection's log-in."""

    def __init__(self) -> None:
        import requests
        from airflow.sdk import Connection

        found = Connection.get(CONNECTION)
        self._address = f"{found.host}:{found.port}" if found.port else str(found.host)
        self._session = requests.Session()
        body = {"username": found.login, "password": found.password}
        token = self._call("POST", "auth/token", json=body)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, path: str) -> dict[str, Any]:
        """One answer of ``/api/v2``."""
        return self._call("GET", f"api/v2/{path}")

    def _call(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        import requests
        from airflow.sdk.exceptions import AirflowException

        try:
            answer = self._session.request(method, f"{self._address}/{path}", timeout=30, **given)
        except requests.RequestException as error:
            raise AirflowException(f"Airflow's API cannot be reached ({type(error).__name__}).") from None
        if not answer.ok:
            raise AirflowException(f"Airflow's API answered {answer.status_code}; look at connection '{CONNECTION}'.")
        found: dict[str, Any] = answer.json()
        return found
