"""The control tests that the catalog ships, loaded once for the tests of their definitions."""

from __future__ import annotations

from pathlib import Path

from airtight.definitions.controls import load_control
from airtight.definitions.frameworks import load_frameworks
from airtight.definitions.populations import load_populations

CATALOG = Path(__file__).resolve().parents[2] / "include" / "catalog"
SCHEMAS = load_populations(CATALOG / "populations")
FRAMEWORKS = load_frameworks(CATALOG / "frameworks")
CONTROLS = tuple(load_control(file, SCHEMAS, FRAMEWORKS) for file in sorted((CATALOG / "controls").glob("*.yaml")))
#: All tests with SQL; one that awaits a later mechanism may have none yet.
SQL_TESTS = tuple(test for control in CONTROLS for test in control.tests if test.population)
