"""Rows of CSV files as people write them: byte order marks, ``;``, CRLF, padded cells, Latin-1, quoted newlines.

Cells are trimmed; an empty cell is None. A row that does not have as many cells as the header is refused and
counted, never shifted. What is not sure (the encoding) is noted.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from airtight.collect.connector import RawFile
from airtight.collect.unpacking import unpacked
from airtight.errors import SourceChanged, SourceIncomplete

DELIMITERS = ",;\t|"
TOO_FEW = "row has fewer cells than the header"
TOO_MANY = "row has more cells than the header"
_BATCH = 10_000
_LOOKED_AT = 50
_LARGEST_CELL = 64 * 1024 * 1024

Cells = list[str | None]


@dataclass
class CsvRows:
    """The rows of one file: iterate ``batches`` once; the counts are complete afterwards.

    Attributes:
        columns: header names, trimmed; a nameless column is called by its position, ``column3``.
        records: rows seen, refused ones included.
        rejected: reason -> rows.
        notes: sentences for provenance.
    """

    file: RawFile
    columns: tuple[str, ...]
    delimiter: str
    encoding: str
    records: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()

    def batches(self) -> Iterator[list[Cells]]:
        """Rows of as many cells as there are columns, some thousands at a time.

        Raises:
            SourceIncomplete: a quoted cell never ends or the encoding is broken; names file and line.
            SourceChanged: more than half of the rows do not fit the header.
        """
        batch: list[Cells] = []
        with _rows(self.file, self.encoding, self.delimiter) as rows:
            if self.file.dialect.header is None:
                next((row for row in rows if row), None)
            for row in rows:
                if self._fits(row):
                    batch.append([cell.strip() or None for cell in row])
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        yield batch
        self._refuse_other_shape()

    def _fits(self, row: list[str]) -> bool:
        if not row:
            return False  # a blank line is no row
        self.records += 1
        if len(row) == len(self.columns):
            return True
        self.rejected[TOO_FEW if len(row) < len(self.columns) else TOO_MANY] += 1
        return False

    def _refuse_other_shape(self) -> None:
        refused = self.rejected.total()
        if refused * 2 > self.records:
            raise SourceChanged(
                f"{refused} of {self.records} rows do not have the {len(self.columns)} cells of the header.",
                where=self.file.name,
                remedy="Declare the delimiter, or look at the export.",
            )


def open_csv(file: RawFile) -> CsvRows:
    """Find out encoding, delimiter and header of a file.

    Raises:
        SourceChanged: no header, two columns of one name, or a required column missing.
        SourceIncomplete: the declared encoding does not fit.
    """
    csv.field_size_limit(_LARGEST_CELL)
    encoding, notes = _encoding(file)
    delimiter = file.dialect.delimiter or _delimiter(file, encoding)
    columns = _columns(file, encoding, delimiter)
    for column in file.dialect.required:
        if column not in columns:
            raise SourceChanged(
                f"column '{column}' is missing; found: {', '.join(columns)}.",
                where=file.name,
                remedy="Restore the column in the export, or change the mapping.",
            )
    return CsvRows(file, columns, delimiter, encoding, notes=notes)


def _encoding(file: RawFile) -> tuple[str, tuple[str, ...]]:
    declared = file.dialect.encoding
    if declared:
        if not _decodes(file, declared):
            raise SourceIncomplete(f"the file is not {declared}, as declared.", where=file.name)
        return declared, ()
    with unpacked(file.path, file.name) as opened:
        mark = opened.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", ()
    if _decodes(file, "utf-8-sig"):
        return "utf-8-sig", ()
    return "latin-1", (f"{file.name} is not UTF-8; it was read as Latin-1.",)


def _decodes(file: RawFile, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with unpacked(file.path, file.name) as opened:
        try:
            while chunk := opened.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def _rows(file: RawFile, encoding: str, delimiter: str) -> Iterator[Iterator[list[str]]]:
    with unpacked(file.path, file.name) as opened:
        reader = csv.reader(io.TextIOWrapper(opened, encoding=encoding, newline=""), delimiter=delimiter, strict=True)
        try:
            yield reader
        except csv.Error as error:
            raise SourceIncomplete(f"line {reader.line_num} is not CSV: {error}.", where=file.name) from None


def _delimiter(file: RawFile, encoding: str) -> str:
    """The one that splits the header; between several, the one that fits the first rows, then the most frequent."""
    best, score = ",", (False, 1)
    for candidate in DELIMITERS:
        widths = _first_widths(file, encoding, candidate)
        if not widths or widths[0] < 2:
            continue
        found = (len(set(widths)) == 1, widths[0])
        if found > score:
            best, score = candidate, found
    return best


def _first_widths(file: RawFile, encoding: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        with _rows(file, encoding, delimiter) as rows:
            for row in rows:
                widths += [len(row)] if row else []
                if len(widths) == _LOOKED_AT:
                    break
    except SourceIncomplete:
        pass  # a wrong candidate may misread quotes; the right one is judged when all rows are read
    return widths


def _columns(file: RawFile, encoding: str, delimiter: str) -> tuple[str, ...]:
    header: list[str] | tuple[str, ...] | None = file.dialect.header
    if header is None:
        with _rows(file, encoding, delimiter) as rows:
            header = next((row for row in rows if row), None)
    if not header or not any(cell.strip() for cell in header):
        raise SourceChanged("there is no header line.", where=file.name)
    names = tuple(cell.strip() or f"column{n}" for n, cell in enumerate(header, 1))
    twice = [name for name, n in Counter(name.lower() for name in names).items() if n > 1]
    if twice:
        raise SourceChanged(f"column '{twice[0]}' stands twice in the header.", where=file.name)
    return names
