"""Templates in options: ``{partition}``, ``{year}``, ``{month}`` and ``{day}`` of the window's first day."""

from __future__ import annotations

import re

from airtight.domain.period import Window

_FIELD = re.compile(r"\{(partition|year|month|day)\}")
_ANY_FIELD = re.compile(r"\{([^{}]*)\}")


def fill(template: str, partition: str, window: Window) -> str:
    """The template with the fields of one partition; ``{month}`` and ``{day}`` have two digits."""
    start = window.start
    values = {"partition": partition, "year": f"{start:%Y}", "month": f"{start:%m}", "day": f"{start:%d}"}
    return _FIELD.sub(lambda match: values[match[1]], template)


def unknown_fields(template: str) -> tuple[str, ...]:
    """Fields in braces that ``fill`` does not know."""
    return tuple(name for name in _ANY_FIELD.findall(template) if not _FIELD.fullmatch(f"{{{name}}}"))


def names_its_day(template: str) -> bool:
    """Whether each day has a path of its own."""
    fields = set(_FIELD.findall(template))
    return "partition" in fields or {"year", "month", "day"} <= fields
