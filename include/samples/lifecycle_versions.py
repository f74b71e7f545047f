"""The model versions in the AI register, from training over approval into production."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from samples.answers import Plant
from samples.lifecycle_evaluations import TRAINERS
from samples.lifecycle_outputs import CLASSES
from samples.operations_models import model_version
from samples.timeline import at, iso
from samples.world import World

#: versions that came in the course of the timeline: when trained, approved and live
_NEW = {"credit-scoring:4": (50, 56, 60), "fraud-screening:4": (-30, -24, -20)}
#: days on which the register shows another digest running, and no commit of the code
_TAMPERED, _NO_CODE = (30, 32), (-14, -13)


def versions(world: World, day: date) -> list[dict[str, object]]:
    """The model versions: the one before, the one in production, and what was trained in the course of the timeline."""
    known = [f"{system.id}:{number}" for system in world.ai_systems for number in (2, 3)]
    known += [version for version, (trained, *_) in _NEW.items() if day >= world.timeline.day(trained)]
    return [_version(world, day, *version.split(":")) for version in known]


def _version(world: World, day: date, system: str, number: str) -> dict[str, object]:
    version, running = f"{system}:{number}", model_version(world, system, day).rpartition(":")[2]
    trained, approved, deployed = _dates(world, version)
    sha256 = hashlib.sha256(version.encode()).hexdigest()
    tampered = version == "support-assistant:3" and _within(world, day, _TAMPERED)
    codeless = version == "credit-scoring:4" and _within(world, day, _NO_CODE)
    return {
        "id": version,
        "system": system,
        "version": number,
        "sha256": sha256,
        "datasets": [f"{system}-training@2"],
        "commit": None if codeless else hashlib.sha256(f"code {version}".encode()).hexdigest()[:40],
        "trained": iso(at(trained, "04:00:00")),
        "trained_by": TRAINERS[system],
        "stage": "production" if number == running else "archived" if number < running else "staging",
        "approved_by": "E1034" if approved <= day else None,
        "approved": iso(at(approved, "15:00:00")) if approved <= day else None,
        "deployed": iso(at(deployed, "08:00:00")) if deployed <= day else None,
        "deployed_sha256": hashlib.sha256(b"other").hexdigest() if tampered else sha256 if number == running else None,
        "base": "V-03/assist-large" if system == "support-assistant" else None,
        "metrics": {"auc": 0.81},
        "positive_class": CLASSES[system][0],
        "predecessor": f"{system}:{int(number) - 1}",
    }


def _within(world: World, day: date, days: tuple[int, int]) -> bool:
    return world.timeline.day(days[0]) <= day <= world.timeline.day(days[1])


def _dates(world: World, version: str) -> tuple[date, date, date]:
    """When a version was trained, approved and put into production."""
    if version in _NEW:
        trained, approved, deployed = (world.timeline.day(number) for number in _NEW[version])
        return trained, approved, deployed
    trained = world.timeline.first - timedelta(days=200 - 40 * int(version[-1]))
    return trained, trained + timedelta(days=6), trained + timedelta(days=10)


def plants(world: World) -> list[Plant]:
    """What runs is not what was registered; a version without code."""
    day = world.timeline.day
    told = (("support-assistant:3", _TAMPERED, "Something else runs than was registered"),
            ("credit-scoring:4", _NO_CODE, "Nobody knows the code of a version"))  # fmt: skip
    return [
        Plant(story, "DV-06.T1", {"model_version_id": version}, day(first), day(last))
        for version, (first, last), story in told
    ]
