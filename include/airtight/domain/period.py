"""Time as evidence sees it: half-open windows in UTC, named by partition keys.

A *partition key* names a period and is the identity of every run: ``2026-09-14`` (a day), ``2026-09``
(a month), ``2026-Q3`` (a calendar quarter). All times are UTC; a naive time is refused. Nothing here asks
what time it is now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from airtight.errors import DefinitionError

_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAYS = re.compile(r"P(\d+)D")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


@dataclass(frozen=True, order=True)
class Window:
    """A half-open interval ``[start, end)`` in UTC.

    Raises:
        ValueError: a bound is not UTC, or the end does not follow the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        for bound in (self.start, self.end):
            if bound.utcoffset() != timedelta(0):
                raise ValueError(f"{bound.isoformat()} is not a time in UTC")
        if self.end <= self.start:
            raise ValueError(f"the window ends ({self.end.isoformat()}) before it starts ({self.start.isoformat()})")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    def days(self) -> Iterator[date]:
        """Every calendar day (UTC) that the window touches, in order."""
        day = self.start.date()
        while day <= (self.end - timedelta(microseconds=1)).date():
            yield day
            day += timedelta(days=1)

    @property
    def last_day(self) -> date:
        """The last calendar day (UTC) that the window touches."""
        return (self.end - timedelta(microseconds=1)).date()


def midnight(day: date) -> datetime:
    """The first instant of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_window(day: date) -> Window:
    """The 24 hours of one day, in UTC."""
    return Window(midnight(day), midnight(day) + timedelta(days=1))


def month_window(year: int, month: int) -> Window:
    """A calendar month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return Window(midnight(date(year, month, 1)), midnight(following))


def quarter_window(year: int, quarter: int) -> Window:
    """A calendar quarter, 1 to 4."""
    first = month_window(year, 3 * quarter - 2)
    return Window(first.start, month_window(year, 3 * quarter).end)


def parse_partition(key: str) -> Window:
    """The window that a partition key names: a day, a month or a calendar quarter.

    Raises:
        DefinitionError: the key has none of the three forms.
    """
    if match := _QUARTER.fullmatch(key):
        return quarter_window(int(match[1]), int(match[2]))
    try:
        if match := _MONTH.fullmatch(key):
            return month_window(int(match[1]), int(match[2]))
        return day_window(parse_day(key))
    except ValueError:
        raise DefinitionError(
            f"'{key}' is not a partition.", remedy="Write a day (2026-09-14), a month (2026-09) or a quarter (2026-Q3)."
        ) from None


def parse_day(key: str) -> date:
    """A day from its partition key, ``YYYY-MM-DD`` and nothing else.

    Raises:
        DefinitionError: the key is not a day.
    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", key):
        raise DefinitionError(f"'{key}' is not a day.", remedy="Write it as 2026-09-14.")
    try:
        return date.fromisoformat(key)
    except ValueError:
        raise DefinitionError(f"'{key}' is not a day of the calendar.", remedy="Write it as 2026-09-14.") from None


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of days, hours, minutes and seconds (``PT6H``, ``P7D``, ``P1DT12H``).

    Raises:
        DefinitionError: the text is no such duration.
    """
    match = _DURATION.fullmatch(text)
    if not match or not any(match.groups()):
        raise DefinitionError(f"'{text}' is not a duration.", remedy="Write it as PT6H, P7D or P1DT12H.")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def test_window(spec: str, day: date) -> Window:
    """The window that a control test due after ``day`` looks at, ending with the end of that day.

    Args:
        spec: ``day``, ``month`` (the calendar month to date), ``quarter`` (likewise) or ``P<n>D`` (n days).
        day: the last day of the window.

    Raises:
        DefinitionError: the spec has no such form.
    """
    end = day_window(day).end
    if spec == "day":
        return day_window(day)
    if spec == "month":
        return Window(month_window(day.year, day.month).start, end)
    if spec == "quarter":
        return Window(quarter_window(day.year, (day.month + 2) // 3).start, end)
    if (match := _DAYS.fullmatch(spec)) and int(match[1]) > 0:
        return Window(end - timedelta(days=int(match[1])), end)
    raise DefinitionError(f"'{spec}' is not a window.", remedy="Use day, month, quarter or P<n>D, such as P90D.")


class Frequency(StrEnum):
    """How often a control is tested."""

    PER_EVENT = "per-event"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SEMI_ANNUAL = "semi-annual"
    ANNUAL = "annual"


_MONTHS_STARTED = {
    Frequency.MONTHLY: tuple(range(1, 13)),
    Frequency.QUARTERLY: (1, 4, 7, 10),
    Frequency.SEMI_ANNUAL: (1, 7),
    Frequency.ANNUAL: (1,),
}


def is_due(frequency: Frequency, day: date) -> bool:
    """Whether a control is judged on the evidence that ends with ``day``.

    Daily and per-event controls are due each day; weekly ones on Monday, for the week that ended on
    Sunday; monthly and longer ones on the first day after their period. ``day`` is the last day of
    evidence, so the due date proper is the day after it.
    """
    due = day + timedelta(days=1)
    if frequency in (Frequency.DAILY, Frequency.PER_EVENT):
        return True
    if frequency is Frequency.WEEKLY:
        return due.weekday() == 0
    return due.day == 1 and due.month in _MONTHS_STARTED[frequency]
