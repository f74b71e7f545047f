"""How much publishing a large bundle locally costs beyond copying and hashing its bytes.

::

    python bench/publish.py [MEBIBYTES]

One run measures, in turn and several times, on files of the same size in the same folder:

- *baseline*: copy the file, force the copy to disk, hash it (what any careful keeper of the bytes has to do);
- *publish*: ``publish`` into a folder store and an SQLite index;
- *verify's floor*: hash the file alone.

It prints the best time of each and the ratio of publishing to the baseline, which must stay below 2.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from airtight.domain.bundle import BundleKind, BundleRef, BundleSummary, Environment, RunFacts, SealedBundle, Slot
from airtight.publish.index import Index
from airtight.publish.opening import open_store
from airtight.publish.publisher import publish

ROUNDS = 3
LIMIT = 2.0
FACTS = RunFacts(None, None, "manual", None, None, "0" * 40, "0" * 64, "0" * 64)
SLOT = Slot(BundleKind.COLLECTION, "bench", "2026-09-14")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("mebibytes", type=int, nargs="?", default=1024)
    size = parser.parse_args().mebibytes
    with tempfile.TemporaryDirectory(prefix="airtight-bench-") as folder:
        sealed = _bundle(Path(folder), size)
        baseline, published, hashed = _measure(Path(folder), sealed)
    print(f"{size} MiB, best of {ROUNDS}: publish {published:.2f} s, hash {hashed:.2f} s,")
    print(f"copy + fsync + hash {baseline:.2f} s")
    print(f"publish / (copy + fsync + hash) = {published / baseline:.2f} (limit {LIMIT:.1f})")
    return 0 if published / baseline <= LIMIT else 1


def _bundle(folder: Path, mebibytes: int) -> SealedBundle:
    file = folder / "bundle.zip"
    with zipfile.ZipFile(file, "w") as archive, archive.open("data/payload", "w", force_zip64=True) as member:
        block = os.urandom(1 << 20)
        for _ in range(mebibytes):
            member.write(block)
    return SealedBundle(hashlib.sha256(b"bench").hexdigest(), SLOT, Environment.SAMPLE, None, file, file.stat().st_size)


def _measure(folder: Path, sealed: SealedBundle) -> tuple[float, float, float]:
    """Best times in seconds: baseline, publishing, hashing. Alternating, so that a busy moment hits both."""
    times: list[tuple[float, float, float]] = []
    for number in range(ROUNDS):
        work = folder / str(number)
        work.mkdir()
        times.append(
            (
                _timed(lambda work=work: _copy_and_hash(sealed.file, work / "copy")),
                _timed(lambda work=work: _publish(sealed, work)),
                _timed(lambda: _hash(sealed.file)),
            )
        )
        shutil.rmtree(work)
    baseline, published, hashed = (min(column) for column in zip(*times, strict=True))
    return baseline, published, hashed


def _timed(act: Callable[[], None]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _hash(file: Path) -> None:
    with file.open("rb") as opened:
        hashlib.file_digest(opened, "sha256")


def _copy_and_hash(file: Path, copy: Path) -> None:
    shutil.copyfile(file, copy)
    with copy.open("rb") as opened:
        os.fsync(opened.fileno())
    _hash(copy)


def _publish(sealed: SealedBundle, work: Path) -> None:
    store = open_store(str(work / "store"), Environment.SAMPLE, "bench")
    index = Index(f"sqlite:///{work / 'index.db'}")

    def read_summary(file: BinaryIO, key: str) -> BundleSummary:
        with zipfile.ZipFile(file) as archive:
            archive.getinfo("data/payload")
        ref = BundleRef(sealed.digest, sealed.slot, sealed.environment, None, key, sealed.size)
        return BundleSummary(ref, FACTS)

    publish(sealed, read_summary, store, index)


if __name__ == "__main__":
    sys.exit(main())
