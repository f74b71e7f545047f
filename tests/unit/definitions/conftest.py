"""A small installation and organisation, whose files a test may change before they are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
from sound_catalog import FILES, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for path, text in FILES.items():
        place.write(path, text)
    return place
