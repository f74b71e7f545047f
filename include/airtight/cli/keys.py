"""``airtight keys``: make the installation's keys, and show the fingerprint that auditors are given."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import typer

from airtight.cli.output import AsJson, document, say

keys = typer.Typer(no_args_is_help=True, help="The installation's keys.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="keys")


@keys.command("new")
def new() -> None:
    """Make the signing key and the pseudonym key, where they are missing; nothing is overwritten."""
    from airtight.seal.signers import new_key
    from airtight.settings import load_settings

    settings = load_settings()
    private = Path(settings.signing_key)
    private.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.pseudonym_key.exists():
        _new_pseudonym_key(settings.pseudonym_key)
        say(f"Pseudonym key: {settings.pseudonym_key}")
    fingerprint = new_key(private)
    say(f"Signing key:   {private}\nPublic key:    {private.with_suffix('.pub')}\nFingerprint:   {fingerprint}")
    say("Give auditors the public key or its fingerprint by another way than the bundles.")


def _new_pseudonym_key(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(32) + "\n")


@keys.command("show")
def show(as_json: AsJson = False) -> None:
    """The public key's place and fingerprint."""
    from airtight.seal.signers import load_public_key, load_signer
    from airtight.settings import load_settings

    settings = load_settings()
    file = settings.public_key
    key = load_public_key(file.read_bytes(), str(file)) if file.is_file() else load_signer(settings.signing_key).public
    if as_json:
        document({"fingerprint": key.fingerprint, "public_key": str(file)})
        return
    say(f"Public key:  {file}\nFingerprint: {key.fingerprint}")
