"""The sample organisation on this machine: its exports up to a day, and its keys, made when they are missing."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from pathlib import Path

from airtight.seal.signers import new_key
from airtight_launch.home import private_file

#: Days of exports to write: what daily collection, a weekly control and a re-count may ask for.
RECENT = 14


def prepare_sample(state: Path, last: date) -> None:
    """Write the exports of the last days up to ``last``, unless they are there."""
    from samples.__main__ import TWO_QUARTERS
    from samples.generate import generate
    from samples.timeline import Timeline

    if not (state / "exports" / "hr" / last.isoformat()).is_dir():
        generate(state / "exports", Timeline(last - timedelta(days=TWO_QUARTERS - 1), last), only_last=RECENT)


def prepare_keys(state: Path) -> None:
    """A signing key and a pseudonym key, each 0600; keys that exist are kept."""
    folder = state / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / "signing.pem").exists():
        new_key(folder / "signing.pem")
    if not (folder / "pseudonym.key").exists():
        private_file(folder / "pseudonym.key", secrets.token_hex(32) + "\n")
