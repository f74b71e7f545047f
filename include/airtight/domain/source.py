"""Sources: where populations come from, as the compliance engineer declares them.

A secret never stands in a source: ``connection`` names an Airflow connection, which the caller resolves to
``Credentials`` at the edge.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import unquote

# up to the last @: a password may hold one, and a URI that is not well formed still hides its password
_URI_PASSWORD = re.compile(r"[^:/]+://[^:@/]*:(.*)@")

#: Keys of a connection's extra that hold settings, not secrets.
PLAIN_EXTRA = frozenset(
    {"region_name", "region", "endpoint_url", "verify", "sslmode", "timeout", "role_arn", "service_config", "base_url"}
)

#: What YAML can hold: the options of a connector are checked by that connector.
OptionValue = str | int | float | bool | None | list["OptionValue"] | dict[str, "OptionValue"]

#: Path of the mapping of a population whose records have the columns of its schema already; it is made, not written.
IDENTITY = "mappings/identity/{}.sql"

#: The collections, one collecting DAG each; a source belongs to one.
COLLECTIONS = ("access_reviews", "change_records", "audit_logs", "governance_records", "model_metrics")

#: Connector of the monitors of AI systems; its sources come after the others of their collection, which they read.
MONITOR = "monitor"
#: The collection that they belong to.
MONITORED = "model_metrics"


@dataclass(frozen=True)
class Source:
    """One declared source.

    Attributes:
        id: unique name, ``github-changes``.
        collection: the DAG that collects it: ``access_reviews``, ``change_records``, ``audit_logs`` ...
        system: which tenant of which system the records prove, ``github/acme``.
        connector: name in the registry of connectors.
        connection: Airflow connection id, or None for sources without log-in.
        options: the connector's own keys.
        settles_after: how long after a window its records may still arrive.
        max_lag: how long after its day a snapshot may be taken and still stand for that day.
        populations: population name -> path of its mapping, relative to the catalog or organisation folder, or
            ``IDENTITY``.
        file: where it was declared, for messages.
    """

    id: str
    collection: str
    system: str
    connector: str
    connection: str | None
    options: Mapping[str, OptionValue]
    settles_after: timedelta
    max_lag: timedelta
    populations: Mapping[str, str]
    file: str = "sources.yaml"


@dataclass(frozen=True)
class Credentials:
    """What a connection resolves to. Never printed: its representation shows no value."""

    host: str | None = field(default=None, repr=False)
    port: int | None = field(default=None, repr=False)
    schema: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    uri: str | None = field(default=None, repr=False)
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    def secrets(self) -> tuple[str, ...]:
        """Every value that must show up nowhere, longest first, so that masking leaves no remainder."""
        extras = {str(value) for key, value in self.extra.items() if key not in PLAIN_EXTRA}
        in_uri = _URI_PASSWORD.match(self.uri or "")
        found = in_uri[1] if in_uri else ""
        values = {self.password, found, unquote(found), *extras}
        return tuple(sorted((value for value in values if value), key=len, reverse=True))


def comes_last(source: Source) -> bool:
    """Whether a source reads what the others of its collection gave in the same run."""
    return source.connector == MONITOR
