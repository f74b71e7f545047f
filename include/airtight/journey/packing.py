"""A package for an auditor: bundles in a folder, with the public key, the script that verifies them and a list.

The results bundles that bear on what was asked for, the collection bundles that they rest on, and every register of
the period. Nothing is opened or changed: the files are the store's, byte for byte.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from airtight.domain.bundle import BundleKind, BundleRef
from airtight.errors import ConfigurationError
from airtight.installation import Installation
from airtight.publish.index import Chosen
from airtight.seal.read import BundleReader

_ALL = """\
#!/usr/bin/env bash
# Verifies every bundle of this package: needs bash, coreutils, openssl and unzip. Compare the fingerprint first:
#   openssl pkey -pubin -in signing.pub -outform DER | sha256sum
status=0
for bundle in bundles/*.zip; do
    bash ./verify-bundle.sh "$bundle" signing.pub || status=1
done
exit $status
"""


def pack(
    opened: Installation,
    into: Path,
    *,
    first: str | None,
    last: str | None,
    framework: str | None,
    requirement: str | None,
    control: str | None,
) -> int:
    """Write a package; returns the number of bundles.

    Raises:
        ConfigurationError: the folder exists, nothing was asked for that exists, or no bundle bears on it.
    """
    controls = _controls(opened, framework, requirement, control)
    chosen = _chosen(opened, first, last, controls)
    if not chosen:
        raise ConfigurationError("no published bundle bears on that.", remedy="See 'airtight bundles'.")
    try:
        (into / "bundles").mkdir(parents=True)
    except FileExistsError:
        raise ConfigurationError("exists; a package goes into a new folder.", where=str(into)) from None
    for ref in chosen:
        with opened.store.open(ref.key) as source, (into / "bundles" / _name(ref)).open("xb") as target:
            shutil.copyfileobj(source, target)
    (into / "signing.pub").write_bytes(opened.public_key.pem)
    (into / "verify-bundle.sh").write_bytes(files("airtight.seal").joinpath("verify-bundle.sh").read_bytes())
    (into / "verify-all.sh").write_text(_ALL, encoding="utf-8")
    _write_list(into / "bundles.csv", chosen)
    return len(chosen)


def _controls(
    opened: Installation, framework: str | None, requirement: str | None, control: str | None
) -> frozenset[str] | None:
    """The controls asked for; None: all."""
    if control is not None:
        return frozenset({control})
    if requirement is None:
        return None
    frameworks = [framework] if framework else list(opened.catalog.frameworks)
    found = {
        each.id
        for each in opened.catalog.controls.values()
        for name in frameworks
        if requirement in (*each.requirements.get(name, ()), *each.supports.get(name, ()))
    }
    if not found:
        raise ConfigurationError(f"no control answers '{requirement}'.", remedy="See 'airtight coverage'.")
    return frozenset(found)


def _chosen(
    opened: Installation, first: str | None, last: str | None, controls: frozenset[str] | None
) -> list[BundleRef]:
    within = {bundle.ref.digest: bundle.ref for bundle in opened.index.bundles(Chosen(first=first, last=last))}
    if controls is None:
        return list(within.values())
    results = {ref.digest for name in controls for ref in _results(opened, first, last, name)}
    rests = {digest for result in results for digest in _rests_on(opened, within[result])}
    registers = {digest for digest, ref in within.items() if ref.slot.kind is BundleKind.REGISTER}
    wanted = results | (registers if results else set()) | rests
    return [known.ref for digest in sorted(wanted) if (known := opened.index.find(digest))]


def _results(opened: Installation, first: str | None, last: str | None, control: str) -> Iterable[BundleRef]:
    chosen = Chosen(BundleKind.RESULTS, first=first, last=last, control=control)
    return (bundle.ref for bundle in opened.index.bundles(chosen))


def _rests_on(opened: Installation, ref: BundleRef) -> tuple[str, ...]:
    with opened.store.open(ref.key) as file:
        return BundleReader(file).statement().rests_on


def _name(ref: BundleRef) -> str:
    slot = ref.slot
    return f"{slot.partition}.{slot.kind.value}.{slot.name}.{slot.revision}.zip"


def _write_list(file: Path, refs: Iterable[BundleRef]) -> None:
    with file.open("x", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(("file", "day", "kind", "name", "revision", "identity", "supersedes"))
        for ref in refs:
            slot = ref.slot
            writer.writerow(
                (
                    _name(ref),
                    slot.partition,
                    slot.kind.value,
                    slot.name,
                    slot.revision,
                    ref.digest,
                    ref.supersedes or "",
                )
            )
