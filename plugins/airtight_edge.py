"""Where Airflow meets the library: connections become credentials, a task's context becomes a trigger.

Airflow imports this file in every component, so nothing heavy is imported at its top. DAG files import it as
``airtight_edge``. A secret is handed on as a value and goes neither to a log nor to XCom.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airtight.domain.source import Credentials
    from airtight.pipeline import Installation, Trigger

_TRIGGERS = {"scheduled": "scheduled", "manual": "manual", "backfill": "backfill", "asset_triggered": "asset"}


def installation() -> Installation:
    """The installation that the environment names, opened for one task."""
    import os

    from airtight.pipeline import open_installation
    from airtight.settings import load_settings

    distributed = "celery" in os.environ.get("AIRFLOW__CORE__EXECUTOR", "").lower()
    return open_installation(load_settings(), distributed=distributed)


def trigger(context: Mapping[str, Any], *, by: str | None = None, reason: str | None = None) -> Trigger:
    """How this run came about; only what a retry does not change.

    Args:
        by, reason: the person on whose account it goes on, and why, where that is not who started the run.
    """
    from airtight.pipeline import Trigger

    run = context["dag_run"]
    run_type = getattr(run.run_type, "value", str(run.run_type))
    return Trigger(
        dag_id=run.dag_id,
        run_id=run.run_id,
        kind=_TRIGGERS.get(run_type, run_type),
        by=by or getattr(run, "triggering_user_name", None),
        reason=reason or context["params"].get("reason"),
    )


def partition(context: Mapping[str, Any]) -> str:
    """The run's partition key, which is its identity.

    Raises:
        ConfigurationError: the run was started without one.
    """
    from airtight.errors import ConfigurationError

    key = context["dag_run"].partition_key
    if not key:
        raise ConfigurationError(
            "the run has no partition key.", remedy="Trigger it with a partition key such as 2026-09-14."
        )
    return str(key)


def credentials(connection_id: str | None) -> Credentials:
    """The credentials of an Airflow connection; none for a source without one.

    Raises:
        SourceRefused: Airflow does not know the connection.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError

    from airtight.domain.source import Credentials
    from airtight.errors import SourceRefused

    if connection_id is None:
        return Credentials()
    try:
        found = Connection.get(connection_id)
    except (AirflowNotFoundException, AirflowRuntimeError):
        raise SourceRefused(
            f"Airflow has no connection '{connection_id}'.", remedy="Add it under Admin, Connections."
        ) from None
    return Credentials(
        host=found.host,
        port=found.port,
        schema=found.schema,
        login=found.login,
        password=found.password,
        # Airflow's own URI of an SQLite connection is none that SQLAlchemy reads
        uri=f"sqlite:///{found.host}" if found.conn_type == "sqlite" else found.get_uri(),
        extra={key: str(value) for key, value in found.extra_dejson.items()},
    )
