"""A small installation and organisation, whose files a test may change before they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from airtight.definitions.catalog import load_catalog
from airtight.domain.catalog import Catalog

PEOPLE = """\
name: people
title: People
kind: snapshot
sensitivity: internal-pii
key: [person_id]
columns:
  person_id: {type: id}
  status: {type: enum, values: [active, terminated]}
  left_at: {type: ts, nullable: true}
"""

ACCOUNTS = """\
name: accounts
title: Accounts
kind: snapshot
sensitivity: internal-pii
key: [account_id]
sources: [Okta, csv]
columns:
  account_id: {type: id}
  login: {type: str, personal: true, redact: pseudonym}
  person_id: {type: id, nullable: true, references: people.person_id}
"""

CHANGES = """\
name: changes
title: Changes
kind: event
sensitivity: internal
key: [change_id]
event_time: done_at
columns:
  change_id: {type: id}
  done_at: {type: ts}
"""

FRAMEWORK = """\
id: soc2
name: Criteria
edition: "2017"
requirements:
  - {id: CC6, kind: series, assessable: false, title: Access}
  - {id: CC6.1, parent: CC6, kind: criterion, title: Architecture}
  - {id: CC6.2, parent: CC6, kind: criterion, title: Registration}
"""

CONTROL = """\
id: AC-01
title: Leavers lose access
objective: Access ends when people leave.
owner: IT operations
frequency: daily
tiers: [entity]
requirements:
  soc2: [CC6.1]
  supports: {soc2: [CC6.2]}
tests:
  - id: AC-01.T1
    title: Accounts of leavers
    procedure: Inspect every account. Deviation when it is active {hours} hours after leaving.
    window: day
    populations: [people, accounts, accounts_history]
    requires: [people]
    population: SELECT account_id FROM accounts
    tested: SELECT account_id FROM accounts WHERE person_id IS NOT NULL
    untested_reason: accounts without an owner are AC-01.T2's
    parameters: {hours: 24, kinds: [human, shared]}
    deviations: |
      SELECT a.account_id, p.left_at AS occurred_at
      FROM accounts a JOIN people p USING (person_id)
      WHERE epoch($window_end) - epoch(p.left_at) > 3600 * $hours AND 'human' IN (SELECT unnest($kinds))
    tolerance: 0.05
    empty_ok: true
    cases:
      - name: left two days ago
        given:
          people: [{person_id: p1, status: terminated, left_at: 2026-06-28T00:00:00Z}]
          accounts_history: [{account_id: a1, _day: 2026-06-30, _source: okta}]
        deviations: [{account_id: a1}]
        population: 1
        day: 2026-06-30
        parameters: {hours: 1}
      - name: nobody known
        given: {}
        inconclusive: true
  - id: AC-01.T2
    kind: attestation
    attester: Auditor
    procedure: Somebody else than the owner states that shared accounts are justified.
    window: quarter
  - id: AC-01.T3
    procedure: Compare with the identity governance tool.
    window: P90D
    awaits: the connector of the identity governance tool
design:
  risk: Somebody who left goes on reading.
  nature: detective
  operation: automated
  precision: Every account.
  evaluator: Internal auditor
"""

SOURCES = """\
- id: okta-users
  collection: access_reviews
  system: okta/acme
  connector: files
  connection: okta_default
  options: {path: "exports/{partition}.csv", keeps_history: true}
  settles_after: PT6H
  max_lag: P1D
  populations: {accounts: mappings/okta/accounts.sql}
- id: hr
  collection: access_reviews
  system: hr/acme
  connector: files
  populations: {people: mappings/hr/people.sql}
"""

LIVES = """\
default: {state: active, since: 2026-01-01, approver: CRO, reason: start}
controls:
  AC-01:
    - {state: planned, since: 2026-01-01, approver: CRO, reason: not built}
    - {state: active, since: 2026-03-01, approver: CRO, reason: built}
"""

PEOPLE_OF = """\
owners: {IT operations: it@acme.example}
default: all@acme.example
people:
  E2: {address: b@acme.example, roles: [Auditor], account: auditor}
  E1: {address: a@acme.example, roles: [IT operations, Admin]}
"""

CONNECTORS = frozenset({"files", "sql"})

FILES = {
    "home/include/catalog/populations/people.yaml": PEOPLE,
    "home/include/catalog/populations/accounts.yaml": ACCOUNTS,
    "home/include/catalog/populations/changes.yaml": CHANGES,
    "home/include/catalog/frameworks/soc2.yaml": FRAMEWORK,
    "home/include/catalog/controls/AC-01.yaml": CONTROL,
    "home/include/catalog/mappings/okta/accounts.sql": "SELECT record->>'$.id' AS account_id FROM raw",
    "home/include/catalog/mappings/hr/people.sql": "SELECT * FROM raw WHERE day = $partition;",
    "home/expectations/accounts.json": '{"name": "accounts", "expectations": []}',
    "home/expectations/people.json": '{"name": "people", "expectations": []}',
    "organisation/sources.yaml": SOURCES,
    "organisation/controls.yaml": LIVES,
    "organisation/people.yaml": PEOPLE_OF,
}


@dataclass(frozen=True)
class Place:
    """Where the files lie. Paths are relative, ``home/...`` or ``organisation/...``."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def overlay(self) -> Path:
        return self.root / "organisation"

    def write(self, path: str, text: str) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def replace(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def load(self) -> Catalog:
        return load_catalog(self.home, self.overlay, CONNECTORS)
