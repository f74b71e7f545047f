"""Engineering-only ownership: whoever builds AI also sponsors, governs and judges it, and nobody else takes part.

Who is technical is told by words of department and job title (``TECHNICAL``), as the roster has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from airtight.domain.control import Control
from airtight.domain.period import day_window
from airtight.review.failures import SHARE_OF_TECHNICAL, Failure, Sign, failure, share
from airtight.review.registers import CharterVersion, Meeting, Person, RoleHeld

TECHNICAL = frozenset(
    {
        *("engineering", "engineer", "engineers", "developer", "developers", "development", "software", "devops"),
        *("platform", "it", "sre", "ml", "machine", "technology", "infrastructure", "science", "scientist", "research"),
    }
)
MEETINGS_LOOKED_AT = timedelta(days=184)
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Governance:
    """Who governs; None where nothing is sealed."""

    charters: Sequence[CharterVersion] | None
    roster: Sequence[Person] | None
    roles: Sequence[RoleHeld] | None
    meetings: Sequence[Meeting] | None


def engineering_only(governance: Governance, controls: Iterable[Control], day: date) -> Failure:
    """Whether only technical people own the programme on a day."""
    people = {person.person_id: _is_technical(person) for person in governance.roster or () if person.person_id}
    signs = (
        _sponsor(governance, people, day),
        _roles(governance, people),
        _committee(governance.meetings, day),
        _owners(controls),
    )
    return failure(
        "engineering-only",
        "Engineering-only ownership",
        signs,
        "Name an executive sponsor outside engineering, and let risk, legal and the business sit on the committee.",
    )


def technical(text: str | None) -> bool:
    """Whether a name of a department, job or function is technical."""
    return not TECHNICAL.isdisjoint(_WORD.findall((text or "").casefold()))


def _is_technical(person: Person) -> bool:
    return technical(person.department) or technical(person.job_title)


def _sponsor(governance: Governance, people: Mapping[str, bool], day: date) -> Sign:
    if governance.charters is None:
        return Sign("No governance charter is sealed, so nobody is known to sponsor the programme.", None)
    in_force = [charter for charter in governance.charters if _in_force(charter, day)]
    sponsors = [charter.executive_sponsor_id for charter in in_force if charter.executive_sponsor_id]
    if not sponsors:
        return Sign("No approved charter in force names an executive sponsor.", True)
    if sponsors[0] not in people:
        return Sign(f"The executive sponsor {sponsors[0]} is not on the roster.", None)
    told = "works in a technical department" if people[sponsors[0]] else "works outside technical departments"
    return Sign(f"The executive sponsor {sponsors[0]} {told}.", people[sponsors[0]])


def _in_force(charter: CharterVersion, day: date) -> bool:
    begun = charter.effective_at is not None and charter.effective_at <= day
    ended = charter.superseded_at is not None and charter.superseded_at <= day
    return begun and not ended and charter.approved_at is not None


def _roles(governance: Governance, people: Mapping[str, bool]) -> Sign:
    if governance.roles is None or governance.roster is None:
        return Sign("Roles or roster are not sealed, so who holds governance roles is not known.", None)
    holders = {role.person_id for role in governance.roles if role.person_id in people}
    if not holders:
        return Sign("Nobody on the roster holds a governance role.", True)
    count = sum(people[holder] for holder in holders if holder)
    fact = f"{share(count, len(holders))} of those who hold governance roles are technical."
    return Sign(fact, count / len(holders) > SHARE_OF_TECHNICAL)


def _committee(meetings: Sequence[Meeting] | None, day: date) -> Sign:
    if meetings is None:
        return Sign("No committee meetings are sealed, so who takes part is not known.", None)
    end = day_window(day).end
    recent = [meeting for meeting in meetings if meeting.held_at and end - MEETINGS_LOOKED_AT <= meeting.held_at < end]
    if not recent:
        return Sign(f"No committee met in the {MEETINGS_LOOKED_AT.days} days before.", True)
    functions = sorted({function for meeting in recent for function in _functions(meeting)})
    if not functions:
        return Sign("The meetings do not tell the functions of those who attended.", None)
    fact = f"{len(recent)} meetings were attended by these functions: {', '.join(functions)}."
    return Sign(fact, all(technical(function) for function in functions))


def _functions(meeting: Meeting) -> Iterator[str]:
    try:
        attendees = json.loads(meeting.attendees or "[]")
    except json.JSONDecodeError:
        return
    for entry in attendees if isinstance(attendees, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("function"), str):
            yield entry["function"]


def _owners(controls: Iterable[Control]) -> Sign:
    owners = [control.owner for control in controls]
    count = sum(technical(owner) for owner in owners)
    present = count / len(owners) > SHARE_OF_TECHNICAL if owners else None
    return Sign(f"{share(count, len(owners))} of the controls are owned by technical roles.", present)
