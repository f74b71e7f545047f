"""What crosses the border between the runner and the process that runs a test's SQL: plain, frozen values.

A job says all that the process may know: files, SQL that passed the gate, values to bind, limits. The answer comes back
as JSON lines, a head and then one line for each listed key, so that neither side holds more than it must.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from airtight.domain.control import ParameterValue
from airtight.domain.period import Window

#: Name ending of the view that gives every daily state of a snapshot or register.
HISTORY = "_history"


@dataclass(frozen=True)
class Limits:
    """What one test may take.

    Attributes:
        memory: DuckDB's memory limit; the process takes some 100 MB more. Larger intermediate results spill to disk.
        spill: how much may be spilled.
        seconds: time for all of its SQL; the process is killed a few seconds later if it does not stop by itself.
        deviations, untested: how many of each are returned one by one, at most; all are counted.
    """

    memory: str = "768MiB"
    spill: str = "20GiB"
    threads: int = 2
    seconds: float = 600.0
    deviations: int = 100_000
    untested: int = 10_000


@dataclass(frozen=True)
class ViewFile:
    """A Parquet file of a view, the source that gave it and the day that it stands for."""

    path: Path
    source: str
    day: date


@dataclass(frozen=True)
class View:
    """A view that the SQL may read.

    Attributes:
        columns: name and DuckDB type of each column of the population's schema.
        history: every file is the state of its day, told apart by the column ``_day``.
        distinct_by: key columns by which rows of several files are de-duplicated, the latest day winning; empty: none.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    files: tuple[ViewFile, ...]
    history: bool = False
    distinct_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """One test, ready to run.

    Attributes:
        untested: SELECT of the population's keys that ``tested`` leaves out, where the SQL's shape gives it away.
        population_unique, tested_unique: the SQL's shape proves that no key comes twice.
        tested_within, deviations_within: the SQL's shape proves that ``tested`` is part of ``population``, and
            ``deviations`` of ``tested``.
    """

    views: tuple[View, ...]
    requires: tuple[str, ...]
    population: str
    tested: str | None
    untested: str | None
    deviations: str
    parameters: Mapping[str, ParameterValue]
    window: Window
    limits: Limits
    population_unique: bool = False
    tested_unique: bool = False
    tested_within: bool = False
    deviations_within: bool = False


@dataclass(frozen=True)
class Head:
    """The figures of an answer.

    Attributes:
        keys: names of the key columns.
        lacking: required views that hold no rows; where there are any, nothing else was run.
        population_n, tested_n, deviating_n: different keys.
        deviation_n, untested_n: all, listed or not.
        deviations_listed, untested_listed: lines that follow the head.
    """

    keys: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    population_n: int = 0
    tested_n: int = 0
    deviating_n: int = 0
    deviation_n: int = 0
    deviations_listed: int = 0
    untested_n: int = 0
    untested_listed: int = 0


@dataclass(frozen=True)
class Refusal:
    """Why the test could not be judged."""

    reason: str
