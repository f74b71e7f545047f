"""The secrets scan: what detect-secrets knows is found by the engine, masked, counted, and nothing else is touched."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from collecting import EVENTS_FROM_JSON, Collection, event, write_json_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from airtight.collect.secrets import (
    engine_patterns,
    mask_secrets,
    mask_secrets_in_json,
    may_hold_a_secret,
    nears_a_secret,
)
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema

# put together here, so that no scanner takes this file for a leak
SECRETS = {
    "aws key id": "AKIA" + "IOSFODNN7EXAMPLE",
    "aws secret": "aws_secret_access_key = '" + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" + "'",
    "azure": "AccountKey=" + "a" * 86 + "==",
    "basic auth": "https://user:" + "hunter22" + "@example.com/x",
    "cloudant": "cloudant_password = '" + "0123456789abcdef" * 4 + "'",
    "discord": "M" + "T" * 23 + "." + "Cl2FMQ" + "." + "a" * 27,
    "github": "ghp_" + "a1B2" * 9,
    "gitlab": "glpat-" + "x" * 20,
    "gitlab agent": "glagent-" + "x" * 60,
    "ibm cloud": "ibm_cloud_api_key: '" + "A" * 44 + "'",
    "jwt": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "mailchimp": "0123456789abcdef" * 2 + "-us5",
    "npm": "//registry.npmjs.org/:_authToken=npm_" + "a" * 36,
    "openai": "sk-" + "a" * 20 + "T3BlbkFJ" + "b" * 20,
    "private key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----",
    "pypi": "pypi-AgEIcHlwaS5vcmc" + "A" * 70,
    "sendgrid": "SG." + "a" * 22 + "." + "b" * 43,
    "slack": "xoxb-" + "1234567890-" + "abcdefghij",
    "square": "sq0csp-" + "a" * 43,
    "stripe": "sk_live_" + "a" * 24,
    "telegram": "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawa",
    "twilio": "AC" + "0123456789abcdef" * 2,
}
INNOCENT = [
    "arn:aws:iam::123456789012:role/service-3",
    "0123456789abcdef0123456789abcdef",
    "https://example.com/path?query=1",
    "jane@example.com asked for a new password",
    "eyJust.a.word",
    "2026-09-14T10:00:00Z",
]


def test_the_engine_accepts_every_pattern() -> None:
    for pattern in engine_patterns():
        duckdb.execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_found_by_the_engine_and_masked(kind: str) -> None:
    text = f"before {SECRETS[kind]} after"
    assert duckdb.execute(f"SELECT {may_hold_a_secret('t')} FROM (SELECT $1 AS t)", [text]).fetchall() == [(True,)]
    joined = "concat_ws(chr(10), 'first', t, NULL, 'last')"
    assert duckdb.execute(f"SELECT {nears_a_secret(joined)} FROM (SELECT $1 AS t)", [SECRETS[kind]]).fetchall() == [
        (True,)
    ]
    masked, count = mask_secrets(text)
    assert count >= 1
    assert masked.startswith("before ")
    secret = SECRETS[kind].split("'")[1] if "'" in SECRETS[kind] else SECRETS[kind]
    assert secret not in masked
    assert "hunter22" not in masked
    assert "MIIE" not in masked


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_text_stays_as_it_is(text: str) -> None:
    assert mask_secrets(text) == (text, 0)


@settings(max_examples=200, deadline=None)
@given(before=st.text(max_size=20), kind=st.sampled_from(["github", "stripe", "slack"]), after=st.text(max_size=20))
def test_json_stays_json(before: str, kind: str, after: str) -> None:
    document = json.dumps({"a": before + " " + SECRETS[kind] + " " + after, "b": [1, None]})
    masked, count = mask_secrets_in_json(document)
    assert count >= 1
    assert SECRETS[kind] not in json.dumps(json.loads(masked))


def test_secrets_in_a_population_are_masked_and_counted(tmp_path: Path) -> None:
    schema = PopulationSchema(
        name="events",
        title="",
        kind=PopulationKind.REGISTER,
        sensitivity="",
        key=("event_id",),
        columns=(
            Column("event_id", ColumnType.ID),
            Column("note", ColumnType.TEXT, nullable=True),
            Column("attrs", ColumnType.JSON),
            Column("tags", ColumnType.LIST),
        ),
    )
    sql = """SELECT record->>'$.id' AS event_id, record->>'$.note' AS note,
      json_object('command', record->>'$.note', 'n', 1) AS attrs, [record->>'$.note', 'ok'] AS tags FROM raw"""
    key_id = SECRETS["aws key id"]
    records = [
        event(1, note=f"curl -H {SECRETS['github']}"),
        event(2, note="nothing"),
        event(0, id=key_id),
        event(0, id=key_id[:-1] + "F"),
    ]
    write_json_lines(tmp_path / "x.jsonl", records)
    collection = Collection(tmp_path, options={"path": "x.jsonl"}, schemas={"events": schema})
    outcome = collection.run(mappings={"events.sql": sql})
    rows = {str(row["event_id"]): row for row in collection.rows(outcome)}
    assert SECRETS["github"] not in str(rows)
    assert rows["e1"]["note"] == "curl -H ***"
    assert json.loads(str(rows["e1"]["attrs"])) == {"command": "curl -H ***", "n": 1}
    assert rows["e1"]["tags"] == ["curl -H ***", "ok"]
    assert rows["e2"]["note"] == "nothing"
    assert key_id not in str(rows)
    assert sum(name.startswith("masked_") for name in rows) == 2, "identifiers that are secrets still differ"
    assert outcome.provenance
    assert outcome.provenance.secrets_masked == 5


def test_a_population_without_secrets_counts_none(tmp_path: Path) -> None:
    write_json_lines(tmp_path / "x.jsonl", [event(n) for n in range(5)])
    outcome = Collection(tmp_path, options={"path": "x.jsonl"}).run(mappings={"events.sql": EVENTS_FROM_JSON})
    assert outcome.provenance
    assert outcome.provenance.secrets_masked == 0
