"""Domain values in staging: a task hands the next one a reference of a few bytes, never the value."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from airtight.domain.collection import StagedFile
from airtight.domain.staging import Staging
from airtight.errors import EvidenceError
from airtight.wire import from_json, to_json

T = TypeVar("T")


def stage_value(staging: Staging, value: object) -> StagedFile:
    """Keep a domain value in staging."""
    with scratch(staging) as folder:
        file = folder / "value.json"
        file.write_text(json.dumps(to_json(value), sort_keys=True), encoding="utf-8")
        return staging.put(file)


def fetch_value(staging: Staging, kind: type[T], staged: StagedFile) -> T:
    """The value behind a reference.

    Raises:
        EvidenceError: the file is gone, differs from its digest, or holds something else.
    """
    try:
        return from_json(kind, json.loads(staging.fetch(staged).read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise EvidenceError(f"holds no JSON: {error}.", where=staged.uri) from None


@contextmanager
def scratch(staging: Staging) -> Iterator[Path]:
    """A folder for work in progress that is gone afterwards."""
    folder = staging.scratch()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
