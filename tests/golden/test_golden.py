"""Sealing fixed evidence gives the very bytes kept in ``files/``; only the signature may differ.

To renew the files after a deliberate change of the format, run ``AIRTIGHT_RENEW_GOLDEN=1 pytest tests/golden`` and
read the difference before committing it: bundles sealed before the change must still verify.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from sealed_evidence import GOLDEN, NAMES, contents_of, golden_signer, sealed

from airtight.domain.bundle import BundleKind
from airtight.seal.layout import DSSE, SIGNATURE
from airtight.seal.verify import Verdict, verify

KINDS = sorted(NAMES)


def files_of(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name not in (DSSE, SIGNATURE)}


def golden_files(kind: BundleKind) -> dict[str, bytes]:
    folder = GOLDEN / kind.value
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def renew(kind: BundleKind, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = GOLDEN / kind.value / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("kind", KINDS)
def test_sealing_fixed_evidence_gives_the_golden_bytes(kind, tmp_path):
    files = files_of(sealed(contents_of(kind, tmp_path), tmp_path, golden_signer(tmp_path)).file)
    if os.environ.get("AIRTIGHT_RENEW_GOLDEN"):
        renew(kind, files)
    assert files == golden_files(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_sealing_twice_differs_in_the_signature_only(kind, tmp_path):
    signer = golden_signer(tmp_path)
    bundles = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        bundles.append(sealed(contents_of(kind, tmp_path), tmp_path / name, signer))
    assert bundles[0].digest == bundles[1].digest
    assert files_of(bundles[0].file) == files_of(bundles[1].file)


def test_a_bundle_of_an_earlier_release_still_verifies():
    """Kept as sealed by the first release; never renewed, so that each release proves that it reads it."""
    fingerprint = (GOLDEN / "first-release.fingerprint").read_text().strip()
    assert verify(GOLDEN / "first-release.zip", fingerprint).verdict is Verdict.HOLDS
