"""Tables as CSV that a spreadsheet may open: no cell starts a formula.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end gets an apostrophe in front (OWASP, CSV
injection). UTF-8 with a byte order mark, lines end in CRLF (RFC 4180), every cell quoted.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def sheet(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """The table as a CSV file's bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(_STARTS_FORMULA) else cell
