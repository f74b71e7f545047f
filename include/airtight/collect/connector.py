"""The contract between station 1 and its connectors.

A connector fetches the raw records of one window into files, byte for byte as the source gave them (or, for an
API, as JSON lines), and says how it obtained them. It maps nothing and judges nothing. Whatever a source does
wrong leaves a connector as one ``SourceError`` with a plain reason; a wrong declaration as a ``DefinitionError``
that names the option. Records stream to disk: a connector holds a page at a time, never a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from airtight.domain.control import CellValue
from airtight.domain.period import Window
from airtight.domain.population import PopulationSchema
from airtight.domain.source import Credentials, Source

#: ``document``: a file that is kept as it is beside the streams that were read from it.
RawFormat = Literal["csv", "json", "jsonl", "parquet", "document"]


class EarlierResults(Protocol):
    """What the product itself sealed before: the source of connector ``airtight``."""

    def records(self, stream: str, window: Window) -> Iterable[Mapping[str, CellValue]]:
        """Records of one stream (``control_results``, ``collector_runs`` ...) whose period ends in the window."""
        ...


@dataclass(frozen=True)
class MonitorRun:
    """What the monitors of a day gave.

    Attributes:
        records: population -> its rows.
        documents: reports for readers.
        about: which set-ups ran on what.
        notes: plain sentences, such as a system that could not be monitored.
    """

    records: Mapping[str, Iterable[Mapping[str, CellValue]]]
    documents: tuple[Path, ...]
    about: str
    notes: tuple[str, ...]


class MonitorRuns(Protocol):
    """The monitors of AI systems: the source of connector ``monitor``."""

    def run(self, partition: str, folder: Path) -> MonitorRun:
        """Run what is due after a day; documents go to the folder."""
        ...


@dataclass(frozen=True)
class CollectionRequest:
    """One pull: what, which window, with which log-in, and where the raw files go.

    Attributes:
        folder: an empty local folder for the raw files; the caller removes it.
        base: folder that relative paths of the source's options count from.
        organisation: folder of the organisation, which holds what its people keep as files; None: not at hand.
        schemas: population -> its schema, for connectors that read what people write.
        code_version: version of the collecting code, for user agents.
        earlier: sealed results, for connector ``airtight`` only.
        monitors: the monitors of AI systems, for connector ``monitor`` only.
        sample: for a trial, enough records to stop after; a connector may give more. None: all.
    """

    source: Source
    window: Window
    partition: str
    folder: Path
    base: Path
    credentials: Credentials = field(default_factory=Credentials)
    code_version: str = "unknown"
    earlier: EarlierResults | None = None
    sample: int | None = None
    organisation: Path | None = None
    schemas: Mapping[str, PopulationSchema] = field(default_factory=dict)
    monitors: MonitorRuns | None = None


@dataclass(frozen=True)
class CsvDialect:
    """How a CSV file is written; None means: found out from the file.

    Attributes:
        delimiter: one character; None: the one of ``,;<tab>|`` that fits.
        encoding: None: UTF-8, with or without byte order mark, else Latin-1, which is then noted.
        header: column names where the file has no header line.
        required: columns that must be there; each may be absent from the mapping.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header: tuple[str, ...] | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True)
class RawFile:
    """One file of raw records, complete on local disk.

    Attributes:
        path: the local copy, inside the request's folder; gzip is recognised by its first bytes.
        stream: name under which the mapping reads it; files of one stream share a format.
        records: number of records when the connector knows it; None: counted when the file is read.
        name: how the source calls it (path, object key, endpoint), for messages; never with secrets.
        records_path: for ``json``, where the list of records stands (``$.Records``); None: a top-level array holds
            one record an element, a top-level object is one record.
        expected: the source's own number of records in this file, where it tells one.
    """

    path: Path
    stream: str
    format: RawFormat
    media_type: str
    records: int | None = None
    name: str = ""
    records_path: str | None = None
    dialect: CsvDialect = CsvDialect()
    expected: int | None = None


@dataclass(frozen=True)
class Pulled:
    """What a pull gave, and how.

    Attributes:
        query: the exact query, endpoint or path with its parameters; secrets never.
        identity: who asked, as the source knows it.
        can_write: whether that identity could also change the source; None: cannot be told.
        pages: answers or files read.
        source_count: the source's own number of all records, with ``count_method`` how it was obtained; None: it has
            none, or counts single files only (``RawFile.expected``).
        exhausted: the pages or files ended by the source's own sign, not by a limit.
        rejected: reason -> records refused before mapping.
        refused: stream -> why the source could not give it; its populations are not collected, the others are.
        notes: plain sentences for provenance, such as an encoding that had to be assumed.
    """

    files: tuple[RawFile, ...]
    query: str
    identity: str
    can_write: bool | None
    pages: int
    source_count: int | None = None
    count_method: str | None = None
    exhausted: bool = False
    rejected: tuple[tuple[str, int], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Probe:
    """A first look at a source: the log-in worked, what it may do, how much there is.

    Attributes:
        records: records in the window, None where it cannot be told without pulling.
        size: estimated bytes of the window's raw files, None likewise.
    """

    identity: str
    can_write: bool | None
    records: int | None
    size: int | None
    notes: tuple[str, ...] = ()


class Connector(Protocol):
    """One way to reach sources. Made without arguments; holds no state between pulls."""

    def check(self, source: Source) -> None:
        """Refuse unknown, missing or wrong options, without reaching the source.

        Raises:
            DefinitionError: naming ``sources.yaml: id.options.key``.
        """
        ...

    def keeps_history(self, source: Source) -> bool:
        """Whether the source can still tell the state of a past day (a dated file does, most APIs do not)."""
        ...

    def pull(self, request: CollectionRequest) -> Pulled:
        """The raw records of the window, in files inside the request's folder.

        Raises:
            SourceError: the source is down, refuses, changed its shape or sent half an answer.
        """
        ...


@runtime_checkable
class Probing(Protocol):
    """A connector that can take a first look, for ``airtight source test``."""

    def probe(self, request: CollectionRequest) -> Probe:
        """Log in and look, pulling as little as possible.

        Raises:
            SourceError: as ``Connector.pull``.
        """
        ...


@runtime_checkable
class PresentOnly(Protocol):
    """A connector whose registers are what they are today: read late, one would stand under a past date."""

    def registers_tell_present_only(self) -> bool:
        """True."""
        ...
