"""Reading a bundle back: from a file on disk or from ranges of an object far away, without trusting it.

Opening refuses every archive that a sealing does not write, and checks that the statement is about this manifest.
What is read is compared with the manifest. Whether the *signature* is that of a trusted signer is ``verify``'s
question: a reader's answers are what the bundle says.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from airtight.domain.bundle import (
    BundleKind,
    BundleRef,
    BundleSummary,
    ResultLine,
    SealedPopulation,
)
from airtight.domain.collection import CollectedPopulation, Provenance, SourceOutcome
from airtight.domain.quality import QualityReport, Severity
from airtight.domain.register import Register
from airtight.domain.result import ControlResult, Deviation, TestResult, Untested
from airtight.errors import EvidenceError
from airtight.seal.archive import Archive
from airtight.seal.canonical import parse_json
from airtight.seal.contents import (
    COLLECTION,
    REGISTER,
    RESULTS,
    items_path,
    population_path,
    provenance_path,
    quality_path,
)
from airtight.seal.digest import sha256_of
from airtight.seal.layout import MANIFEST, PAE, SIGNATURE
from airtight.seal.manifest import parse_manifest
from airtight.seal.pae import parse_pae
from airtight.seal.statement import Statement, parse_statement
from airtight.seal.summary import Counted, owed_population, result_lines, sealed_population
from airtight.wire import Json, from_json

if TYPE_CHECKING:
    from airtight.seal.signers import PublicKey

T = TypeVar("T")

#: Bounds on what a reader takes into memory: the signed statement, the manifest, a JSON document.
MAX_STATEMENT = 1 << 26
MAX_MANIFEST = 1 << 23
MAX_DOCUMENT = 1 << 30


@dataclass(frozen=True)
class _Outcomes:
    outcomes: tuple[SourceOutcome, ...]


@dataclass(frozen=True)
class _Results:
    partition: str
    results: tuple[ControlResult, ...]
    counted: tuple[Counted, ...]


class BundleReader:
    """A bundle, opened. ``file`` is a seekable binary file and stays the caller's to close.

    Raises:
        EvidenceError: it is no bundle; the message names the file inside and what is wrong.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._archive = Archive(file)
        self._size = file.seek(0, io.SEEK_END)

    @cached_property
    def digest(self) -> str:
        """The bundle's identity: SHA-256 of the signed bytes."""
        return sha256_of(self._pae)

    @property
    def names(self) -> tuple[str, ...]:
        """All files of the bundle, sorted."""
        return self._archive.names

    def statement(self) -> Statement:
        """What the signer says of the bundle."""
        return self._statement

    def manifest(self) -> Mapping[str, str]:
        """File under ``data/`` -> SHA-256.

        Raises:
            EvidenceError: the manifest is malformed, or the statement is about another.
        """
        return self._manifest

    def read(self, member: str) -> bytes:
        """The bytes of a file under ``data/``, checked against the manifest."""
        content = self._archive.read(member, MAX_DOCUMENT)
        self._compare(member, sha256_of(content))
        return content

    def extract(self, member: str, into: Path) -> Path:
        """Copy a file under ``data/`` to ``<into>/<member>``, checked against the manifest.

        The file appears only when it is whole and unaltered; memory is bounded.
        """
        self._expected(member)
        target = into / member
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".extracting-", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                self._compare(member, self._archive.sha256(member, into=file))
            return Path(temporary).replace(target)
        finally:
            Path(temporary).unlink(missing_ok=True)

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the signature over the statement is that key's. ``verify`` checks everything else too."""
        from airtight.seal.envelope import Envelope  # loads the key services' clients; most readers check no signature

        signature = self._archive.read(SIGNATURE, MAX_STATEMENT)
        return Envelope(self._pae, signature, key.fingerprint).signed_by(key)

    def outcomes(self) -> tuple[SourceOutcome, ...]:
        """The outcomes that a collection bundle holds; a file's ``uri`` is its path in the bundle."""
        return tuple(map(self._with_provenance, self._document(COLLECTION, _Outcomes).outcomes))

    def reports(self) -> tuple[QualityReport, ...]:
        """The quality reports that a collection bundle holds."""
        quality = [name for name in self.names if name.startswith("data/quality/")]
        return tuple(self._document(name, QualityReport) for name in quality)

    def results(self) -> tuple[ControlResult, ...]:
        """The results that a results bundle holds, with deviations and untested items."""
        stored = self._document(RESULTS, _Results)
        return tuple(replace(result, tests=tuple(map(self._with_items, result.tests))) for result in stored.results)

    def register(self) -> Register:
        """The register that a register bundle holds."""
        return self._document(REGISTER, Register)

    def summary(self, key: str) -> BundleSummary:
        """What the index keeps of this bundle, which lies under ``key`` in the store.

        Reads the statement, the manifest and small documents; no population and no list of deviations.
        """
        statement = self._statement
        ref = BundleRef(self.digest, statement.slot, statement.environment, statement.supersedes, key, self._size)
        kind = statement.slot.kind
        populations = self._populations(ref) if kind is BundleKind.COLLECTION else ()
        lines = self._lines() if kind is BundleKind.RESULTS else ()
        return BundleSummary(ref, statement.facts, populations, lines)

    @cached_property
    def _pae(self) -> bytes:
        return self._archive.read(PAE, MAX_STATEMENT)

    @cached_property
    def _statement(self) -> Statement:
        return parse_statement(parse_pae(self._pae))

    @cached_property
    def _manifest(self) -> Mapping[str, str]:
        content = self._archive.read(MANIFEST, MAX_MANIFEST)
        if sha256_of(content) != self._statement.manifest:
            raise EvidenceError("is not the manifest that the statement is about.", where=MANIFEST)
        return parse_manifest(content)

    def _expected(self, member: str) -> str:
        if member not in self._manifest:
            raise EvidenceError("is not in the manifest.", where=member)
        return self._manifest[member]

    def _compare(self, member: str, actual: str) -> None:
        expected = self._expected(member)
        if actual != expected:
            raise EvidenceError(f"has SHA-256 {actual}; the manifest says {expected}.", where=member)

    def _document(self, name: str, kind: type[T]) -> T:
        return from_json(kind, parse_json(self.read(name), name))

    def _with_provenance(self, outcome: SourceOutcome) -> SourceOutcome:
        path = provenance_path(outcome.source)
        known = path in self._manifest
        return replace(outcome, provenance=self._document(path, Provenance) if known else None)

    def _with_items(self, test: TestResult) -> TestResult:
        deviations = self._items("deviations", test.test, Deviation)
        return replace(test, deviations=deviations, untested=self._items("untested", test.test, Untested))

    def _items(self, kind: str, test: str, item: type[T]) -> tuple[T, ...]:
        path = items_path(kind, test)
        if path not in self._manifest:
            return ()
        document: Json = parse_json(self.read(path), path)
        return tuple(from_json(item, entry) for entry in (document if isinstance(document, list) else [document]))

    def _populations(self, ref: BundleRef) -> tuple[SealedPopulation, ...]:
        outcomes = self._document(COLLECTION, _Outcomes).outcomes
        sealed = [self._sealed(population, ref) for outcome in outcomes for population in outcome.collected]
        return (*sealed, *(owed_population(gone, ref) for outcome in outcomes for gone in outcome.missing))

    def _sealed(self, population: CollectedPopulation, ref: BundleRef) -> SealedPopulation:
        member = population_path(population.source, population.population)
        self._compare(member, population.file.sha256)
        return sealed_population(population, ref, self._trouble(population))

    def _trouble(self, population: CollectedPopulation) -> str | None:
        path = quality_path(population.source, population.population)
        if path not in self._manifest:
            return "its quality was not checked"
        violated = self._document(path, QualityReport).violated(Severity.CRITICAL)
        faults = [
            f"{outcome.expectation}{f' on {outcome.column}' if outcome.column else ''}: {outcome.observed}"
            for outcome in violated
        ]
        return "; ".join(faults) or None

    def _lines(self) -> tuple[ResultLine, ...]:
        stored = self._document(RESULTS, _Results)
        counted = {entry.test: entry for entry in stored.counted}
        return tuple(line for result in stored.results for line in result_lines(result, counted, stored.partition))
