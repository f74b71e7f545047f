"""A store in a folder and an index in a file, both empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from bundles import ORGANISATION

from airtight.domain.bundle import Environment
from airtight.publish.index import Index
from airtight.publish.opening import open_store
from airtight.publish.store import Store


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(place: Path) -> Store:
    return open_store(str(place), Environment.SAMPLE, ORGANISATION)


@pytest.fixture
def index_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'index.db'}"


@pytest.fixture
def index(index_url: str) -> Index:
    return Index(index_url)
