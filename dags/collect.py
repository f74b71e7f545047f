"""WHEN evidence is collected: one DAG a collection, one partition a day, one mapped task a source.

A source that fails turns its own task red and marks its populations as not collected; the day goes on and is
sealed with what there is. Re-running a sealed day changes nothing; collecting it again takes a person who
triggers the DAG with ``{"again": true, "reason": "..."}``. The monitors of AI systems come after the other sources of
their collection, in one task: they compute from what those gave.
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
    "model_metrics": ("40 2 * * *", "AI system owner", "How AI systems do: predictions, outcomes, drift, fairness."),
}
MONITORED = "model_metrics"


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
            """The sources of this collection but monitors; refuses a catalog that does not hold together."""
            from airtight.domain.source import comes_last
            from airtight_edge import installation

            return [source.id for source in installation().catalog.sources_of(collection) if not comes_last(source)]

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

        def outcomes_of(sources: list[str]) -> dict[str, object]:
            """What each mapped task gave; None for one that ended without an outcome."""
            pulled = get_current_context()["ti"].xcom_pull(
                task_ids="collect_source", key="outcome", map_indexes=range(len(sources))
            )
            return dict(zip(sources, pulled, strict=True))

        @task(trigger_rule="all_done", pool="heavy")
        def run_monitors(sources: list[str] | None) -> None:
            """Compute drift, performance and fairness from what the other sources gave, and from earlier days."""
            from airtight import pipeline
            from airtight.domain.source import comes_last
            from airtight_edge import installation, partition, trigger

            context, opened = get_current_context(), installation()
            beside = outcomes_of(sources or [])
            staged = [
                pipeline.collect(
                    opened,
                    source.id,
                    partition(context),
                    trigger=trigger(context),
                    again=bool(context["params"]["again"]),
                    beside=beside,
                )
                for source in opened.catalog.sources_of(collection)
                if comes_last(source)
            ]
            context["ti"].xcom_push(key="outcomes", value={each.source: each.reference() for each in staged})
            if trouble := [each.trouble for each in staged if each.trouble]:
                raise AirflowException("; ".join(trouble))

        @task(trigger_rule="all_done", pool="heavy")
        def check_quality(sources: list[str] | None) -> dict[str, object]:
            """May we rely on it? All suites of the collection in one process."""
            from airtight import pipeline
            from airtight_edge import installation, partition, trigger

            if sources is None:
                raise AirflowFailException("The plan of this collection failed, so nothing was collected.")
            context = get_current_context()
            staged = outcomes_of(sources)
            if collection == MONITORED:
                staged |= context["ti"].xcom_pull(task_ids="run_monitors", key="outcomes") or {}
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
        if collection == MONITORED:
            pulled >> run_monitors(sources) >> checked
        judged_already(seal_and_publish(checked)) >> declare_day_due()

    collect()


for name, (cron, owner, about) in COLLECTIONS.items():
    collecting_dag(name, cron, owner, about)
