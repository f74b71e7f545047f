"""A mapping tried on records: through the station's own reading, gate, engine and casts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pytest

from airtight.collect.connector import RawFile
from airtight.collect.engine import Resources
from airtight.collect.mapping import FAULT, OUTSIDE, Bindings, MappingRun, mapping_engine, run_mapping
from airtight.collect.streams import unpack
from airtight.definitions.populations import load_populations
from airtight.domain.period import day_window
from airtight.domain.population import PopulationSchema

Rows = list[dict[str, object]]
CATALOG = Path(__file__).resolve().parents[3] / "include" / "catalog"


@pytest.fixture(scope="session")
def schemas() -> dict[str, PopulationSchema]:
    return load_populations(CATALOG / "populations")


def _raw(folder: Path, stream: str, records: Sequence[object] | Path) -> RawFile:
    if isinstance(records, Path):
        return RawFile(records, stream, "csv", "text/csv")
    file = folder / f"{stream}.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return RawFile(file, stream, "jsonl", "application/jsonl")


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


@pytest.fixture
def mapped(tmp_path: Path, schemas: dict[str, PopulationSchema]) -> Callable[..., Rows]:
    """``mapped('github/accounts', 'accounts', members=[...])``: rows as the population's schema types them.

    Fails where a row is refused and where the key is not unique. Rows of other windows are given too. The system is
    called ``tenant``.
    """

    def run(mapping: str, population: str, /, **streams: Sequence[object] | Path) -> Rows:
        folder, schema = Path(mkdtemp(dir=tmp_path)), schemas[population]
        for each in ("streams", "work"):
            (folder / each).mkdir()
        unpacked = unpack([_raw(folder, *each) for each in streams.items()], folder / "streams")
        sql = (CATALOG / "mappings" / f"{mapping}.sql").read_text(encoding="utf-8")
        bindings = Bindings("tenant", "2026-09-14", day_window(date(2026, 9, 14)))
        asked = MappingRun(sql, schema, f"mappings/{mapping}.sql", bindings)
        with mapping_engine(unpacked.streams, folder / "work", Resources()) as engine:
            done = run_mapping(asked, unpacked.streams, engine, folder / "work", Resources())
        assert done.rejected == (), "rows were refused"
        relation = duckdb.connect().read_parquet(str(done.file))
        names = [name for name in relation.columns if name not in (FAULT, OUTSIDE)]
        table = relation.project(", ".join(f'"{name}"' for name in names)).fetchall()
        rows = [dict(zip(names, map(_plain, row), strict=True)) for row in table]
        keys = [tuple(row[key] for key in schema.key) for row in rows]
        assert len(set(keys)) == len(keys), "the key is not unique"
        return rows

    return run
