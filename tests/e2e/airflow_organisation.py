"""A small organisation for runs under a real Airflow: two daily files, a database and a listing without history."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from datetime import date, datetime, time, timedelta
from pathlib import Path

SETTINGS = """\
organisation: Little Org
environment: sample
mail_from: airtight@little.example
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
- id: deploys
  collection: change_records
  system: deploys/little
  connector: sql
  connection: deploys_db
  options:
    query: SELECT * FROM deploys WHERE started >= :window_start AND started < :window_end
    count: SELECT count(*) FROM deploys WHERE started >= :window_start AND started < :window_end
    keeps_history: true
  populations: {deployments: mappings/little/deployments.sql}
- id: branches
  collection: change_records
  system: github/little
  connector: files
  max_lag: P3D
  options: {path: exports/branches.csv}
  populations: {branch_protections: mappings/little/branches.sql}
- id: answers
  collection: governance_records
  system: airtight/little
  connector: airtight
  populations: {attestations: identity}
"""
PEOPLE = """\
owners:
  IT operations: it@little.example
default: everyone@little.example
people:
  E1: {address: manager@little.example, roles: [Compliance lead, Committee chair], account: manager}
  E2:
    address: owners@little.example
    roles: [HR / ethics officer, Security operations, Executive sponsor, Facilities / CISO]
    account: engineer
"""
MAPPINGS = {
    "hr": (
        "SELECT person_id, email AS work_email, name AS full_name, NULL AS manager_id, department, title AS job_title, "
        "'employee' AS worker_type, status, hired AS hire_date, NULL AS job_changed_at, NULL AS returned_at, "
        "left_at AS termination_at, left_how AS termination_kind FROM raw"
    ),
    "accounts": (
        "SELECT id AS account_id, 'directory' AS system_id, login, person AS person_id, 'human' AS kind, status, "
        "'2020-01-01T00:00:00' AS created_at, closed AS disabled_at, seen AS last_login_at, "
        "'phishing-resistant' AS mfa_state, true AS sso_enforced, false AS is_privileged, NULL AS owner_id, "
        "NULL AS ai_agent FROM raw"
    ),
    "deployments": (
        "SELECT id AS deployment_id, 'core' AS system_id, NULL AS ai_system_id, NULL AS model_version_id, "
        "'prod' AS environment, sha, started AS started_at, NULL AS finished_at, who AS initiated_by, "
        "'human' AS initiated_by_kind, 'human' AS triggered_by_kind, NULL AS approved_by, NULL AS change_id, "
        "'success' AS status, NULL AS rollback_of FROM raw"
    ),
    "branches": (
        "SELECT repo, branch, approvals AS required_approvals, true AS dismiss_stale, true AS enforce_admins, "
        "['test'] AS required_checks, false AS allow_force_push, '[]' AS bypass_actors FROM raw"
    ),
}


class AirflowOrganisation:
    """The organisation's folders under ``root``, its three days, and what its systems say on each."""

    def __init__(self, root: Path, home: Path, today: date) -> None:
        self.home, self.folder, self.state = home, root / "organisation", root / "var"
        self.days = tuple(today - timedelta(days=back) for back in (1, 2, 3))
        mappings = self.folder / "catalog" / "mappings" / "little"
        mappings.mkdir(parents=True)
        for name, text in {"airtight": SETTINGS, "sources": SOURCES, "people": PEOPLE}.items():
            self.folder.joinpath(f"{name}.yaml").write_text(text)
        for name, sql in MAPPINGS.items():
            mappings.joinpath(f"{name}.sql").write_text(sql)
        shutil.copy(home / "include" / "organisation" / "controls.yaml", self.folder)
        self._export()

    @property
    def database(self) -> Path:
        """The database that the source ``deploys`` reads."""
        return self.state / "deploys.db"

    def directory(self, day: date) -> None:
        """The directory's accounts: the one of Ben, who left, is still active."""
        accounts = ["id,login,person,status,closed,seen"]
        accounts += [f"{key},{login},{who},active,,{day}T08:00:00" for key, login, who in _ACCOUNTS]
        self._file("directory", day, "accounts.csv", accounts)

    def _export(self) -> None:
        late = self.days[1]
        left = datetime.combine(self.days[-1] - timedelta(days=9), time(9))
        for day in self.days:
            self._file("hr", day, "people.csv", _people(left))
            if day != late:
                self.directory(day)
        self.state.joinpath("exports", "branches.csv").write_text("repo,branch,approvals\ncore,main,2\n")
        with sqlite3.connect(self.database) as database:
            database.execute("CREATE TABLE deploys (id TEXT, sha TEXT, started TEXT, who TEXT)")
            rows = [(f"d{number}", "ab12", f"{day} 10:00:00", "E1") for number, day in enumerate(self.days)]
            database.executemany("INSERT INTO deploys VALUES (?, ?, ?, ?)", rows)
        database.close()

    def _file(self, system: str, day: date, name: str, lines: list[str]) -> None:
        folder = self.state / "exports" / system / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        folder.joinpath("counts.json").write_text(json.dumps({name: len(lines) - 1}))
        folder.joinpath(name).write_text("".join(f"{line}\n" for line in lines))


_ACCOUNTS = (("a1", "ada", "E1"), ("a2", "ben", "E2"))


def _people(left: datetime) -> list[str]:
    rows = [
        ("person_id", "email", "name", "department", "title", "status", "hired", "left_at", "left_how"),
        ("E1", "ada@little.example", "Ada", "IT", "Admin", "active", "2020-01-01", "", ""),
        ("E2", "ben@little.example", "Ben", "IT", "Admin", "terminated", "2020-01-01", left.isoformat(), "voluntary"),
    ]
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().splitlines()
