"""WHEN evidence is collected: one DAG a collection, one partition a day, one mapped task a source.

A source that fails turns its own task red and marks its populations as not collected; the day goes on and is
sealed with what there is. Re-running a sealed day changes nothing; collecting it again takes a person who
triggers the DAG with ``{"again": true, "reason": "..."}``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import Asset, CronPartitionTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

DAY_DUE = Asset("evidence/day-due", uri="evidence://day-due")
COLLECTIONS = {
    "access_reviews": ("0 2 * * *", "IT operations", "Who may do what: people, accounts, entitlements, reviews."),
    "change_records": (
        "10 2 * * *",
        "Engineering lead",
        "What changed: pull requests, changes, deployments.",
    ),
    "audit_logs": ("20 2 * * *", "Security operations", "What happened: audit events, alerts, incidents, backups."),
    "governance_records": (
        "30 2 * * *",
        "Compliance lead",
        "What people decide and keep: policies, registers.",
    ),
}


def collecting_dag(collection: str, cron: str, owner: str, about: str) -> None:
    """Register the DAG that collects one collection."""
    evidence = Asset(f"evidence/{collection}", uri=f"evidence://{collection}")

    @dag(
        dag_id=f"collect_{collection}",
        schedule=CronPartitionTimetable(cron, timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
        start_date=datetime(2026, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=4,
        default_args={"owner": owner, "retries": 2},
        params={"again": Param(False, type="boolean"), "reason": Param(None, type=["null", "string"])},
        tags=["airtight", "collect", collection],
        description=about,
        doc_md=f"# {about}\n\n{__doc__}",
    )
    def collect() -> None:
        @task
        def plan() -> list[str]:
            """The sources of this collection; refuses a catalog that does not hold together."""
            from airtight_edge import installation

            return [source.id for source in installation().catalog.sources_of(collection)]

        @task(map_index_template="{{ source_id }}")
        def collect_source(source: str) -> None:
            """Pull one source and stage its populations, or say why there are none."""
            from airtight import pipeline
            from airtight_edge import credentials, installation, partition, trigger

            context = get_current_context()
            context["source_id"] = source  # type: ignore[typeddict-unknown-key]
            opened = installation()
            staged = pipeline.collect(
                opened,
                source,
                partition(context),
                trigger=trigger(context),
                credentials=lambda: credentials(opened.catalog.sources[source].connection),
                again=bool(context["params"]["again"]),
            )
            context["ti"].xcom_push(key="outcome", value=staged.reference())
            if staged.trouble:
                raise AirflowException(staged.trouble)

        @task(trigger_rule="all_done", pool="heavy")
        def check_quality(sources: list[str] | None) -> dict[str, object]:
            """May we rely on it? All suites of the collection in one process."""
            from airtight import pipeline
            from airtight_edge import installation, partition, trigger

            if sources is None:
                raise AirflowFailException("The plan of this collection failed, so nothing was collected.")
            context = get_current_context()
            outcomes = context["ti"].xcom_pull(
                task_ids="collect_source", key="outcome", map_indexes=range(len(sources))
            )
            staged = dict(zip(sources, outcomes, strict=True))
            checked = pipeline.check_quality(
                installation(), collection, partition(context), staged, trigger=trigger(context)
            )
            return checked.reference()

        @task(outlets=[evidence], queue="signing")
        def seal_and_publish(checked: dict[str, object]) -> dict[str, object]:
            """One signed bundle for the day, published once."""
            from airtight import pipeline
            from airtight_edge import installation, partition, trigger

            context = get_current_context()
            published = pipeline.publish_collection(
                installation(),
                collection,
                partition(context),
                checked,
                trigger=trigger(context),
            )
            context["outlet_events"][evidence].extra = published.reference()
            return published.reference()

        @task.short_circuit
        def judged_already(published: dict[str, object]) -> bool:
            """True when the day was judged without this bundle: it came late, or replaces an earlier one."""
            return published["judge_again"] is True

        @task(outlets=[DAY_DUE])
        def declare_day_due() -> None:
            """Tell the evaluation that the day is due again."""

        sources = plan()
        pulled = collect_source.expand(source=sources)
        checked = check_quality(sources)
        pulled >> checked
        judged_already(seal_and_publish(checked)) >> declare_day_due()

    collect()


for name, (cron, owner, about) in COLLECTIONS.items():
    collecting_dag(name, cron, owner, about)
