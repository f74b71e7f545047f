"""The restricted map from pseudonym to person: outside every bundle, readable by its owner only.

Naming a person is an act of its own: each look-up, found or not, is first written to an append-only record of who
asked, when, which pseudonym and why.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from airtight.errors import ConfigurationError, DefinitionError

_BUSY_SECONDS = 60.0


class ReidentificationMap:
    """Pseudonyms of one installation.

    Args:
        folder: where ``people.sqlite`` and ``lookups.jsonl`` lie, both 0600; made with 0700 when missing.

    Raises:
        ConfigurationError: others may read the map.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._people = folder / "people.sqlite"
        self._record = folder / "lookups.jsonl"
        for file in (self._people, self._record):
            _make_private(file)
        with closing(self._connect()) as people, people:
            people.execute("CREATE TABLE IF NOT EXISTS person (pseudonym TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def remember(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep pseudonyms with the values that they stand for; those already known stay as they are."""
        with closing(self._connect()) as people, people:
            people.executemany("INSERT OR IGNORE INTO person VALUES (?, ?)", pairs)

    def look_up(self, pseudonym: str, who: str, why: str, clock: Callable[[], datetime]) -> str | None:
        """The value behind a pseudonym, or None; the look-up is recorded before the answer is read.

        Args:
            who: person who asks.
            why: reason, never empty.
            clock: tells the time in UTC.

        Raises:
            DefinitionError: nobody asks, or no reason is given.
        """
        if not who.strip() or not why.strip():
            raise DefinitionError("a look-up needs a person and a reason.", remedy="Say who asks and why.")
        entry = {"who": who, "when": clock().isoformat(), "which": pseudonym, "why": why}
        self._append(json.dumps(entry, ensure_ascii=False))
        with closing(self._connect()) as people:
            row = people.execute("SELECT value FROM person WHERE pseudonym = ?", (pseudonym,)).fetchone()
        return str(row[0]) if row else None

    def _append(self, line: str) -> None:
        descriptor = os.open(self._record, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(descriptor, line.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._people, timeout=_BUSY_SECONDS)


def _make_private(file: Path) -> None:
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise ConfigurationError("others may read this file.", where=str(file), remedy=f"Run 'chmod 600 {file}'.")
