"""The four ways in which such programmes commonly fail, each told by signs that are computed, with the facts.

A sign is present, absent, or cannot be told because its evidence is missing. One sign that is present makes a warning;
without any, one that cannot be told leaves the failure unknown: unknown is never clear.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHARE_OF_TECHNICAL = 0.75
SHARE_OF_SHARED = 0.5
SHARE_OF_AUTOMATED = 0.8
SHARE_BY_HAND = 0.2


class Verdict(StrEnum):
    """What the signs say together."""

    WARNING = "warning"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Sign:
    """One sign: the fact in a sentence, and whether it points to the failure; None: it cannot be told."""

    fact: str
    present: bool | None


@dataclass(frozen=True)
class Failure:
    """A common failure, what it looks like here, and what helps."""

    id: str
    title: str
    verdict: Verdict
    signs: tuple[Sign, ...]
    remedy: str


def failure(name: str, title: str, signs: Iterable[Sign], remedy: str) -> Failure:
    """The failure, judged by its signs."""
    seen = tuple(signs)
    present = {sign.present for sign in seen}
    verdict = Verdict.WARNING if True in present else Verdict.UNKNOWN if None in present else Verdict.CLEAR
    return Failure(name, title, verdict, seen, remedy)


def share(part: int, whole: int) -> str:
    """``3 of 4 (75 percent)``."""
    return f"{part} of {whole} ({round(100 * part / whole)} percent)" if whole else "none of none"
