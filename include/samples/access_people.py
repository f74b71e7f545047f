"""People on the roster and what they learn: the personnel system's list, training and acknowledgements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from samples.access_base import approval
from samples.access_lives import Draft, Grant, end_of
from samples.access_policies import Policy, policies
from samples.timeline import at, dice
from samples.world import Person, World

#: number of the person -> day of the change, new department, new title
MOVERS = {26: (50, "Machine learning", "Machine learning engineer"), 12: (100, "Security", "Security engineer")}
#: number of the person -> first and last day of leave
_LEAVES = {40: (35, 80)}
_ANNUAL = ("security-awareness", "responsible-ai")
_ONBOARDING = ("onboarding-security", "onboarding-ai")
_YEARS = 400


def number_of(person: Person) -> int:
    """A person's number, as plants name people."""
    return int(person.id[1:]) - 1000


def roster(world: World, day: date) -> Iterator[dict[str, str | None]]:
    """The roster as a day shows it: those who start within two weeks, those who work here, those who left."""
    for person in world.people:
        if person.hired <= day + timedelta(days=14):
            yield _entry(world, person, day)


def _entry(world: World, person: Person, day: date) -> dict[str, str | None]:
    number = number_of(person)
    moved = MOVERS.get(number)
    changed = world.timeline.day(moved[0]) if moved else None
    has_moved = moved is not None and changed is not None and changed <= day
    left = person.leaves if person.leaves and person.leaves < end_of(day) else None
    returned = world.timeline.day(_LEAVES[number][1]) + timedelta(days=1) if number in _LEAVES else None
    return {
        "Personalnr": person.id,
        "Name": person.name,
        "E-Mail": person.email,
        "Vorgesetzte": person.manager,
        "Abteilung": moved[1] if moved and has_moved else person.department,
        "Stelle": moved[2] if moved and has_moved else person.title,
        "Art": {"employee": "Angestellt", "contractor": "Extern"}[person.worker_type],
        "Status": _status(world, person, day),
        "Eintritt": _german(person.hired),
        "Wechsel am": _german_time(at(changed, "09:00:00")) if changed and has_moved else None,
        "Rückkehr": _german(returned) if returned and returned <= day else None,
        "Austritt": _german_time(left) if left else None,
        "Austrittsart": _KINDS[person.leave_kind or ""] if left else None,
    }


_KINDS = {"voluntary": "Kündigung Mitarbeiter", "involuntary": "Kündigung Arbeitgeber", "contract-end": "Befristung"}


def _status(world: World, person: Person, day: date) -> str:
    if person.leaves and person.leaves < end_of(day):
        return "ausgetreten"
    if person.hired > day:
        return "Eintritt geplant"
    first, last = _LEAVES.get(number_of(person), (0, -1))
    away = first <= last and world.timeline.day(first) <= day <= world.timeline.day(last)
    return "abwesend" if away else "aktiv"


def _german(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _german_time(moment: datetime) -> str:
    return moment.strftime("%d.%m.%Y %H:%M")


def move(draft: Draft) -> None:
    """What is done in order for the one who moves to machine learning; the other mover is a plant."""
    day = draft.day(MOVERS[26][0])
    code, loans = draft.account("github", 26), draft.account("core", 26)
    write = next(grant for grant in draft.grants if grant.account == code.id)
    draft.requests.append(approval(draft, write, len(draft.requests), approved=at(day + timedelta(days=5), "10:00:00")))
    end_grant(draft, loans.id, "support", at(day + timedelta(days=8), "11:00:00"))


def end_grant(draft: Draft, account: str, entitlement: str, moment: datetime) -> None:
    """Take an entitlement away."""
    for place, grant in enumerate(draft.grants):
        if (grant.account, grant.entitlement) == (account, entitlement):
            draft.grants[place] = _ended(grant, moment)


def _ended(grant: Grant, moment: datetime) -> Grant:
    fields = {**grant.__dict__, "revoked": moment}
    return Grant(**fields)


def acknowledgements(world: World, day: date) -> Iterator[tuple[Person, Policy, datetime]]:
    """Who has acknowledged which version by the end of a day, and when; one of them late."""
    for policy in (policy for policy in policies(world, day) if policy.read):
        for person in world.people:
            delay = dice(world.seed, "acknowledge", person.id, policy.id, policy.version).randrange(1, 20)
            if (number_of(person), policy.version) == (19, "2.0"):
                delay = LATE_ACKNOWLEDGEMENT
            if (number_of(person), policy.id) == (25, "code-of-conduct"):
                delay = LATE_CODE
            moment = at(max(policy.effective, person.hired) + timedelta(days=delay), "14:00:00")
            if moment < end_of(day) and not (person.leaves and person.leaves < moment):
                yield person, policy, moment


#: days after which one person acknowledges, another the code of conduct, and is done with the first month's courses
LATE_ACKNOWLEDGEMENT = 45
LATE_CODE = 36
LATE_ONBOARDING = 40
#: days of the timeline between which one person's yearly course has run out; the course is not repeated in time
LAPSED = (20, 85)


def completions(world: World, day: date) -> Iterator[tuple[Person, str, datetime, datetime]]:
    """The latest completion of each course by the end of a day: person, course, assigned, completed."""
    for person in world.people:
        if person.hired <= day:
            for course in _ONBOARDING:
                days = LATE_ONBOARDING if number_of(person) == 25 else 6
                done = at(person.hired + timedelta(days=days), "11:00:00")
                if done < end_of(day) and person.hired > day - timedelta(days=_YEARS):
                    yield person, course, at(person.hired, "09:00:00"), done
            for course in _ANNUAL:
                yield from _yearly(world, person, course, day)


def _yearly(world: World, person: Person, course: str, day: date) -> Iterator[tuple[Person, str, datetime, datetime]]:
    """The latest of completions that follow one another every 300 days, the first in the first month."""
    until = min(day, person.leaves.date()) if person.leaves else day
    start = person.hired + timedelta(days=10)
    if number_of(person) == 13 and course == "security-awareness":
        first, last = (world.timeline.day(number) for number in LAPSED)
        done = last + timedelta(days=1) if day > last else first - timedelta(days=365)
    elif start > until:
        return
    else:
        done = start + timedelta(days=(until - start).days // 300 * 300)
    yield person, course, at(done - timedelta(days=10), "09:00:00"), at(done, "15:00:00")
