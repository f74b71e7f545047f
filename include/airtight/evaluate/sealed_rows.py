"""Rows of sealed populations that the evaluator itself reads: waivers, and what persons answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from airtight.errors import EvaluationError


def sealed_rows(files: Iterable[Path], columns: Iterable[str], population: str) -> Iterator[tuple[Any, ...]]:
    """The given columns of each row of Parquet files.

    Raises:
        EvaluationError: a file is not there, or is none of this population.
    """
    for file in files:
        try:
            with duckdb.connect() as connection:
                rows = connection.read_parquet(str(file)).select(*columns).fetchall()
        except duckdb.Error as error:
            raise EvaluationError(
                f"the {population} cannot be read: {str(error).splitlines()[0]}", where=file.name
            ) from None
        yield from rows
