"""The JSON Schema (draft 2020-12) of a register's YAML file, for editors, made from the population's schema.

It says what ``register_rows`` refuses, as far as JSON Schema can: equal keys of two rows are not in its reach.
"""

from __future__ import annotations

from collections.abc import Mapping

from airtight.collect.register_rows import DERIVED, FILE
from airtight.domain.population import Column, ColumnType, PopulationSchema
from airtight.wire import Json

DRAFT = "https://json-schema.org/draft/2020-12/schema"
# an identifier such as 8.1 is a number to YAML; it is taken as it is written
_WORD: Json = {"type": ["string", "number"]}
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = f"^{_DAY}([T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\\.[0-9]{{1,6}})?)?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?)?$"
_TYPES: Mapping[ColumnType, Json] = {
    ColumnType.INT: {"type": "integer"},
    ColumnType.FLOAT: {"type": "number"},
    ColumnType.BOOL: {"type": "boolean"},
    ColumnType.TS: {"type": "string", "pattern": _TIME},
    ColumnType.DATE: {"type": "string", "pattern": f"^{_DAY}$"},
    ColumnType.SHA256: {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    ColumnType.LIST: {"type": "array", "items": _WORD},
    ColumnType.JSON: {"type": ["object", "array", "string", "number", "boolean"]},
}


def register_schema(schema: PopulationSchema) -> Json:
    """The schema of the file ``<population>.yaml``: a list of rows."""
    properties: dict[str, Json] = {column.name: _property(column) for column in schema.columns}
    document: Json = {"type": "string", "description": "path of the document in the registers' folder"}
    return {
        "$schema": DRAFT,
        "$id": f"{schema.name}.schema.json",
        "title": schema.title,
        "description": f"One row for each {', '.join(schema.key)}.",
        "type": "array",
        "items": {"$ref": "#/$defs/row"},
        "$defs": {
            "row": {
                "type": "object",
                "additionalProperties": False,
                "required": [name for name in schema.column_names if _is_required(schema.column(name))],
                "properties": {**properties, FILE: document},
            }
        },
    }


def _is_required(column: Column) -> bool:
    return not column.nullable and column.name not in DERIVED


def _property(column: Column) -> Json:
    plain = _enum(column) if column.type is ColumnType.ENUM else _TYPES.get(column.type, _WORD)
    return {"anyOf": [plain, {"type": "null"}]} if column.nullable else plain


def _enum(column: Column) -> Json:
    return {"enum": list(column.values)}
