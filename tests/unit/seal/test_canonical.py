"""Canonical JSON is RFC 8785's: one encoding for a value, and the value comes back."""

from __future__ import annotations

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airtight.errors import EvidenceError
from airtight.seal.canonical import LARGEST_EXACT, canonical_json, parse_json, sealable

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
WHOLE = st.integers(-LARGEST_EXACT, LARGEST_EXACT)
SCALARS = st.none() | st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_comes_back_equal(value):
    assert parse_json(canonical_json(value), "here") == value


@given(VALUES)
def test_the_encoding_of_what_comes_back_is_the_same(value):
    encoded = canonical_json(value)
    assert canonical_json(parse_json(encoded, "here")) == encoded


@given(st.dictionaries(TEXTS, WHOLE))
def test_the_order_in_which_keys_were_added_does_not_matter(value):
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@given(st.dictionaries(TEXTS, st.none()))
def test_keys_are_in_the_order_of_their_utf16_code_units(value):
    keys = list(json.loads(canonical_json(value)))
    units = [struct.unpack(f">{len(key.encode('utf-16-be')) // 2}H", key.encode("utf-16-be")) for key in keys]
    assert units == sorted(units)


def test_a_key_beyond_the_basic_plane_sorts_before_the_last_of_the_plane():
    # The example of RFC 8785, section 3.2.3: by code point the two would stand the other way round
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert list(json.loads(canonical_json(value))) == [
        "\r",
        "1",
        "\u0080",
        "\u00f6",
        "\u20ac",
        "\U0001f600",
        "\ufb33",
    ]


@pytest.mark.parametrize(
    ("bits", "text"),
    [  # RFC 8785, appendix B
        (0x0000000000000000, "0"),
        (0x8000000000000000, "0"),
        (0x0000000000000001, "5e-324"),
        (0x8000000000000001, "-5e-324"),
        (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
        (0xFFEFFFFFFFFFFFFF, "-1.7976931348623157e+308"),
        (0x4340000000000000, "9007199254740992"),
        (0xC340000000000000, "-9007199254740992"),
        (0x4430000000000000, "295147905179352830000"),
        (0x44B52D02C7E14AF5, "9.999999999999997e+22"),
        (0x44B52D02C7E14AF6, "1e+23"),
        (0x44B52D02C7E14AF7, "1.0000000000000001e+23"),
        (0x444B1AE4D6E2EF4E, "999999999999999700000"),
        (0x444B1AE4D6E2EF4F, "999999999999999900000"),
        (0x444B1AE4D6E2EF50, "1e+21"),
        (0x3EB0C6F7A0B5ED8C, "9.999999999999997e-7"),
        (0x3EB0C6F7A0B5ED8D, "0.000001"),
        (0x41B3DE4355555553, "333333333.3333332"),
        (0x41B3DE4355555554, "333333333.33333325"),
        (0x41B3DE4355555555, "333333333.3333333"),
        (0x41B3DE4355555556, "333333333.3333334"),
        (0x41B3DE4355555557, "333333333.33333343"),
        (0xBECBF647612F3696, "-0.0000033333333333333333"),
        (0x43143FF3C1CB0959, "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_the_rfc_lists_them(bits, text):
    (number,) = struct.unpack(">d", bits.to_bytes(8, "big"))
    assert canonical_json(number) == text.encode()


def test_strings_are_escaped_as_the_rfc_says_and_no_further():
    value = '\u20ac$\u000f\nA\'B"\\\\"/\x7f\u2028'
    assert canonical_json(value) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"'.encode()


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 2**53, -(2**53), "\ud800", {1: 2}, {"a": b"b"}, object()]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(EvidenceError):
        canonical_json(value)


def test_nesting_without_end_is_refused_not_crashed():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(EvidenceError):
        canonical_json(nested)
    with pytest.raises(EvidenceError):
        parse_json(b"[" * 100_000 + b"]" * 100_000, "here")


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "NaN", "[Infinity]", "{", "", "'a'", '"\udcff"', "[1,]", "1" * 5000], ids=range(9)
)
def test_documents_that_readers_understand_differently_are_refused(text):
    with pytest.raises(EvidenceError, match=r"data/x\.json"):
        parse_json(text.encode("utf-8", "surrogateescape"), "data/x.json")


@given(ANYTHING)
def test_whatever_a_source_sends_can_be_sealed(value):
    canonical_json(sealable(value))


@given(VALUES)
def test_what_has_a_canonical_form_is_sealed_unchanged(value):
    assert canonical_json(sealable(value)) == canonical_json(value)


def test_what_no_number_can_hold_is_sealed_as_text():
    assert sealable([2**63, -(2**63), math.nan, -math.inf, True]) == [
        "9223372036854775808",
        "-9223372036854775808",
        "NaN",
        "-Infinity",
        True,
    ]
