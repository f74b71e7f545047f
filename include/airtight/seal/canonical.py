"""Canonical JSON (RFC 8785): equal values have equal bytes.

Refused, because no two readers agree on them: NaN and the infinities, whole numbers beyond ±(2^53 - 1) (RFC 8785
appendix D: write them as strings; ``sealable`` does), lone surrogates, keys that are no strings, and, in reading,
duplicate keys.
"""

from __future__ import annotations

import json
import math
from json.encoder import encode_basestring
from typing import NoReturn

from airtight.errors import EvidenceError
from airtight.wire import Json

#: The largest whole number that every JSON reader keeps exactly.
LARGEST_EXACT = 2**53 - 1


def canonical_json(value: Json) -> bytes:
    """The one UTF-8 encoding of a JSON value; without a final newline.

    Raises:
        EvidenceError: the value has no canonical form.
    """
    try:
        return _encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise EvidenceError("a text holds half of a surrogate pair, which is no Unicode.") from None
    except RecursionError:
        raise EvidenceError("the value is nested too deeply.") from None


def parse_json(content: bytes, where: str) -> Json:
    """The value of a JSON document from a place that nobody has to trust.

    Raises:
        EvidenceError: it is no JSON in UTF-8, or holds a key twice, or NaN or an infinity.
    """
    try:
        value: Json = json.loads(
            content.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refuse, parse_int=_whole
        )
    except (ValueError, RecursionError):
        raise EvidenceError("is no JSON document that can be relied on.", where=where) from None
    return value


def sealable(value: Json) -> Json:
    """The value with what has no canonical form written as text: huge whole numbers, NaN, infinities, surrogates.

    For cells that come from other people's systems, which must not stop a sealing. Idempotent; a value that has a
    canonical form is returned equal.
    """
    if isinstance(value, dict):
        return {_text(key): sealable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [sealable(item) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    return str(value) if isinstance(value, int) and abs(value) > LARGEST_EXACT else value


def _text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _encode(value: Json) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dict):
        members = sorted(value.items(), key=_utf16)
        return "{" + ",".join(f"{encode_basestring(key)}:{_encode(item)}" for key, item in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_encode, value)) + "]"
    raise EvidenceError(f"a value of type {type(value).__name__} is no JSON.")


def _utf16(member: tuple[str, Json]) -> bytes:
    if not isinstance(member[0], str):
        raise EvidenceError(f"a key of type {type(member[0]).__name__} is no JSON.")
    return member[0].encode("utf-16-be")


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) > LARGEST_EXACT:
            raise EvidenceError(f"{str(value)[:40]} is too large to be a number in JSON; write it as text.")
        return str(value)
    if not math.isfinite(value):
        raise EvidenceError(f"{value} is no number in JSON.")
    return "0" if value == 0 else ("-" if value < 0 else "") + _positive(abs(value))


def _positive(value: float) -> str:
    """ECMAScript's Number::toString; Python's repr has the same shortest digits and differs in layout only."""
    mantissa, _, power = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    point = (
        len(digits) - len(fraction) + int(power or 0)
    )  # where the decimal point stands, counted from the first digit
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = f"e{point - 1:+d}"
    return f"{digits[0]}.{digits[1:]}{exponent}" if len(digits) > 1 else f"{digits}{exponent}"


def _distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def _whole(digits: str) -> int | float:
    """A whole number; beyond the exact ones a double, as which ``canonical_json`` wrote it."""
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return int(digits) if abs(number) <= LARGEST_EXACT else number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number in JSON")
