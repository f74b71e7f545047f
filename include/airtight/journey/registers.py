"""The chain of registers in a folder of bundles, as an auditor has it: what vanished from what was handed over?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from airtight.domain.bundle import BundleKind
from airtight.domain.register import Register
from airtight.errors import ConfigurationError
from airtight.seal.read import BundleReader
from airtight.seal.registers import verify_register
from airtight.seal.verify import Verdict, verify


@dataclass(frozen=True)
class ChainVerification:
    """What a folder's registers say: ``sentences`` name each bundle that is gone and each bundle that is broken."""

    first: str
    last: str
    registers: int
    sentences: tuple[str, ...]
    exit_code: int


def verify_folder(folder: Path, key: str | None) -> ChainVerification:
    """Verify every bundle below a folder, then the chain of the registers among them.

    Raises:
        ConfigurationError: the folder holds no bundle, or the key cannot be read.
    """
    files = sorted(folder.rglob("*.zip"))
    if not files:
        raise ConfigurationError("the folder holds no bundle.", where=str(folder), remedy="Bundles end with .zip.")
    found = [(file, verify(file, key)) for file in files]
    broken = tuple(f"{file}: does not verify" for file, each in found if each.verdict is Verdict.BROKEN)
    whole = {each.digest: file for file, each in found if each.digest and each.verdict is not Verdict.BROKEN}
    chain = verify_register(dict(_registers(whole)), frozenset(whole))
    sentences = (*broken, *(finding.sentence for finding in chain.findings))
    established = all(each.verdict is Verdict.HOLDS for _, each in found)
    code = 1 if sentences else 0 if established else 2
    return ChainVerification(chain.first, chain.last, chain.registers, sentences, code)


def _registers(files: dict[str, Path]) -> Iterator[tuple[str, Register]]:
    for digest, path in files.items():
        with path.open("rb") as file:
            reader = BundleReader(file)
            if reader.statement().slot.kind is BundleKind.REGISTER:
                yield digest, reader.register()
