"""Mappings of AWS's credential report and of Okta, on reports as they are and on real answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from airtight.errors import SourceChanged

Mapped = Callable[..., list[dict[str, Any]]]

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
ROWS = (
    (
        "<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,2026-09-01T10:00:00+00:00,"
        "not_supported,not_supported,true,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    ),
    (
        "alice,arn:aws:iam::1:user/alice,2024-01-01T00:00:00+00:00,true,no_information,2024-01-01T00:00:00+00:00,N/A,"
        "false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    ),
    (
        "deploy,arn:aws:iam::1:user/deploy,2023-01-01T00:00:00+00:00,false,N/A,N/A,N/A,false,true,"
        "2025-01-01T00:00:00+00:00,2026-09-10T00:00:00+00:00,eu-west-1,s3,false,2023-01-01T00:00:00+00:00,N/A,N/A,N/A,"
        "true,2023-05-01T00:00:00+00:00,false,N/A"
    ),
    (
        "idle,arn:aws:iam::1:user/idle,2023-01-01T00:00:00+00:00,false,N/A,N/A,N/A,true,false,N/A,N/A,N/A,N/A,"
        "false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    ),
)


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / "report.csv"
    file.write_text("\n".join((HEADER, *ROWS)) + "\n", encoding="utf-8")
    return file


def test_users_of_the_credential_report_become_accounts(mapped: Mapped, report: Path) -> None:
    rows = mapped("aws/credential_report_accounts", "accounts", credential_report=report)
    found = {row["login"]: (row["kind"], row["status"], row["mfa_state"], row["is_privileged"]) for row in rows}
    assert found == {
        "<root_account>": ("break-glass", "active", "weak", True),
        "alice": ("human", "active", "none", False),
        "deploy": ("service", "active", "n/a", False),
        "idle": ("service", "suspended", "weak", False),
    }
    last = {row["login"]: row["last_login_at"] for row in rows}
    assert last["alice"] is None
    assert last["deploy"] == "2026-09-10T00:00:00"


def test_credentials_that_exist_become_rows_and_others_do_not(mapped: Mapped, report: Path) -> None:
    rows = mapped("aws/credential_report_credentials", "credentials", credential_report=report)
    found = {row["credential_id"].removeprefix("arn:aws:iam::1:"): (row["kind"], row["status"]) for row in rows}
    assert found == {
        "root/password": ("password", "active"),
        "user/alice/password": ("password", "active"),
        "user/deploy/access-key-1": ("access-key", "active"),
        "user/deploy/access-key-2": ("access-key", "inactive"),
        "user/deploy/certificate-1": ("cert", "active"),
    }
    key = next(row for row in rows if row["credential_id"].endswith("key-1"))
    assert (key["created_at"], key["last_used_at"]) == ("2025-01-01T00:00:00", "2026-09-10T00:00:00")


def lines(file: Path) -> list[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as text:
        return [json.loads(line) for line in text]


def test_real_okta_users_become_one_account_each_in_their_last_state(mapped: Mapped, realdata: Path) -> None:
    users = lines(realdata / "identity-okta" / "users.jsonl.gz")
    rows = mapped("okta/users_accounts", "accounts", users=users)
    frame = pd.json_normalize(users).sort_values("lastUpdated", kind="stable")
    last = frame.groupby("id").tail(1).set_index("id")
    assert len(rows) == len(last) == 53
    suspended = set(last[last["status"].isin(["SUSPENDED", "STAGED"])].index)
    assert {row["account_id"] for row in rows if row["status"] == "suspended"} == suspended
    assert {row["account_id"] for row in rows if row["last_login_at"]} == set(last[last["lastLogin"].notna()].index)


def test_okta_factors_are_read_where_they_were_fetched(mapped: Mapped) -> None:
    user = {"created": "2020-01-01T00:00:00.000Z", "status": "ACTIVE", "profile": {"login": "a@example.com"}}
    users = [
        {**user, "id": "1", "factors": [{"factorType": "webauthn", "status": "ACTIVE"}]},
        {**user, "id": "2", "factors": [{"factorType": "sms", "status": "ACTIVE"}]},
        {**user, "id": "3", "factors": [{"factorType": "webauthn", "status": "PENDING_ACTIVATION"}]},
        {**user, "id": "4"},
    ]
    rows = mapped("okta/users_accounts", "accounts", users=users)
    states = {row["account_id"]: row["mfa_state"] for row in rows}
    assert states == {"1": "phishing-resistant", "2": "weak", "3": "none", "4": "none"}


def test_a_status_that_okta_invents_is_not_guessed(mapped: Mapped) -> None:
    user = {"id": "1", "created": "2020-01-01T00:00:00.000Z", "status": "NEW", "profile": {"login": "a@example.com"}}
    with pytest.raises(SourceChanged, match="status is missing"):
        mapped("okta/users_accounts", "accounts", users=[user])


def test_real_okta_groups_give_their_members_entitlements(mapped: Mapped, realdata: Path) -> None:
    groups = lines(realdata / "identity-okta" / "groups.jsonl.gz")
    users = sorted({user["id"] for user in lines(realdata / "identity-okta" / "users.jsonl.gz")})
    ids = sorted({group["id"] for group in groups})
    unique = [next(group for group in groups if group["id"] == each) for each in ids]
    filled = [{**group, "members": [{"id": who} for who in users[: 1 + n % 3]]} for n, group in enumerate(unique)]
    rows = mapped("okta/groups_entitlements", "entitlements", groups=filled)
    assert len(rows) == sum(1 + n % 3 for n in range(len(unique)))
    assert {row["environment"] for row in rows} <= {"corp", "dev"}


@pytest.mark.parametrize(
    ("name", "privileged", "environment", "ai_config"),
    [
        ("prod-admins", True, "prod", False),
        ("Staging readers", False, "staging", False),
        ("ml-model-deployers", False, "corp", True),
        ("Everyone", False, "corp", False),
        ("Product management", False, "corp", False),
    ],
)
def test_a_group_tells_by_its_name(
    mapped: Mapped, name: str, privileged: bool, environment: str, ai_config: bool
) -> None:
    group = {"id": "g1", "profile": {"name": name}, "members": [{"id": "u1"}]}
    row = mapped("okta/groups_entitlements", "entitlements", groups=[group])[0]
    assert (row["privileged"], row["environment"], row["ai_config"]) == (privileged, environment, ai_config)
    assert (row["account_id"], row["entitlement"]) == ("u1", f"{name} (g1)")


def test_a_group_without_members_gives_nobody_anything(mapped: Mapped) -> None:
    assert mapped("okta/groups_entitlements", "entitlements", groups=[{"id": "g1", "profile": {"name": "x"}}]) == []
