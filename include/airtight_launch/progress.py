"""What is going on, told while it goes on: one moving line on a terminal, one line a step elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console


class Progress:
    """Call it with each step; a terminal shows the latest with a spinner and the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("") if console.is_terminal else None
        self._began = time.monotonic()
        self._told = ""

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self.done()

    def __call__(self, step: str) -> None:
        seconds = time.monotonic() - self._began
        if self._status:
            self._status.update(f"{step} [dim]({seconds:.0f} s)[/]")
        elif step != self._told:
            self._console.print(f"{seconds:5.0f} s  {step}", highlight=False, markup=False)
        self._told = step

    def done(self) -> None:
        """Nothing more to tell; the terminal's line goes away."""
        if self._status:
            self._status.stop()
