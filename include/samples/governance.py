"""The field of governance: AI inventory, models and evaluations, data and training sets, vendors, risks.

Vendors: the AI register (JSON), the data catalogue (JSON), procurement (CSV in Latin-1), the risk office (JSON, JSON
lines and CSV). What the product itself sealed comes from no export.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samples import attestations, lifecycle_data, lifecycle_evaluations, lifecycle_versions
from samples import governance_data as data
from samples import governance_gate as gate
from samples import governance_models as models
from samples import governance_soa as soa
from samples import governance_vendors as suppliers
from samples import governance_waivers as waivers
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Export


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    name = day.isoformat()
    register = Export(root, "ai-register", name)
    register.json("inventory.json", models.inventory(world, day), under="systems")
    register.json("versions.json", lifecycle_versions.versions(world, day), under="model_versions")
    register.jsonl("evaluations.jsonl", lifecycle_evaluations.evaluations(world, day))
    register.close()
    catalogue = Export(root, "catalogue", name)
    catalogue.json("assets.json", data.assets(world, day), under="assets")
    catalogue.json("training-sets.json", lifecycle_data.sets(world, day), under="datasets")
    catalogue.close()
    procurement = Export(root, "procurement", name)
    procurement.csv("vendors.csv", suppliers.COLUMNS, suppliers.vendors(world, day), delimiter=";", encoding="latin-1")
    procurement.close()
    office = Export(root, "risk", name)
    office.json("waivers.json", waivers.waivers(world, day), under="waivers")
    office.jsonl("attestations.jsonl", attestations.attestations(world, day))
    office.csv("soa.csv", soa.COLUMNS, soa.statement(world, day))
    office.close()
    ledger = Export(root, "gate", name)
    ledger.jsonl("decisions.jsonl", gate.decisions(world, day))
    ledger.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return [
        *models.plants(world),
        *data.plants(world),
        *suppliers.plants(world),
        *attestations.plants(world),
        *gate.plants(world),
        *soa.plants(world),
        *waivers.plants(world),
    ]


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days: none."""
    return []
