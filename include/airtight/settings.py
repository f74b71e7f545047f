"""Settings of one installation: the only reader of the environment.

``airtight.yaml`` in the organisation folder holds them; an environment variable of the same name in capitals,
``AIRTIGHT_STORE`` for ``store``, wins over the file. Relative paths count from the state folder
(``AIRTIGHT_STATE``, by default ``var`` beside the catalog's ``include``). An unknown key, a missing file or a
wrong value is a ``ConfigurationError`` that names file and key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from airtight.domain.bundle import Environment
from airtight.errors import ConfigurationError

_KEYS = {
    "organisation": None,
    "environment": None,
    "timezone": "UTC",
    "fiscal_year_starts": 1,
    "store": "bundles",
    "index": "sqlite:///index.db",
    "staging": "staging",
    "signing_key": "keys/signing.pem",
    "public_key": "",
    "pseudonym_key": "keys/pseudonym.key",
    "raw_retention_days": 400,
    "object_lock_days": 0,
    "object_lock_confirmed": "",
    "mail_from": "airtight@localhost",
    "mail_connection": "",
}


@dataclass(frozen=True)
class Settings:
    """Where everything is and how long it is kept.

    Attributes:
        home: folder that holds ``include/catalog`` and ``expectations``.
        overlay: the organisation folder, which overlays the catalog.
        state: folder of local state.
        store, staging: a folder or ``s3://bucket/prefix``.
        index: SQLAlchemy URL.
        signing_key: path of a PEM file, or a securesystemslib URI such as ``awskms:...``.
        public_key: its public half, for everyone who only verifies; by default beside the key file.
        object_lock_days: S3 Object Lock retention asked for; 0: none. ``object_lock_confirmed`` repeats it in words,
            because nobody can shorten it afterwards.
    """

    home: Path
    overlay: Path
    state: Path
    organisation: str
    environment: Environment
    timezone: str
    fiscal_year_starts: int
    store: str
    index: str
    staging: str
    signing_key: str
    public_key: Path
    pseudonym_key: Path
    raw_retention_days: int
    object_lock_days: int
    object_lock_confirmed: str
    mail_from: str
    mail_connection: str


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment and the organisation's ``airtight.yaml``.

    Raises:
        ConfigurationError: a folder, the file or a value is missing or wrong.
    """
    env = os.environ if environ is None else environ
    home = Path(env.get("AIRTIGHT_HOME") or _installed_home()).resolve()
    overlay = Path(env.get("AIRTIGHT_ORGANISATION") or home / "include" / "organisation").resolve()
    state = Path(env.get("AIRTIGHT_STATE") or home / "var").resolve()
    values = _read(overlay / "airtight.yaml")
    for key in _KEYS:
        if override := env.get(f"AIRTIGHT_{key.upper()}"):
            # AIRTIGHT_ORGANISATION names the folder, not the organisation
            values[key] = override if key != "organisation" else values[key]
    return _build(home, overlay, state, values)


def _installed_home() -> Path:
    return Path(__file__).resolve().parents[2]


def _read(file: Path) -> dict[str, object]:
    try:
        loaded = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            "the organisation has no settings file.",
            where=str(file),
            remedy="Run 'airtight init' or set AIRTIGHT_ORGANISATION.",
        ) from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"not readable as YAML: {error}", where=str(file)) from None
    if not isinstance(loaded, dict):
        raise ConfigurationError("must be a mapping of settings.", where=str(file))
    unknown = sorted(set(loaded) - set(_KEYS))
    if unknown:
        raise ConfigurationError(
            f"unknown key '{unknown[0]}'.", where=str(file), remedy=f"Known keys: {', '.join(sorted(_KEYS))}."
        )
    missing = [key for key in ("organisation", "environment") if not loaded.get(key)]
    if missing:
        raise ConfigurationError(f"key '{missing[0]}' is missing.", where=str(file))
    return {**_KEYS, **loaded}


def _build(home: Path, overlay: Path, state: Path, values: dict[str, object]) -> Settings:
    where = str(overlay / "airtight.yaml")
    signing_key = _place(str(values["signing_key"]), state)
    public_key = str(values["public_key"] or Path(signing_key).with_suffix(".pub"))
    try:
        environment = Environment(str(values["environment"]))
    except ValueError:
        raise ConfigurationError(
            f"environment is '{values['environment']}'.", where=where, remedy="Write sample or production."
        ) from None
    return Settings(
        home=home,
        overlay=overlay,
        state=state,
        organisation=str(values["organisation"]),
        environment=environment,
        timezone=str(values["timezone"]),
        fiscal_year_starts=_number(values, "fiscal_year_starts", where),
        store=_place(str(values["store"]), state),
        index=_index_url(str(values["index"]), state),
        staging=_place(str(values["staging"]), state),
        signing_key=signing_key,
        public_key=Path(_place(public_key, state)),
        pseudonym_key=Path(_place(str(values["pseudonym_key"]), state)),
        raw_retention_days=_number(values, "raw_retention_days", where),
        object_lock_days=_number(values, "object_lock_days", where),
        object_lock_confirmed=str(values["object_lock_confirmed"]),
        mail_from=str(values["mail_from"]),
        mail_connection=str(values["mail_connection"]),
    )


def _number(values: Mapping[str, object], key: str, where: str) -> int:
    try:
        return int(str(values[key]))
    except ValueError:
        raise ConfigurationError(f"{key} is '{values[key]}', not a whole number.", where=where) from None


def _place(value: str, state: Path) -> str:
    return value if ":" in value.split("/")[0] else str((state / value).resolve())


def _index_url(value: str, state: Path) -> str:
    prefix = "sqlite:///"
    if value.startswith(prefix) and not value.startswith(prefix + "/"):
        return f"{prefix}{(state / value.removeprefix(prefix)).resolve()}"
    return value
