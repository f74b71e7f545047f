"""Fixtures that every station's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def realdata() -> Path:
    """The folder of real third-party data, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("AIRTIGHT_REALDATA") or REPOSITORY.parent / "shared" / "realdata")
    if not folder.is_dir():
        pytest.skip(f"real third-party data is not at {folder}; set AIRTIGHT_REALDATA to read it")
    return folder
