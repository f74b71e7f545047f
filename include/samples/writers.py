"""Writing exports: the odd shapes that vendors give, byte for byte the same on every run.

Each file is counted in ``counts.json`` beside it, which is how the files connector proves that nothing is missing.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

Cell = str | int | float | bool | None
Record = Mapping[str, object]


class Export:
    """One vendor's folder for one day: ``<root>/<vendor>/<day>/``."""

    def __init__(self, root: Path, vendor: str, day: str) -> None:
        self.folder = root / vendor / day
        self._counts: dict[str, int] = {}

    def jsonl(self, name: str, records: Sequence[Record]) -> None:
        """JSON lines; gzip when the name ends with ``.gz``."""
        lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        self._write(name, lines.encode(), len(records))

    def json(self, name: str, records: Sequence[Record], *, under: str | None = None) -> None:
        """A JSON array, or an object that holds the array under a key, as CloudTrail does with ``Records``."""
        content: object = {under: list(records)} if under else list(records)
        self._write(name, json.dumps(content, ensure_ascii=False, indent=1).encode(), len(records))

    def csv(
        self,
        name: str,
        columns: Sequence[str],
        rows: Sequence[Mapping[str, Cell]],
        *,
        delimiter: str = ",",
        encoding: str = "utf-8",
        newline: str = "\n",
        padded: bool = False,
    ) -> None:
        """A CSV file in the manner of one vendor: delimiter, encoding (``utf-8-sig`` for a BOM), line ends, padding."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, lineterminator=newline)
        writer.writerow(columns)
        for row in rows:
            cells = ["" if row.get(column) is None else str(row[column]) for column in columns]
            writer.writerow([f" {cell} " if padded and cell else cell for cell in cells])
        self._write(name, text.getvalue().encode(encoding), len(rows))

    def close(self, *, lost: str | None = None) -> None:
        """Write the counts of everything written; ``lost`` is a file that counts one record more than it holds."""
        counts = {name: count + (name == lost) for name, count in sorted(self._counts.items())}
        self._write_bytes("counts.json", json.dumps(counts, indent=1).encode())

    def _write(self, name: str, content: bytes, count: int) -> None:
        self._counts[name] = count
        self._write_bytes(name, gzip.compress(content, mtime=0) if name.endswith(".gz") else content)

    def _write_bytes(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(content)
