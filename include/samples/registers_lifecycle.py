"""Registers of development, data and monitoring: what differs from the committed files on some days."""

from __future__ import annotations

from samples.answers import Plant
from samples.register_edits import Cycle, Edit, Pending
from samples.world import World

PENDING: tuple[Pending, ...] = ()
CYCLES: tuple[Cycle, ...] = ()


def edits(world: World) -> list[Edit]:
    """Changes to single rows."""
    return []


def plants(world: World) -> list[Plant]:
    """Deviations that show on other days than those of their edit."""
    return []
