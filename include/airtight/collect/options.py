"""Options of a source, read with one kind of refusal.

Every wrong option is a ``DefinitionError`` at ``sources.yaml: id.options.key`` that says what to write instead.
"""

from __future__ import annotations

from collections.abc import Collection

from airtight.domain.source import OptionValue, Source
from airtight.errors import DefinitionError


def refuse(source: Source, key: str, message: str, remedy: str | None = None) -> DefinitionError:
    """The error for one option, to be raised by the caller."""
    return DefinitionError(message, where=f"{source.file}: {source.id}.options.{key}", remedy=remedy)


def check_keys(source: Source, required: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuse options that the connector does not know and the absence of those that it needs."""
    known = {*required, *optional}
    for key in source.options:
        if key not in known:
            raise refuse(
                source,
                key,
                f"connector {source.connector} has no such option.",
                f"Known options: {', '.join(sorted(known))}.",
            )
    for key in required:
        if source.options.get(key) in (None, "", [], {}):
            raise refuse(source, key, f"connector {source.connector} needs this option.")


def text(source: Source, key: str, default: str | None = None) -> str | None:
    """A text, or the default where the option is absent."""
    value = source.options.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or not value:
        raise refuse(source, key, "must be a text.")
    return value


def required_text(source: Source, key: str) -> str:
    """A text that must be there."""
    value = text(source, key)
    if value is None:
        raise refuse(source, key, f"connector {source.connector} needs this option.")
    return value


def texts(source: Source, key: str) -> tuple[str, ...]:
    """A list of texts, or one text for a list of one; empty where the option is absent."""
    value = source.options.get(key)
    if value is None:
        return ()
    items: list[OptionValue] = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) and item for item in items):
        raise refuse(source, key, "must be a list of texts.")
    return tuple(str(item) for item in items)


def number(source: Source, key: str, default: int) -> int:
    """A whole number above zero."""
    value = source.options.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refuse(source, key, "must be a whole number above zero.")
    return value


def flag(source: Source, key: str, default: bool) -> bool:
    """true or false."""
    value = source.options.get(key, default)
    if not isinstance(value, bool):
        raise refuse(source, key, "must be true or false.")
    return value


def one_of(source: Source, key: str, choices: Collection[str], default: str | None = None) -> str | None:
    """One of some words, or the default where the option is absent."""
    value = text(source, key, default)
    if value is not None and value not in choices:
        raise refuse(source, key, f"is '{value}'.", f"Write one of {', '.join(sorted(choices))}.")
    return value


def mapping(source: Source, key: str) -> dict[str, OptionValue]:
    """A mapping; empty where the option is absent."""
    value = source.options.get(key, {})
    if not isinstance(value, dict):
        raise refuse(source, key, "must be a mapping.")
    return value
