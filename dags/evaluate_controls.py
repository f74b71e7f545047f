"""WHEN controls are tested: as soon as the day's evidence is sealed, or when coverage says the day is due.

One run a day. Every control due that day gets exactly one result, from sealed evidence only. A day that lacks a
source is judged all the same: what cannot be known is inconclusive. When the source comes late, the run that
follows supersedes the first and names it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import Asset, IdentityMapper, PartitionedAssetTimetable, dag, get_current_context, task

DAY = [
    Asset(f"evidence/{collection}", uri=f"evidence://{collection}")
    for collection in ("access_reviews", "change_records", "audit_logs", "governance_records")
]
DAY_DUE = Asset("evidence/day-due", uri="evidence://day-due")
RESULTS = Asset("evidence/results", uri="evidence://results")


@dag(
    dag_id="evaluate_controls",
    schedule=PartitionedAssetTimetable(
        assets=(DAY[0] & DAY[1] & DAY[2] & DAY[3]) | DAY_DUE, default_partition_mapper=IdentityMapper()
    ),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=2,
    default_args={"owner": "Compliance lead", "retries": 2},
    tags=["airtight", "evaluate"],
    description="Judge every control that is due on the day's sealed evidence.",
    doc_md=f"# Evaluate controls\n\n{__doc__}",
)
def evaluate_controls() -> None:
    @task(outlets=[RESULTS], queue="signing")
    def evaluate() -> dict[str, object]:
        """Test, roll up, seal and publish one results bundle."""
        from airtight import pipeline
        from airtight_edge import installation, partition, trigger

        context = get_current_context()
        published = pipeline.evaluate(installation(), partition(context), trigger=trigger(context))
        context["outlet_events"][RESULTS].extra = published.reference()
        return published.reference()

    @task
    def alert(published: dict[str, object]) -> int:
        """Mail at once what became critical; the rest waits for the owner's daily digest."""
        from airtight_edge import installation, partition
        from airtight_mail import send_critical

        context = get_current_context()
        return send_critical(installation(), partition(context), context)

    alert(evaluate())


evaluate_controls()
