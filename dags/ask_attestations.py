"""WHEN people are asked: each morning, about the attestation tests that the day has due and nobody has answered for.

A question stays open for fourteen days and takes no worker meanwhile. Who answers is read back from Airflow's own
record, refused when they own the control or were not asked, and kept in the journal with what they were shown. The
day is then sealed again with the answer and judged again. Nobody's silence is an answer: the question fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, CronPartitionTimetable, Param, dag, get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowFailException

from airtight_ask import STATEMENT, AskPerson

DAY_DUE = Asset("evidence/day-due", uri="evidence://day-due")
# the words of airtight.journey.answers.OPTIONS, which is not imported while files are parsed
OPTIONS = ["It holds", "It holds with exceptions", "It does not hold"]


@dag(
    dag_id="ask_attestations",
    schedule=CronPartitionTimetable("0 7 * * *", timezone="UTC", run_offset=-1, key_format="%Y-%m-%d"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=32,
    default_args={"owner": "Compliance lead", "retries": 2},
    tags=["airtight", "attestations"],
    description="Ask the named persons what no machine can see, and keep who answered what.",
    doc_md=f"# Ask for attestations\n\n{__doc__}",
)
def ask_attestations() -> None:
    @task
    def plan() -> list[dict[str, object]]:
        """The questions of the day, each with those who may answer."""
        from airtight.domain.period import parse_day
        from airtight.journey.asking import ask
        from airtight.pipeline import utc_now
        from airtight_edge import installation, partition

        asked = ask(installation(), parse_day(partition(get_current_context())), utc_now())
        return [each.reference() for each in asked]

    @task
    def find_nobody() -> None:
        """Fails for an attestation that is due and that nobody can be asked about."""
        from airtight.domain.period import parse_day
        from airtight.journey.asking import questions
        from airtight_edge import installation, partition

        due = questions(installation(), parse_day(partition(get_current_context())))
        if nobody := [f"{each.test} ({each.role or 'no role'})" for each in due if not each.asked]:
            raise AirflowFailException(f"people.yaml names nobody with an account to ask: {', '.join(nobody)}.")

    @task_group
    def question(subject: str, body: str, assigned_users: list[dict[str, str]], addresses: list[str]) -> None:
        """One question, from asking to judging again."""
        ask = AskPerson(
            task_id="ask",
            subject=subject,
            body=body,
            assigned_users=assigned_users,  # type: ignore[arg-type]
            addresses=addresses,
            options=OPTIONS,
            params={STATEMENT: Param(None, type=["null", "string"], description="What you looked at and found.")},
            response_timeout=timedelta(days=14),
            # a person is asked once, and never answers by default
            retries=0,
        )

        # Also behind a question that failed: Airflow may lose track of a task whose answer it has stored.
        @task(trigger_rule="all_done")
        def keep() -> dict[str, str]:
            """Keep the answer, if it may be kept, from Airflow's own record of it."""
            from airtight.errors import EvidenceError
            from airtight.journey.answering import keep_each
            from airtight_ask import stored_answers
            from airtight_edge import installation, partition

            context = get_current_context()
            try:
                kept = keep_each(installation(), partition(context), stored_answers(context, "question.ask"))
            except EvidenceError as refused:
                raise AirflowFailException(str(refused)) from None
            return {"by": kept.by, "test": kept.test}

        @task.short_circuit(queue="signing", max_active_tis_per_dag=1)
        def seal(kept: dict[str, str]) -> bool:
            """The day's collection with the answer; true when the day has to be judged again."""
            from airtight import pipeline
            from airtight_edge import installation, partition, trigger

            context = get_current_context()
            how = trigger(context, by=kept["by"], reason=f"answer to {kept['test']}")
            published = pipeline.take_in_answers(installation(), partition(context), trigger=how)
            return bool(published and published.judge_again)

        @task(outlets=[DAY_DUE])
        def declare_day_due() -> None:
            """Tell the evaluation that the day is due again."""

        kept = keep()
        ask >> kept
        seal(kept) >> declare_day_due()

    find_nobody()
    question.expand_kwargs(plan())


ask_attestations()
