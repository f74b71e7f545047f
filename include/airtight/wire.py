"""Domain values as plain JSON values, and back: what travels between tasks and what is sealed.

Times are ISO 8601 with ``Z``; enumerations are their values; tuples are lists. The round trip is the identity.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import TypeVar, Union, get_args, get_origin

from cattrs import Converter, transform_error
from cattrs.errors import BaseValidationError

from airtight.errors import EvidenceError

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
T = TypeVar("T")

_CONVERTER = Converter(forbid_extra_keys=True, unstruct_collection_overrides={tuple: list})


def timestamp(moment: datetime) -> str:
    """A time in UTC as ``2026-09-14T00:00:00Z``, with microseconds only where there are any.

    Raises:
        ValueError: the time is naive or not in UTC.
    """
    if moment.utcoffset() != timedelta(0):
        raise ValueError(f"{moment.isoformat()} is not a time in UTC")
    return moment.replace(tzinfo=None).isoformat() + "Z"


def parse_timestamp(text: str) -> datetime:
    """The reverse of ``timestamp``."""
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


def _is_scalar_union_with(kind: object, container: type) -> bool:
    members = get_args(kind) if isinstance(kind, UnionType) or get_origin(kind) is Union else ()
    return float in members and any((get_origin(member) or member) is container for member in members)


_CONVERTER.register_unstructure_hook(datetime, timestamp)
_CONVERTER.register_structure_hook(datetime, lambda text, _: parse_timestamp(text))
_CONVERTER.register_unstructure_hook(date, date.isoformat)
_CONVERTER.register_structure_hook(date, lambda text, _: date.fromisoformat(text))
_CONVERTER.register_unstructure_hook(Path, str)
_CONVERTER.register_structure_hook(Path, lambda text, _: Path(text))
_CONVERTER.register_unstructure_hook_func(_is_enum, lambda member: member.value)
# Cells and parameters are JSON already; a parameter's list comes back as the tuple that it was.
_CONVERTER.register_structure_hook_func(lambda kind: _is_scalar_union_with(kind, dict), lambda value, _: value)
_CONVERTER.register_structure_hook_func(
    lambda kind: _is_scalar_union_with(kind, tuple), lambda value, _: tuple(value) if isinstance(value, list) else value
)


def to_json(value: object) -> Json:
    """A domain value, or a container of them, as a plain JSON value."""
    plain: Json = _CONVERTER.unstructure(value)
    return plain


def from_json(kind: type[T], value: Json) -> T:
    """The domain value of that type.

    Raises:
        EvidenceError: the JSON does not have the shape of the type.
    """
    try:
        return _CONVERTER.structure(value, kind)
    except (BaseValidationError, ValueError, TypeError) as error:
        faults = transform_error(error) if isinstance(error, BaseValidationError) else [str(error)]
        raise EvidenceError(f"not a {getattr(kind, '__name__', kind)}: {'; '.join(faults)}") from None
