"""The days that the sample covers; plants are placed by counting from either end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Timeline:
    """All days from ``first`` to ``last``, both included.

    Raises:
        ValueError: the last day comes before the first.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the sample would end on {self.last}, before it starts on {self.first}")

    def days(self) -> Iterator[date]:
        """Every day, in order."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def day(self, number: int) -> date:
        """A day by number: 0 is the first; -1 is the last, -2 the one before it."""
        return self.first + timedelta(days=number) if number >= 0 else self.last + timedelta(days=number + 1)


def month_ends(timeline: Timeline) -> list[date]:
    """The last days of months within the timeline: monthly controls are due on them."""
    return [day for day in timeline.days() if (day + timedelta(days=1)).day == 1]


def month_end(timeline: Timeline, day: date) -> date | None:
    """The day on which a monthly control looks at the month of a day, or None where the timeline ends before."""
    return next((end for end in month_ends(timeline) if (end.year, end.month) == (day.year, day.month)), None)


def at(day: date, clock: str = "00:00:00") -> datetime:
    """A moment of a day, UTC."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=UTC)


def iso(moment: datetime | None) -> str | None:
    """A moment as most vendors write it: ``2026-06-30T09:00:00Z``."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def dice(seed: int, *what: object) -> random.Random:
    """A generator of its own for each subject, so that one more record here changes nothing there."""
    return random.Random(f"{seed}/{'/'.join(map(str, what))}")
