"""The catalog: everything that people defined, loaded, cross-checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from airtight.domain.control import Control
from airtight.domain.framework import Alias, Framework
from airtight.domain.monitor import MonitorSetup
from airtight.domain.people import People
from airtight.domain.population import PopulationSchema
from airtight.domain.source import Source


@dataclass(frozen=True)
class Catalog:
    """Frameworks, controls, population schemas, sources, mappings and suites, by id.

    Attributes:
        mappings: mapping path as a source names it -> its SQL text.
        suites: population -> file of its Great Expectations suite.
        digest: SHA-256 over all files that define it, in path order.
        aliases: names under which requirements are known elsewhere.
        people: whom the organisation names, with their roles.
        monitors: AI system -> how it is watched.
    """

    frameworks: Mapping[str, Framework]
    controls: Mapping[str, Control]
    populations: Mapping[str, PopulationSchema]
    sources: Mapping[str, Source]
    mappings: Mapping[str, str]
    suites: Mapping[str, Path]
    digest: str
    aliases: tuple[Alias, ...] = ()
    people: People = field(default_factory=People)
    monitors: Mapping[str, MonitorSetup] = field(default_factory=dict)

    def sources_of(self, collection: str) -> tuple[Source, ...]:
        """The sources that one collecting DAG pulls, by id."""
        return tuple(source for _, source in sorted(self.sources.items()) if source.collection == collection)
