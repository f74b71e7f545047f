"""The field of the life of AI systems: predictions, outcomes and reviews, the model monitor, people in training data.

Vendors: an inference log (JSON lines, gzip), the warehouse's outcomes (CSV), a model monitor and a review tool (JSON),
a feature store (CSV) and a consent platform (JSON lines).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samples import lifecycle_data as data
from samples import lifecycle_evaluations as evaluations
from samples import lifecycle_monitor as monitor
from samples import lifecycle_outputs as outputs
from samples import lifecycle_versions as versions
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Export


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    name = day.isoformat()
    log = Export(root, "inference", name)
    log.jsonl("predictions.jsonl.gz", outputs.predictions(world, day))
    log.close()
    warehouse = Export(root, "warehouse", name)
    warehouse.csv("outcomes.csv", outputs.OUTCOME_COLUMNS, outputs.outcomes(world, day))
    warehouse.close()
    watcher = Export(root, "model-monitor", name)
    watcher.json("metrics.json", monitor.metric_records(world, day), under="metrics")
    watcher.json("drift.json", monitor.drift_records(world, day), under="columns")
    watcher.close()
    tool = Export(root, "review-tool", name)
    tool.json("reviews.json", outputs.reviews(world, day), under="reviews")
    tool.close()
    store = Export(root, "feature-store", name)
    store.csv("subjects.csv", data.SUBJECT_COLUMNS, data.subjects(world, day), delimiter=";")
    store.close()
    platform = Export(root, "consent-platform", name)
    platform.jsonl("consents.jsonl", data.consents(world, day))
    platform.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    fields = (versions, evaluations, outputs, monitor, data)
    return [plant for field in fields for plant in field.plants(world)]


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days: none."""
    return []
