"""Domain values as rows of the derived tables, and back. The round trip is the identity."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from airtight.domain.bundle import (
    BundleKind,
    BundleRef,
    BundleSummary,
    Environment,
    ResultLine,
    RunFacts,
    SealedPopulation,
    Slot,
)
from airtight.domain.collection import Completeness
from airtight.domain.result import ResultState
from airtight.publish.tables import BUNDLES, POPULATIONS, RESULTS

Cell = str | int | bool | None


@dataclass(frozen=True)
class IndexedBundle:
    """A published bundle as the index knows it.

    Attributes:
        version: the store's version id of the ZIP, to read exactly what was published; None where there are none.
        superseded: a later revision fills the same kind, name and partition.
    """

    ref: BundleRef
    facts: RunFacts
    version: str | None
    superseded: bool


@dataclass(frozen=True)
class IndexedResult:
    """A result line, and the bundle that holds it."""

    bundle: str
    partition: str
    revision: int
    superseded: bool
    line: ResultLine


def insert_summary(connection: Connection, summary: BundleSummary, version: str | None) -> None:
    """Write the rows of one bundle that has none yet."""
    digest = summary.ref.digest
    connection.execute(sa.insert(BUNDLES), _bundle_row(summary.ref, summary.facts, version))
    for table, rows in (
        (POPULATIONS, map(_population_row, summary.populations)),
        (RESULTS, map(_line_row, summary.results)),
    ):
        numbered = [{"digest": digest, "position": position, **row} for position, row in enumerate(rows)]
        if numbered:
            connection.execute(sa.insert(table), numbered)


def erase_bundle(connection: Connection, digest: str) -> None:
    """Remove the derived rows of one bundle."""
    for table in (RESULTS, POPULATIONS, BUNDLES):
        connection.execute(sa.delete(table).where(table.c.digest == digest))


def _bundle_row(ref: BundleRef, facts: RunFacts, version: str | None) -> dict[str, Cell]:
    return {
        "digest": ref.digest,
        "kind": ref.slot.kind.value,
        "name": ref.slot.name,
        "partition": ref.slot.partition,
        "revision": ref.slot.revision,
        "supersedes": ref.supersedes,
        "environment": ref.environment.value,
        "key": ref.key,
        "size": ref.size,
        "version": version,
        **asdict(facts),
    }


def _population_row(population: SealedPopulation) -> dict[str, Cell]:
    row: dict[str, Cell] = asdict(population)
    return {name: value for name, value in row.items() if name not in ("bundle", "key")}


def _line_row(line: ResultLine) -> dict[str, Cell]:
    return {**asdict(line), "causes": json.dumps(line.causes)}


def to_ref(row: RowMapping) -> BundleRef:
    """The reference in a row of ``bundles``."""
    slot = Slot(BundleKind(row["kind"]), row["name"], row["partition"], row["revision"])
    return BundleRef(row["digest"], slot, Environment(row["environment"]), row["supersedes"], row["key"], row["size"])


def to_facts(row: RowMapping) -> RunFacts:
    """The run facts in a row of ``bundles``."""
    return RunFacts(
        dag_id=row["dag_id"],
        run_id=row["run_id"],
        trigger=row["trigger"],
        triggered_by=row["triggered_by"],
        reason=row["reason"],
        code_commit=row["code_commit"],
        lock_sha256=row["lock_sha256"],
        catalog_sha256=row["catalog_sha256"],
    )


def to_bundle(row: RowMapping) -> IndexedBundle:
    """The bundle in a row of ``bundles`` with the column ``superseded``."""
    return IndexedBundle(to_ref(row), to_facts(row), row["version"], bool(row["superseded"]))


def to_population(row: RowMapping) -> SealedPopulation:
    """The population in a row of ``populations`` with its bundle's ``key``."""
    return SealedPopulation(
        population=row["population"],
        source=row["source"],
        partition=row["partition"],
        bundle=row["digest"],
        key=row["key"],
        member=row["member"],
        sha256=row["sha256"],
        rows=row["rows"],
        completeness=Completeness(row["completeness"]),
        retrospective=row["retrospective"],
        collected=row["collected"],
        trouble=row["trouble"],
    )


def to_line(row: RowMapping) -> ResultLine:
    """The result line in a row of ``results``."""
    return ResultLine(
        control=row["control"],
        test=row["test"],
        state=ResultState(row["state"]),
        reason=row["reason"],
        population_n=row["population_n"],
        tested_n=row["tested_n"],
        deviation_n=row["deviation_n"],
        waived_n=row["waived_n"],
        owner=row["owner"],
        title=row["title"],
        no_occurrence=row["no_occurrence"],
        definition_sha256=row["definition_sha256"],
        window_start=row["window_start"],
        window_end=row["window_end"],
        causes=tuple(json.loads(row["causes"])),
        planned=row["planned"],
    )


def to_result(row: RowMapping) -> IndexedResult:
    """The result in a row of ``results`` joined with its bundle and the column ``superseded``."""
    return IndexedResult(row["digest"], row["partition"], row["revision"], bool(row["superseded"]), to_line(row))


def derived_rows(connection: Connection) -> Iterator[Mapping[str, Cell]]:
    """Every row of the derived tables in one fixed order, to compare two indexes."""
    for table in (BUNDLES, POPULATIONS, RESULTS):
        for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings():
            yield {"table": table.name, **row}
