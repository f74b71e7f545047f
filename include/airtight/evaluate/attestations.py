"""Attestation tests: a named person answered for a period, or nobody did.

An answer counts when it names the test, speaks of a period that ends in the window and is as long (for a calendar
window: of that very period), was given when the period had come to its end, and comes from somebody who does not own
the control. Of several, the latest counts. *Holds* passes; *holds with exceptions* and *does not hold* are what they
say; nobody's answer is *not-collected*; an answer that does not count leaves the test inconclusive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from airtight.domain.bundle import SealedPopulation
from airtight.domain.control import Control, ControlTest
from airtight.domain.period import Window, parse_day
from airtight.domain.population import PopulationSchema
from airtight.domain.result import Deviation, ResultState
from airtight.evaluate.inputs import SelectedView, Selection, Trouble
from airtight.evaluate.sealed_rows import sealed_rows

POPULATION = "attestations"
HOLDS, EXCEPTIONS, DOES_NOT_HOLD = ANSWERS = ("holds", "exceptions", "does-not-hold")
_COLUMNS = (
    "attested_at", "attestation_id", "control_id", "test_id", "period_start", "period_end", "answer", "statement",
    "attested_by",
)  # fmt: skip
_STATES = {HOLDS: ResultState.PASS, EXCEPTIONS: ResultState.EXCEPTIONS, DOES_NOT_HOLD: ResultState.FAIL}


@dataclass(frozen=True, order=True)
class Attestation:
    """One answer as its population holds it; both days of the period are part of it, times are UTC."""

    attested_at: datetime
    id: str
    control: str
    test: str
    first: date
    last: date
    answer: str | None
    statement: str
    by: str


@dataclass(frozen=True)
class Attested:
    """The verdict on an attestation test; ``answered`` where an answer counts."""

    state: ResultState
    reason: str
    answered: bool = False
    deviation: Deviation | None = None


def select_answers(
    schemas: Mapping[str, PopulationSchema],
    sealed: Iterable[SealedPopulation],
    window: Window,
    expected: Collection[tuple[str, str]],
) -> Selection:
    """The sealed answers that a window may rest on: a day without any answers has none to give.

    Args:
        sealed: of population ``attestations``, the latest of each source and day; others are passed over.
    """
    own = [entry for entry in sealed if entry.population == POPULATION]
    if POPULATION not in schemas or not (own or any(name == POPULATION for _, name in expected)):
        return Selection((), Trouble(ResultState.NOT_COLLECTED, f"no source provides {POPULATION}"))
    days = frozenset(window.days())
    held = [entry for entry in own if entry.collected and not entry.trouble and entry.rows]
    members = tuple(entry for entry in held if parse_day(entry.partition) in days)
    return Selection((SelectedView(POPULATION, schemas[POPULATION], history=False, members=members),))


def read_attestations(files: Iterable[Path]) -> tuple[Attestation, ...]:
    """The answers of sealed ``attestations`` populations (Parquet), oldest first.

    Raises:
        EvaluationError: a file is not there, or no such population.
    """
    rows = sealed_rows(files, _COLUMNS, POPULATION)
    found = {Attestation(row[0].replace(tzinfo=UTC), *row[1:]) for row in rows}
    return tuple(sorted(found, key=lambda answer: (answer.attested_at, answer.id)))


def attested(
    control: Control, test: ControlTest, window: Window, answers: Sequence[Attestation], owners: Collection[str]
) -> Attested:
    """The verdict of one attestation test.

    Args:
        answers: oldest first, of any test.
        owners: ids of the persons who own the control; empty: it is not known who does.
    """
    own = [each for each in answers if each.test == test.id and _speaks_of(each, test, window)]
    period = f"{window.start.date()} to {window.last_day}"
    if not own:
        return Attested(
            ResultState.NOT_COLLECTED, f"awaits the answer of {test.attester or 'a named person'} for {period}"
        )
    faults = {each: _fault(each, control, owners) for each in own}
    counting = [each for each, fault in faults.items() if fault is None]
    if not counting:
        return Attested(ResultState.INCONCLUSIVE, f"the answer of {own[-1].by} {faults[own[-1]]}")
    latest = counting[-1]
    said = f"{latest.by} answered on {latest.attested_at.date()} for {latest.first} to {latest.last}: {latest.answer}"
    return Attested(_STATES[str(latest.answer)], said, answered=True, deviation=_deviation(latest))


def _speaks_of(answer: Attestation, test: ControlTest, window: Window) -> bool:
    first, last = window.start.date(), window.last_day
    if not test.window.startswith("P"):
        return (answer.first, answer.last) == (first, last)
    return first <= answer.last <= last and answer.last - answer.first >= last - first


def _fault(answer: Attestation, control: Control, owners: Collection[str]) -> str | None:
    """Why an answer does not count, or None."""
    if answer.control != control.id:
        return f"names {answer.control}"
    if answer.answer not in _STATES:
        return "does not say whether the control holds"
    if not answer.statement.strip():
        return "states nothing"
    if answer.attested_at.date() < answer.last:
        return "was given before the period had ended"
    if not owners:
        return f"does not count: people.yaml names nobody as {control.owner}, so it is not known who owns the control"
    return "does not count: they own the control" if answer.by in owners else None


def _deviation(answer: Attestation) -> Deviation | None:
    if answer.answer == HOLDS:
        return None
    details = (
        ("expected", "the control holds"),
        ("observed", f"{answer.answer}: {answer.statement}"),
        ("occurred_at", answer.attested_at.isoformat()),
        ("answered_by", answer.by),
    )
    return Deviation((("attestation_id", answer.id),), details)
