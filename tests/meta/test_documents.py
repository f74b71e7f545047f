"""The pages written from the catalog are those of the catalog as it is."""

from __future__ import annotations

import pytest

from airtight.collect.registry import CONNECTORS
from airtight.definitions.catalog import load_catalog
from airtight.review.documents import control_list, requirement_list


@pytest.fixture(scope="module")
def catalog(repository):
    return load_catalog(repository, repository / "include" / "organisation", frozenset(CONNECTORS))


def test_list_of_controls_is_not_stale(repository, catalog):
    written = (repository / "docs" / "controls.md").read_text(encoding="utf-8")
    assert written == control_list(catalog.controls, catalog.frameworks), "run: .venv/bin/airtight docs"


def test_matrix_of_requirements_is_not_stale(repository, catalog):
    written = (repository / "docs" / "requirements.md").read_text(encoding="utf-8")
    assert written == requirement_list(catalog.controls, catalog.frameworks), "run: .venv/bin/airtight docs"
