"""Whether an answer may be kept, and keeping it.

It is kept when the person who gave it was asked, does not own the control, chose one answer, wrote a statement, and
was shown what was asked; otherwise it is refused with the reason and nothing is kept.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import date

from airtight.domain.control import Control, ControlTest
from airtight.domain.people import Person
from airtight.domain.period import parse_day
from airtight.errors import EvidenceError
from airtight.evaluate.attestations import Attestation
from airtight.installation import Installation
from airtight.journey.answers import ANSWERED, ASKED, OPTIONS, StoredAnswer, acts_of, attestation_of, sha256_of
from airtight.journey.asking import due_attestations
from airtight.journey.judging import owners_of
from airtight.publish.acts import Act
from airtight.wire import Json

_LOG = logging.getLogger(__name__)
_SUBJECT = re.compile(r"(?P<test>[A-Z]+-[0-9]+\.T[0-9]+) for [0-9-]{10} to [0-9-]{10}: .+")


def keep_each(opened: Installation, partition: str, stored: Sequence[StoredAnswer]) -> Attestation:
    """Keep the answers to one question, asked once or more often; the last decides.

    Args:
        partition: the last day of evidence, for which the question was put.
        stored: the answer to each time of asking, oldest first.

    Raises:
        EvidenceError: the last may not be kept, with the reason; an earlier one is only noted in the log then.
    """
    day = parse_day(partition)
    for earlier in stored[:-1]:
        try:
            keep(opened, day, earlier)
        except EvidenceError as refused:
            _LOG.warning("an earlier answer was refused: %s", refused)
    return keep(opened, day, stored[-1])


def keep(opened: Installation, day: date, stored: StoredAnswer) -> Attestation:
    """Keep an answer in the journal, once, if it may be kept.

    Args:
        day: the last day of evidence, for which the question was put.

    Raises:
        EvidenceError: nobody answered, or the answer may not be kept, with the reason.
    """
    control, test, asked = _asked_for(opened, day, stored)
    person = _who(opened, control, stored, asked)
    if len(stored.chosen) != 1 or stored.chosen[0] not in OPTIONS:
        raise _refused(stored, "one answer has to be chosen.")
    if len(stored.statement.strip()) < 3:
        raise _refused(stored, "the answer states nothing.")
    if stored.answered_at is None:
        raise _refused(stored, "it is not known when the answer was given.")
    detail: dict[str, Json] = {
        "id": f"ATT-{sha256_of(stored.place)[:20]}",
        "control": control.id,
        "first": asked["first"],
        "last": asked["last"],
        "answer": OPTIONS[stored.chosen[0]],
        "statement": stored.statement.strip(),
        "shown": stored.body,
        "shown_sha256": asked["shown_sha256"],
        "place": stored.place,
    }
    act = next((act for act in acts_of(opened, test.id, ANSWERED) if act.detail["id"] == detail["id"]), None)
    if act is None:
        act = Act(stored.answered_at, person.id, ANSWERED, test.id, detail)
        opened.index.journal.append(act)
    return attestation_of(act)


def _asked_for(
    opened: Installation, day: date, stored: StoredAnswer
) -> tuple[Control, ControlTest, Mapping[str, Json]]:
    """The test that an answer is about, and the act of asking that showed this very text."""
    match = _SUBJECT.fullmatch(stored.subject)
    named = {test.id: (control, test) for control, test, _ in due_attestations(opened, day)}
    if not match or match["test"] not in named:
        raise _refused(stored, f"no attestation of that name is due for {day}.")
    control, test = named[match["test"]]
    for detail in (act.detail for act in acts_of(opened, test.id, ASKED)):
        if detail["day"] == day.isoformat() and detail["shown_sha256"] == sha256_of(stored.body):
            return control, test, detail
    raise _refused(stored, "what was shown is not what was asked.")


def _who(opened: Installation, control: Control, stored: StoredAnswer, asked: Mapping[str, Json]) -> Person:
    if stored.account is None:
        raise _refused(stored, "nobody answered.")
    person = opened.catalog.people.by_account(stored.account)
    if person is None:
        raise _refused(stored, "the account that answered belongs to nobody in people.yaml.")
    owners = owners_of(opened, control)
    if not owners:
        raise _refused(stored, f"people.yaml names nobody as {control.owner}, so it is not known who owns the control.")
    if person.id in owners:
        raise _refused(stored, f"{person.id} owns the control; nobody answers for a control that they own.")
    allowed = asked["asked"]
    if not isinstance(allowed, list) or person.id not in allowed:
        raise _refused(stored, f"{person.id} answered and was not asked.")
    return person


def _refused(stored: StoredAnswer, message: str) -> EvidenceError:
    return EvidenceError(message, where=stored.subject, remedy="Clear the question's task to ask again.")
