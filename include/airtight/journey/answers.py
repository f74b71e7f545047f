"""What was asked and answered, as the append-only journal keeps it, and as evidence tells it.

An answer belongs to the evidence of the last day of its period, where connector ``airtight`` finds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from airtight.domain.control import CellValue
from airtight.domain.source import Source
from airtight.evaluate.attestations import ANSWERS, POPULATION, Attestation
from airtight.installation import Installation
from airtight.publish.acts import Act
from airtight.wire import timestamp

#: What a person may choose, as they read it -> what is kept.
OPTIONS = dict(zip(("It holds", "It holds with exceptions", "It does not hold"), ANSWERS, strict=True))
ASKED, ANSWERED = "attestation-asked", "attestation-answered"


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as the asking system has stored it, not as a task passed it on.

    Attributes:
        place: which request it answers, such as run, task and attempt; equal places are one answer.
        subject, body: what the person was shown.
        account: log-in of who answered; None: nobody did.
    """

    place: str
    subject: str
    body: str
    account: str | None
    answered_at: datetime | None
    chosen: tuple[str, ...]
    statement: str


def sha256_of(text: str) -> str:
    """Digest of what a person was shown: of its UTF-8 bytes."""
    return hashlib.sha256(text.encode()).hexdigest()


def acts_of(opened: Installation, test: str, kind: str) -> tuple[Act, ...]:
    """The acts of one kind about a test, oldest first."""
    return tuple(entered.act for entered in opened.index.journal.acts(subject=test) if entered.act.act == kind)


def attestation_of(act: Act) -> Attestation:
    """An answer that the journal keeps, as the evaluation reads it."""
    told = {name: str(value) for name, value in act.detail.items()}
    return Attestation(
        attested_at=act.at,
        id=told["id"],
        control=told["control"],
        test=act.subject,
        first=date.fromisoformat(told["first"]),
        last=date.fromisoformat(told["last"]),
        answer=told["answer"],
        statement=told["statement"],
        by=act.who,
    )


def answering_sources(opened: Installation) -> tuple[Source, ...]:
    """The sources through which answers reach the evidence, of the first collection that has one."""
    found = [each for each in opened.catalog.sources.values() if _gives_answers(each)]
    return tuple(source for source in found if source.collection == found[0].collection)


def _gives_answers(source: Source) -> bool:
    return source.connector == "airtight" and POPULATION in source.populations


def answers_ending(opened: Installation, day: date) -> Iterator[Mapping[str, CellValue]]:
    """Every answer kept whose period ended with a day, as records of population ``attestations``."""
    for entered in opened.index.journal.acts():
        act = entered.act
        if act.act == ANSWERED and act.detail["last"] == day.isoformat():
            yield {
                "attestation_id": act.detail["id"],
                "control_id": act.detail["control"],
                "test_id": act.subject,
                "period_start": act.detail["first"],
                "period_end": act.detail["last"],
                "answer": act.detail["answer"],
                "statement": act.detail["statement"],
                "attested_by": act.who,
                "attested_at": timestamp(act.at),
                "shown": act.detail["shown"],
                "shown_sha256": act.detail["shown_sha256"],
            }
