"""A source collected by the station itself, with the catalog's own schemas and mappings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from airtight.collect.station import collect_source
from airtight.definitions.populations import load_populations
from airtight.domain.collection import SourceOutcome
from airtight.domain.period import day_window, midnight
from airtight.domain.source import Credentials, Source
from airtight.publish.staging import FolderStaging

CATALOG = Path(__file__).resolve().parents[2] / "include" / "catalog"
PSEUDONYM_KEY = b"k" * 32


def collect(source: Source, day: date, credentials: Credentials, folder: Path) -> SourceOutcome:
    """All populations of the source for one day, two hours after its end."""
    now: datetime = midnight(day).astimezone(UTC) + timedelta(hours=26)
    return collect_source(
        source,
        schemas=load_populations(CATALOG / "populations"),
        mappings={path: (CATALOG / path).read_text(encoding="utf-8") for path in source.populations.values()},
        window=day_window(day),
        partition=day.isoformat(),
        credentials=credentials,
        staging=FolderStaging(folder, "tests"),
        pseudonym_key=PSEUDONYM_KEY,
        clock=lambda: now,
        code_version="0",
        base=folder,
    )


def rows(outcome: SourceOutcome, population: str) -> list[dict[str, Any]]:
    """The rows of one population."""
    entry = next(each for each in outcome.collected if each.population == population)
    relation = duckdb.connect().read_parquet(entry.file.uri.removeprefix("file://"))
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
