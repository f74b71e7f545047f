"""The chain of registers names what vanished."""

from __future__ import annotations

from datetime import date

import pytest

from airtight.domain.bundle import BundleKind
from airtight.domain.register import Expected, Received, Register
from airtight.seal.registers import Loss, verify_register


def digest(text: str) -> str:
    return text.encode().hex().ljust(64, "0")


def chain(*days: str) -> dict[str, Register]:
    """One register a day, each naming the one before it and one bundle."""
    registers: dict[str, Register] = {}
    previous = None
    for day in days:
        received = Received(BundleKind.COLLECTION, "logs", 0, digest(f"logs {day}"), "key")
        registers[digest(day)] = Register(day, (Expected(BundleKind.COLLECTION, "logs"),), (received,), previous)
        previous = digest(day)
    return registers


DAYS = ("2026-09-12", "2026-09-13", "2026-09-14")
ALL = {digest(f"logs {day}") for day in DAYS}


def losses(registers, present=ALL, **bounds):
    return [
        (finding.loss, finding.day, finding.digest)
        for finding in verify_register(registers, present, **bounds).findings
    ]


def test_a_whole_chain_over_whole_bundles_has_no_finding():
    verification = verify_register(chain(*DAYS), ALL)
    assert verification.findings == ()
    assert (verification.first, verification.last, verification.exit_code) == (DAYS[0], DAYS[2], 0)


def test_a_bundle_that_vanished_is_named():
    verification = verify_register(chain(*DAYS), ALL - {digest("logs 2026-09-13")})
    assert verification.exit_code == 1
    (finding,) = verification.findings
    assert (finding.loss, finding.day) == (Loss.BUNDLE, "2026-09-13")
    assert finding.sentence.startswith("collection logs of 2026-09-13, revision 0, was received as ")


def test_a_register_that_vanished_leaves_a_gap_and_a_broken_link():
    registers = chain(*DAYS)
    del registers[digest("2026-09-13")]
    assert losses(registers) == [
        (Loss.DAY, "2026-09-13", None),
        (Loss.LINK, "2026-09-14", digest("2026-09-13")),
    ]


def test_the_first_register_cannot_vanish_unnoticed():
    registers = chain(*DAYS)
    del registers[digest("2026-09-12")]
    assert losses(registers) == [(Loss.LINK, "2026-09-13", digest("2026-09-12"))]


def test_the_last_register_is_missed_by_whoever_knows_its_day():
    registers = chain(*DAYS)
    del registers[digest("2026-09-14")]
    assert losses(registers) == []
    assert losses(registers, until=date(2026, 9, 14)) == [(Loss.DAY, "2026-09-14", None)]
    assert losses(registers, since=date(2026, 9, 11)) == [(Loss.DAY, "2026-09-11", None)]


def test_a_day_without_a_register_is_a_gap_even_where_the_links_hold():
    assert losses(chain("2026-09-12", "2026-09-14")) == [(Loss.DAY, "2026-09-13", None)]


@pytest.mark.parametrize("other", ["2026-09-13", "2026-09-14"])
def test_a_link_to_no_earlier_day_is_broken(other):
    registers = chain(*DAYS)
    own = registers[digest("2026-09-13")]
    registers[digest("2026-09-13")] = Register(own.day, own.expected, own.received, digest(other))
    assert losses(registers) == [(Loss.LINK, "2026-09-13", digest(other))]


def test_a_register_that_names_none_before_it_breaks_the_chain_until_a_revision_mends_it():
    registers = chain(*DAYS)
    own = registers[digest("2026-09-14")]
    linked = registers.pop(digest("2026-09-14"))
    registers[digest("first")] = Register(own.day, own.expected, own.received, None)
    assert losses(registers) == [(Loss.LINK, "2026-09-14", None)]
    registers[digest("second")] = linked
    assert losses(registers) == []


def test_a_bundle_named_by_a_superseded_register_is_missed_too():
    registers = chain(*DAYS)
    late = Received(BundleKind.COLLECTION, "late", 0, digest("late"), "key")
    own = registers[digest("2026-09-14")]
    registers[digest("revision")] = Register(own.day, own.expected, (late,), own.previous)
    assert losses(registers, ALL) == [(Loss.BUNDLE, "2026-09-14", digest("late"))]


def test_no_register_at_all_is_a_finding_not_a_success():
    assert losses({}) == [(Loss.DAY, "", None)]
    assert losses({}, since=date(2026, 9, 13), until=date(2026, 9, 14)) == [
        (Loss.DAY, "2026-09-13", None),
        (Loss.DAY, "2026-09-14", None),
    ]
