"""Who is asked what: the attestation tests that are due and unanswered, with everything that a person has to see.

A question is put once. It is put again when fourteen days have gone by without an answer, or when its period has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from airtight.domain.bundle import SealedPopulation
from airtight.domain.control import Control, ControlTest, LifeCycle
from airtight.domain.people import Person
from airtight.domain.period import Window, test_window
from airtight.domain.population import PopulationKind
from airtight.evaluate.attestations import POPULATION, attested, read_attestations, select_answers
from airtight.evaluate.job import HISTORY
from airtight.evaluate.station import as_run_on, due_on
from airtight.installation import Installation
from airtight.journey.answers import ANSWERED, ASKED, acts_of, attestation_of, sha256_of
from airtight.journey.judging import fetch_members, owners_of
from airtight.publish.acts import Act
from airtight.review.documents import filled
from airtight.wire import Json

#: How long a person has to answer before they are asked again.
PATIENCE = timedelta(days=14)
PRODUCT = "airtight"


@dataclass(frozen=True)
class Question:
    """One question to one or more persons, any of whom may answer.

    Attributes:
        first, last: the period that the answer speaks of, both days included.
        asked: those who have the role and an account; none: nobody can be asked.
        body: what they are shown, in Markdown.
    """

    test: str
    first: date
    last: date
    role: str
    asked: tuple[Person, ...]
    subject: str
    body: str

    @property
    def sha256(self) -> str:
        return sha256_of(self.body)

    def reference(self) -> dict[str, Json]:
        """What the asking system needs: a JSON value small enough to travel between tasks."""
        return {
            "subject": self.subject,
            "body": self.body,
            "assigned_users": [{"id": person.account, "name": person.id} for person in self.asked],
            "addresses": [person.address for person in self.asked],
        }


def questions(opened: Installation, day: date) -> tuple[Question, ...]:
    """Every question that the evidence which ends with a day asks, by test; also those that nobody can be asked."""
    found = []
    for control, test, window in due_attestations(opened, day):
        if not _stands(opened, control, test, window):
            found.append(_question(opened, control, as_run_on(test, control, day), window))
    return tuple(found)


def ask(opened: Installation, day: date, now: datetime) -> tuple[Question, ...]:
    """The questions to put to persons now; each is kept in the journal.

    One that was put on another day and may still be answered is not put again. Asking for the same day again, as a
    retry does, puts the same questions.
    """
    asking = []
    for question in questions(opened, day):
        acts = acts_of(opened, question.test, ASKED)
        if not question.asked or any(_waits(act, question, day, now) for act in acts):
            continue
        detail = _asked(question, day)
        if detail not in [dict(act.detail) for act in acts]:
            opened.index.journal.append(Act(now, PRODUCT, ASKED, question.test, detail))
        asking.append(question)
    return tuple(asking)


def due_attestations(opened: Installation, day: date) -> Iterator[tuple[Control, ControlTest, Window]]:
    """The attestation tests that are due after a day, each with the window that it speaks of."""
    for _, control in sorted(opened.catalog.controls.items()):
        stage = control.stage_on(day)
        if not due_on(control, day) or stage is None or stage.state is not LifeCycle.ACTIVE:
            continue
        for test in control.tests:
            if test.kind == "attestation" and not test.awaits:
                yield control, test, test_window(test.window, day)


def _stands(opened: Installation, control: Control, test: ControlTest, window: Window) -> bool:
    """Whether an answer that counts is sealed, or waits in the journal to be."""
    days = (window.start.date().isoformat(), window.last_day.isoformat())
    sealed = opened.index.sealed_populations([POPULATION], *days)
    selection = select_answers(opened.catalog.populations, sealed, window, ())
    with TemporaryDirectory(prefix="airtight-answers-") as folder:
        files = fetch_members(opened, selection.members, Path(folder))
        kept = map(attestation_of, acts_of(opened, test.id, ANSWERED))
        answers = [*read_attestations(files.values()), *kept]
    return attested(control, test, window, sorted(answers), owners_of(opened, control)).answered


def _question(opened: Installation, control: Control, test: ControlTest, window: Window) -> Question:
    first, last, role = window.start.date(), window.last_day, test.attester or ""
    owners = owners_of(opened, control)
    named = opened.catalog.people.holding(role)
    return Question(
        test=test.id,
        first=first,
        last=last,
        role=role,
        asked=tuple(person for person in named if person.account and person.id not in owners),
        subject=f"{test.id} for {first} to {last}: {test.title}",
        body=_body(opened, control, test, window),
    )


def _waits(act: Act, question: Question, day: date, now: datetime) -> bool:
    inside = str(question.first) <= str(act.detail["last"]) <= str(question.last)
    return inside and act.detail["day"] != day.isoformat() and now - act.at < PATIENCE


def _asked(question: Question, day: date) -> dict[str, Json]:
    return {
        "day": day.isoformat(),
        "first": question.first.isoformat(),
        "last": question.last.isoformat(),
        "role": question.role,
        "asked": [person.id for person in question.asked],
        "shown_sha256": question.sha256,
    }


def _body(opened: Installation, control: Control, test: ControlTest, window: Window) -> str:
    return "\n\n".join(
        [
            f"**{control.id} {control.title}**",
            control.objective,
            f"Test {test.id}: {filled(test)}",
            f"Period: {window.start.date()} to {window.last_day}, both days included.",
            f"You are asked as {test.attester}. {control.owner} owns this control and may not answer.",
            "Choose an answer, and state what you looked at, what you found and what is to be done.",
            *_listing(_evidence(opened, test, window)),
        ]
    )


def _evidence(opened: Installation, test: ControlTest, window: Window) -> Iterator[SealedPopulation]:
    names = [name.removesuffix(HISTORY) for name in test.populations]
    last = window.last_day.isoformat()
    for entry in opened.index.sealed_populations(names, window.start.date().isoformat(), last):
        is_event = opened.catalog.populations[entry.population].kind is PopulationKind.EVENT
        if is_event or entry.partition == last:
            yield entry


def _listing(entries: Iterator[SealedPopulation]) -> list[str]:
    rows = ["| " + " | ".join(_cells(entry)) + " |" for entry in entries]
    if not rows:
        return []
    head = ["| Evidence | Day | Source | Rows | SHA-256 of the rows | Bundle |", "|---|---|---|---|---|---|"]
    return ["\n".join([*head, *rows])]


def _cells(entry: SealedPopulation) -> tuple[str, ...]:
    rows = str(entry.rows) if entry.collected else "not collected"
    return entry.population, entry.partition, entry.source, rows, entry.sha256 or "", entry.bundle
