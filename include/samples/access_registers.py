"""The GRC register's exports: systems, roles and disposals."""

from __future__ import annotations

from datetime import date, timedelta

from samples.access_lives import Draft, roles_on
from samples.timeline import at, iso
from samples.world import World
from samples.writers import Record

#: what the holders of a role must be able to do; the register of competences holds the proofs
COMPETENCES: dict[str, tuple[str, ...]] = {
    "ai-developer": ("machine-learning", "ai-risk"),
    "ai-governance-lead": ("ai-risk", "iso-42001"),
    "ai-system-owner": ("ai-risk",),
    "human-overseer": ("ai-risk", "human-oversight"),
    "model-owner": ("machine-learning", "ai-risk"),
    "model-validator": ("statistics", "ai-risk"),
}


def systems(world: World, day: date) -> list[Record]:
    """Systems in scope; what operations plants about them stands in ``World.system_changes``."""
    return [_system(world, number, day) for number in range(len(world.systems))]


def _system(world: World, number: int, day: date) -> Record:
    system = world.systems[number]
    own = system.hosting == "cloud"
    entry: dict[str, object] = {
        "system_id": system.id,
        "name": system.name,
        "owner_id": system.owner,
        "in_scope_soc2": True,
        "in_scope_aims": system.id in ("core", "gateway"),
        "criticality": system.criticality,
        "data_classes": ["restricted"] if own else ["confidential"],
        "hosting": system.hosting,
        "account_export": True,
        "log_source_expected": True,
        "log_retention_days": 400,
        "log_write_once": True,
        "self_operated": own,
        "pentested_at": iso(at(world.timeline.first - timedelta(days=60), "12:00:00")) if own else None,
    }
    for change in world.system_changes:
        if change.system == system.id and change.first <= day <= change.last:
            entry[change.field] = change.value
    return entry


def roles(draft: Draft, day: date) -> list[Record]:
    """Who has which role, with what authority."""
    return [
        {
            "role_id": role.id,
            "person_id": role.person,
            "responsibilities": [f"acts as {role.id.replace('-', ' ')}"],
            "authority": list(role.authority),
            "required_competences": list(COMPETENCES.get(role.id, ())),
            "assigned_at": role.assigned.isoformat(),
            "delegate_id": role.delegate,
            "ai_systems": list(role.ai_systems),
        }
        for role in roles_on(draft, day)
    ]


def disposals(draft: Draft, day: date) -> list[Record]:
    """Devices and media to be wiped: one a month, done within ten days; one old server is forgotten."""
    found: list[Record] = []
    first = draft.world.timeline.first
    for number in range(14):
        due = first + timedelta(days=30 * number - 200)
        if due <= day:
            done = due + timedelta(days=9)
            is_done = done <= day and number != FORGOTTEN
            found.append(
                {
                    "disposal_id": f"DSP-{100 + number}",
                    "asset_id": f"LAPTOP-{7000 + number}",
                    "kind": "device" if number % 2 else "media",
                    "due_at": due.isoformat(),
                    "done_at": iso(at(done, "13:00:00")) if is_done else None,
                    "method": "crypto-erase" if number % 3 else "shred",
                    "certificate_ref": f"https://wipe.example/c/{100 + number}" if is_done else None,
                }
            )
    cleared = at(first - timedelta(days=20), "13:00:00")
    data = {"disposal_id": "DSP-90", "asset_id": "limit-advisor", "kind": "data", "due_at": first.isoformat()}
    proof = "https://wipe.example/c/90"
    return [*found, {**data, "done_at": iso(cleared), "method": "crypto-erase", "certificate_ref": proof}]


#: the disposal that nobody carries out
FORGOTTEN = 2
