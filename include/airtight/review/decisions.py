"""Which decision about an Annex A control is in force: the latest that was approved by the end of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from airtight.domain.period import day_window
from airtight.review.registers import Decision


def in_force(decisions: Iterable[Decision], day: date) -> tuple[dict[str, Decision], list[str]]:
    """The decision in force for each id: the latest approved one; one that nobody approved where there is no other."""
    versions: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        versions[(decision.annex_id or "").strip()].append(decision)
    found, pending = {}, []
    for name, known in sorted(versions.items()):
        approved = [decision for decision in known if is_approved(decision, day)]
        waiting = [decision for decision in known if decision not in approved]
        found[name] = max(approved or waiting, key=_recency)
        pending += [f"{name}, version {each.version or 'unknown'}" for each in waiting if approved]
    return found, pending


def _recency(decision: Decision) -> tuple[str, str]:
    return decision.approved_at.isoformat() if decision.approved_at else "", decision.version or ""


def is_approved(decision: Decision, day: date) -> bool:
    """Whether a person approved it before the day was over."""
    by = (decision.approved_by or "").strip()
    return bool(by) and decision.approved_at is not None and decision.approved_at < day_window(day).end
