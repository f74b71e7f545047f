"""Any listing of boto3: one operation, all its pages, in each region, a record an item.

A record is ``{"account", "region", "item"}``; times are ISO 8601 in UTC, bytes base64.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, cast

from airtight.collect import options
from airtight.collect.aws_session import AwsSession, translated
from airtight.collect.connector import CollectionRequest
from airtight.collect.templates import fill
from airtight.domain.source import OptionValue, Source
from airtight.wire import timestamp


@dataclass(frozen=True)
class Listing:
    """What to ask.

    Attributes:
        parameters: as boto3 takes them.
        result_key: where the list stands in an answer, with dots; None: the one that boto3 pages through.
        regions: never empty.
    """

    source: Source
    service: str
    operation: str
    parameters: dict[str, Any]
    result_key: str | None
    regions: tuple[str, ...]

    @property
    def query(self) -> str:
        return f"{self.service}:{self.operation} {self.parameters or ''} in {', '.join(self.regions)}"


def listing(request: CollectionRequest, region: str) -> Listing:
    """The listing that a source declares; ``region`` is the connection's."""
    source = request.source
    return Listing(
        source=source,
        service=options.required_text(source, "service"),
        operation=options.required_text(source, "operation"),
        parameters=_parameters(request),
        result_key=options.text(source, "result_key"),
        regions=options.texts(source, "regions") or (region,),
    )


class ListingReader:
    """Reads one listing; ``pages`` counts the answers."""

    def __init__(self, session: AwsSession, account: str, asked: Listing) -> None:
        self._session = session
        self._account = account
        self._asked = asked
        self.pages = 0

    def records(self) -> Iterator[object]:
        """Every item of every page of every region."""
        for region in self._asked.regions:
            client = self._session.client(self._asked.service, region)
            if not hasattr(client, self._asked.operation):
                message = f"boto3's {self._asked.service} has no operation '{self._asked.operation}'."
                raise options.refuse(self._asked.source, "operation", message)
            key = self._key(client)
            for page in self._pages(client, region):
                self.pages += 1
                items = self._items(page, key)
                yield from ({"account": self._account, "region": region, "item": plain(item)} for item in items)

    def _pages(self, client: Any, region: str) -> Iterator[dict[str, Any]]:
        asked = self._asked
        with translated(f"{asked.service}:{asked.operation} in {region}"):
            if client.can_paginate(asked.operation):
                yield from client.get_paginator(asked.operation).paginate(**asked.parameters)
            else:
                yield getattr(client, asked.operation)(**asked.parameters)

    def _items(self, page: dict[str, Any], key: str | None) -> list[Any]:
        if key is None:
            return [{name: value for name, value in page.items() if name != "ResponseMetadata"}]
        found: Any = page
        for name in key.split("."):
            # AWS leaves an empty list out.
            found = (found or {}).get(name)
        return found or []

    def _key(self, client: Any) -> str | None:
        """Where the list stands in an answer: as declared, or as boto3 pages through it.

        Raises:
            DefinitionError: the operation's answer has no such list.
        """
        asked = self._asked
        if asked.result_key is None:
            if not client.can_paginate(asked.operation):
                return None
            return str(client.get_paginator(asked.operation).result_keys[0].expression)
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[asked.operation])
        shape = model.output_shape
        for name in asked.result_key.split("."):
            shape = getattr(shape, "members", {}).get(name)
        if shape is None or shape.type_name != "list":
            known = ", ".join(sorted(getattr(model.output_shape, "members", {}))) or "nothing"
            message = f"the answer of {asked.operation} has no list '{asked.result_key}'."
            raise options.refuse(asked.source, "result_key", message, f"It has {known}.")
        return asked.result_key


def _parameters(request: CollectionRequest) -> dict[str, Any]:
    bounds = {"{window_start}": moment_text(request.window.start), "{window_end}": moment_text(request.window.end)}

    def filled(value: OptionValue) -> OptionValue:
        if isinstance(value, dict):
            return {key: filled(each) for key, each in value.items()}
        if isinstance(value, list):
            return [filled(each) for each in value]
        if not isinstance(value, str):
            return value
        for field, moment in bounds.items():
            value = value.replace(field, moment)
        return fill(value, request.partition, request.window)

    return cast("dict[str, Any]", filled(options.mapping(request.source, "parameters")))


def plain(value: object) -> object:
    """A value of boto3's as JSON has it: times as ISO 8601 in UTC, bytes as base64."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(each) for each in value]
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def moment_text(moment: datetime | date) -> str:
    """A time of boto3's as the wire has it, a date as ISO 8601."""
    return timestamp(moment.astimezone(UTC)) if isinstance(moment, datetime) else moment.isoformat()
