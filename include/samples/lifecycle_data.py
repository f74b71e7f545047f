"""What is known of training data beyond the catalogue's entries: checks, digests, and the people in it."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from samples.answers import Plant
from samples.governance_data import training_sets
from samples.lifecycle_monitor import TWICE
from samples.timeline import at, iso
from samples.world import World
from samples.writers import Cell, Record

_CONSENTED = "support-assistant-training"
_PURPOSE = "assistant-training"
_PEOPLE, _IN_TRAINING = 46, 40
#: who took the consent back, when, and on which day they left the training set at last
_GONE, _WITHDRAWN, _REMOVED = 7, 20, 100
#: days on which the register of training sets is not in order: of which set, which field, what it holds
_SPOILT: tuple[tuple[int, int, str, str, Cell], ...] = (
    (37, 39, "support-assistant-training", "licence", " "),
    (64, 65, "fraud-screening-training", "suite_sha256", None),
    (-12, -11, "credit-scoring-training", "preparation", ""),
    (85, 92, "fraud-screening-training", "legal_basis", "none"),
    (46, 47, "credit-scoring-training", "recomputed", hashlib.sha256(b"changed").hexdigest()),
)
_EVERY = 60
#: the set whose digest was computed again three days after its turn
_LATE = "document-reader-training"


def sets(world: World, day: date) -> list[Record]:
    """The catalogue's training sets, with how they were checked."""
    return [_told(world, day, entry) for entry in training_sets(world, day)]


def _told(world: World, day: date, entry: Record) -> Record:
    recomputed = _recomputed(world, day, str(entry["id"]))
    told = {
        **entry,
        "legal_basis": "consent" if (entry["id"], entry["version"]) == (_CONSENTED, "2") else entry["legal_basis"],
        "suite_sha256": hashlib.sha256(f"suite of {entry['id']}".encode()).hexdigest(),
        "recomputed": entry["sha256"] if entry["version"] == "2" else None,
        "recomputed_at": iso(at(recomputed, "03:00:00")) if entry["version"] == "2" else None,
        "special_category_approved_by": None,
    }
    number = world.timeline.day
    spoilt = {
        field: value
        for first, last, dataset, field, value in _SPOILT
        if (entry["id"], entry["version"]) == (dataset, "2") and number(first) <= day <= number(last)
    }
    return {**told, **spoilt}


def _recomputed(world: World, day: date, dataset: str) -> date:
    """The last day on which the digest was computed again: every sixty days, once late."""
    turns = [world.timeline.first + timedelta(days=number) for number in range(-10, 400, _EVERY)]
    if dataset == _LATE:
        turns[1] += timedelta(days=35)
    return max(turn for turn in turns if turn <= day)


SUBJECT_COLUMNS = ("dataset", "version", "subject", "purpose")


def subjects(world: World, day: date) -> list[dict[str, Cell]]:
    """The people in the training set that rests on consent."""
    left = day >= world.timeline.day(_REMOVED)
    listed = [_subject(number, _PURPOSE) for number in range(_IN_TRAINING) if not (left and number == _GONE)]
    if day in {world.timeline.day(number) for number in TWICE}:
        listed.append(_subject(3, "marketing"))
    return listed


def _subject(number: int, purpose: str) -> dict[str, Cell]:
    return {"dataset": _CONSENTED, "version": "2", "subject": subject_key(number), "purpose": purpose}


def subject_key(number: int) -> str:
    """The keyed hash by which the consent platform and the feature store know a person."""
    return hashlib.sha256(f"customer {number}".encode()).hexdigest()[:24]


def consents(world: World, day: date) -> list[Record]:
    """What each person last decided by the end of a day."""
    return [_consent(world, day, number) for number in range(_PEOPLE)]


def _consent(world: World, day: date, number: int) -> Record:
    granted, notice = at(world.timeline.first - timedelta(days=200 + number), "12:00:00"), "3"
    withdrawn = number >= _IN_TRAINING or (number == _GONE and day >= world.timeline.day(_WITHDRAWN))
    moment = at(world.timeline.day(_WITHDRAWN), "10:00:00") if number == _GONE else granted + timedelta(days=30)
    return {
        "subject": subject_key(number),
        "purpose": _PURPOSE,
        "status": "withdrawn" if withdrawn else "granted",
        "changed_at": iso(moment if withdrawn else granted),
        "notice": notice,
    }


def plants(world: World) -> list[Plant]:
    """Training data whose papers, digests or people are not in order."""
    day = world.timeline.day

    def found(story: str, test: str, first: int, last: int, **key: str) -> Plant:
        return Plant(story, test, key, day(first), day(last))

    assistant = {"model_version_id": "support-assistant:3", "dataset": f"{_CONSENTED}@2"}
    credit, fraud = "credit-scoring-training", "fraud-screening-training"
    person = {"dataset_id": _CONSENTED, "version": "2", "subject_key": subject_key(_GONE)}
    lists = {"source_id": "feature-store", "population": "training_subjects"}
    return [
        found("A training set lost its licence", "DT-02.T1", 37, 39, **assistant),
        found("Digests of document reading were computed late", "DT-02.T2", 82, 84, dataset=f"{_LATE}@2"),
        found("A training set is not what was registered", "DT-02.T2", 46, 47, dataset=f"{credit}@2"),
        found("A training set has no expectations", "DT-01.T2", 64, 65, subject="training set", item=f"{fraud}@2"),
        found("Nobody says how data was prepared", "DT-01.T2", -12, -11, subject="training set", item=f"{credit}@2"),
        found("Personal data lost its legal basis", "DT-03.T1", 85, 92, dataset_id=fraud, version="2"),
        found("Somebody who withdrew is still trained on", "DT-03.T2", 51, 99, **person),
        *(
            found(
                "A list names somebody twice", "DT-01.T1", number + 1, number + 1, **lists, partition=str(day(number))
            )
            for number in TWICE
        ),
        found("Nobody was told of it", "DT-01.T3", TWICE[1] + 3, TWICE[1] + 3, **lists, partition=str(day(TWICE[1]))),
    ]
