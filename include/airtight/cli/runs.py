"""Commands that make evidence, as the DAGs do, for one day at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from airtight.cli.output import AsJson, Partition, document, leave, say, table

if TYPE_CHECKING:
    from airtight.installation import Trigger
    from airtight.pipeline import Published

By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who runs this.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, where a sealed day is collected again.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(collect)
    app.command()(evaluate)
    app.command("register")(seal_register)
    app.command("day")(day)


def _trigger(by: str | None, reason: str | None) -> Trigger:
    from airtight.installation import Trigger

    return Trigger(kind="manual", by=by, reason=reason)


def _told(published: Published, as_json: bool) -> None:
    if as_json:
        document(published.reference())
    else:
        say(f"{published.bundle.key}  revision {published.bundle.slot.revision}")


def collect(
    collection: Annotated[str, typer.Argument(help="access_reviews, change_records, audit_logs ...")],
    partition: Partition,
    again: Annotated[bool, typer.Option("--again", help="Collect although the day is sealed.")] = False,
    by: By = None,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Collect, check and seal one collection of one day; a sealed day is returned as it is."""
    from airtight import pipeline
    from airtight.cli.opening import credentials_of, opened
    from airtight.errors import DefinitionError

    installation = opened()
    if not installation.catalog.sources_of(collection):
        known = ", ".join(sorted({source.collection for source in installation.catalog.sources.values()}))
        raise DefinitionError(
            f"no source belongs to the collection '{collection}'.", where="sources.yaml", remedy=f"There are {known}."
        )
    trigger = _trigger(by, reason)
    published = pipeline.collect_day(
        installation, collection, partition, trigger=trigger, credentials=credentials_of, again=again
    )
    _told(published, as_json)


def evaluate(
    partition: Partition,
    catalog_at: Annotated[
        str | None,
        typer.Option("--catalog-at", metavar="DATE", help="Judge by the definitions of that date; nothing is sealed."),
    ] = None,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Judge every control that is due after a day, on sealed evidence, and seal the results.

    With --catalog-at an old verdict is reached again: exit code 1 where one differs from the sealed one.
    """
    from airtight import pipeline
    from airtight.cli.opening import opened

    if catalog_at:
        _reproduce(partition, catalog_at, as_json)
        return
    _told(pipeline.evaluate(opened(), partition, trigger=_trigger(by, None)), as_json)


def _reproduce(partition: str, catalog_at: str, as_json: bool) -> None:
    from airtight.cli.opening import opened
    from airtight.domain.period import parse_day
    from airtight.journey.reproducing import judge_as_of

    found = judge_as_of(opened(), parse_day(partition), parse_day(catalog_at))
    if as_json:
        document(found)
    else:
        rows = [(each.test, each.state, each.deviations, each.sealed_state, each.sealed_deviations) for each in found]
        title = f"{partition} by the definitions of {catalog_at}, beside the sealed verdicts"
        table(title, ("test", "state", "deviations", "sealed state", "sealed deviations"), rows)
    leave(0 if all(each.agrees for each in found) else 1)


def seal_register(partition: Partition, by: By = None, as_json: AsJson = False) -> None:
    """Seal a day's register: what was expected, what was received. Exit code 1 where something is missing."""
    from airtight import pipeline
    from airtight.cli.opening import opened

    coverage = pipeline.watch_coverage(opened(), partition, trigger=_trigger(by, None))
    if as_json:
        document(coverage.register)
    else:
        for missing in coverage.register.missing:
            say(f"missing: {missing.kind.value} {missing.name}")
        say(coverage.bundle.key)
    leave(1 if coverage.register.missing else 0)


def day(partition: Partition, by: By = None, as_json: AsJson = False) -> None:
    """The whole journey of one day: collect everything, judge, seal the register."""
    from airtight import pipeline
    from airtight.cli.opening import credentials_of, opened

    published = pipeline.run_day(opened(), partition, trigger=_trigger(by, None), credentials=credentials_of)
    _told(published, as_json)
