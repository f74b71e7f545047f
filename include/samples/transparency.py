"""The field of AI in use: what the cloud access broker saw of generative AI, and the lineage catalogue.

The registers of this field (tools, competences, contracts, commitments, feedback) stand in ``registers_transparency``.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samples import transparency_lineage as lineage
from samples import transparency_use as use
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Export


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    broker = Export(root, "casb", day.isoformat())
    broker.jsonl("events.jsonl.gz", use.events(world, day))
    broker.close()
    catalogue = Export(root, "lineage", day.isoformat())
    catalogue.json("edges.json", lineage.edges(world, day), under="edges")
    catalogue.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return [*use.plants(world), *lineage.plants(world)]


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days: none."""
    return []
