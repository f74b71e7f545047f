"""Redaction: what must not be sealed leaves a population before its file is written.

Per column of the schema: *drop* leaves null, and so does *restrict*; *mask* leaves asterisks or the network of an IP
address, *pseudonym* leaves a keyed hash that is the same in every population of the installation. Text of all other
columns goes through the secrets scan. Python sees each distinct value once; the engine does the rest by a join.
"""

# ruff: noqa: S608  the SQL is put together from the schema's own names and quoted paths

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from airtight.collect.engine import batches, quoted
from airtight.collect.mapping import FAULT, OUTSIDE
from airtight.collect.reidentification import ReidentificationMap
from airtight.collect.secrets import MASK, mask_secrets, mask_secrets_in_json, may_hold_a_secret, nears_a_secret
from airtight.domain.population import Column, ColumnType, PopulationSchema, Redaction
from airtight.errors import ConfigurationError

_TEXT = {ColumnType.ID, ColumnType.STR, ColumnType.TEXT, ColumnType.URL, ColumnType.ENUM, ColumnType.SHA256}
_SCANNED = {ColumnType.ID, ColumnType.STR, ColumnType.TEXT, ColumnType.URL, ColumnType.JSON, ColumnType.LIST}
_BATCH = 20_000
_SCHEMA = pa.schema([("value", pa.string()), ("substitute", pa.string()), ("hits", pa.int32())])

#: value -> its substitute and the number of secrets in it
Substitute = Callable[[str], tuple[str, int]]


@dataclass(frozen=True)
class Redactions:
    """What takes part in redacting.

    Attributes:
        key: the installation's pseudonym key; None where no population has pseudonyms.
        people: the map that remembers whom a pseudonym stands for; None: nobody will be able to tell.
    """

    key: bytes | None = None
    people: ReidentificationMap | None = None


@dataclass(frozen=True)
class Replacement:
    """A column's expression over relation ``m``, with the look-up that it joins, or None."""

    column: str
    expression: str
    lookup: Path | None


def pseudonym(key: bytes, value: str) -> str:
    """``p_`` and 32 hexadecimal digits of HMAC-SHA256 over the value, trimmed and in lower case."""
    return "p_" + hmac.digest(key, value.strip().lower().encode(), "sha256").hex()[:32]


def mask(value: str) -> str:
    """The network of an IP address (/24 or /48); asterisks for anything else."""
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError:
        return MASK
    return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False))


def replacements(
    engine: duckdb.DuckDBPyConnection, mapped: Path, schema: PopulationSchema, work: Path, redactions: Redactions
) -> tuple[Replacement, ...]:
    """One replacement a column, in the schema's order.

    Raises:
        ConfigurationError: a column wants a pseudonym and there is no key, or it is not text.
    """
    suspects = _suspects(engine, mapped, schema)
    return tuple(_replacement(engine, mapped, column, work, redactions, suspects) for column in schema.columns)


def _suspects(engine: duckdb.DuckDBPyConnection, mapped: Path, schema: PopulationSchema) -> set[str]:
    """Columns without a redaction of their own in which some value may hold a secret.

    One pass over the rows' joined texts tells nearly always that there is none; the patterns are costly to prepare,
    and a second pass prepares them for each column.
    """
    scanned = [column for column in schema.columns if column.redaction is None and column.type in _SCANNED]
    texts = ", ".join(_text(column, _plain(column)) for column in scanned)
    joined = f"bool_or({nears_a_secret(f'concat_ws(chr(10), {texts})')})"
    if not scanned or not engine.execute(f"SELECT {joined} FROM {_valid_rows(mapped)}").fetchall()[0][0]:
        return set()
    tests = ", ".join(f"bool_or({may_hold_a_secret(_text(column, _plain(column)))})" for column in scanned)
    (found,) = engine.execute(f"SELECT {tests} FROM {_valid_rows(mapped)}").fetchall()
    return {column.name for column, suspect in zip(scanned, found, strict=True) if suspect}


def _plain(column: Column) -> str:
    return f'm."{column.name}"'


def _valid_rows(mapped: Path) -> str:
    return f"read_parquet({quoted(mapped)}) AS m WHERE {FAULT} IS NULL AND NOT {OUTSIDE}"


def _replacement(
    engine: duckdb.DuckDBPyConnection,
    mapped: Path,
    column: Column,
    work: Path,
    redactions: Redactions,
    suspects: Container[str],
) -> Replacement:
    plain = _plain(column)
    if column.is_emptied or (column.redaction is Redaction.MASK and not _is_textual(column)):
        return Replacement(column.name, f"CAST(NULL AS {column.sql_type})", None)
    if column.redaction is None and column.name not in suspects:
        return Replacement(column.name, plain, None)
    substitute = _substitute(column, redactions)
    condition = "true" if column.redaction else may_hold_a_secret(_text(column, plain))
    lookup = _write_lookup(engine, mapped, column, condition, work, substitute)
    if lookup is None:
        return Replacement(column.name, plain, None)
    if column.redaction is Redaction.PSEUDONYM and redactions.people:
        redactions.people.remember(_pairs(lookup, column, redactions.key or b""))
    replaced = f'l_{column.name}."substitute"'
    if column.type is ColumnType.LIST:
        replaced = f"from_json({replaced}, '[\"VARCHAR\"]')"
    return Replacement(column.name, f"coalesce({replaced}, {plain})", lookup)


def join(replacement: Replacement, column: Column) -> str:
    """The join of a replacement's look-up, as SQL after ``FROM ... AS m``."""
    if replacement.lookup is None:
        return ""
    alias = f"l_{column.name}"
    text = _text(column, _plain(column))
    return f'LEFT JOIN read_parquet({quoted(replacement.lookup)}) AS "{alias}" ON "{alias}"."value" = {text}'


def _is_textual(column: Column) -> bool:
    return column.type in _TEXT or column.type in (ColumnType.JSON, ColumnType.LIST)


def _text(column: Column, plain: str) -> str:
    return f"CAST(to_json({plain}) AS VARCHAR)" if column.type is ColumnType.LIST else plain


def _substitute(column: Column, redactions: Redactions) -> Substitute:
    if column.redaction is Redaction.PSEUDONYM:
        key = redactions.key
        if key is None or not _is_textual(column):
            reason = "there is no pseudonym key" if key is None else "the column is not text"
            raise ConfigurationError(f"column {column.name} cannot have pseudonyms: {reason}.")
        return _each(column, lambda value: (pseudonym(key, value), 0))
    if column.redaction is Redaction.MASK:
        return _each(column, lambda value: (mask(value), 0))
    if column.type in (ColumnType.JSON, ColumnType.LIST):
        return mask_secrets_in_json
    return _mask_id if column.type is ColumnType.ID else mask_secrets


def _mask_id(value: str) -> tuple[str, int]:
    """An identifier that is a secret itself keeps telling items apart."""
    _, found = mask_secrets(value)
    return (f"masked_{hashlib.sha256(value.encode()).hexdigest()[:16]}", found) if found else (value, 0)


def _each(column: Column, substitute: Substitute) -> Substitute:
    """For JSON and lists: the substitute of each text in it, as JSON text."""
    if column.type not in (ColumnType.JSON, ColumnType.LIST):
        return substitute

    def within(document: str) -> tuple[str, int]:
        loaded = json.loads(document)
        if isinstance(loaded, list):
            return json.dumps([item if item is None else substitute(str(item))[0] for item in loaded]), 0
        return json.dumps(substitute(loaded if isinstance(loaded, str) else document)[0]), 0

    return within


def _write_lookup(
    engine: duckdb.DuckDBPyConnection,
    mapped: Path,
    column: Column,
    condition: str,
    work: Path,
    substitute: Substitute,
) -> Path | None:
    plain = _plain(column)
    wanted = f"{plain} IS NOT NULL AND {condition}"
    sql = f"SELECT DISTINCT {_text(column, plain)} AS value FROM {_valid_rows(mapped)} AND {wanted}"
    target = work / f"lookup_{column.name}.parquet"
    rows = 0
    with pq.ParquetWriter(target, _SCHEMA, compression="lz4") as writer:
        for batch in batches(engine, sql, _BATCH):
            values = batch.column(0).to_pylist()
            pairs = [substitute(value) for value in values]
            writer.write_table(
                pa.table([values, [pair[0] for pair in pairs], [pair[1] for pair in pairs]], schema=_SCHEMA)
            )
            rows += len(values)
    return target if rows else None


def _pairs(lookup: Path, column: Column, key: bytes) -> Iterator[tuple[str, str]]:
    with pq.ParquetFile(lookup) as opened:
        for batch in opened.iter_batches(_BATCH, columns=["value"]):
            for value in batch.column(0).to_pylist():
                yield from ((pseudonym(key, person), person) for person in _people(column, value))


def _people(column: Column, value: str) -> list[str]:
    if column.type not in (ColumnType.JSON, ColumnType.LIST):
        return [value]
    loaded = json.loads(value)
    items = loaded if isinstance(loaded, list) else [loaded if isinstance(loaded, str) else value]
    return [str(item) for item in items if item is not None]
