"""The risk office: attestations."""

from __future__ import annotations

from datetime import date, timedelta

from samples.timeline import at, iso
from samples.world import World


def attestations(world: World, day: date) -> list[dict[str, object]]:
    """Every Monday somebody says what the logs of the AI systems held in the week before."""
    if day.weekday() != 0:
        return []
    return [
        {
            "id": f"ATT-{day:%Y%m%d}",
            "control": "MO-06",
            "test": "MO-06.T3",
            "from": (day - timedelta(days=7)).isoformat(),
            "to": day.isoformat(),
            "statement": "I read the gateway's log of the week and found no inappropriate use.",
            "by": "E1003",
            "at": iso(at(day, "15:00:00")),
            "reviewed_by": "E1002",
            "reviewed_at": iso(at(day, "16:30:00")),
        }
    ]
