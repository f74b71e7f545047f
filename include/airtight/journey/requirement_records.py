"""The catalog's requirements as records for the connector ``airtight``: which controls answer each, and are active."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from airtight.domain.catalog import Catalog
from airtight.domain.control import CellValue, Control, LifeCycle
from airtight.domain.framework import Requirement


def requirement_records(catalog: Catalog, day: date) -> Iterator[Mapping[str, CellValue]]:
    """One record for each requirement that a control can answer, by framework, in the framework's order."""
    for _, framework in sorted(catalog.frameworks.items()):
        for requirement in framework.assessable():
            yield _record(requirement, _answering(catalog, requirement), day)


def _record(requirement: Requirement, controls: list[Control], day: date) -> Mapping[str, CellValue]:
    return {
        "framework": requirement.framework,
        "requirement_id": requirement.id,
        "title": requirement.title,
        "kind": requirement.kind,
        "control_ids": [control.id for control in controls],
        "active_control_ids": [control.id for control in controls if _tested(control, day)],
    }


def _answering(catalog: Catalog, requirement: Requirement) -> list[Control]:
    return [
        control
        for _, control in sorted(catalog.controls.items())
        if requirement.id in control.requirements.get(requirement.framework, ())
    ]


def _tested(control: Control, day: date) -> bool:
    """Whether a control is active on a day and has a test that awaits nothing."""
    stage = control.stage_on(day)
    active = stage is not None and stage.state is LifeCycle.ACTIVE
    return active and any(test.awaits is None for test in control.tests)
