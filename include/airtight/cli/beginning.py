"""``airtight init``: an empty organisation, whose files say what belongs into them.

Nothing that exists is overwritten: a folder that holds a file already is refused, and nothing is written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import yaml

from airtight.cli.output import say

_SETTINGS = """\
# {name}. Every key can be overridden by an environment variable, as AIRTIGHT_STORE for store.
organisation: {quoted}
environment: {environment}     # sample and production never share a store, a key or an index
timezone: UTC                  # for display and the fiscal calendar; evidence is in UTC
fiscal_year_starts: 1          # month
store: bundles                 # a folder below the state folder, or s3://bucket/prefix
index: sqlite:///index.db      # or postgresql+psycopg://...
staging: staging               # s3://bucket/prefix where tasks run on several machines
signing_key: keys/signing.pem  # 'airtight keys new' makes it; or a URI of securesystemslib, such as awskms:...
pseudonym_key: keys/pseudonym.key
raw_retention_days: 400
object_lock_days: 0            # S3 Object Lock in COMPLIANCE mode: nobody can shorten it
mail_from: airtight@localhost
mail_connection: ""            # an Airflow connection of type SMTP; empty: alerts are listed, not mailed
"""
_PEOPLE = """\
# Who is told. Owners are named in controls and DAGs by role; addresses stand only here.
owners: {}
#  IT operations: it-operations@example.com
default: compliance@example.com
"""
_CONTROLS = """\
# Where each control stands in its life: planned, active, retired or not-applicable. A planned control stays in every
# denominator as not-collected, opens no finding and sends no alert. Set them active one by one, when their sources are
# there: airtight control try AC-01
default:
  state: planned
  since: {today}
  approver: to be named
  reason: Not started yet.
# controls:
#   AC-01:
#     - {{state: active, since: {today}, approver: Chief risk officer, reason: Sources are connected.}}
"""
_SOURCES = """\
# Where populations come from; 'airtight connectors' lists the connectors and their options, CONTRIBUTING.md shows how
# to add a source. A secret never stands here: `connection` names an Airflow connection.
#
# - id: github-changes
#   collection: change_records
#   system: github/acme
#   connector: github
#   connection: github_default
#   options: {owner: acme, repositories: [core]}
#   settles_after: PT6H
#   populations: {pull_requests: mappings/github/pull_requests.sql}
[]
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(begin)


def begin(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Made where it is missing.")],
    organisation: Annotated[str, typer.Option("--organisation", metavar="NAME", help="The organisation's name.")],
    sample: Annotated[bool, typer.Option("--sample", help="For trying out: its evidence is marked as sample.")] = False,
) -> None:
    """Write the files of an empty organisation: settings, people, sources, the life of the controls."""
    files = _files(organisation, "sample" if sample else "production", datetime.now(UTC).date().isoformat())
    _refuse_existing(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        folder.joinpath(name).write_text(text, encoding="utf-8")
    say(f"{folder.resolve()}: {', '.join(files)}")
    say(f"Next: export AIRTIGHT_ORGANISATION={folder.resolve()}; airtight keys new; airtight check")


def _files(organisation: str, environment: str, today: str) -> dict[str, str]:
    quoted = yaml.safe_dump(organisation, allow_unicode=True, default_style='"').strip()
    return {
        "airtight.yaml": _SETTINGS.format(
            name=" ".join(organisation.split()), quoted=quoted, environment=environment.ljust(10)
        ),
        "people.yaml": _PEOPLE,
        "controls.yaml": _CONTROLS.format(today=today),
        "sources.yaml": _SOURCES,
    }


def _refuse_existing(folder: Path, files: dict[str, str]) -> None:
    from airtight.errors import ConfigurationError

    if folder.exists() and not folder.is_dir():
        raise ConfigurationError("is a file.", where=str(folder), remedy="Name a folder.")
    for name in files:
        if folder.joinpath(name).exists():
            raise ConfigurationError(
                "exists already; nothing was written.", where=str(folder / name), remedy="Name another folder."
            )
