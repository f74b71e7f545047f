"""What people ask: reads for the command line and the pages. Nothing here writes.

Answers come from the index, which ``reindex`` rebuilds from the store; bundle contents are read from the store.
"""

from __future__ import annotations

from dataclasses import dataclass

from airtight.domain.bundle import BundleKind, BundleRef, ResultLine
from airtight.domain.catalog import Catalog
from airtight.domain.framework import Framework, Requirement
from airtight.domain.result import ControlResult
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.publish.index import Chosen
from airtight.publish.rows import IndexedBundle
from airtight.review.crosswalk import Meaning, look_up, near
from airtight.review.gap import Gap, gap_between
from airtight.seal.read import BundleReader


@dataclass(frozen=True)
class RequirementCoverage:
    """A requirement, the controls that answer it directly and those that only help."""

    requirement: Requirement
    controls: tuple[str, ...]
    supported_by: tuple[str, ...]


def results_of_day(opened: Installation, partition: str) -> tuple[ResultLine, ...]:
    """The current roll-up of every control judged for a partition, by control."""
    chosen = Chosen(kind=BundleKind.RESULTS, first=partition, last=partition, current_only=True)
    return tuple(result.line for result in opened.index.results(chosen) if not result.line.test)


def latest_partition(opened: Installation) -> str | None:
    """The newest partition that has results, or None."""
    judged = opened.index.bundles(Chosen(kind=BundleKind.RESULTS, current_only=True))
    return judged[-1].ref.slot.partition if judged else None


def bundles(opened: Installation, chosen: Chosen) -> tuple[IndexedBundle, ...]:
    """Published bundles, by partition, kind, name and revision."""
    return opened.index.bundles(chosen)


def find_bundle(opened: Installation, digest: str) -> BundleRef:
    """The bundle whose identity starts with these digits.

    Raises:
        ConfigurationError: none does, or more than one.
    """
    found = [bundle.ref for bundle in opened.index.bundles() if bundle.ref.digest.startswith(digest.lower())]
    if len(found) != 1:
        raise ConfigurationError(
            f"{len(found) or 'no'} bundles have an identity that starts with '{digest}'.",
            remedy="See 'airtight bundles'.",
        )
    return found[0]


def control_result(opened: Installation, control: str, partition: str) -> tuple[ControlResult, BundleRef]:
    """A control's current result for a partition with all its deviations, and the bundle that holds it.

    Raises:
        ConfigurationError: there is none.
    """
    latest = opened.index.head(BundleKind.RESULTS, "controls", partition)
    if latest:
        with opened.store.open(latest.key) as file:
            for result in BundleReader(file).results():
                if result.control == control:
                    return result, latest
    raise ConfigurationError(
        f"there is no result of {control} for {partition}.", remedy="See 'airtight bundles --kind results'."
    )


def coverage(catalog: Catalog, framework: str) -> tuple[RequirementCoverage, ...]:
    """Every assessable requirement of a framework with its controls, in the framework's order.

    Raises:
        ConfigurationError: the catalog has no such framework.
    """
    return tuple(
        RequirementCoverage(
            node,
            _mapped(catalog, framework, node.id, direct=True),
            _mapped(catalog, framework, node.id, direct=False),
        )
        for node in _framework(catalog, framework).assessable()
    )


def meanings(catalog: Catalog, name: str) -> tuple[Meaning, ...]:
    """What a label or id means, the closest first.

    Raises:
        ConfigurationError: nothing is known under it.
    """
    found = look_up(name, catalog.frameworks, catalog.aliases, catalog.controls)
    if not found:
        close = near(name, catalog.frameworks, catalog.aliases)
        raise ConfigurationError(
            f"nothing is known under '{name}'.", remedy=f"Close to it: {', '.join(close)}." if close else None
        )
    return found


def gap(catalog: Catalog, base: str, target: str) -> Gap:
    """What the framework ``target`` asks on top of ``base``.

    Raises:
        ConfigurationError: the catalog lacks one of them, or they are the same.
    """
    if base == target:
        raise ConfigurationError(f"'{base}' asks nothing on top of itself.", remedy="Name two frameworks.")
    return gap_between(_framework(catalog, base), _framework(catalog, target), catalog.controls)


def _framework(catalog: Catalog, name: str) -> Framework:
    if name not in catalog.frameworks:
        known = ", ".join(sorted(catalog.frameworks))
        raise ConfigurationError(f"there is no framework '{name}'.", remedy=f"There are {known}.")
    return catalog.frameworks[name]


def _mapped(catalog: Catalog, framework: str, requirement: str, *, direct: bool) -> tuple[str, ...]:
    return tuple(
        control.id
        for _, control in sorted(catalog.controls.items())
        if requirement in (control.requirements if direct else control.supports).get(framework, ())
    )
