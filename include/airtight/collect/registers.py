"""Connector ``registers``: governance records that people keep as files: YAML, JSON and Markdown with front matter.

Options:

* ``folder`` (required). One that names its day (``exports/registers/{partition}``) is written by a machine and counts
  from the state folder, as the paths of connector ``files`` do. Any other is kept by people and counts from the
  organisation's folder. An absolute path says plainly where it points.
* ``history: git``: the folder lies in a git repository; the version in force at the end of the window is read from
  the history of ``branch`` (by default the one that is checked out). What nobody has committed is not in force.
* ``keeps_history: true``: each day's folder stays as it was; so by itself where the folder names its day. Without any
  of these a register is as it is today, and is collected within ``max_lag`` of its day or not at all.

Each population of the source is a register and a stream of its name; ``register_rows`` describes the files. A
population whose mapping is ``identity`` needs no SQL: its rows must have the columns of its schema, and each unknown
key, missing key and wrong type is refused by file, line and key. A register that is refused leaves the others alone.
The number of rows in its files is the source's own count. The files themselves are kept beside the rows as raw objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from airtight.collect import options
from airtight.collect.connector import CollectionRequest, Probe, Pulled, RawFile
from airtight.collect.jsonlines import write_json_lines
from airtight.collect.places import check_local
from airtight.collect.register_folder import PlainFolder, RegisterFolder, committed_folder
from airtight.collect.register_rows import Register, read_register
from airtight.collect.templates import fill, names_its_day, unknown_fields
from airtight.domain.population import PopulationSchema
from airtight.domain.source import IDENTITY, Source
from airtight.errors import ConfigurationError, SourceChanged, SourceError

_MEDIA_TYPE = {
    ".json": "application/json",
    ".md": "text/markdown",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}


class RegistersConnector:
    """Reads one folder of registers."""

    def check(self, source: Source) -> None:
        """Refuse unknown, missing or wrong options."""
        options.check_keys(source, ("folder",), ("history", "branch", "keeps_history"))
        folder = options.required_text(source, "folder")
        if unknown := unknown_fields(folder):
            remedy = "Fields: {partition}, {year}, {month}, {day}."
            raise options.refuse(source, "folder", f"'{{{unknown[0]}}}' is no field.", remedy)
        if folder.startswith("s3://"):
            raise options.refuse(source, "folder", "must be a folder on disk.")
        check_local(folder, source)
        history = options.one_of(source, "history", ("git",))
        if options.text(source, "branch") and not history:
            raise options.refuse(source, "branch", "needs 'history: git'.")
        keeps = options.flag(source, "keeps_history", default=names_its_day(folder))
        if history and keeps:
            raise options.refuse(source, "history", "stands beside a folder that keeps its days.", "Choose one.")

    def keeps_history(self, source: Source) -> bool:
        """Whether the version of a past day can be read."""
        if options.text(source, "history"):
            return True
        return options.flag(source, "keeps_history", default=names_its_day(options.required_text(source, "folder")))

    def registers_tell_present_only(self) -> bool:
        """A file holds its present version; rows that people changed do not tell what they were."""
        return True

    def pull(self, request: CollectionRequest) -> Pulled:
        """A file of JSON lines for each population, and the files that the rows came from.

        Raises:
            SourceError: the folder or its repository cannot be read.
        """
        files: list[RawFile] = []
        refused: list[tuple[str, str]] = []
        with _folder(request) as folder:
            for population in sorted(request.source.populations):
                try:
                    register = read_register(folder, population, _schema(request, population))
                    _refuse_faults(register)
                except SourceError as error:
                    refused.append((population, str(error)))
                else:
                    files += _raw_files(request.folder, register)
            version = folder.version
        return Pulled(
            files=tuple(files),
            query=version,
            identity="local file system",
            can_write=None,
            pages=len({file.name for file in files if file.format == "document"}),
            source_count=sum(file.records or 0 for file in files),
            count_method="rows in the registers' files",
            exhausted=True,
            refused=tuple(refused),
        )

    def probe(self, request: CollectionRequest) -> Probe:
        """Read the registers and tell their faults."""
        records, notes = 0, []
        with _folder(request) as folder:
            for population in sorted(request.source.populations):
                try:
                    register = read_register(folder, population, _schema(request, population))
                except SourceError as error:
                    notes.append(str(error))
                    continue
                records += len(register.rows)
                notes += [str(fault) for fault in register.faults]
            return Probe("local file system", None, records, None, (folder.version, *notes))


@contextmanager
def _folder(request: CollectionRequest) -> Iterator[RegisterFolder]:
    source = request.source
    template = options.required_text(source, "folder")
    shown = fill(template, request.partition, request.window)
    path = (request.base if "{" in template else _organisation(request)) / shown
    if options.text(source, "history"):
        with committed_folder(path, options.text(source, "branch"), request.window.end, shown) as folder:
            yield folder
    else:
        yield PlainFolder(path, shown)


def _organisation(request: CollectionRequest) -> Path:
    if request.organisation is None:
        raise ConfigurationError("connector registers was called without the organisation's folder.")
    return request.organisation


def _schema(request: CollectionRequest, population: str) -> PopulationSchema | None:
    """The shape that rows must have; None where a mapping makes it."""
    is_identity = request.source.populations[population] == IDENTITY.format(population)
    return request.schemas[population] if is_identity else None


def _refuse_faults(register: Register) -> None:
    if register.faults:
        first, *others = register.faults
        more = f" And {len(others)} more; 'airtight registers check' shows them all." if others else ""
        raise SourceChanged(first.message, where=first.where, remedy=f"{first.remedy or ''}{more}".strip() or None)


def _raw_files(folder: Path, register: Register) -> Iterator[RawFile]:
    yield write_json_lines(folder, register.population, register.rows, register.population)
    for number, file in enumerate(register.files):
        suffix = PurePosixPath(file.name).suffix
        path = folder / f"{register.population}-{number:06d}{suffix}"
        path.write_bytes(file.content)
        media_type = _MEDIA_TYPE.get(suffix, "application/octet-stream")
        yield RawFile(path, register.population, "document", media_type, 0, file.name)
