"""Verification: does a bundle hold? Needs the bundle and a key; no network, no store, no trust in whoever made it.

Six numbered steps, each with a sentence that names the file and what differs. A key inside the bundle is never
trusted: it only shows that the bundle is consistent with itself, until its fingerprint is the one that the reader
holds. ``verify-bundle.sh`` beside this file takes the same steps with coreutils and openssl.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from airtight.errors import ConfigurationError
from airtight.seal.archive import Archive
from airtight.seal.examination import Examination, Files, Step
from airtight.seal.folder import Folder
from airtight.seal.signers import PublicKey
from airtight.seal.statement import Statement
from airtight.seal.trust import trust
from airtight.wire import timestamp

#: The same steps for whoever has coreutils and openssl only; goes with every package for an auditor.
SCRIPT = Path(__file__).with_name("verify-bundle.sh")


class Verdict(StrEnum):
    """What a verification comes to."""

    HOLDS = "holds"
    BROKEN = "broken"
    SIGNER_NOT_ESTABLISHED = "signer not established"

    @property
    def exit_code(self) -> int:
        """0 it holds, 1 it does not, 2 it is consistent but nobody knows who signed it."""
        return {Verdict.HOLDS: 0, Verdict.BROKEN: 1, Verdict.SIGNER_NOT_ESTABLISHED: 2}[self]


@dataclass(frozen=True)
class Verification:
    """What was found.

    Attributes:
        digest: the bundle's identity, where its signed bytes could be read.
        statement: what the signer says; to be believed only when the verdict is ``HOLDS``.
    """

    bundle: str
    steps: tuple[Step, ...]
    verdict: Verdict
    digest: str | None
    statement: Statement | None

    def lines(self) -> tuple[str, ...]:
        """The steps, the signer's claims and the verdict as plain text."""
        marks = {True: "ok", False: "FAILED", None: "-"}
        steps = (f"{step.number} {marks[step.ok]:<6} {step.title}: {step.sentence}" for step in self.steps)
        claims = _claims(self.statement) if self.statement and self.verdict is not Verdict.BROKEN else ()
        return (*steps, *claims, f"{self.verdict.value.upper()} {self.digest or ''}".rstrip())


def verify(
    bundle: Path | BinaryIO, trusted: PublicKey | Path | str | None = None, name: str | None = None
) -> Verification:
    """Verify a bundle.

    Args:
        bundle: a ZIP, a folder that it was unpacked to, or an open, seekable file.
        trusted: the signer's public key (PEM file) or its fingerprint, received by another way than the bundle.
            None: the verdict is at best ``SIGNER_NOT_ESTABLISHED``.
        name: what to call the bundle; by default its path.

    Raises:
        ConfigurationError: the bundle or the key cannot be read at all; nothing was judged.
    """
    signer = None if trusted is None else trust(trusted)
    with _opened(bundle) as opener:
        examination = Examination(opener, signer)
        try:
            steps = examination.run()
        except OSError as error:
            raise _unreadable(error, name or str(bundle)) from None
        return Verification(name or str(bundle), steps, _verdict(steps), examination.digest, examination.claimed)


@contextmanager
def _opened(bundle: Path | BinaryIO) -> Iterator[Callable[[], Files]]:
    if not isinstance(bundle, Path):
        yield lambda: Archive(bundle)
    elif bundle.is_dir():
        yield lambda: Folder(bundle)
    else:
        try:
            file = bundle.open("rb")
        except OSError as error:
            raise _unreadable(error, str(bundle)) from None
        with file:
            yield lambda: Archive(file)


def _unreadable(error: OSError, bundle: str) -> ConfigurationError:
    return ConfigurationError(f"the bundle cannot be read: {error.strerror or error}.", where=bundle)


def _verdict(steps: Sequence[Step]) -> Verdict:
    if all(step.ok for step in steps):
        return Verdict.HOLDS
    return Verdict.BROKEN if any(step.ok is False for step in steps) else Verdict.SIGNER_NOT_ESTABLISHED


def _claims(statement: Statement) -> tuple[str, ...]:
    window = statement.window
    superseded = f" It supersedes {statement.supersedes}." if statement.supersedes else ""
    period = f"{timestamp(window.start)} to {timestamp(window.end)}"
    return (
        f"The signer says: {statement.environment.value} evidence of {statement.organisation}, {period}.{superseded}",
        "Times are the signer's claim; the signature proves none.",
    )
