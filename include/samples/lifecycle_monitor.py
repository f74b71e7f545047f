"""The model monitor: how well each model does each day, how far its data moved, and the alarms that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from samples.answers import Plant
from samples.lifecycle_outputs import CLASSES, LABELLED_AFTER, Output, labelled
from samples.operations_models import model_version
from samples.timeline import at, dice, iso
from samples.world import World
from samples.writers import Record

_BASELINE = {"accuracy": 0.9, "precision": 0.88, "recall": 0.92}
_LIMIT, _ENOUGH, _PERIOD = 0.05, 200, 7
#: system and days on which its performance was not measured
_SILENT = ("credit-scoring", 66, 69)
#: day, system and metric reported higher than it is, and by how much: a thousandth is within the tolerance
_MISREPORTED = {(22, "credit-scoring", "accuracy"): 0.01, (23, "credit-scoring", "accuracy"): 0.001,
                (90, "fraud-screening", "precision"): 0.02}  # fmt: skip
_COLUMNS = (
    ("amount", "K-S p_value"),
    ("term_months", "chi-square p_value"),
    ("income", "Wasserstein distance (normed)"),
    ("region", "Jensen-Shannon distance"),
    ("prediction", "Jensen-Shannon distance"),
)
_CRITICAL = ("income", "prediction")
_ROWS, _FEW = 714, 499
#: system, days, columns that moved; nobody took up the second
_MOVED = (("fraud-screening", 48, 49, ("amount", "term_months", "region")), ("credit-scoring", -9, -9, ("income",)))
#: a day on which everything moved, but over too few rows to say so
_TOO_FEW = ("credit-scoring", 52)
#: days on which a shift was put into a copy
_CANARIES = {"credit-scoring": (10, 95), "fraud-screening": (92,)}
_TELLS_OF_DRIFT, _TAKEN_LATE = (48, 49), (115, 300)
#: days on which the list of people in a training set names one twice; the alarm came for the first only
TWICE = (105, 125)


@dataclass(frozen=True)
class Notice:
    """An alarm of the monitor, and after how many minutes somebody took it up."""

    clock: str
    kind: str
    severity: str
    acknowledged: int
    system: str | None
    about: str | None


@dataclass(frozen=True)
class Measurement:
    """One metric of one version over the week before a morning."""

    system: str
    version: str
    metric: str
    end: datetime
    value: float
    n: int

    @property
    def degraded(self) -> bool:
        """Whether it lost more than the limit, over enough items to say so."""
        lost = (_BASELINE[self.metric] - self.value) / _BASELINE[self.metric]
        return self.n >= _ENOUGH and round(lost, 9) > _LIMIT


def measurements(world: World, day: date) -> Iterator[Measurement]:
    """What the monitor measured on the morning of a day."""
    end = at(day, "06:00:00")
    for system in CLASSES:
        if system == _SILENT[0] and world.timeline.day(_SILENT[1]) <= day <= world.timeline.day(_SILENT[2]):
            continue
        made = [day - LABELLED_AFTER - timedelta(days=back) for back in range(_PERIOD)]
        known = [output for one in made for output in labelled(world, system, one)]
        for version in sorted({output.version for output in known}):
            own = [output for output in known if output.version == version]
            for metric in _BASELINE:
                share = _share(system, metric, own)
                extra = _extra(world, day, system, metric)
                yield Measurement(system, version, metric, end, share + extra, len(own))


def _share(system: str, metric: str, known: list[Output]) -> float:
    positive = CLASSES[system][0]
    counted = [
        output
        for output in known
        if metric == "accuracy" or (output.predicted if metric == "precision" else output.actual) == positive
    ]
    return sum(output.predicted == output.actual for output in counted) / len(counted)


def _extra(world: World, day: date, system: str, metric: str) -> float:
    wanted = {(world.timeline.day(number), *what): more for (number, *what), more in _MISREPORTED.items()}
    return wanted.get((day, system, metric), 0.0)


def metric_records(world: World, day: date) -> list[Record]:
    """The measurements as the monitor exports them."""
    return [
        {
            "model": {"system": one.system, "version": one.version},
            "metric": one.metric,
            "period": {"from": iso(one.end - timedelta(days=_PERIOD)), "to": iso(one.end)},
            "value": one.value,
            "baseline": _BASELINE[one.metric],
            "limit": _LIMIT,
            "items": one.n,
            "better": "higher",
        }
        for one in measurements(world, day)
    ]


def drift_records(world: World, day: date) -> list[Record]:
    """The comparisons of a day with the reference, column by column, and the canaries."""
    found = []
    for system in CLASSES:
        found += _comparison(world, day, system, _moved(world, day, system), "06:30:00", canary=False)
        if day in {world.timeline.day(number) for number in _CANARIES.get(system, ())}:
            found += _comparison(world, day, system, tuple(name for name, _ in _COLUMNS), "07:00:00", canary=True)
    return found


def _moved(world: World, day: date, system: str) -> tuple[str, ...]:
    if (system, day) == (_TOO_FEW[0], world.timeline.day(_TOO_FEW[1])):
        return tuple(name for name, _ in _COLUMNS)
    for one, first, last, columns in _MOVED:
        if one == system and world.timeline.day(first) <= day <= world.timeline.day(last):
            return columns
    return ()


def _comparison(
    world: World, day: date, system: str, moved: tuple[str, ...], clock: str, *, canary: bool
) -> list[Record]:
    version = model_version(world, system, day)
    few = (system, day) == (_TOO_FEW[0], world.timeline.day(_TOO_FEW[1]))
    return [
        {
            "model": {"system": system, "version": version},
            "column": column,
            "at": iso(at(day, clock)),
            "stattest": method,
            "score": _score(world, day, system, column, method, column in moved),
            "threshold": 0.05 if "p_value" in method else 0.1,
            "drift_detected": column in moved and not few,
            "rows": {"reference": 5000, "current": _FEW if few else _ROWS},
            "reference_sha256": hashlib.sha256(f"reference {version}".encode()).hexdigest(),
            "share_of_drifted_columns": len(moved) / len(_COLUMNS),
            "critical": column in _CRITICAL,
            "canary": canary,
        }
        for column, method in _COLUMNS
    ]


def _score(world: World, day: date, system: str, column: str, method: str, moved: bool) -> float:
    roll = dice(world.seed, "drift", system, column, day)
    if "p_value" in method:
        return round(0.001 + roll.random() / 50 if moved else 0.1 + 0.85 * roll.random(), 4)
    return round(0.2 + roll.random() / 5 if moved else 0.01 + roll.random() / 20, 4)


def notices(world: World, day: date) -> Iterator[Notice]:
    """The alarms of a day: degradation of fraud screening, drift, and a list that names somebody twice."""
    number = world.timeline.day
    if any(one.degraded and one.system == "fraud-screening" for one in measurements(world, day)):
        yield Notice("06:05:00", "performance", "high", 30, "fraud-screening", None)
    if number(_TELLS_OF_DRIFT[0]) <= day <= number(_TELLS_OF_DRIFT[1]):
        yield Notice("06:35:00", "drift", "high", 45, "fraud-screening", None)
    if day == number(_TAKEN_LATE[0]):
        yield Notice("09:00:00", "drift", "high", _TAKEN_LATE[1], "document-reader", None)
    if day == number(TWICE[0]) + timedelta(days=1):
        yield Notice("03:00:00", "data-quality", "medium", 60, None, "training_subjects")


def plants(world: World) -> list[Plant]:
    """What the monitor found, what nobody took up, and where it stood still."""
    return [*_degradation(world), *_drift(world), *_reporting(world)]


def _degradation(world: World) -> Iterator[Plant]:
    for day in world.timeline.days():
        for one in measurements(world, day):
            if one.degraded and one.system in ("credit-scoring", "fraud-screening"):
                key = {"ai_system_id": one.system, "model_version_id": one.version, "metric": one.metric,
                       "window_end": str(iso(one.end))}  # fmt: skip
                yield Plant("A model got worse", "MO-01.T1", key, day, day)
                later = day + timedelta(days=3)
                if one.system == "credit-scoring" and later <= world.timeline.last:
                    yield Plant("Nobody was told that it got worse", "MO-01.T2", key, later, later)


def _drift(world: World) -> Iterator[Plant]:
    for system, first, last, columns in _MOVED:
        day = world.timeline.day(first)
        while day <= world.timeline.day(last):
            key = {"ai_system_id": system, "model_version_id": model_version(world, system, day),
                   "window_end": str(iso(at(day, "06:30:00")))}  # fmt: skip
            column = "(all columns)" if len(columns) > 1 else columns[0]
            yield Plant("The data moved away", "MO-02.T1", {**key, "column": column}, day, day)
            if system == "credit-scoring":
                later = day + timedelta(days=3)
                yield Plant("Nobody took up that the data moved", "MO-02.T2", key, later, later)
            day += timedelta(days=1)


def _reporting(world: World) -> Iterator[Plant]:
    day = world.timeline.day
    for (number, system, metric), more in _MISREPORTED.items():
        if more > 0.001:
            key = {"ai_system_id": system, "model_version_id": model_version(world, system, day(number)),
                   "metric": metric, "window_end": str(iso(at(day(number), "06:00:00")))}  # fmt: skip
            yield Plant("A metric was reported better than it is", "MO-01.T4", key, day(number), day(number))
    yield Plant("No canary for fraud screening yet", "MO-02.T3", {"ai_system_id": "fraud-screening"}, day(0), day(91))
    still = {"ai_system_id": "credit-scoring", "monitor": "performance"}
    yield Plant("The monitor stood still for five days", "MO-04.T3", still, day(68), day(86))
    taken = day(_TAKEN_LATE[0])
    late = {"alert_id": f"PD-{taken:%Y%m%d}-{alert_place(world, taken)}"}
    yield Plant(
        "An alert about drift was taken up after five hours", "MO-04.T2", late, taken, taken + timedelta(days=9)
    )


def alert_place(world: World, day: date) -> int:
    """Where the monitor's first alarm stands among the alerts of a day without a planted alert."""
    return 1 + dice(world.seed, "alerts", day).randrange(2)
