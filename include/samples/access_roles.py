"""Who governs AI at Lumen Lending: the roles that GV-03 asks for, as the GRC register lists them."""

from __future__ import annotations

from datetime import date, timedelta

from samples.access_lives import Draft, Role
from samples.governance_data import quarter_ends
from samples.world import World

#: role, holder by number, AI systems (none: all of them)
_HELD: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("executive-sponsor", 0, ()),
    ("policy-approver", 0, ()),
    ("committee-chair", 1, ()),
    ("ai-governance-lead", 37, ()),
    ("ai-system-owner", 16, ("credit-scoring",)),
    ("ai-system-owner", 17, ("fraud-screening",)),
    ("ai-system-owner", 18, ("document-reader",)),
    ("ai-system-owner", 19, ("support-assistant",)),
    ("ai-developer", 20, ("credit-scoring", "document-reader")),
    ("ai-developer", 21, ("fraud-screening", "support-assistant")),
    ("deployment-approver", 34, ()),
    ("risk-owner", 34, ()),
    ("data-owner", 18, ()),
    ("privacy-officer", 41, ()),
    ("incident-lead", 3, ()),
    ("evidence-approver", 36, ()),
    ("internal-auditor", 39, ()),
)
#: one holder after the other: the first leaves
_VALIDATORS = (35, 36)
#: holder -> who acts for them
_DELEGATES = {0: 1}
#: days of the timeline until which somebody who leaves on day 60 is listed as a data owner
FORGOTTEN_ROLE = (27, 100)


def governance_roles(world: World) -> list[Role]:
    """The roles in order; but for that of a validator who leaves, all are assigned before the timeline begins."""
    assigned = world.timeline.first - timedelta(days=500)
    held = [_role(world, role, number, systems, assigned) for role, number, systems in _HELD]
    first, second = _VALIDATORS
    gone = world.person(first).leaves
    handed = gone.date() if gone else world.timeline.last
    held.append(_role(world, "model-validator", first, (), assigned, handed))
    held.append(_role(world, "model-validator", second, (), handed))
    return held


def _role(
    world: World, role: str, number: int, systems: tuple[str, ...], assigned: date, ended: date | None = None
) -> Role:
    acting = _DELEGATES.get(number)
    delegate = None if acting is None else world.person(acting).id
    return Role(role, world.person(number).id, (), assigned, ended, systems, delegate)


def plant_roles(draft: Draft) -> None:
    """A data owner who left, and a developer who validates her own work, each at the end of a quarter."""
    world, ends = draft.world, quarter_ends(draft.world.timeline)
    number, until = FORGOTTEN_ROLE
    gone = world.person(number)
    since, last = world.timeline.first - timedelta(days=300), draft.day(until)
    draft.roles.append(_role(world, "data-owner", number, (), since, last + timedelta(days=1)))
    for end in ends:
        if gone.leaves and gone.leaves.date() + timedelta(days=14) <= end <= last:
            key = {"role_id": "data-owner", "person_id": gone.id}
            draft.found("A data owner left and was not replaced", "GV-03.T1", end, end, **key)
    for end in ends[-1:]:
        first, ended = end - timedelta(days=20), end + timedelta(days=10)
        draft.roles.append(_role(world, "model-validator", 21, ("fraud-screening",), first, ended))
        key = {"person_id": world.person(21).id, "ai_system_id": "fraud-screening"}
        draft.found("A developer validates the model that she develops", "GV-03.T2", end, end, **key)
