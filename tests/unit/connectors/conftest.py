"""A mapping tried on records: the SQL on views as the contract of mappings says, cast to the population's schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from airtight.domain.population import SQL_TYPE, ColumnType
from airtight.sql import read_select

Rows = list[dict[str, object]]
CATALOG = Path(__file__).resolve().parents[3] / "include" / "catalog"


def _view(engine: duckdb.DuckDBPyConnection, folder: Path, stream: str, records: Sequence[object] | Path) -> None:
    if isinstance(records, Path):
        # Cells are texts, an empty one is null: so the columns of a CSV stream appear.
        engine.read_csv(str(records), all_varchar=True, header=True).create_view(stream)
        return
    file = folder / f"{stream}.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    engine.sql(
        f"CREATE TABLE {stream} AS SELECT json AS record FROM read_json_objects('{file}', format = 'newline_delimited')"
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[..., Rows]:
    """``mapped('github/accounts', 'accounts', members=[...])``: rows as the population's schema types them.

    Fails where the SQL would not pass the gate, where its columns are not the schema's, where a value does not fit
    its column, or where a key or another column that may not be null is null.
    """

    def run(mapping: str, population: str, /, **streams: Sequence[object] | Path) -> Rows:
        schema = yaml.safe_load((CATALOG / "populations" / f"{population}.yaml").read_text(encoding="utf-8"))
        text = (CATALOG / "mappings" / f"{mapping}.sql").read_text(encoding="utf-8")
        bound = {"system": "tenant", "partition": "2026-09-14", "window_start": None, "window_end": None}
        used = read_select(text, tuple(streams), tuple(bound)).parameters
        engine = duckdb.connect()
        for stream, records in streams.items():
            _view(engine, tmp_path, stream, records)
        columns: Mapping[str, Mapping[str, object]] = schema["columns"]
        given = [row[0] for row in engine.execute(f"DESCRIBE ({text})", {key: bound[key] for key in used}).fetchall()]
        assert not set(given) - set(columns), "the mapping gives columns that the schema does not know"
        casts = ", ".join(
            f"CAST({name if name in given else 'NULL'} AS {SQL_TYPE.get(ColumnType(str(column['type'])), 'VARCHAR')})"
            for name, column in columns.items()
        )
        answer = engine.execute(f"SELECT {casts} FROM ({text})", {key: bound[key] for key in used})
        rows = [dict(zip(columns, map(_plain, row), strict=True)) for row in answer.fetchall()]
        for name, column in columns.items():
            allowed = column.get("values")
            for row in rows:
                assert row[name] is not None or column.get("nullable"), f"{name} is null in {row}"
                assert allowed is None or row[name] is None or row[name] in allowed, f"{name} is {row[name]}"  # type: ignore[operator]
        keys = [tuple(row[key] for key in schema["key"]) for row in rows]
        assert len(set(keys)) == len(keys), "the key is not unique"
        return rows

    return run
