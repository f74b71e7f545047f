"""The learning platform's exports: completed courses, policies and who read them. German dates, Latin-1."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from samples.access_people import acknowledgements, completions
from samples.access_policies import Policy, policies
from samples.timeline import dice
from samples.world import World
from samples.writers import Cell

Rows = list[Mapping[str, Cell]]
COMPLETION = ("Personalnr", "Kurs", "Zugewiesen", "Abgeschlossen", "Ergebnis %")
POLICY = (
    "Richtlinie", "Version", "Titel", "Verantwortlich", "Freigegeben von", "Freigegeben am", "Gültig ab",
    "Nächste Prüfung", "Wesentliche Änderung", "SHA-256", "SHA-256 veröffentlicht",
    "Commit", "Verfasst von", "Themen", "Art",
)  # fmt: skip
ACKNOWLEDGEMENT = ("Personalnr", "Richtlinie", "Version", "Gelesen am")


def completion_rows(world: World, day: date) -> Rows:
    """The latest completion of each course and person."""
    return [
        {
            "Personalnr": person.id,
            "Kurs": course,
            "Zugewiesen": _german(assigned),
            "Abgeschlossen": _german(done),
            "Ergebnis %": f"{dice(world.seed, person.id, course).randrange(160, 200) / 2:.1f}".replace(".", ","),
        }
        for person, course, assigned, done in completions(world, day)
    ]


def policy_rows(world: World, day: date) -> Rows:
    """Versions of policies."""
    return [
        {
            "Richtlinie": policy.id,
            "Version": policy.version,
            "Titel": policy.title,
            "Verantwortlich": world.people[policy.owner].id,
            "Freigegeben von": world.people[0].id,
            "Freigegeben am": (policy.effective - timedelta(days=5)).strftime("%d.%m.%Y 10:00"),
            "Gültig ab": policy.effective.strftime("%d.%m.%Y"),
            "Nächste Prüfung": _next_review(policy, day).strftime("%d.%m.%Y"),
            "Wesentliche Änderung": "ja" if policy.material else "nein",
            "SHA-256": policy.content_digest,
            "SHA-256 veröffentlicht": policy.published_digest,
            "Commit": policy.commit,
            "Verfasst von": world.people[policy.owner if policy.author is None else policy.author].id,
            "Themen": " ".join(policy.topics) or None,
            "Art": policy.kind,
        }
        for policy in policies(world, day)
    ]


def _next_review(policy: Policy, day: date) -> date:
    return day - timedelta(days=1) if policy.overdue else policy.effective + timedelta(days=365)


def acknowledgement_rows(world: World, day: date) -> Rows:
    """Who read which version, and when."""
    return [
        {"Personalnr": person.id, "Richtlinie": policy.id, "Version": policy.version, "Gelesen am": _german(moment)}
        for person, policy, moment in acknowledgements(world, day)
    ]


def _german(moment: datetime) -> str:
    return moment.strftime("%d.%m.%Y %H:%M")
