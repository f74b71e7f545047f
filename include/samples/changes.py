"""The field of changes: pull requests, branch protection and deployments (GitHub), changes (Jira)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samples.answers import Plant, Silence
from samples.world import World


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return []


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days."""
    return []
