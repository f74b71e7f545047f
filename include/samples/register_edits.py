"""What differs from the committed registers on some days: told by the authors of each field, applied by ``registers``.

Days are numbers of the timeline as ``Timeline.day`` takes them: 0 is the first, -1 the last. Dates in texts are written
as in the registers, for the world whose last day is 2026-06-30, and move with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Value = object
Key = Mapping[str, str]


@dataclass(frozen=True)
class Edit:
    """One change to a register, from one day to another, both included.

    Attributes:
        population: the register.
        first, last: numbers of days.
        key: the row that is changed, by its key columns.
        set: fields and the values that they have on these days; None: empty.
        leave_out: the row is not there.
        add: a whole row that is there on these days only; then no key is given.
        document: a file in the registers' folder that has a line more than it should.
        story: what happened, in a sentence, where the change is a plant.
        found: control test -> keys of the deviations that it must find on each of these days on which it is due; a
            deviation that shows on other days than the edit is a ``Plant`` of the author's own.
    """

    population: str
    first: int
    last: int
    key: Key = field(default_factory=dict)
    set: Mapping[str, Value] = field(default_factory=dict)
    leave_out: bool = False
    add: Mapping[str, Value] | None = None
    document: str | None = None
    story: str = ""
    found: Mapping[str, Key | Sequence[Key]] = field(default_factory=dict)


@dataclass(frozen=True)
class Pending:
    """What a row says while one of its times lies in the future, besides that this time is empty.

    ``Pending("actions", "closed_at", {"status": "open"})``
    """

    population: str
    column: str
    set: Mapping[str, Value]


@dataclass(frozen=True)
class Cycle:
    """Times that come round: while the first of the columns lies in the future, all go back by whole cycles.

    ``Cycle("risk_register", ("last_assessed_at", "next_review_at"), days=91)``
    """

    population: str
    columns: tuple[str, ...]
    days: int
