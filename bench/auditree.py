"""A hundred collections and a hundred control tests, sealed and signed, against Auditree's fetch and check.

    python bench/auditree.py [--items 100] [--rows 1000] [--repeats 3] [--venv DIR]

Both tools do the same work on the same records: ITEMS lists of ROWS users are collected, and one control for each list
looks for users without a second factor (11 of 1,000). Auditree (``auditree-framework`` from PyPI, installed into DIR, a
throw-away virtual environment, where it is missing) fetches with a signature for each evidence, RSA-2048, into a local
locker, then checks. Airtight collects ITEMS sources, seals and signs them, publishes to a folder, judges ITEMS controls
each in a process of its own, seals, signs and publishes the results, and the day's register. Neither side runs quality
suites, which Auditree does not have: each population gets a report of no expectation. Both generate the records in the
measured process; keys are made before.

Reported are wall time and CPU seconds of all processes, medians, runs alternating. Exit code 1 where Airtight takes
more of either.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airtight.installation import Installation, Trigger
    from airtight.pipeline import Checked

REPOSITORY = Path(__file__).resolve().parents[1]
DAY = "2026-09-14"
COLLECTION = "access_reviews"

RECORD = "dict(id=j, login=f'u{j}', mfa=(j % 97 != 0), last='2026-10-01', roles=['a', 'b'])"


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float


def measured(work: Callable[[], object]) -> Cost:
    """Wall and CPU seconds of the processes that some work starts and waits for."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return Cost(end - start, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def run(command: list[str], folder: Path, **environment: str) -> str:
    """What a command says; ends the benchmark where it fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


# --- Auditree


def auditree_environment(folder: Path) -> Path:
    """The ``compliance`` command, installed where it is missing."""
    command = folder / "bin" / "compliance"
    if not command.exists():
        run([sys.executable, "-m", "venv", str(folder)], REPOSITORY)
        packages = ["auditree-framework", "auditree-arboretum", "parameterized", "setuptools<81"]
        run([str(folder / "bin" / "pip"), "install", "-q", *packages], REPOSITORY)
    return command


def auditree_project(folder: Path, items: int, rows: int) -> None:
    for package in ("pkg", "pkg/fetchers", "pkg/checks"):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").touch()
    (folder / "pkg/templates").mkdir()
    template = "# {{test.title}}\n{% for k,v in all_failures.items() %}## {{k}}\n{% for x in v %}* {{x}}\n{% endfor %}"
    template += "{% endfor %}"
    (folder / "pkg/templates/default.md.tmpl").write_text(template)
    (folder / "pkg/fetchers/fetch_x.py").write_text(_fetchers(items, rows))
    (folder / "pkg/checks/test_x.py").write_text(_checks(items))
    (folder / "controls.json").write_text(json.dumps({f"pkg.checks.test_x.C{i}": ["soc2"] for i in range(items)}))
    locker = {"repo_url": "https://localhost/x/y", "default_branch": "main"}
    settings = {"locker": locker, "agent_name": "bench.agent", "agent_private_key": "agent.pem"}
    (folder / "auditree.json").write_text(json.dumps(settings))
    (folder / "creds").touch()
    (folder / "t").mkdir()
    run(["openssl", "genrsa", "-out", "agent.pem", "2048"], folder)
    run(["openssl", "rsa", "-in", "agent.pem", "-pubout", "-out", "agent.pub"], folder)


def _fetchers(items: int, rows: int) -> str:
    head = f"""import json
from compliance.agent import ComplianceAgent
from compliance.evidence import DAY, RawEvidence
from compliance.fetch import ComplianceFetcher


class F(ComplianceFetcher):
    def _fetch(self, name, folder):
        ev = RawEvidence(name, folder, DAY, 'users', agent=ComplianceAgent.from_config())
        if self.locker.validate(ev):
            return
        ev.set_content(json.dumps([{RECORD} for j in range({rows})]))
        self.locker.add_evidence(ev)

    def fetch_agent_public_keys(self):
        ev = RawEvidence('agent_public_keys.json', 'auditree', DAY, 'keys')
        ev.set_content(json.dumps({{'bench.agent': open('agent.pub').read()}}))
        self.locker.add_evidence(ev)
"""
    each = "\n    def fetch_e{0}(self):\n        self._fetch('e{0}.json', 'c{1}')\n"
    return head + "".join(each.format(i, i % 20) for i in range(items))


def _checks(items: int) -> str:
    head = """import json
from compliance.check import ComplianceCheck
from compliance.evidence import with_raw_evidences
"""
    each = """

class C{0}(ComplianceCheck):
    @property
    def title(self):
        return 'control {0}'

    @with_raw_evidences('c{1}/e{0}.json')
    def test_mfa{0}(self, evidence):
        for r in json.loads(evidence.content):
            (self.add_successes if r['mfa'] else self.add_failures)('mfa', r['login'])

    def get_reports(self):
        return ['c{1}/r{0}.md']

    def msg_mfa{0}(self):
        return {{'subtitle': 'mfa', 'body': None}}
"""
    return head + "".join(each.format(i, i % 20) for i in range(items))


def run_auditree(command: Path, folder: Path, items: int, rows: int) -> None:
    shared = ["--evidence", "local", "-C", "auditree.json", "--creds-path", "creds"]
    run([str(command), "--fetch", *shared], folder, TMPDIR=str(folder / "t"))
    said = run([str(command), "--check", "soc2", *shared], folder, TMPDIR=str(folder / "t"))
    found = said.count(f"FAIL ({len(range(0, rows, 97))} failures)")
    if found != items:
        sys.exit(f"Auditree did not judge as it should: {found} of {items} checks found what is there")


# --- Airtight

POPULATION = """name: {name}
title: Users
kind: snapshot
sensitivity: internal
key: [id]
columns:
  id: {{type: int}}
  login: {{type: str}}
  mfa: {{type: bool}}
  last: {{type: date}}
  roles: {{type: list}}
"""
MAPPING = """SELECT record->>'$.id' AS id, record->>'$.login' AS login, record->>'$.mfa' AS mfa,
  record->>'$.last' AS last, CAST(record->'$.roles' AS VARCHAR[]) AS roles
FROM raw
"""
SOURCE = """- id: users-{i:03}
  collection: access_reviews
  system: bench
  connector: files
  options: {{path: "exports/{{partition}}/e{i}.json", keeps_history: true}}
  populations: {{{name}: mappings/bench/users.sql}}
"""
CONTROL = """id: BM-{i:02}
title: Control {i}
objective: Users have a second factor.
owner: Bench
frequency: daily
tiers: [entity]
requirements: {{soc2: [CC6.1], iso42001: [], supports: {{soc2: [], iso42001: []}}}}
tests:
  - id: BM-{i:02}.T1
    title: Users have a second factor
    procedure: Deviation when a user has none.
    window: day
    populations: [{name}]
    population: SELECT id FROM {name}
    deviations: SELECT id, login FROM {name} WHERE NOT mfa
    cases:
      - name: one without
        given: {{{name}: [{{id: 1, mfa: true}}, {{id: 2, mfa: false}}]}}
        deviations: [{{id: 2}}]
"""
LIFE = "default: {state: active, since: 2026-01-01, approver: Bench, reason: Bench}\n"


def airtight_installation(home: Path, items: int) -> None:
    catalog, organisation = home / "include/catalog", home / "include/organisation"
    for folder in ("controls", "populations", "mappings/bench"):
        (catalog / folder).mkdir(parents=True)
    (home / "expectations").mkdir()
    organisation.mkdir()
    shutil.copytree(REPOSITORY / "include/catalog/frameworks", catalog / "frameworks")
    (catalog / "mappings/bench/users.sql").write_text(MAPPING)
    for i in range(items):
        name = f"users_{i:03}"
        (catalog / f"populations/{name}.yaml").write_text(POPULATION.format(name=name))
        (home / f"expectations/{name}.json").write_text(json.dumps({"name": name, "expectations": []}))
        (catalog / f"controls/BM-{i:02}.yaml").write_text(CONTROL.format(i=i, name=name))
    sources = "".join(SOURCE.format(i=i, name=f"users_{i:03}") for i in range(items))
    (organisation / "sources.yaml").write_text(sources)
    (organisation / "controls.yaml").write_text(LIFE)
    shutil.copy(REPOSITORY / "requirements.txt", home)
    (organisation / "airtight.yaml").write_text("organisation: Bench\nenvironment: sample\n")
    run([sys.executable, "-m", "airtight.cli", "keys", "new"], home, AIRTIGHT_HOME=str(home))


def run_airtight(home: Path, rows: int, items: int) -> None:
    command = [sys.executable, str(Path(__file__).resolve()), "--day-of", str(home)]
    run([*command, "--items", str(items), "--rows", str(rows)], home, AIRTIGHT_HOME=str(home))


def day_of(home: Path, items: int, rows: int) -> None:
    """The measured process: write the exports, run the day, check that it found what is there."""
    from airtight.pipeline import Trigger, evaluate, open_installation, publish_collection, watch_coverage
    from airtight.settings import load_settings

    exports = home / "var/exports" / DAY
    exports.mkdir(parents=True)
    for i in range(items):
        records = [_record(number) for number in range(rows)]
        (exports / f"e{i}.json").write_text(json.dumps(records))
    opened = open_installation(load_settings())
    trigger = Trigger()
    checked = _unsuited(opened, trigger)
    publish_collection(opened, COLLECTION, DAY, checked.reference(), trigger=trigger)
    published = evaluate(opened, DAY, trigger=trigger)
    watch_coverage(opened, DAY, trigger=trigger)
    found_in = opened.index.latest_results(DAY)
    lines = [each.line for each in found_in if each.bundle == published.bundle.digest and each.line.test]
    found = {(line.state.value, line.deviation_n) for line in lines}
    reasons = sorted({line.reason for line in lines})[:3]
    if len(lines) != items or found != {("fail", len(range(0, rows, 97)))}:
        sys.exit(f"Airtight did not judge as it should: {len(lines)} results, {found}, {reasons}")


def _unsuited(opened: Installation, trigger: Trigger) -> Checked:
    """Every source collected, each population with a report of no expectation, which lets it be relied on."""
    from airtight.domain.collection import SourceOutcome
    from airtight.domain.quality import QualityReport
    from airtight.journey.staged import fetch_value, stage_value
    from airtight.pipeline import Checked, collect

    staging = opened.run_staging(trigger, COLLECTION, DAY)
    staged = [collect(opened, source, DAY, trigger=trigger).outcome for source in opened.catalog.sources]
    outcomes = [fetch_value(staging, SourceOutcome, file) for file in staged if file]
    suites = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in opened.catalog.suites.items()}
    reports = [
        QualityReport(each.population, each.source, suites[each.population], each.rows, ())
        for outcome in outcomes
        for each in outcome.collected
    ]
    return Checked(tuple(file for file in staged if file), stage_value(staging, reports))


def _record(j: int) -> dict[str, object]:
    return {"id": j, "login": f"u{j}", "mfa": j % 97 != 0, "last": "2026-10-01", "roles": ["a", "b"]}


# --- both


def one_round(command: Path, items: int, rows: int) -> tuple[Cost, Cost]:
    with tempfile.TemporaryDirectory(prefix="bench-auditree-") as name:
        folder = Path(name)
        theirs, ours = folder / "auditree", folder / "airtight"
        theirs.mkdir()
        auditree_project(theirs, items, rows)
        airtight_installation(ours, items)
        return measured(lambda: run_auditree(command, theirs, items, rows)), measured(
            lambda: run_airtight(ours, rows, items)
        )


def main() -> int:
    arguments = argparse.ArgumentParser(description="Airtight against Auditree.")
    arguments.add_argument("--items", type=int, default=100)
    arguments.add_argument("--rows", type=int, default=1000)
    arguments.add_argument("--repeats", type=int, default=3)
    arguments.add_argument("--venv", type=Path, default=Path(tempfile.gettempdir()) / "auditree-venv")
    arguments.add_argument("--day-of", type=Path, default=None, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.day_of:
        day_of(given.day_of, given.items, given.rows)
        return 0
    command = auditree_environment(given.venv)
    rounds = [one_round(command, given.items, given.rows) for _ in range(given.repeats)]
    medians = {
        "Auditree": Cost(statistics.median(a.wall for a, _ in rounds), statistics.median(a.cpu for a, _ in rounds)),
        "Airtight": Cost(statistics.median(b.wall for _, b in rounds), statistics.median(b.cpu for _, b in rounds)),
    }
    print(
        f"{given.items} collections of {given.rows} rows and as many control tests, signed; median of {given.repeats}:"
    )
    for name, cost in medians.items():
        print(f"  {name}: {cost.wall:6.2f} s wall, {cost.cpu:6.2f} s CPU")
    theirs, ours = medians["Auditree"], medians["Airtight"]
    print(f"  ratio:    {ours.wall / theirs.wall:6.2f}   wall, {ours.cpu / theirs.cpu:6.2f}   CPU")
    return 1 if ours.wall > theirs.wall or ours.cpu > theirs.cpu else 0


if __name__ == "__main__":
    sys.exit(main())
