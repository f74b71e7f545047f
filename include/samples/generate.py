"""All exports of all days, and the answer key: each field has a module that writes its own."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from samples import access, assurance, changes, governance, lifecycle, operations, registers, transparency
from samples.answers import save
from samples.timeline import Timeline
from samples.world import World

FIELDS: tuple[ModuleType, ...] = (
    access,
    changes,
    operations,
    governance,
    lifecycle,
    assurance,
    registers,
    transparency,
)


def generate(out: Path, timeline: Timeline, *, seed: int = 7, only_last: int | None = None) -> int:
    """Write the exports; returns the number of days written.

    Each field offers ``write_day(world, day, root)``, ``plants(world)`` and ``silences(world)``. What a day holds
    depends on seed and timeline only, so writing fewer days writes the same bytes for those.
    """
    world = World(timeline, seed)
    days = list(timeline.days())[-only_last:] if only_last else list(timeline.days())
    for day in days:
        for field in FIELDS:
            field.write_day(world, day, out)
    plants = [plant for field in FIELDS for plant in field.plants(world)]
    silences = [silence for field in FIELDS for silence in field.silences(world)]
    save(out / "answer_key.yaml", timeline, plants, silences)
    return len(days)
