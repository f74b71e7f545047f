"""Raw files of API answers: one JSON object a line, UTF-8, gzip without a time stamp.

Equal answers are equal bytes. Half a surrogate pair, which UTF-8 cannot hold, becomes a question mark.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

from airtight.collect.connector import RawFile


def write_json_lines(folder: Path, stream: str, records: Iterable[object], name: str = "") -> RawFile:
    """Write records, as they arrive, to ``<stream>.jsonl.gz`` in the folder.

    Args:
        records: values that JSON can hold.
        name: endpoint the records came from, for messages.
    """
    path = folder / f"{stream}.jsonl.gz"
    count = 0
    with (
        path.open("xb") as plain,
        gzip.GzipFile(filename="", mode="wb", fileobj=plain, mtime=0, compresslevel=6) as out,
    ):
        for record in records:
            out.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))
            out.write(b"\n")
            count += 1
    return RawFile(path, stream, "jsonl", "application/jsonl", count, name or stream)
