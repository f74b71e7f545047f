"""A small organisation on disk: two sources, one day of exports, keys of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from airtight.installation import Installation, Trigger, open_installation
from airtight.seal.signers import new_key
from airtight.settings import load_settings

DAY = "2026-06-30"

SETTINGS = """\
organisation: Little Org
environment: sample
"""
SOURCES = """\
- id: hr
  collection: access_reviews
  system: hr/little
  connector: files
  options:
    path: exports/hr/{partition}/people.csv
    counts: exports/hr/{partition}/counts.json
    keeps_history: true
  populations: {hr_roster: mappings/little/hr.sql}
- id: directory
  collection: access_reviews
  system: directory/little
  connector: files
  options:
    path: exports/directory/{partition}/accounts.csv
    counts: exports/directory/{partition}/counts.json
    keeps_history: true
  populations: {accounts: mappings/little/accounts.sql}
"""
PEOPLE = """\
owners:
  IT operations: it@little.example
default: everyone@little.example
"""
HR = (
    "SELECT person_id, email AS work_email, name AS full_name, NULL AS manager_id, department, title AS job_title, "
    "'employee' AS worker_type, status, hired AS hire_date, NULL AS job_changed_at, NULL AS returned_at, "
    "left_at AS termination_at, left_how AS termination_kind FROM raw"
)
ACCOUNTS = (
    "SELECT id AS account_id, 'directory' AS system_id, login, person AS person_id, 'human' AS kind, status, "
    "'2020-01-01T00:00:00' AS created_at, closed AS disabled_at, seen AS last_login_at, "
    "'phishing-resistant' AS mfa_state, true AS sso_enforced, false AS is_privileged, NULL AS owner_id, "
    "NULL AS ai_agent FROM raw"
)
PEOPLE_CSV = """\
person_id,email,name,department,title,status,hired,left_at,left_how
E1,ada@little.example,Ada,IT,Admin,active,2020-01-01,,
E2,ben@little.example,Ben,IT,Admin,terminated,2020-01-01,2026-06-28T09:00:00,voluntary
"""
ACCOUNTS_CSV = """\
id,login,person,status,closed,seen
a1,ada,E1,active,,2026-06-30T08:00:00
a2,ben,E2,active,,2026-06-28T08:00:00
"""


class LittleOrganisation:
    """The organisation's folders, and ways to change what its sources say."""

    def __init__(self, root: Path, home: Path) -> None:
        self.home, self.overlay, self.state = home, root / "organisation", root / "var"
        mappings = self.overlay / "catalog" / "mappings" / "little"
        mappings.mkdir(parents=True)
        self.overlay.joinpath("airtight.yaml").write_text(SETTINGS)
        self.overlay.joinpath("sources.yaml").write_text(SOURCES)
        self.overlay.joinpath("people.yaml").write_text(PEOPLE)
        shutil.copy(home / "include" / "organisation" / "controls.yaml", self.overlay)
        mappings.joinpath("hr.sql").write_text(HR)
        mappings.joinpath("accounts.sql").write_text(ACCOUNTS)
        self.state.joinpath("keys").mkdir(parents=True)
        new_key(self.state / "keys" / "signing.pem")
        pseudonyms = self.state / "keys" / "pseudonym.key"
        pseudonyms.write_text("ab" * 32)
        pseudonyms.chmod(0o600)

    def export(self, day: str = DAY, people: str | None = PEOPLE_CSV, accounts: str | None = ACCOUNTS_CSV) -> None:
        """Write a day's exports; None: that system gives nothing."""
        for vendor, name, content in (("hr", "people.csv", people), ("directory", "accounts.csv", accounts)):
            folder = self.state / "exports" / vendor / day
            folder.mkdir(parents=True, exist_ok=True)
            if content is not None:
                folder.joinpath(name).write_text(content)
                folder.joinpath("counts.json").write_text(f'{{"{name}": {len(content.splitlines()) - 1}}}')

    def open(self) -> Installation:
        """The installation, opened."""
        environ = {
            "AIRTIGHT_HOME": str(self.home),
            "AIRTIGHT_ORGANISATION": str(self.overlay),
            "AIRTIGHT_STATE": str(self.state),
        }
        return open_installation(load_settings(environ))


@pytest.fixture
def little(tmp_path: Path, repository: Path) -> LittleOrganisation:
    """The organisation with one day of exports, in which a leaver's account is still active."""
    organisation = LittleOrganisation(tmp_path, repository)
    organisation.export()
    return organisation


@pytest.fixture
def scheduled() -> Trigger:
    """A scheduled run."""
    return Trigger(dag_id="collect_access_reviews", run_id="scheduled__1", kind="scheduled")


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """The morning after the day."""
    return lambda: datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
