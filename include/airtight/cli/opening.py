"""The installation that the command line works on, and credentials from the environment.

A connection ``okta_default`` is read from ``AIRFLOW_CONN_OKTA_DEFAULT``, as Airflow itself would: a URI
(``https://user:password@host:443/schema?key=value``) or a JSON object.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from airtight.domain.source import Credentials, Source
from airtight.errors import SourceRefused

if TYPE_CHECKING:
    from airtight.domain.catalog import Catalog
    from airtight.installation import Installation


def opened() -> Installation:
    """The installation that the environment names."""
    from airtight.installation import open_installation
    from airtight.settings import load_settings

    return open_installation(load_settings())


def credentials_of(source: Source) -> Credentials:
    """What a source's connection resolves to.

    Raises:
        SourceRefused: the environment does not define the connection, or not readably; its value is never shown.
    """
    if source.connection is None:
        return Credentials()
    variable = f"AIRFLOW_CONN_{source.connection.upper()}"
    value = os.environ.get(variable)
    if not value:
        raise SourceRefused(
            f"connection '{source.connection}' is not defined.",
            where=source.id,
            remedy=f"Set {variable} to a URI or a JSON object, as for Airflow.",
        )
    try:
        return _from_json(value) if value.lstrip().startswith("{") else _from_uri(value)
    except (ValueError, TypeError, AttributeError):
        raise SourceRefused(f"{variable} is neither a URI nor a JSON object.", where=source.id) from None


def _from_json(value: str) -> Credentials:
    given = json.loads(value)
    extra = given.get("extra") or {}
    extra = json.loads(extra) if isinstance(extra, str) else extra
    return Credentials(
        host=given.get("host"),
        port=int(given["port"]) if given.get("port") else None,
        schema=given.get("schema"),
        login=given.get("login"),
        password=given.get("password"),
        extra={str(key): str(cell) for key, cell in extra.items()},
    )


def _from_uri(value: str) -> Credentials:
    parts = urlsplit(value)
    extra = dict(parse_qsl(parts.query))
    nested = extra.pop("__extra__", None)
    return Credentials(
        host=unquote(parts.hostname or "") or None,
        port=parts.port,
        schema=unquote(parts.path.lstrip("/")) or None,
        login=unquote(parts.username or "") or None,
        password=unquote(parts.password or "") or None,
        uri=value,
        extra=extra | ({str(key): str(cell) for key, cell in json.loads(nested).items()} if nested else {}),
    )


def catalog_only() -> Catalog:
    """The catalog, without opening store or index."""
    from airtight.collect.registry import CONNECTORS
    from airtight.definitions.catalog import load_catalog
    from airtight.settings import load_settings

    settings = load_settings()
    return load_catalog(settings.home, settings.overlay, frozenset(CONNECTORS))
