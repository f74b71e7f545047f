"""The field of privacy and assurance: requests and disclosures, findings, management reviews and maturity, audits.

Vendors: a privacy tool (JSON), the legal department's list of disclosures (CSV in German, Latin-1), the tracker of
findings (JSON lines, compressed), the management system (JSON) and the external auditor's portal (CSV).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from samples import assurance_findings as findings
from samples import assurance_portal as portal
from samples import assurance_privacy as privacy
from samples import assurance_reviews as reviews
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Export


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    name = day.isoformat()
    tool = Export(root, "privacy", name)
    tool.json("requests.json", privacy.requests(world, day), under="requests")
    tool.close()
    legal = Export(root, "legal", name)
    legal.csv(
        "disclosures.csv",
        privacy.DISCLOSURE_COLUMNS,
        privacy.disclosures(world, day),
        delimiter=";",
        encoding="latin-1",
    )
    legal.close()
    tracker = Export(root, "findings", name)
    tracker.jsonl("findings.jsonl.gz", findings.findings(world, day))
    tracker.close()
    system = Export(root, "aims", name)
    system.json("reviews.json", reviews.reviews(world, day), under="reviews")
    system.json("maturity.json", reviews.maturity(world, day), under="scores")
    system.close()
    auditor = Export(root, "portal", name)
    auditor.csv("requests.csv", portal.COLUMNS, portal.requests(world, day), encoding="utf-8-sig", newline="\r\n")
    auditor.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return [*privacy.plants(world), *findings.plants(world), *reviews.plants(world), *portal.plants(world)]


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days: none."""
    return []
