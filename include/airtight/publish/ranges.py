"""A seekable file over something that is read by ranges.

It fetches what is asked for and a little ahead: 64 KiB after a jump, doubling to at most 4 MiB while reading on, so
that one member of a ZIP costs little more than its own bytes, and a long one few requests. A read near the end fetches
the last 64 KiB at once, where a ZIP has its directory.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_LEAST = 64 << 10
_MOST = 4 << 20


class RangeFile(io.RawIOBase):
    """Read-only; reads go through ``fetch(start, end)``, which returns those bytes."""

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__()
        self._size = size
        self._fetch = fetch
        self._position = 0
        self._held = b""
        self._held_from = 0
        self._ahead = _LEAST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(22, "Invalid argument")  # what a file on disk says, which zipfile relies on
        self._position = base + offset
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size - self._position)
        if wanted <= 0:
            return 0
        if not self._held_from <= self._position < self._held_from + len(self._held):
            self._fill(wanted)
        offset = self._position - self._held_from
        part = self._held[offset : offset + wanted]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def _fill(self, wanted: int) -> None:
        reads_on = self._held and self._position == self._held_from + len(self._held)
        self._ahead = min(self._ahead * 2, _MOST) if reads_on else _LEAST
        start = min(self._position, max(0, self._size - _LEAST)) if not reads_on else self._position
        end = min(self._size, max(self._position + min(wanted, _MOST), start + self._ahead))
        self._held = self._fetch(start, end)
        self._held_from = start


def open_ranges(size: int, fetch: Callable[[int, int], bytes]) -> io.BufferedReader:
    """A buffered file of that size over ``fetch(start, end)``."""
    return io.BufferedReader(RangeFile(size, fetch), buffer_size=8192)
