"""Real third-party data through station 1; the counts are made again by a few lines of pandas over the raw files."""

from __future__ import annotations

import gzip
import ipaddress
import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from collecting import Collection

from airtight.definitions.populations import load_populations
from airtight.domain.period import Window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema

ALL_TIME = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture
def collection(tmp_path: Path, repository: Path) -> Collection:
    catalog = repository / "include" / "catalog"
    return Collection(
        tmp_path,
        populations={"audit_events": "cloudtrail.sql"},
        mappings={"cloudtrail.sql": (catalog / "mappings" / "aws" / "cloudtrail.sql").read_text()},
        schemas=load_populations(catalog / "populations"),
        window=ALL_TIME,
    )


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def test_cloudtrail_of_real_attacks(collection: Collection, realdata: Path) -> None:
    folder = realdata / "audit-cloudtrail-stratus"
    outcome = collection.run(options={"path": f"{folder}/*.json.gz"})
    found = collection.table(outcome, "audit_events").to_pandas()
    raw = pd.json_normalize(
        [event for file in sorted(folder.glob("*.gz")) for event in json.loads(gzip.decompress(file.read_bytes()))]
    )
    assert len(found) == len(raw) == raw["eventID"].nunique() == 310
    assert outcome.provenance
    assert (outcome.provenance.received, outcome.provenance.pages) == (310, 35)
    assert outcome.collected[0].rejected == ()

    assert (found["outcome"] == "failure").sum() == raw["errorCode"].notna().sum() == 52
    people = raw["userIdentity.type"].isin(["IAMUser", "Root", "SAMLUser", "FederatedUser"])
    people |= raw["userIdentity.arn"].fillna("").str.contains("AWSReservedSSO_")
    assert (found["actor_kind"] == "human").sum() == people.sum()
    attrs = found["attrs"].map(json.loads)
    logins = (found["action"] == "signin.amazonaws.com:ConsoleLogin") & (attrs.map(lambda a: a["mfa"]) == "No")
    raw_logins = (raw["eventName"] == "ConsoleLogin") & (raw["additionalEventData.MFAUsed"] == "No")
    assert logins.sum() == raw_logins.sum() == 1
    stopped = found["action"].isin([f"cloudtrail.amazonaws.com:{name}" for name in ("StopLogging", "DeleteTrail")])
    assert stopped.sum() == raw["eventName"].isin(["StopLogging", "DeleteTrail"]).sum() == 2
    by_second = pd.to_datetime(raw["eventTime"]).dt.tz_localize(None).value_counts()
    assert found["occurred_at"].value_counts().to_dict() == by_second.to_dict()
    # the authors made addresses up, some of which are none
    addresses = raw["sourceIPAddress"].map(is_address)
    assert found["ip"].str.endswith("/24").sum() == addresses.sum() == 203
    assert set(found["ip"][~found["ip"].str.endswith("/24")]) == {"***"}


def test_events_without_users_types_or_times_are_data_not_crashes(collection: Collection, realdata: Path) -> None:
    file = realdata / "audit-panther" / "aws_cloudtrail.jsonl.gz"
    sql = collection.mappings["cloudtrail.sql"].replace("FROM raw", "FROM (SELECT record->'$.log' AS record FROM raw)")
    outcome = collection.run(options={"path": str(file)}, mappings={"cloudtrail.sql": sql})
    [population] = outcome.collected
    logs = [json.loads(line)["log"] or {} for line in gzip.decompress(file.read_bytes()).splitlines()]
    times = pd.to_datetime(
        pd.Series([log.get("eventTime") for log in logs]), utc=True, errors="coerce", format="ISO8601"
    )
    raw = pd.DataFrame(
        {
            "id": [log.get("eventID") for log in logs],
            "at": times,
            "name": [log.get("eventName") for log in logs],
            "type": [(log.get("userIdentity") or {}).get("type") for log in logs],
        }
    )
    whole = raw["id"].fillna("").ne("") & raw["at"].notna() & raw["name"].notna()
    refused = sum(count for _, count in population.rejected)
    assert refused == (~whole).sum() > 0
    assert population.rows + population.collapsed + refused + population.outside_window == len(logs) == 464
    found = collection.table(outcome, "audit_events").to_pandas()
    assert found["event_id"].nunique() == raw.loc[whole & (raw["at"] < "2026-09-01"), "id"].nunique()
    assert (found["actor_kind"] == "unknown").any()
    assert raw.loc[whole, "type"].isna().any()


def test_okta_users_keep_every_state(collection: Collection, realdata: Path) -> None:
    file = realdata / "identity-okta" / "users.jsonl.gz"
    schema = PopulationSchema(
        name="users",
        title="",
        kind=PopulationKind.REGISTER,
        sensitivity="",
        key=("user_id",),
        columns=(
            Column("user_id", ColumnType.ID),
            Column("status", ColumnType.ENUM, values=("ACTIVE", "STAGED", "PASSWORD_EXPIRED", "SUSPENDED", "RECOVERY")),
            Column("last_login", ColumnType.TS, nullable=True),
            Column("profile", ColumnType.JSON),
        ),
    )
    sql = """SELECT record->>'$.id' AS user_id, record->>'$.status' AS status, record->>'$.lastLogin' AS last_login,
      record->'$.profile' AS profile FROM raw"""
    outcome = collection.run(
        options={"path": str(file)},
        populations={"users": "users.sql"},
        mappings={"users.sql": sql},
        schemas={"users": schema},
    )
    [population] = outcome.collected
    raw = pd.read_json(file, lines=True)
    found = collection.table(outcome, "users").to_pandas()
    assert population.rejected == ()
    assert population.rows + population.collapsed == len(raw) == 66
    assert found["user_id"].nunique() == raw["id"].nunique() == 53
    states = raw[["id", "status"]].drop_duplicates().groupby("status").size()
    assert found[["user_id", "status"]].drop_duplicates().groupby("status").size().to_dict() == states.to_dict()
    assert found["last_login"].notna().any()
