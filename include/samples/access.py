"""The field of access: people, accounts, rights, requests, reviews, keys, training, as their systems export them.

Vendors: a German personnel system (CSV), Okta and AWS IAM (their own listings), an identity governance tool (CSV),
a vault (JSON lines), a GRC register (JSON) and a learning platform (CSV in Latin-1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from samples.access_book import book
from samples.access_credentials import REPORT, credential_report, vault_entry, vault_keys
from samples.access_governance import (
    ACCOUNT,
    GRANT,
    REQUEST,
    REVIEW,
    account_rows,
    grant_rows,
    request_rows,
    review_rows,
)
from samples.access_learning import (
    ACKNOWLEDGEMENT,
    COMPLETION,
    POLICY,
    acknowledgement_rows,
    completion_rows,
    policy_rows,
)
from samples.access_listings import aws_users, okta_users
from samples.access_people import roster
from samples.access_policies import plants as policies
from samples.access_registers import disposals, roles, systems
from samples.answers import Plant, Silence
from samples.world import World
from samples.writers import Cell, Export


def write_day(world: World, day: date, root: Path) -> None:
    """Everything that the systems of this field export for a day."""
    draft, name = book(world), day.isoformat()
    personnel = Export(root, "hr", name)
    people: list[Mapping[str, Cell]] = [dict(entry) for entry in roster(world, day)]
    personnel.csv(
        "personal.csv", list(people[0]), people, delimiter=";", encoding="utf-8-sig", newline="\r\n", padded=True
    )
    okta = Export(root, "okta", name)
    okta.jsonl("users.jsonl", okta_users(draft, day))
    aws = Export(root, "aws-iam", name)
    aws.json("authorization-details.json", aws_users(draft, day), under="UserDetailList")
    aws.csv("credential-report.csv", REPORT, credential_report(draft, day))
    vault = Export(root, "vault", name)
    vault.jsonl("issued.jsonl", [vault_entry(key) for key in vault_keys(draft, day)])
    register = Export(root, "grc", name)
    register.json("systems.json", systems(world, day), under="systems")
    register.json("roles.json", roles(draft, day), under="roles")
    wiping = Export(root, "disposals", name)
    wiping.json("disposals.json", disposals(draft, day), under="disposals")
    for export in (personnel, okta, aws, vault, register, wiping):
        export.close()
    _governance(world, day, root)
    _learning(world, day, root)


def _governance(world: World, day: date, root: Path) -> None:
    draft, tool = book(world), Export(root, "iga", day.isoformat())
    tool.csv("accounts.csv", ACCOUNT, account_rows(draft, day), padded=True)
    tool.csv("entitlements.csv", GRANT, grant_rows(draft, day))
    tool.csv("requests.csv", REQUEST, request_rows(draft, day))
    tool.csv("certifications.csv", REVIEW, review_rows(draft, day))
    tool.close()


def _learning(world: World, day: date, root: Path) -> None:
    platform = Export(root, "lms", day.isoformat())
    platform.csv("completions.csv", COMPLETION, completion_rows(world, day), delimiter=";", encoding="latin-1")
    platform.csv("policies.csv", POLICY, policy_rows(world, day), delimiter=";", encoding="latin-1")
    platform.csv("read.csv", ACKNOWLEDGEMENT, acknowledgement_rows(world, day), delimiter=";", encoding="latin-1")
    platform.close()


def plants(world: World) -> list[Plant]:
    """Everything planted in this field."""
    return [*book(world).plants, *policies(world)]


def silences(world: World) -> list[Silence]:
    """Sources of this field that give nothing on some days."""
    return []
