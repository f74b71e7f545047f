"""Quarterly access reviews: each system's owner decides on everything that the listing of the first day shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from samples.access_lives import Draft, Grant, Review, accounts_on, end_of, grants_on
from samples.timeline import Timeline, at

_BEFORE_END, _DECIDED_AFTER = 20, timedelta(days=3, hours=6)
#: account that holds a right which each review takes away
_PASSING = (43, "export")
#: days for which a finished review stays in the export
_KEPT = 130


@dataclass(frozen=True)
class Quarter:
    """A calendar quarter; ``name`` as in ``2026-Q2``."""

    name: str
    first: date
    last: date

    @property
    def started(self) -> datetime:
        """When its reviews start."""
        return at(self.last - timedelta(days=_BEFORE_END), "08:00:00")

    @property
    def decided(self) -> datetime:
        return self.started + _DECIDED_AFTER


def quarters(timeline: Timeline) -> list[Quarter]:
    """The quarters that touch the timeline and the one before, in order."""
    found = []
    first = _start(_start(timeline.first) - timedelta(days=1))
    while first <= timeline.last:
        following = _start(first + timedelta(days=95))
        found.append(Quarter(f"{first.year}-Q{(first.month + 2) // 3}", first, following - timedelta(days=1)))
        first = following
    return found


def planted_quarters(timeline: Timeline) -> tuple[Quarter | None, Quarter | None]:
    """The quarter before the last that ends within the timeline, and the last one; None where there is none."""
    ending = [quarter for quarter in quarters(timeline) if timeline.first <= quarter.last <= timeline.last]
    return (ending[-2] if len(ending) > 1 else None, ending[-1] if ending else None)


def _start(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def pass_rights(draft: Draft) -> None:
    """The right that each review takes away: granted before the quarter, revoked after the decision."""
    account = draft.account("core", _PASSING[0])
    for quarter in quarters(draft.world.timeline):
        granted = at(quarter.first - timedelta(days=3), "10:00:00")
        draft.grants.append(
            Grant(account.id, "core", _export(quarter), granted, carried_out(draft, quarter), environment="prod")
        )


def _export(quarter: Quarter) -> str:
    return f"{_PASSING[1]}-{quarter.name.lower()}"


def carried_out(draft: Draft, quarter: Quarter) -> datetime:
    """When what a review takes away is gone; too late in the planted quarter."""
    late = planted_quarters(draft.world.timeline)[0]
    return quarter.decided + timedelta(days=9 if late == quarter else 2)


def draw_reviews(draft: Draft) -> None:
    """All items of all reviews as they end up; to be drawn when nothing changes who holds what any more."""
    owners = {system.id: system.owner for system in draft.world.systems}
    for quarter in quarters(draft.world.timeline):
        for account, system, entitlement in _listing(draft, quarter):
            person = draft.by_id(account).person
            reviewer = owners[system] if person != owners[system] else draft.world.people[1].id
            row = Review(f"{quarter.name}/{system}", quarter.started, quarter.first, quarter.last, account, system,
                         entitlement, reviewer, "keep", quarter.decided)  # fmt: skip
            if entitlement == _export(quarter):
                row = replace(row, decision="revoke", remediated=carried_out(draft, quarter))
            draft.reviews.append(row)


def _listing(draft: Draft, quarter: Quarter) -> list[tuple[str, str, str]]:
    """What the listing of the first day shows: every right, and every active account without any."""
    day = quarter.started.date()
    held = list(grants_on(draft, day))
    holders = {grant.account for grant in held}
    listed = [(one.account, one.system, one.entitlement) for one in held if one.granted <= quarter.started]
    return listed + [
        (account.id, account.system, "(account)")
        for account in accounts_on(draft, day)
        if account.id not in holders and account.is_active(day) and account.created <= quarter.started
    ]


def reviews_on(draft: Draft, day: date) -> Iterator[Review]:
    """The items of the reviews of the last months, decided and carried out as far as they are on that day."""
    earliest = end_of(day) - timedelta(days=_KEPT)
    return (_known(row, day) for row in draft.reviews if earliest <= row.started < end_of(day))


def _known(row: Review, day: date) -> Review:
    if row.decided is None or row.decided >= end_of(day):
        return replace(row, decision="none", decided=None, remediated=None)
    return replace(row, remediated=None) if row.remediated and row.remediated >= end_of(day) else row
