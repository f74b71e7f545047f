"""A small organisation with registers: rows become JSON lines, one source and one mapping for each population."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import yaml

from airtight import pipeline
from airtight.definitions.populations import load_populations
from airtight.domain.population import Column, ColumnType, PopulationSchema
from airtight.installation import Installation, Trigger

Rows = Sequence[Mapping[str, object]]


def _little() -> ModuleType:
    spec = importlib.util.spec_from_file_location("little", Path(__file__).parents[1] / "journey" / "conftest.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LITTLE = _little()
DAY = LITTLE.DAY
MORNING = datetime(2026, 7, 1, 2, tzinfo=UTC)


class Governed:
    """The little organisation, with registers that a test fills."""

    def __init__(self, root: Path, home: Path) -> None:
        self.little = LITTLE.LittleOrganisation(root, home)
        self.little.export()
        self.schemas = load_populations(home / "include" / "catalog" / "populations")

    def keep(self, population: str, rows: Rows, day: str = DAY) -> None:
        """Let a register hold these rows on a day."""
        folder = self.little.state / "exports" / population / day
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        folder.joinpath("counts.json").write_text(json.dumps({"rows.jsonl": len(rows)}))
        mapping = self.little.overlay / "catalog" / "mappings" / "little" / f"{population}.sql"
        if not mapping.exists():
            mapping.write_text(_mapping(self.schemas[population]))
            self._declare(population)

    def collect(self, day: str = DAY) -> None:
        """Collect and seal the registers of a day."""
        trigger = Trigger(kind="scheduled", run_id=f"scheduled__{day}")
        pipeline.collect_day(self.open(), "governance_records", day, trigger=trigger, clock=lambda: MORNING)

    def run(self, day: str = DAY) -> None:
        """The whole journey of a day."""
        pipeline.run_day(self.open(), day, trigger=Trigger(kind="scheduled"), clock=lambda: MORNING)

    def open(self) -> Installation:
        return self.little.open()

    @property
    def environ(self) -> dict[str, str]:
        """Where the command line finds it."""
        return {
            "AIRTIGHT_HOME": str(self.little.home),
            "AIRTIGHT_ORGANISATION": str(self.little.overlay),
            "AIRTIGHT_STATE": str(self.little.state),
        }

    def _declare(self, population: str) -> None:
        file = self.little.overlay / "sources.yaml"
        place = f"exports/{population}/{{partition}}"
        options = {"path": f"{place}/rows.jsonl", "counts": f"{place}/counts.json", "keeps_history": True}
        source = {
            "id": population.replace("_", "-"),
            "collection": "governance_records",
            "system": f"{population}/little",
            "connector": "files",
            "options": options,
            "populations": {population: f"mappings/little/{population}.sql"},
        }
        file.write_text(file.read_text() + yaml.safe_dump([source], sort_keys=False))


def _mapping(schema: PopulationSchema) -> str:
    return f"SELECT {', '.join(map(_cell, schema.columns))} FROM raw"


def _cell(column: Column) -> str:
    place = f"'$.{column.name}'"
    if column.type is ColumnType.LIST:
        return f"CAST(record->{place} AS VARCHAR[]) AS {column.name}"
    return f"record->>{place} AS {column.name}"
