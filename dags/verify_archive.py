"""WHEN stored evidence is read again: each night, all bundles of the last days and a rotating share of the rest.

A bundle that no longer verifies, or that a register names and the store does not hold, turns the run red and is
mailed at once: nothing sealed is ever changed, so someone or something touched the store.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import CronPartitionTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException


@dag(
    dag_id="verify_archive",
    schedule=CronPartitionTimetable("0 4 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "Compliance lead", "retries": 1},
    tags=["airtight", "verify"],
    description="Re-read and re-verify stored bundles; report what changed or vanished.",
    doc_md=f"# Verify the archive\n\n{__doc__}",
)
def verify_archive() -> None:
    @task(pool="heavy")
    def verify() -> dict[str, int]:
        """Verify and report; fails with the names of what does not hold."""
        from airtight import pipeline
        from airtight_edge import installation
        from airtight_mail import send_archive_alarm

        context = get_current_context()
        opened = installation()
        report = pipeline.verify_archive(opened)
        if report.broken:
            send_archive_alarm(opened, report, context)
            raise AirflowFailException("; ".join(report.broken))
        return {"verified": report.verified}

    verify()


verify_archive()
