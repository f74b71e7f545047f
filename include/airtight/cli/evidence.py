"""Commands for whoever reads evidence: find bundles, show a result, verify, pack for the auditor."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from airtight.cli.output import AsJson, document, leave, say, table

From = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day, included.")]
To = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day, included.")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="The signer's public key (PEM file) or fingerprint, received by another way."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(bundles)
    app.command()(show)
    app.command()(verify)
    app.command()(package)


def bundles(
    kind: Annotated[str | None, typer.Option(help="collection, results, register ...")] = None,
    control: Annotated[str | None, typer.Option(help="Results bundles that judge this control.")] = None,
    first: From = None,
    last: To = None,
    current: Annotated[bool, typer.Option("--current", help="Leave superseded revisions out.")] = False,
    as_json: AsJson = False,
) -> None:
    """List published bundles."""
    from airtight import queries
    from airtight.cli.opening import opened
    from airtight.domain.bundle import BundleKind
    from airtight.errors import ConfigurationError
    from airtight.publish.index import Chosen

    if kind is not None and kind not in list(BundleKind):
        raise ConfigurationError(f"there is no kind '{kind}'.", remedy=f"Kinds: {', '.join(BundleKind)}.")
    wanted = BundleKind(kind) if kind else None
    chosen = Chosen(wanted, first=first, last=last, control=control, current_only=current)
    found = queries.bundles(opened(), chosen)
    if as_json:
        document([bundle.ref for bundle in found])
        return
    rows = [
        (
            b.ref.slot.partition,
            b.ref.slot.kind.value,
            b.ref.slot.name,
            b.ref.slot.revision,
            b.ref.digest[:16],
            "superseded" if b.superseded else "",
            f"{b.ref.size:,}",
            b.ref.key,
        )
        for b in found
    ]
    table(f"{len(rows)} bundles", ("Day", "Kind", "Name", "Rev", "Identity", "", "Bytes", "Key"), rows)


def show(
    control: Annotated[str, typer.Argument(metavar="CONTROL")],
    partition: Annotated[str | None, typer.Option("--partition", metavar="DAY", help="By default the latest.")] = None,
    as_json: AsJson = False,
) -> None:
    """A control's result of a day, test by test, with every deviation."""
    from airtight import queries
    from airtight.cli.opening import opened
    from airtight.errors import ConfigurationError

    installation = opened()
    day = partition or queries.latest_partition(installation)
    if day is None:
        raise ConfigurationError("nothing was judged yet.", remedy="Run 'airtight day --partition DAY'.")
    result, bundle = queries.control_result(installation, control, day)
    if as_json:
        document({"result": result, "bundle": bundle})
        return
    say(f"{result.control} {result.title}: {result.state.value}  ({day}, bundle {bundle.digest[:16]})")
    for test in result.tests:
        counted = f"{test.tested_n} of {test.population_n} tested, {test.deviation_n} deviations"
        say(f"\n{test.test}: {test.state.value}  {counted if test.population_n is not None else ''}  {test.reason}")
        for deviation in test.deviations:
            key = ", ".join(f"{name}={value}" for name, value in deviation.key)
            details = "; ".join(f"{name}: {value}" for name, value in deviation.details)
            waived = f"  (waived by {deviation.waiver})" if deviation.waiver else ""
            say(f"  {key}  {details}{waived}")


def verify(
    bundles: Annotated[list[Path] | None, typer.Argument(metavar="BUNDLE...", help="ZIP files or folders.")] = None,
    key: Key = None,
    registers: Annotated[
        Path | None, typer.Option("--register", help="A folder of bundles: check its chain of registers instead.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify bundles offline. Exit code 0 holds, 1 does not, 2 signer not established."""
    from airtight.errors import ConfigurationError
    from airtight.seal.verify import verify as verify_bundle

    if registers is not None:
        leave(_verify_registers(registers, key, as_json))
    if not bundles:
        raise ConfigurationError("name at least one bundle.", remedy="airtight verify --key KEY BUNDLE.zip")
    found = [verify_bundle(bundle, key) for bundle in bundles]
    if as_json:
        document(
            [{"bundle": f.bundle, "verdict": f.verdict.value, "digest": f.digest, "steps": f.steps} for f in found]
        )
    else:
        for verification in found:
            say(verification.bundle)
            for line in verification.lines():
                say("  " + line)
    codes = {verification.verdict.exit_code for verification in found}
    leave(1 if 1 in codes else max(codes))


def _verify_registers(folder: Path, key: str | None, as_json: bool) -> int:
    from airtight.journey.registers import verify_folder

    found = verify_folder(folder, key)
    if as_json:
        document(found)
    else:
        for sentence in found.sentences:
            say(sentence)
        say(f"{found.registers} registers from {found.first} to {found.last}, {len(found.sentences)} findings")
    return found.exit_code


def package(
    into: Annotated[Path, typer.Argument(help="A new folder.")],
    first: From = None,
    last: To = None,
    framework: Annotated[str | None, typer.Option(help="With --requirement: soc2, iso42001 ...")] = None,
    requirement: Annotated[str | None, typer.Option(help="Only bundles that bear on this requirement.")] = None,
    control: Annotated[str | None, typer.Option(help="Only bundles that bear on this control.")] = None,
) -> None:
    """Copy bundles for an auditor into a folder, with the public key, the script that verifies them and a list."""
    from airtight.cli.opening import opened
    from airtight.journey.packing import pack

    written = pack(
        opened(), into, first=first, last=last, framework=framework, requirement=requirement, control=control
    )
    say(f"{written} bundles in {into}; verify them with: cd {into} && bash verify-all.sh")
