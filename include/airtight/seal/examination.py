"""The six steps of a verification, each on its own: it gives a sentence, or says what differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from airtight.errors import ConfigurationError, EvidenceError
from airtight.seal.digest import sha256_of
from airtight.seal.envelope import Envelope
from airtight.seal.layout import BAGIT, BAGIT_CONTENT, DATA, DSSE, MANIFEST, PAE, SIGNATURE, SIGNER, VERIFY
from airtight.seal.manifest import parse_manifest
from airtight.seal.pae import parse_pae
from airtight.seal.signers import PublicKey, load_public_key
from airtight.seal.statement import Statement, parse_statement
from airtight.seal.trust import Trust

_MAX_PROOF = 1 << 27
_SHOWN = 10


@dataclass(frozen=True)
class Step:
    """One step: ``ok`` is None where it was not reached or could not be judged."""

    number: int
    title: str
    ok: bool | None
    sentence: str


class Files(Protocol):
    """A bundle's files, zipped or unpacked."""

    @property
    def names(self) -> tuple[str, ...]: ...
    def check(self) -> None: ...
    def read(self, name: str, limit: int) -> bytes: ...
    def sha256(self, name: str) -> str: ...
    def directory_sha256(self, before: str) -> str | None: ...


class Examination:
    """The steps over one bundle. Each either returns its sentence or raises EvidenceError."""

    def __init__(self, opener: Callable[[], Files], signer: Trust | None) -> None:
        self._opener = opener
        self._signer = signer
        self._states_something: bool | None = None

    def run(self) -> tuple[Step, ...]:
        """Take all steps; those after a container that cannot be opened are not reached."""
        procedures = (
            ("the container", self._container),
            ("the statement", self._about),
            ("the encodings", self._encodings),
            ("the files", self._payload),
            ("the signature", self._signature),
        )
        steps: list[Step] = []
        for number, (title, procedure) in enumerate(procedures, start=1):
            reached = number == 1 or steps[0].ok
            steps.append(_step(number, title, procedure) if reached else Step(number, title, None, "not reached."))
        steps.append(self._established(len(steps) + 1, reached=bool(steps[0].ok)))
        self._states_something = steps[1].ok
        return tuple(steps)

    @property
    def digest(self) -> str | None:
        """The bundle's identity, where step 2 passed."""
        return sha256_of(self._pae) if self._states_something else None

    @property
    def claimed(self) -> Statement | None:
        """The statement, where step 2 passed."""
        return self._statement if self._states_something else None

    @cached_property
    def _files(self) -> Files:
        return self._opener()

    @cached_property
    def _pae(self) -> bytes:
        return self._files.read(PAE, _MAX_PROOF)

    @cached_property
    def _statement(self) -> Statement:
        return parse_statement(parse_pae(self._pae))

    @cached_property
    def _manifest(self) -> bytes:
        return self._files.read(MANIFEST, _MAX_PROOF)

    @cached_property
    def _bundled(self) -> PublicKey:
        try:
            key = load_public_key(self._files.read(SIGNER, _MAX_PROOF), SIGNER)
        except ConfigurationError as error:
            raise EvidenceError(error.message, where=SIGNER) from None
        if self._files.read(SIGNER, _MAX_PROOF) != key.pem:
            raise EvidenceError("holds more than one public key in PEM.", where=SIGNER)
        return key

    @cached_property
    def _envelope(self) -> Envelope:
        return Envelope(self._pae, self._files.read(SIGNATURE, _MAX_PROOF), self._bundled.fingerprint)

    def _container(self) -> str:
        self._files.check()
        return f"{len(self._files.names)} plain files, each once, none outside the format."

    def _about(self) -> str:
        statement, read = self._statement, self._files.read
        _equal(MANIFEST, sha256_of(self._manifest), statement.manifest)
        _equal(VERIFY, sha256_of(read(VERIFY, _MAX_PROOF)), statement.bag.verify)
        _equal(BAGIT, sha256_of(read(BAGIT, _MAX_PROOF)), statement.bag.bagit)
        _equal(SIGNER, sha256_of(read(SIGNER, _MAX_PROOF)), statement.bag.signer)
        if read(BAGIT, _MAX_PROOF) != BAGIT_CONTENT:
            raise EvidenceError("is not that of the format.", where=BAGIT)
        directory = self._files.directory_sha256(MANIFEST)
        if directory is not None:
            _equal("the archive's central directory", directory, statement.bag.directory)
        slot = statement.slot
        return f"is about this manifest; {slot.kind.value} {slot.name} {slot.partition}, revision {slot.revision}."

    def _encodings(self) -> str:
        if self._files.read(DSSE, _MAX_PROOF) != self._envelope.dsse():
            raise EvidenceError(f"is not the same statement and signature as {PAE} and {SIGNATURE}.", where=DSSE)
        return "both hold the same statement and signature."

    def _payload(self) -> str:
        listed = parse_manifest(self._manifest)
        present = [name for name in self._files.names if name.startswith(DATA)]
        faults = [f"{name}: is in no line of the manifest" for name in present if name not in listed]
        faults += [f"{name}: is missing" for name in listed if name not in present]
        for name in present:
            if name in listed and (actual := self._files.sha256(name)) != listed[name]:
                faults.append(f"{name}: has SHA-256 {actual}; the manifest says {listed[name]}")
        if faults:
            more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
            raise EvidenceError("; ".join(faults[:_SHOWN]) + more + ".")
        return f"{len(present)} files have the digests in {MANIFEST}, and there is no other."

    def _signature(self) -> str:
        key = self._signer.key if self._signer and self._signer.key else self._bundled
        if not self._envelope.signed_by(key):
            raise EvidenceError(f"is no signature of key {key.fingerprint} over {PAE}.", where=SIGNATURE)
        return f"is that of key {key.fingerprint}."

    def _established(self, number: int, *, reached: bool) -> Step:
        if not reached:
            return Step(number, "the signer", None, "not reached.")
        if self._signer is None:
            advice = "Give the key or the fingerprint that you received by another way."
            return Step(number, "the signer", None, f"unknown; a key inside a bundle proves nothing. {advice}")
        return _step(number, "the signer", self._is_trusted)

    def _is_trusted(self) -> str:
        own, trusted = self._bundled.fingerprint, self._signer.fingerprint if self._signer else None
        if own != trusted:
            raise EvidenceError(f"the bundle names key {own}, the trusted one is {trusted}.")
        return "is the one you trust."


def _step(number: int, title: str, procedure: Callable[[], str]) -> Step:
    try:
        return Step(number, title, True, procedure())
    except EvidenceError as error:
        return Step(number, title, False, str(error))


def _equal(what: str, actual: str, stated: str) -> None:
    if actual != stated:
        raise EvidenceError(f"has SHA-256 {actual}; the statement says {stated}.", where=what)
