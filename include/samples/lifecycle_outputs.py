"""What the AI systems decided, what turned out to be right, and who looked at it.

Every system makes 34 predictions a day, of which three are wrong, and now and then a fourth; the outcome of nine in
ten is known two days later. What is otherwise is planted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from samples.answers import Plant
from samples.operations_models import model_version
from samples.timeline import at, dice, iso
from samples.world import World
from samples.writers import Cell, Record

#: AI system -> the class that selects a person, and the other
CLASSES = {
    "credit-scoring": ("approve", "reject"),
    "document-reader": ("complete", "incomplete"),
    "fraud-screening": ("fraud", "genuine"),
    "support-assistant": ("helpful", "unhelpful"),
}
LABELLED_AFTER = timedelta(days=2)
_A_DAY, _EVERY = 34, timedelta(minutes=10)
_WRONG, _SOMETIMES, _BADLY = {4, 11, 20}, 13, {0, 2, 6, 8, 10, 12, 14, 16}
#: AI system -> predictions that a person must see before they take effect
_FLAGGED = {"credit-scoring": 4, "fraud-screening": 2}
_SAMPLE = 5
REVIEWERS = ("E1042", "E1043")
#: system and days on which it decided badly; the second time nobody told
BAD = (("fraud-screening", 33, 36), ("credit-scoring", -16, -14))
#: system and day whose outcomes never arrived
_LOST = ("fraud-screening", 76)
#: a decision that nobody reviewed, one reviewed a second too late, one in the very second
_UNREVIEWED, _LATE, _IN_TIME = 26, -5, 27
_INVENTED, _IDLE, _NOVICE = 51, (72, 74), 59


@dataclass(frozen=True)
class Output:
    """A prediction, and what turned out to be right."""

    id: str
    system: str
    version: str
    at: datetime
    place: int
    predicted: str
    actual: str

    @property
    def flagged(self) -> bool:
        """Whether a person must see it before it takes effect."""
        return self.place < _FLAGGED.get(self.system, 0)

    @property
    def effective(self) -> datetime:
        """When it takes effect."""
        return self.at + timedelta(hours=4)


@cache
def outputs(world: World, system: str, day: date) -> tuple[Output, ...]:
    """The predictions of a system on a day."""
    roll = dice(world.seed, "outputs", system, day)
    wrong = (
        _WRONG
        | ({_SOMETIMES} if roll.randrange(3) == 0 else set())
        | (_BADLY if _is_bad(world, system, day) else set())
    )
    version = model_version(world, system, day)
    return tuple(
        Output(
            id=f"{system}-{day:%Y%m%d}-{place:02d}",
            system=system,
            version=version,
            at=at(day, "08:00:00") + place * _EVERY + timedelta(seconds=roll.randrange(300)),
            place=place,
            predicted=CLASSES[system][place % 2],
            actual=CLASSES[system][(place + (place in wrong)) % 2],
        )
        for place in range(_A_DAY)
    )


def _is_bad(world: World, system: str, day: date) -> bool:
    return any(one == system and world.timeline.day(a) <= day <= world.timeline.day(b) for one, a, b in BAD)


def labelled(world: World, system: str, day: date) -> tuple[Output, ...]:
    """The predictions of a day whose outcome became known."""
    if (system, day) == (_LOST[0], world.timeline.day(_LOST[1])):
        return ()
    return tuple(output for output in outputs(world, system, day) if output.place % 10 != 9)


def predictions(world: World, day: date) -> list[Record]:
    """The inference log of a day."""
    return [_prediction(world, output) for system in CLASSES for output in outputs(world, system, day)]


def _prediction(world: World, output: Output) -> Record:
    roll = dice(world.seed, "features", output.id)
    return {
        "id": output.id,
        "model": {"system": output.system, "version": output.version},
        "time": iso(output.at),
        "input": {"amount": 500 * roll.randrange(1, 60), "term_months": 12 * roll.randrange(1, 8)},
        "output": {"label": output.predicted, "score": round(0.5 + roll.random() / 2, 3)},
        "groups": {"sex": ("female", "male")[roll.randrange(2)]},
        "trace": f"{roll.getrandbits(64):016x}",
        "review": {"required": output.flagged, "takes_effect": iso(output.effective)},
    }


OUTCOME_COLUMNS = ("prediction", "outcome", "observed_at")


def outcomes(world: World, day: date) -> list[dict[str, Cell]]:
    """The outcomes that became known on a day, from the warehouse's nightly run."""
    made = day - LABELLED_AFTER
    return [
        {
            "prediction": output.id,
            "outcome": output.actual,
            "observed_at": f"{at(day, '02:00:00') + timedelta(seconds=output.place):%Y-%m-%d %H:%M:%S}",
        }
        for system in CLASSES
        for output in labelled(world, system, made)
    ]


def reviews(world: World, day: date) -> list[Record]:
    """The reviews of a day: flagged decisions, and a sample of what the assistant wrote."""
    flagged = [output for system in _FLAGGED for output in outputs(world, system, day) if output.flagged]
    written = outputs(world, "support-assistant", day)
    found = [*_of_decisions(world, day, flagged), *_of_sample(world, day, written[:_SAMPLE])]
    if day == world.timeline.day(_NOVICE):
        found += [_review(world, output, "E1041", output.at + timedelta(hours=1), 2) for output in written[5:8]]
    return found


def _of_decisions(world: World, day: date, flagged: list[Output]) -> Iterator[Record]:
    number = world.timeline.day
    for output in flagged:
        first = output.system == "credit-scoring" and output.place == 0
        if first and day == number(_UNREVIEWED):
            continue
        seen = output.at + timedelta(hours=1)
        if first and day in (number(_LATE), number(_IN_TIME)):
            seen = output.effective + timedelta(seconds=int(day == number(_LATE)))
        yield _review(world, output, REVIEWERS[output.place % 2], seen)


def _of_sample(world: World, day: date, written: tuple[Output, ...]) -> Iterator[Record]:
    number = world.timeline.day
    if number(_IDLE[0]) <= day <= number(_IDLE[1]):
        return
    for output in written:
        defect = "hallucination" if day == number(_INVENTED) and output.place == 0 else "none"
        yield _review(world, output, REVIEWERS[output.place % 2], output.at + timedelta(hours=2), defect=defect)


def _review(
    world: World, output: Output, reviewer: str, seen: datetime, seconds: int | None = None, defect: str = "none"
) -> Record:
    roll = dice(world.seed, "review", output.id)
    overrides = output.predicted != output.actual or defect != "none"
    return {
        "id": f"HR-{output.id}",
        "subject": output.id,
        "system": output.system,
        "reviewer": reviewer,
        "closed_at": iso(seen),
        "open_seconds": roll.randrange(20, 300) if seconds is None else seconds,
        "verdict": "override" if overrides else "accept",
        "comment": "Read the documents again" if overrides else None,
        "defect": defect,
    }


def plants(world: World) -> list[Plant]:
    """Reviews that were missing, late, too few or by the wrong person, and outcomes that never came."""
    day = world.timeline.day

    def review(story: str, test: str, first: int, last: int, **key: str) -> Plant:
        return Plant(story, test, key, day(first), day(last))

    def decision(number: int) -> str:
        return outputs(world, "credit-scoring", day(number))[0].id

    assistant, novice = {"ai_system_id": "support-assistant"}, {"reviewer_id": "E1041"}
    return [
        review("A flagged decision took effect unseen", "MO-05.T1", 26, 32, prediction_id=decision(_UNREVIEWED)),
        review("A decision was reviewed a second too late", "MO-05.T1", -5, -1, prediction_id=decision(_LATE)),
        review("The assistant invented a clause", "MO-05.T2", 51, 57, **assistant),
        review("Three days without a sample", "MO-05.T2", 74, 78, **assistant),
        review("Somebody reviewed who was never trained to", "MO-05.T3", 59, 89, **novice, rule="competence"),
        review("Three reviews in six seconds", "MO-05.T3", 59, 89, **novice, rule="pace"),
        review("A day's outcomes never arrived", "MO-01.T3", 90, 90, ai_system_id="fraud-screening"),
    ]
