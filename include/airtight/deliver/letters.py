"""The mails: plain text that a person can act on, without personal data and without row values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airtight.domain.alert import Alert


@dataclass(frozen=True)
class Letter:
    """One mail: to whom, about what, and its text."""

    to: str
    subject: str
    text: str


def critical(alert: Alert, to: str, organisation: str) -> Letter:
    """The mail that goes out at once."""
    subject = f"[Airtight] {_name(alert)} is {alert.after} ({alert.partition})"
    see = f"airtight show {_name(alert)} --partition {alert.partition}"
    text = f"{organisation}\n\n{_sentence(alert)}\n\nSee it: {see}\n"
    return Letter(to, subject, text)


def digest(partition: str, owner: str, alerts: Sequence[Alert], to: str, organisation: str) -> Letter:
    """One mail a day for an owner: everything that changed, worst first."""
    lines = "\n".join(f"- {_sentence(alert)}" for alert in alerts)
    changes = f"{len(alerts)} change{'s' * (len(alerts) != 1)}"
    return Letter(to, f"[Airtight] {changes} for {owner} ({partition})", f"{organisation}\n\n{lines}\n")


def alarm(broken: Sequence[str], to: str, organisation: str) -> Letter:
    """The mail about stored bundles that changed or vanished."""
    lines = "\n".join(f"- {sentence}" for sentence in broken)
    advice = "Nothing sealed is ever changed by Airtight, so find out who or what did this:"
    text = f"{organisation}\n\n{advice}\n\n{lines}\n"
    return Letter(to, f"[Airtight] {len(broken)} stored bundles do not hold", text)


def _sentence(alert: Alert) -> str:
    change = f"{alert.before or 'not judged so far'} -> {alert.after}"
    affected = f" Inconclusive because of it: {', '.join(alert.affects)}." if alert.affects else ""
    return f"{_name(alert)}: {change}. {alert.text.rstrip('.')}.{affected}"


def _name(alert: Alert) -> str:
    return alert.subject.partition(":")[2]
