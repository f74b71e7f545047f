"""Alerts: a change of state that somebody has to know of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Urgency(StrEnum):
    """Critical alerts are mailed at once; the others wait for the owner's daily digest."""

    CRITICAL = "critical"
    DIGEST = "digest"


@dataclass(frozen=True, order=True)
class Alert:
    """One change of state of one subject.

    Attributes:
        subject: ``control:AC-01`` or ``source:okta-users``.
        affects: controls that the same root cause made inconclusive.
    """

    partition: str
    subject: str
    owner: str
    urgency: Urgency
    before: str | None
    after: str
    text: str
    affects: tuple[str, ...] = ()
