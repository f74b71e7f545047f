"""The chain of daily registers: what vanished from a store whose every remaining bundle still verifies.

Each register names the bundles received for its day and the register before it. A bundle that a register names and
that is gone, a day without a register, and a link to a register that is gone are all found. Not found: the loss of
the *latest* registers together with their bundles, unless the reader says up to which day there must be one; and a
chain rewritten from its start by whoever holds the key.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from airtight.domain.period import parse_day
from airtight.domain.register import Register


class Loss(StrEnum):
    """What a chain of registers lacks."""

    BUNDLE = "bundle vanished"
    DAY = "no register"
    LINK = "link broken"


@dataclass(frozen=True)
class Finding:
    """One thing that is gone. ``digest`` is the identity of the bundle that should be there, where it is known."""

    loss: Loss
    day: str
    digest: str | None
    sentence: str


@dataclass(frozen=True)
class RegisterVerification:
    """What the chain says about the days it spans."""

    first: str
    last: str
    registers: int
    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """0 nothing vanished, 1 something did."""
        return 1 if self.findings else 0


def verify_register(
    registers: Mapping[str, Register],
    present: Container[str],
    *,
    since: date | None = None,
    until: date | None = None,
) -> RegisterVerification:
    """Check a chain of registers against the bundles that exist.

    Args:
        registers: identity of each register bundle -> its register, from bundles that verify; all revisions.
        present: identities of the bundles that exist.
        since, until: first and last day that must have a register; by default the chain's own.

    Returns:
        what is gone, by day.
    """
    days = _by_day(registers)
    first, last = since or min(days, default=until), until or max(days, default=since)
    if first is None or last is None:
        nothing = Finding(Loss.DAY, "", None, "There is no register at all.")
        return RegisterVerification("", "", 0, (nothing,))
    findings = [
        *_missing_days(days, first, last),
        *_broken_links(days, registers),
        *_vanished(registers, present),
    ]
    ordered = tuple(sorted(findings, key=lambda finding: (finding.day, finding.loss, finding.sentence)))
    return RegisterVerification(first.isoformat(), last.isoformat(), len(registers), ordered)


def _by_day(registers: Mapping[str, Register]) -> dict[date, list[tuple[str, Register]]]:
    days: dict[date, list[tuple[str, Register]]] = {}
    for digest, register in sorted(registers.items()):
        days.setdefault(parse_day(register.day), []).append((digest, register))
    return days


def _missing_days(days: Mapping[date, Sequence[object]], first: date, last: date) -> Iterator[Finding]:
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if day not in days:
            yield Finding(Loss.DAY, day.isoformat(), None, f"{day.isoformat()} has no register.")


def _broken_links(
    days: Mapping[date, Sequence[tuple[str, Register]]], registers: Mapping[str, Register]
) -> Iterator[Finding]:
    for day, entries in sorted(days.items()):
        named = [register.previous for _, register in entries if register.previous]
        if not named and day != min(days):
            yield Finding(Loss.LINK, day.isoformat(), None, f"No register of {day.isoformat()} names one before it.")
        for previous in named:
            if fault := _link_fault(previous, registers, day):
                yield Finding(Loss.LINK, day.isoformat(), previous, f"A register of {day.isoformat()} names {fault}.")


def _link_fault(previous: str, registers: Mapping[str, Register], day: date) -> str | None:
    if previous not in registers:
        return f"{previous} as the one before it, which is gone"
    if parse_day(registers[previous].day) >= day:
        return f"that of {registers[previous].day}, which is no earlier day, as the one before it"
    return None


def _vanished(registers: Mapping[str, Register], present: Container[str]) -> Iterator[Finding]:
    named = {
        (bundle.digest, register.day, bundle.kind.value, bundle.name, bundle.revision)
        for register in registers.values()
        for bundle in register.received
    }
    for digest, day, kind, name, revision in sorted(named):
        if digest not in present:
            sentence = f"{kind} {name} of {day}, revision {revision}, was received as {digest} and is gone."
            yield Finding(Loss.BUNDLE, day, digest, sentence)
