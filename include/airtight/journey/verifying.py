"""Reading stored bundles again: does each still verify, and is every bundle that a register names still there?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from airtight.domain.bundle import BundleKind, BundleRef
from airtight.domain.register import Register
from airtight.errors import StorageError
from airtight.installation import Installation
from airtight.publish.acts import Verified
from airtight.publish.index import Chosen
from airtight.publish.keys import BUNDLES
from airtight.publish.store import ObjectMissing
from airtight.seal.read import BundleReader
from airtight.seal.registers import verify_register
from airtight.seal.verify import Verdict, verify


@dataclass(frozen=True)
class Reread:
    """One stored bundle, read again; ``problem`` is None where it holds."""

    digest: str
    verdict: str
    problem: str | None


@dataclass(frozen=True)
class ArchiveReport:
    """What a night's re-reading came to; ``broken`` has a sentence for each bundle that does not hold or is gone."""

    verified: int
    broken: tuple[str, ...]


def verify_stored(opened: Installation, ref: BundleRef) -> Reread:
    """Verify one published bundle against the installation's key and against its own identity."""
    try:
        with opened.store.open(ref.key) as file:
            found = verify(file, opened.public_key, ref.key)
    except ObjectMissing:
        return Reread(ref.digest, "missing", f"{ref.key}: the store no longer holds it")
    if found.verdict is not Verdict.HOLDS:
        failed = next(step for step in found.steps if not step.ok)
        return Reread(ref.digest, found.verdict.value, f"{ref.key}: {failed.title}: {failed.sentence}")
    if found.digest != ref.digest:
        return Reread(ref.digest, Verdict.BROKEN.value, f"{ref.key}: holds another bundle, {found.digest}")
    return Reread(ref.digest, found.verdict.value, None)


def verify_share(opened: Installation, *, old: int, clock: Callable[[], datetime]) -> ArchiveReport:
    """Verify every bundle that was never verified and the ``old`` ones longest ago, then the chain of registers."""
    reread = [_reread(opened, digest, clock()) for digest in opened.index.verifications.due(old)]
    broken = [entry.problem for entry in reread if entry.problem]
    return ArchiveReport(len(reread), (*broken, *vanished(opened)))


def _reread(opened: Installation, digest: str, moment: datetime) -> Reread:
    known = opened.index.find(digest)
    if known is None:
        raise StorageError(f"the index lost bundle {digest} while it was verified.", remedy="Run 'airtight reindex'.")
    entry = verify_stored(opened, known.ref)
    opened.index.verifications.add(Verified(digest, moment, entry.verdict, entry.problem or ""))
    return entry


def vanished(opened: Installation) -> tuple[str, ...]:
    """A sentence for each bundle that a register names and the store does not hold, and for each gap in the chain."""
    chain = {
        bundle.ref.digest: register_in(opened, bundle.ref)
        for bundle in opened.index.bundles(Chosen(kind=BundleKind.REGISTER))
    }
    present = {entry.key.rpartition("/")[2].removesuffix(".zip") for entry in opened.store.list(BUNDLES)}
    # Before the first morning there is no register yet, and so nothing that could have vanished from one.
    return tuple(finding.sentence for finding in verify_register(chain, present).findings) if chain else ()


def register_in(opened: Installation, ref: BundleRef) -> Register:
    """The register that a published bundle holds."""
    with opened.store.open(ref.key) as file:
        return BundleReader(file).register()
