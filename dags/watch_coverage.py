"""WHEN absence is noticed: each morning, expected evidence against received evidence.

Seals the day's register, which names the register before it, so that a bundle that vanishes later is missed. For
a day that lacks something it says that the day is due, so that its controls are judged and not forgotten.
Counts late records of the last seven days again, and mails each owner one digest.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import Asset, CronPartitionTimetable, dag, get_current_context, task

DAY_DUE = Asset("evidence/day-due", uri="evidence://day-due")


@dag(
    dag_id="watch_coverage",
    schedule=CronPartitionTimetable("0 6 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "Compliance lead", "retries": 2},
    tags=["airtight", "coverage"],
    description="Compare expected with received evidence and seal the day's register.",
    doc_md=f"# Watch coverage\n\n{__doc__}",
)
def watch_coverage() -> None:
    @task.short_circuit(ignore_downstream_trigger_rules=False, queue="signing")
    def register() -> bool:
        """Seal the day's register; true when the day still has to be judged."""
        from airtight import pipeline
        from airtight_edge import installation, partition, trigger

        context = get_current_context()
        return pipeline.watch_coverage(installation(), partition(context), trigger=trigger(context)).day_due

    @task(outlets=[DAY_DUE])
    def declare_day_due() -> None:
        """Tell the evaluation that the day is due, complete or not."""

    @task(trigger_rule="none_failed")
    def send_digests() -> int:
        """One mail a day for each owner with a change to report."""
        from airtight_edge import installation, partition
        from airtight_mail import send_digests

        context = get_current_context()
        return send_digests(installation(), partition(context), context)

    @task(queue="signing")
    def recount() -> list[str]:
        """Count late records of the last seven days; a day that changed is judged again."""
        from airtight import pipeline
        from airtight_edge import credentials, installation, partition, trigger

        context = get_current_context()
        opened, how = installation(), trigger(context)
        again = pipeline.recount(
            opened, partition(context), trigger=how, credentials=lambda source: credentials(source.connection)
        )
        days = sorted({published.bundle.slot.partition for published in again})
        for day in days:
            pipeline.evaluate(opened, day, trigger=how)
        return days

    checked = register()
    recount() >> checked
    # Directly behind the short circuit the digests would be skipped on every complete day.
    checked >> declare_day_due() >> send_digests()


watch_coverage()
