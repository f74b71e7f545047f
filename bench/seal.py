"""What sealing and verifying cost, as ratios to hashing and copying the same bytes in the same run.

    python bench/seal.py [--mib 1024] [--members 64] [--rounds 3] [--folder DIR]

Each figure is the best of the rounds, so that other work on the machine weighs less. Everything is written to disk
(fsync) on both sides. Exit code 1 when a ratio is above its bound: sealing 2.0, verifying 1.5.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from airtight.domain.bundle import BundleKind, Environment, Member, RunFacts, Slot
from airtight.domain.period import day_window
from airtight.seal.bundle import seal
from airtight.seal.contents import Contents
from airtight.seal.signers import Signer, load_signer, new_key
from airtight.seal.verify import Verdict, verify

BLOCK = 1 << 20


def make_sources(folder: Path, mib: int, members: int) -> list[Path]:
    sources = []
    for number in range(members):
        source = folder / f"source-{number:04d}"
        with source.open("wb") as file:
            for _ in range(max(1, mib // members)):
                file.write(os.urandom(BLOCK))
        sources.append(source)
    return sources


def hash_all(sources: list[Path]) -> None:
    for source in sources:
        with source.open("rb") as file:
            hashlib.file_digest(file, "sha256")


def copy_all(sources: list[Path], target: Path) -> None:
    with target.open("wb") as copy:
        for source in sources:
            with source.open("rb") as file:
                while block := file.read(BLOCK):
                    copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    target.unlink()


def seal_all(sources: list[Path], signer: Signer, folder: Path) -> Path:
    members = tuple(Member(f"data/{source.name}", source=source) for source in sources)
    return seal(
        Contents(BundleKind.COLLECTION, {}, members),
        slot=Slot(BundleKind.COLLECTION, "bench", "2026-09-14"),
        environment=Environment.SAMPLE,
        organisation="bench",
        window=day_window(date(2026, 9, 14)),
        facts=RunFacts(None, None, "manual", None, None, "0" * 40, "1" * 64, "2" * 64),
        signer=signer,
        into=folder,
    ).file


def check(bundle: Path, signer: Signer) -> None:
    assert verify(bundle, signer.public).verdict is Verdict.HOLDS


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(sources: list[Path], signer: Signer, folder: Path, rounds: int) -> dict[str, float]:
    best: dict[str, float] = {}
    bundle = seal_all(sources, signer, folder)
    steps: dict[str, Callable[[], object]] = {
        "hash": lambda: hash_all(sources),
        "copy": lambda: copy_all(sources, folder / "copy"),
        "seal": lambda: seal_all(sources, signer, folder),
        "verify": lambda: check(bundle, signer),
    }
    for _ in range(rounds):
        for name, step in steps.items():
            best[name] = min(best.get(name, float("inf")), seconds(step))
    return best


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--members", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        new_key(folder / "signing.pem")
        sources = make_sources(folder, arguments.mib, arguments.members)
        best = measure(sources, load_signer(folder / "signing.pem"), folder, arguments.rounds)
    sealing, verifying = best["seal"] / (best["hash"] + best["copy"]), best["verify"] / best["hash"]
    print(f"{arguments.mib} MiB in {arguments.members} files, best of {arguments.rounds}")
    for step, duration in best.items():
        print(f"  {step:<7}{duration:8.2f} s")
    print(f"  sealing   {sealing:.2f} x hashing and copying (bound 2.0)")
    print(f"  verifying {verifying:.2f} x hashing (bound 1.5)")
    return 0 if sealing <= 2.0 and verifying <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
