"""One installation, opened: settings, catalog, store, index and staging, as every run needs them.

Opening reads definitions and connects; it refuses what does not hold together. The signing key is loaded only by
the runs that sign.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airtight.code_version import lock_digest, running_code
from airtight.collect.registry import CONNECTORS
from airtight.collect.reidentification import ReidentificationMap
from airtight.definitions.catalog import load_catalog
from airtight.domain.bundle import RunFacts
from airtight.domain.catalog import Catalog
from airtight.domain.source import Source
from airtight.domain.staging import Staging
from airtight.errors import ConfigurationError, DefinitionError, StorageError
from airtight.publish.index import Index
from airtight.publish.opening import Locking, open_store
from airtight.publish.reindex import lags_behind
from airtight.publish.staging import open_staging
from airtight.publish.store import Store
from airtight.seal.signers import PublicKey, Signer, load_public_key, load_signer
from airtight.settings import Settings


@dataclass(frozen=True)
class Trigger:
    """How a run came about: facts that a retry does not change.

    Attributes:
        kind: scheduled, manual, backfill or asset.
        by: the person who started it, where one did; ``reason`` what they gave as the reason.
    """

    dag_id: str | None = None
    run_id: str | None = None
    kind: str = "manual"
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Installation:
    """Everything that a station is given; made by ``open_installation``."""

    settings: Settings
    catalog: Catalog
    store: Store
    index: Index
    distributed: bool

    def source(self, source_id: str) -> Source:
        """A declared source.

        Raises:
            DefinitionError: there is none of that id.
        """
        if source_id not in self.catalog.sources:
            known = ", ".join(sorted(self.catalog.sources)) or "none"
            raise DefinitionError(
                f"there is no source '{source_id}'.", where="sources.yaml", remedy=f"Declared: {known}."
            )
        return self.catalog.sources[source_id]

    def staging(self, *scope: str) -> Staging:
        """Staging of one run: its files lie apart from every other run's.

        Raises:
            ConfigurationError: a local folder, where tasks run on several machines.
        """
        return open_staging(self.settings.staging, "/".join(scope), distributed=self.distributed)

    @cached_property
    def signer(self) -> Signer:
        """The signing key.

        Raises:
            ConfigurationError: it is missing or not private.
        """
        return load_signer(self.settings.signing_key, self.settings.public_key)

    @cached_property
    def public_key(self) -> PublicKey:
        """The key that this installation's bundles verify with."""
        file = self.settings.public_key
        if not file.is_file():
            return self.signer.public
        return load_public_key(file.read_bytes(), str(file))

    @cached_property
    def pseudonym_key(self) -> bytes:
        """The key of the pseudonyms: the same in every population.

        Raises:
            ConfigurationError: it is missing, short, or others may read it.
        """
        return read_pseudonym_key(self.settings.pseudonym_key)

    @cached_property
    def people(self) -> ReidentificationMap:
        """The restricted map from pseudonyms to people; it never leaves the state folder."""
        return ReidentificationMap(self.settings.state / "people")

    @property
    def code_version(self) -> str:
        return running_code(self.settings.home)

    def run_staging(self, trigger: Trigger, collection: str, partition: str) -> Staging:
        """Staging of one run of one collection and day."""
        run = hashlib.sha256((trigger.run_id or "").encode()).hexdigest()[:16]
        return self.staging(collection, partition, run)

    def facts(self, trigger: Trigger) -> RunFacts:
        """The run facts that go under the signature."""
        return RunFacts(
            dag_id=trigger.dag_id,
            run_id=trigger.run_id,
            trigger=trigger.kind,
            triggered_by=trigger.by,
            reason=trigger.reason,
            code_commit=self.code_version,
            lock_sha256=lock_digest(self.settings.home),
            catalog_sha256=self.catalog.digest,
        )


def open_installation(settings: Settings, *, distributed: bool = False) -> Installation:
    """The installation that the settings describe.

    Args:
        distributed: tasks run on several machines, so a local staging folder is refused.

    Raises:
        DefinitionError: a definition is refused.
        ConfigurationError: the store belongs to another environment, or cannot be opened.
        StorageError: the index does not answer, is damaged or was lost.
    """
    index = Index(settings.index)
    store = open_store(
        settings.store,
        settings.environment,
        settings.organisation,
        locking=Locking(
            days=settings.object_lock_days,
            raw_days=min(settings.object_lock_days, settings.raw_retention_days),
            confirmed=settings.object_lock_confirmed or None,
            lock=index.store_lock(),
        ),
    )
    if lags_behind(index, store):
        raise StorageError(
            "the index knows no bundle, and the store holds some.",
            where=settings.index,
            remedy="Run 'airtight reindex'.",
        )
    catalog = load_catalog(settings.home, settings.overlay, frozenset(CONNECTORS))
    return Installation(settings, catalog, store, index, distributed)


def read_pseudonym_key(file: Path) -> bytes:
    """The key in a file of hexadecimal digits.

    Raises:
        ConfigurationError: the file is missing, open to others, or holds less than 32 bytes.
    """
    try:
        mode = file.stat().st_mode & 0o777
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        raise ConfigurationError(
            "there is no pseudonym key.", where=str(file), remedy="Run 'airtight keys new'."
        ) from None
    except ValueError:
        raise ConfigurationError("is not hexadecimal.", where=str(file)) from None
    if mode & 0o077:
        raise ConfigurationError(
            f"others may read it (mode {mode:o}).", where=str(file), remedy=f"Run: chmod 600 {file}"
        )
    if len(key) < 32:
        raise ConfigurationError("holds less than 32 bytes.", where=str(file), remedy="Make one: airtight keys new")
    return key
