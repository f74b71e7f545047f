"""The whole catalog, loaded in order and frozen: frameworks, populations, sources, mappings, controls, suites,
set-ups of monitors.

``load_catalog`` ends at the first file that it refuses. ``survey`` goes on and returns every refusal, for
``airtight check``. Neither reads anything but the two folders that it is given.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from airtight.definitions.answers import with_answers
from airtight.definitions.charter import Charter, charter_files, load_charter
from airtight.definitions.controls import load_control, load_lives
from airtight.definitions.folders import Refuse, at_once, digest_of, layered, read_each
from airtight.definitions.frameworks import CROSSWALK, load_crosswalk, load_frameworks
from airtight.definitions.monitors import load_monitors
from airtight.definitions.people import load_people
from airtight.definitions.populations import load_populations
from airtight.definitions.sources import find_mappings, identity_mapping, load_sources
from airtight.domain.catalog import Catalog
from airtight.domain.control import Control
from airtight.domain.framework import Alias, Framework
from airtight.domain.people import People
from airtight.domain.population import PopulationSchema
from airtight.domain.source import IDENTITY, Source
from airtight.errors import DefinitionError


@dataclass(frozen=True)
class _Folders:
    home: Path
    overlay: Path

    def of(self, kind: str) -> tuple[Path, Path]:
        """The installation's and the organisation's folder of one kind; the later wins."""
        return self.home / "include" / "catalog" / kind, self.overlay / "catalog" / kind

    @property
    def suites(self) -> dict[str, Path]:
        return layered("*.json", self.home / "expectations", self.overlay / "expectations")

    @property
    def monitors(self) -> dict[str, Path]:
        return layered("*.yaml", self.home / "expectations" / "models", self.overlay / "expectations" / "models")


def load_catalog(home: Path, overlay: Path, connectors: Collection[str]) -> Catalog:
    """Everything that people defined, cross-checked.

    Args:
        home: folder that holds ``include/catalog`` and ``expectations``.
        overlay: the organisation's folder: ``sources.yaml``, ``controls.yaml``, and its own ``catalog`` and
            ``expectations``, whose files win over the installation's of the same name.
        connectors: names in the registry of connectors.

    Raises:
        DefinitionError: a file is missing or refused; names file, line and key.
    """
    return _load(_Folders(home, overlay), connectors, at_once)


def survey(home: Path, overlay: Path, connectors: Collection[str]) -> tuple[Catalog, tuple[DefinitionError, ...]]:
    """What can be loaded, and every refusal on the way; a refused file may cause others to be refused."""
    refusals: list[DefinitionError] = []
    catalog = _load(_Folders(home, overlay), connectors, refusals.append)
    return catalog, tuple(refusals)


def _load(folders: _Folders, connectors: Collection[str], refuse: Refuse) -> Catalog:
    frameworks = load_frameworks(*folders.of("frameworks"), refuse=refuse)
    populations = load_populations(*folders.of("populations"), refuse=refuse)
    sources = load_sources(folders.overlay / "sources.yaml", connectors, populations, refuse)
    mappings = _mappings(folders, sources, refuse)
    controls = _controls(folders, populations, frameworks, refuse)
    controls = with_answers(controls, layered("*.yaml", *folders.of("requirements")), frameworks, refuse)
    aliases = _aliases(folders, frameworks, refuse)
    return Catalog(
        frameworks=frameworks,
        controls=controls,
        populations=populations,
        sources=sources,
        mappings={name: file.read_text(encoding="utf-8-sig") for name, file in mappings.items()}
        | _identities(sources, populations),
        suites=_suites(folders, refuse),
        digest=digest_of(_files(folders, mappings)),
        aliases=aliases,
        people=_people(folders, refuse),
        monitors=load_monitors(folders.monitors, refuse),
    )


def _mappings(folders: _Folders, sources: Mapping[str, Source], refuse: Refuse) -> dict[str, Path]:
    roots = (folders.overlay / "catalog", folders.home / "include" / "catalog")
    found: dict[str, Path] = {}
    for source in sources.values():
        try:
            found |= find_mappings(source, *roots)
        except DefinitionError as error:
            refuse(error)
    return dict(sorted(found.items()))


def _identities(sources: Mapping[str, Source], populations: Mapping[str, PopulationSchema]) -> dict[str, str]:
    named = {name for source in sources.values() for name in source.populations.items()}
    return {path: identity_mapping(populations[name]) for name, path in sorted(named) if path == IDENTITY.format(name)}


def _controls(
    folders: _Folders,
    populations: Mapping[str, PopulationSchema],
    frameworks: Mapping[str, Framework],
    refuse: Refuse,
) -> dict[str, Control]:
    files = layered("*.yaml", *folders.of("controls"))
    try:
        lives = load_lives(folders.overlay / "controls.yaml", [file.stem for file in files.values()])
    except DefinitionError as error:
        refuse(error)
        lives = {}
    charter = _charter(folders, refuse)
    return read_each(
        files, lambda file: load_control(file, populations, frameworks, lives.get(file.stem, ()), charter), refuse
    )


def _people(folders: _Folders, refuse: Refuse) -> People:
    try:
        return load_people(folders.overlay)
    except DefinitionError as error:
        refuse(error)
        return People()


def _charter(folders: _Folders, refuse: Refuse) -> Charter:
    try:
        return load_charter(folders.overlay)
    except DefinitionError as error:
        refuse(error)
        return Charter()


def _aliases(folders: _Folders, frameworks: Mapping[str, Framework], refuse: Refuse) -> tuple[Alias, ...]:
    """The names of both folders; the organisation's meaning of a name wins."""
    found: dict[str, Alias] = {}
    for folder in folders.of("frameworks"):
        file = folder / CROSSWALK
        try:
            found |= {alias.label: alias for alias in load_crosswalk(file, frameworks)} if file.exists() else {}
        except DefinitionError as error:
            refuse(error)
    return tuple(found.values())


def _suites(folders: _Folders, refuse: Refuse) -> dict[str, Path]:
    return read_each(folders.suites, _suite, refuse)


def _suite(file: Path) -> Path:
    """The file, if it is JSON; its expectations are the quality station's to judge."""
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        where = f"{file.name}:{error.lineno}"
        raise DefinitionError(f"not JSON: {error.msg}.", where=where, remedy="Correct the file.") from None
    except (OSError, UnicodeDecodeError):
        raise DefinitionError("the suite is not readable as UTF-8 text.", where=file.name) from None
    return file


def _files(folders: _Folders, mappings: Mapping[str, Path]) -> dict[str, Path]:
    """Every file that defines the catalog, by its path relative to the folder that it comes from."""
    files = {f"catalog/{name}": file for name, file in mappings.items()}
    for kind in ("controls", "frameworks", "populations", "requirements"):
        files |= {f"catalog/{kind}/{name}": file for name, file in layered("*.yaml", *folders.of(kind)).items()}
    files |= {f"expectations/{name}": file for name, file in folders.suites.items()}
    files |= {f"expectations/models/{name}": file for name, file in folders.monitors.items()}
    organisation = (folders.overlay / name for name in ("sources.yaml", "controls.yaml", "people.yaml"))
    files |= {f"organisation/{file.name}": file for file in organisation if file.exists()}
    return files | {f"organisation/{name}": file for name, file in charter_files(folders.overlay).items()}
