"""Releases of models to production: what was deployed on which day, and by which way past the gate.

Their days are counted so that they agree with the committed impact assessments and risks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from samples.world import World


@dataclass(frozen=True)
class Release:
    """A deployment of a model to production at noon; ``artifact`` names what was deployed if it is not registered."""

    day: int
    repo: str
    system: str
    version: int
    artifact: str | None = None

    @property
    def model_version(self) -> str:
        return f"{self.system}:{self.version}"

    @property
    def digest(self) -> str:
        return artifact_digest(self.artifact or self.model_version)


#: deployed against a refusal, with a waiver that came 30 hours later, and one that came after 24
LATE_REVIEW, REVIEW_IN_TIME = 120, 130
#: a build that the gate never saw
BYPASS = Release(78, "ml-platform", "support-assistant", 3, "a build from somebody's own computer")
ALLOWED = (
    Release(12, "ml-platform", "support-assistant", 3),
    Release(60, "credit-models", "credit-scoring", 4),
    Release(110, "credit-models", "fraud-screening", 3),
    Release(-20, "credit-models", "fraud-screening", 4),
    Release(-8, "ml-platform", "document-reader", 3),
)
RELEASES = (
    *ALLOWED,
    BYPASS,
    Release(LATE_REVIEW, "ml-platform", "support-assistant", 3),
    Release(REVIEW_IN_TIME, "ml-platform", "support-assistant", 3),
)
#: day on which the assistant began to answer applicants too, as its impact assessment tells
CHANGED = -112


def artifact_digest(name: str) -> str:
    """The SHA-256 of a model's file."""
    return hashlib.sha256(name.encode()).hexdigest()


def releases_on(world: World, day: date) -> tuple[Release, ...]:
    """What was released on a day."""
    return tuple(release for release in RELEASES if world.timeline.day(release.day) == day)


def changed(world: World, system: str, day: date) -> str | None:
    """When an AI system last changed materially; None: never."""
    moment = world.timeline.day(CHANGED)
    return moment.isoformat() if system == "support-assistant" and moment <= day else None
