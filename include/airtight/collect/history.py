"""Which past a source can still tell: a snapshot taken late would put today's state under a past date."""

from __future__ import annotations

from datetime import datetime

from airtight.domain.period import Window
from airtight.domain.population import PopulationKind, PopulationSchema
from airtight.domain.source import Source


def why_not_now(
    source: Source,
    schema: PopulationSchema,
    window: Window,
    now: datetime,
    *,
    keeps_history: bool,
    backfill: bool,
    present_only: bool = False,
) -> str | None:
    """Why a population of that window cannot be collected at this time; None when it can.

    Args:
        now: the time, in UTC.
        keeps_history: the source tells the state of a past day as it was.
        backfill: the run makes up for a past day.
        present_only: a register of the source does not tell its own past either.
    """
    if now < window.start:
        return "the day has not come"
    if schema.kind is PopulationKind.EVENT and now < window.end:
        return "the window has not ended; its events are not all there"
    tells_its_past = schema.kind is not PopulationKind.SNAPSHOT and not present_only
    if schema.kind is PopulationKind.EVENT or tells_its_past or keeps_history:
        return None
    if backfill:
        return f"the source keeps no history: a {schema.kind} cannot be made up for later"
    if now > window.end + source.max_lag:
        return (
            f"the source keeps no history: the {schema.kind} would have been taken more than"
            f" {source.max_lag.total_seconds() / 3600:g} hours after its day"
        )
    return None
