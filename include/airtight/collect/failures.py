"""What goes wrong with a source becomes a plain reason, without secrets or data; only faults of staging go on."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from airtight.collect.scrubbing import Scrubber
from airtight.domain.source import Source
from airtight.errors import AirtightError, EvidenceError, StorageError

_LOG = logging.getLogger(__name__)


@contextmanager
def failure_of(
    source: Source, scrubber: Scrubber, populations: Sequence[str], reasons: dict[str, str]
) -> Iterator[None]:
    """Turn what goes wrong inside into a reason for each of the populations, logged once."""
    try:
        yield
    except (StorageError, EvidenceError):
        raise
    except AirtightError as error:
        reason = str(error)
    except Exception as error:
        # a fault that nobody foresaw must not take the other sources with it
        reason = _unexpected(source, error)
    else:
        return
    reason = scrubber.text(reason)
    _LOG.error("source %s: %s", source.id, reason)
    reasons |= dict.fromkeys(populations, reason)


def _unexpected(source: Source, error: Exception) -> str:
    """Type and place of the error; its text may quote data or secrets."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    detail = f" ({os.strerror(error.errno)})" if isinstance(error, OSError) and error.errno else ""
    place = f"{Path(last.filename).name} line {last.lineno}"
    return f"collecting by connector {source.connector} failed unexpectedly: {type(error).__name__}{detail} at {place}."
