"""Worked examples of a control test, run in process: given rows in, expected deviations out.

A case says no more than its SQL is asked: keys compare exactly, counts where the case states them. A test that judges
where the case expects it to refuse, or the reverse, is a problem. Populations count as proven complete, since a case
states all of its rows. These tables hold only what the author wrote; production runs go through the runner.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType

import duckdb

from airtight.domain.control import Case, CellValue, ControlTest, Row
from airtight.domain.period import test_window
from airtight.domain.population import Column, ColumnType, PopulationSchema
from airtight.evaluate.values import BoundValue, bindings, column_value, key_text

Key = tuple[str | None, ...]
HISTORY = "_history"
_DAY = Column("_day", ColumnType.DATE)
_SOURCE = Column("_source", ColumnType.STR)


class _Problem(Exception):
    """The case does not hold, for the reason given."""


class _Refused(Exception):
    """The test refuses to judge, for the reason given."""


def run_case(test: ControlTest, case: Case, schemas: Mapping[str, PopulationSchema]) -> str | None:
    """What is wrong with one case, in a sentence, or None where the test does what the case says."""
    with CaseTables(case, test.populations, schemas) as tables:
        return tables.problem(test)


def run_cases(test: ControlTest, schemas: Mapping[str, PopulationSchema]) -> tuple[str, ...]:
    """The problems of all cases of a test, each beginning with the name of its case."""
    found = ((case.name, run_case(test, case, schemas)) for case in test.cases)
    return tuple(f"case '{name}': {problem}" for name, problem in found if problem)


@dataclass
class CaseTables:
    """The given rows of one case as tables, made once; any variant of the test can be tried on them."""

    case: Case
    views: tuple[str, ...]
    schemas: Mapping[str, PopulationSchema]
    _answers: dict[tuple[str, str], tuple[tuple[str, ...], list[Key]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})
        # On a few rows, planning costs more than running; the runner's plans are optimised.
        self._connection.execute("PRAGMA disable_optimizer")
        self._fault: str | None = None
        try:
            self._create()
        except _Problem as problem:
            self._fault = str(problem)

    def __enter__(self) -> CaseTables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def problem(self, test: ControlTest) -> str | None:
        """What a test does otherwise than the case says, or None."""
        if self._fault:
            return self._fault
        try:
            self._compare(test)
        except _Problem as problem:
            return str(problem)
        except _Refused as refused:
            return None if self.case.inconclusive else f"inconclusive: {refused}"
        return "the test judged; inconclusive was expected" if self.case.inconclusive else None

    def _create(self) -> None:
        for view in self.case.given:
            if view not in self.views:
                raise _Problem(f"gives rows of '{view}', which the test does not list under populations")
        for view in self.views:
            columns = view_columns(view, self.schemas)
            rows = [_cells(view, columns, row) for row in self.case.given.get(view, ())]
            _create_table(self._connection, view, columns, rows)

    def _compare(self, test: ControlTest) -> None:
        bound = bindings({**test.parameters, **self.case.parameters}, test_window(test.window, self.case.day))
        self._require(test)
        names, population = self._keys(test.population, "population", bound, ())
        tested = self._keys(test.tested, "tested", bound, names)[1] if test.tested else population
        deviations = self._keys(test.deviations, "deviations", bound, names)[1]
        _refuse_strays(tested, population, "tested", "population")
        _refuse_strays(deviations, tested, "deviations", "tested")
        _refuse_empty(test, population, tested)
        _compare_count("population", self.case.population, population)
        _compare_count("tested", self.case.tested, tested)
        _compare_keys(names, self.case.deviations, deviations)

    def _require(self, test: ControlTest) -> None:
        for view in test.requires:
            if not self.case.given.get(view):
                raise _Refused(f"{view} holds no rows")

    def _keys(
        self, sql: str, part: str, bound: dict[str, BoundValue], names: tuple[str, ...]
    ) -> tuple[tuple[str, ...], list[Key]]:
        memo = (sql, repr(bound))
        if memo not in self._answers:
            self._answers[memo] = self._ask(sql, part, bound, names)
        return self._answers[memo]

    def _ask(
        self, sql: str, part: str, bound: dict[str, BoundValue], names: tuple[str, ...]
    ) -> tuple[tuple[str, ...], list[Key]]:
        try:
            used = self._connection.extract_statements(sql)[0].named_parameters
            cursor = self._connection.execute(sql, {name: bound[name] for name in used})
            given = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchall()
        except KeyError as unknown:
            raise _Problem(f"{part} uses the parameter {unknown}, which has no value") from None
        except duckdb.Error as error:
            raise _Problem(f"{part} fails: {error}") from None
        return names or given, _unique_keys(part, _pick(part, given, names or given), rows)


def view_columns(view: str, schemas: Mapping[str, PopulationSchema]) -> tuple[Column, ...]:
    """The columns of a view that a test may read, ``_source`` and for a history ``_day`` among them."""
    schema = schemas.get(view.removesuffix(HISTORY)) or schemas.get(view)
    if schema is None:
        raise _Problem(f"'{view}' is no population")
    return (*schema.columns, *((_DAY,) if view.endswith(HISTORY) else ()), _SOURCE)


def _cells(view: str, columns: tuple[Column, ...], row: Row) -> list[object]:
    unknown = set(row) - {column.name for column in columns}
    if unknown:
        raise _Problem(f"{view} has no column '{min(unknown)}'")
    stated: dict[str, CellValue] = {_SOURCE.name: "case", **row}
    try:
        return [column_value(column, stated.get(column.name)) for column in columns]
    except ValueError as error:
        raise _Problem(f"a row of {view}: {error}") from None


def _create_table(
    connection: duckdb.DuckDBPyConnection, view: str, columns: tuple[Column, ...], rows: list[list[object]]
) -> None:
    shape = ", ".join(f'"{column.name}" {column.sql_type}' for column in columns)
    connection.execute(f'CREATE TABLE "{view}" ({shape})')
    if rows:
        marks = ", ".join("?" for _ in columns)
        connection.executemany(f'INSERT INTO "{view}" VALUES ({marks})', rows)  # noqa: S608 - schema names only


def _pick(part: str, given: tuple[str, ...], names: tuple[str, ...]) -> list[int]:
    for name in names:
        if name not in given:
            raise _Problem(f"{part} lacks the key column '{name}'")
    return [given.index(name) for name in names]


def _unique_keys(part: str, places: list[int], rows: Iterable[tuple[object, ...]]) -> list[Key]:
    keys = [tuple(key_text(row[place]) for place in places) for row in rows]
    for key, times in Counter(keys).items():
        if None in key:
            raise _Problem(f"{part} has a key with a NULL: {_shown(key)}")
        if times > 1:
            raise _Problem(f"{part} has the key {_shown(key)} {times} times")
    return keys


def _refuse_strays(inner: list[Key], outer: list[Key], inner_name: str, outer_name: str) -> None:
    strays = set(inner) - set(outer)
    if strays:
        raise _Problem(f"{inner_name} has {_listed(strays)}, not in {outer_name}")


def _refuse_empty(test: ControlTest, population: list[Key], tested: list[Key]) -> None:
    if not population and not test.empty_ok:
        raise _Refused("the population is empty")
    if population and not tested:
        raise _Refused("no item of the population was tested")


def _compare_count(part: str, expected: int | None, keys: list[Key]) -> None:
    if expected is not None and expected != len(keys):
        raise _Problem(f"{part} holds {len(keys)} keys ({_listed(keys)}), expected {expected}")


def _compare_keys(names: tuple[str, ...], expected: tuple[Row, ...], found: list[Key]) -> None:
    wanted = {_expected_key(names, row) for row in expected}
    missing, extra = wanted - set(found), set(found) - wanted
    said = [f"not found: {_listed(missing)}"] if missing else []
    said += [f"not expected: {_listed(extra)}"] if extra else []
    if said:
        raise _Problem(f"deviations differ; {'; '.join(said)}")


def _expected_key(names: tuple[str, ...], row: Row) -> Key:
    lacking = [name for name in names if name not in row]
    if lacking:
        raise _Problem(f"an expected deviation lacks the key column '{lacking[0]}'")
    return tuple(key_text(row[name]) for name in names)


def _shown(key: Key) -> str:
    return "(" + ", ".join("NULL" if part is None else part for part in key) + ")"


def _listed(keys: Iterable[Key]) -> str:
    ordered = sorted(_shown(key) for key in keys)
    return ", ".join(ordered[:5]) + (f" and {len(ordered) - 5} more" if len(ordered) > 5 else "")
