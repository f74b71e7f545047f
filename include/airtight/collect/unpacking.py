"""The bytes of a raw file, unpacked while they are read; half a gzip file is a ``SourceIncomplete`` naming it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from airtight.errors import SourceIncomplete

_GZIP_MAGIC = b"\x1f\x8b"


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP_MAGIC


@contextmanager
def unpacked(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The file opened for reading, without its gzip layer.

    Args:
        name: how messages call the file.

    Raises:
        SourceIncomplete: while reading, when the gzip data is cut off or damaged.
    """
    try:
        with gzip.open(path, "rb") if is_gzip(path) else path.open("rb") as file:
            yield cast("IO[bytes]", file)
    except EOFError:
        raise SourceIncomplete("the gzip file is cut off.", where=name, remedy="Fetch or export it again.") from None
    except (gzip.BadGzipFile, zlib.error):
        raise SourceIncomplete("the gzip file is damaged.", where=name, remedy="Fetch or export it again.") from None
