"""Commands for whoever runs the installation: mend the index, verify the archive, let raw payloads expire."""

from __future__ import annotations

from typing import Annotated

import typer

from airtight.cli.output import AsJson, document, leave, say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(reindex)
    app.command("archive")(archive)
    app.command()(retention)
    app.command("person")(person)


def reindex(as_json: AsJson = False) -> None:
    """Rebuild the index from the store; a damaged index file is moved aside, never deleted."""
    from airtight.journey.mending import rebuild_index
    from airtight.settings import load_settings

    mended = rebuild_index(load_settings())
    if as_json:
        document(mended)
    else:
        if mended.aside:
            say(f"The damaged index lies at {mended.aside}.")
        for name in mended.lost:
            say(f"lost: {name} could not be read from the damaged index")
        for key, problem in mended.problems:
            say(f"problem: {key}: {problem}")
        say(f"{mended.bundles} bundles indexed")
    leave(1 if mended.problems else 0)


def archive(
    old: Annotated[int, typer.Option(help="How many of those verified longest ago.")] = 50, as_json: AsJson = False
) -> None:
    """Verify stored bundles: all never verified, some verified long ago, and the chain of registers."""
    from airtight import pipeline
    from airtight.cli.opening import opened

    report = pipeline.verify_archive(opened(), old=old)
    if as_json:
        document(report)
    else:
        for sentence in report.broken:
            say(sentence)
        say(f"{report.verified} bundles verified, {len(report.broken)} findings")
    leave(1 if report.broken else 0)


def retention(
    delete: Annotated[bool, typer.Option("--delete", help="Delete, instead of only listing.")] = False,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who deletes.")] = None,
    as_json: AsJson = False,
) -> None:
    """List raw payloads and staging that have expired; with --delete, remove them and leave signed tombstones."""
    from airtight.cli.opening import opened
    from airtight.journey.expiry import expire

    expired = expire(opened(), delete=delete, by=by)
    if as_json:
        document(expired)
        return
    for key in expired.raw:
        say(key)
    done = "deleted" if delete else "expired"
    say(f"{len(expired.raw)} raw objects and {expired.staged} staged files {done}")


def person(
    pseudonym: str,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
) -> None:
    """Name the person behind a pseudonym. Each look-up is recorded."""
    from airtight.cli.opening import opened
    from airtight.errors import ConfigurationError
    from airtight.pipeline import utc_now

    value = opened().people.look_up(pseudonym, by, reason, utc_now)
    if value is None:
        raise ConfigurationError(f"nobody is known by '{pseudonym}'.", remedy="Pseudonyms look like p_ and 32 digits.")
    say(value)
