"""Fixed evidence and signers for the tests of sealing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "golden"))

from sealed_evidence import golden_signer

from airtight.seal.signers import Signer


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return golden_signer(tmp_path)
