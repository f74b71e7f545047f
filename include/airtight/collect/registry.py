"""The connectors that a source may name: an explicit list, each loaded only when it is used."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from airtight.collect.connector import Connector
from airtight.domain.source import MONITOR
from airtight.errors import DefinitionError


def _lazy(module: str, name: str) -> Callable[[], Connector]:
    def make() -> Connector:
        connector: Connector = getattr(import_module(f"airtight.collect.{module}"), name)()
        return connector

    return make


#: Name in sources.yaml -> factory. CloudTrail files belong to connector ``aws``.
CONNECTORS: dict[str, Callable[[], Connector]] = {
    "airtight": _lazy("own_results", "OwnResultsConnector"),
    "aws": _lazy("aws", "AwsConnector"),
    "files": _lazy("files", "FilesConnector"),
    "git": _lazy("git", "GitConnector"),
    "github": _lazy("github", "GitHubConnector"),
    "registers": _lazy("registers", "RegistersConnector"),
    MONITOR: _lazy("monitors", "MonitorConnector"),
    "sql": _lazy("sql", "SqlConnector"),
}


def connector(name: str, where: str | None = None) -> Connector:
    """The connector of that name.

    Raises:
        DefinitionError: there is none.
    """
    try:
        return CONNECTORS[name]()
    except KeyError:
        raise DefinitionError(
            f"there is no connector '{name}'.",
            where=where,
            remedy=f"Known connectors: {', '.join(sorted(CONNECTORS))}.",
        ) from None
