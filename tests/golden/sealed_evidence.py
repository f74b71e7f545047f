"""Fixed evidence of each kind, and the key that seals it in tests: the same bytes on every machine, every year."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from airtight.domain.bundle import BundleKind, Environment, RunFacts, SealedBundle, Slot
from airtight.domain.collection import (
    CollectedPopulation,
    Completeness,
    NotCollected,
    Provenance,
    RawObject,
    SourceOutcome,
    StagedFile,
)
from airtight.domain.control import Authorship
from airtight.domain.period import day_window
from airtight.domain.population import Column, ColumnType, PopulationKind, PopulationSchema, Redaction
from airtight.domain.quality import ExpectationOutcome, QualityReport, Severity
from airtight.domain.register import Expected, Received, Register
from airtight.domain.result import ControlResult, Deviation, Input, ResultState, TestResult, Untested
from airtight.seal.bundle import seal
from airtight.seal.contents import Contents, collection_contents, register_contents, results_contents
from airtight.seal.signers import Signer, load_signer

GOLDEN = Path(__file__).parent / "files"

DAY = date(2026, 9, 14)
WINDOW = day_window(DAY)
PARTITION = "2026-09-14"
MAPPING = "SELECT record->>'$.id' AS account_id FROM raw\n"
FACTS = RunFacts(
    dag_id="collect_access_reviews",
    run_id="scheduled__2026-09-14",
    trigger="scheduled",
    triggered_by=None,
    reason=None,
    code_commit="0" * 40,
    lock_sha256="1" * 64,
    catalog_sha256="2" * 64,
)
SCHEMA = PopulationSchema(
    name="accounts",
    title="Accounts",
    kind=PopulationKind.SNAPSHOT,
    sensitivity="internal",
    key=("account_id",),
    columns=(
        Column("account_id", ColumnType.ID),
        Column("email", ColumnType.STR, nullable=True, personal=True, redaction=Redaction.PSEUDONYM),
    ),
)
RECORDS = b"PAR1 these bytes stand for a Parquet file \x00\xff\r\n PAR1"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def golden_signer(folder: Path, secret: int = 20260914) -> Signer:
    """The signer of the golden files; its key is worthless, since its secret number stands here."""
    private = folder / f"signing-{secret}.pem"
    key = derive_private_key(secret, SECP256R1())
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private.chmod(0o600)
    return load_signer(private)


def outcomes() -> tuple[SourceOutcome, ...]:
    staged = StagedFile("file:///staging/records", sha256(RECORDS), len(RECORDS))
    population = CollectedPopulation(
        population="accounts",
        source="okta-users",
        file=staged,
        rows=3,
        outside_window=0,
        first_key="a1",
        last_key="ä3",
        logical_digest="3" * 64,
        mapping_sha256=sha256(MAPPING.encode()),
        completeness=Completeness.PROVEN,
        retrospective=False,
    )
    raw = RawObject(StagedFile("file:///staging/raw", "4" * 64, 17), "raw", "application/json", 3)
    provenance = Provenance(
        source="okta-users",
        system="okta/example",
        connector="files",
        query="exports/2026-09-14/users.json",
        identity="local files",
        can_write=None,
        window=WINDOW,
        started_at=datetime(2026, 9, 15, 1, 0, tzinfo=UTC),
        finished_at=datetime(2026, 9, 15, 1, 0, 2, 500000, tzinfo=UTC),
        pages=1,
        source_count=3,
        count_method="counts.json",
        received=3,
        rejected=(),
        completeness=Completeness.PROVEN,
        code_version="0.1.0",
        secrets_masked=0,
        raw=(raw,),
    )
    gone = NotCollected("hr_roster", "workday", "the source refused the log-in")
    return (
        SourceOutcome("okta-users", "okta/example", (population,), (), provenance),
        SourceOutcome("workday", "workday/example", (), (gone,), None),
    )


def report(severity: Severity = Severity.WARNING) -> QualityReport:
    violated = ExpectationOutcome("expect_column_values_to_not_be_null", "email", severity, False, 1, "1 of 3 is null")
    return QualityReport("accounts", "okta-users", "5" * 64, 3, (violated,))


def collection(folder: Path, severity: Severity = Severity.WARNING) -> Contents:
    (folder / "records").write_bytes(RECORDS)
    (folder / "accounts.json").write_text('{"expectations": []}\n')
    return collection_contents(
        outcomes(),
        [report(severity)],
        schemas={"accounts": SCHEMA},
        mappings={"mappings/okta/accounts.sql": MAPPING, "mappings/other.sql": "SELECT 1"},
        suites={"accounts": folder / "accounts.json"},
        fetch=lambda _: folder / "records",
    )


def results() -> tuple[ControlResult, ...]:
    """One control of each kind of trouble: deviations with hostile cells, and one that could not be judged."""
    definition = sha256(b"id: AC-01\n")
    deviations = (
        Deviation((("account_id", "a1"),), (("expected", "inactive"), ("observed", 2**60)), waiver="W-7"),
        Deviation((("account_id", "ä3\u2028"),), (("expected", None), ("observed", [1.5, float("nan"), {"é": True}]))),
    )
    first = TestResult(
        control="AC-01",
        test="AC-01.T1",
        state=ResultState.FAIL,
        reason="2 of 3 accounts deviate",
        window=WINDOW,
        population_n=4,
        tested_n=3,
        deviations=deviations,
        untested=(Untested((("account_id", "a9"),), "a service account"),),
        inputs=(Input("accounts", PARTITION, "okta-users", "6" * 64, sha256(RECORDS), 3),),
        parameters=(("max_hours", 24), ("regions", ("eu", "us"))),
        definition_sha256=definition,
    )
    second = TestResult(
        control="AC-02",
        test="AC-02.T1",
        state=ResultState.INCONCLUSIVE,
        reason="hr_roster was not collected: the source refused the log-in",
        window=WINDOW,
        population_n=None,
        tested_n=None,
        deviations=(),
        untested=(),
        inputs=(),
        parameters=(),
        definition_sha256=sha256(b"id: AC-02\n"),
    )
    author = Authorship("7" * 40, "Ada Lovelace", "2026-08-01T09:00:00Z", "Grace Hopper", True)
    requirements = (("soc2", ("CC6.2", "CC6.3")),)
    return (
        ControlResult(
            "AC-01",
            "Leavers lose access",
            "IT operations",
            PARTITION,
            first.state,
            first.reason,
            (first,),
            definition,
            author,
            requirements,
        ),
        ControlResult(
            "AC-02",
            "Access is reviewed",
            "IT operations",
            PARTITION,
            second.state,
            second.reason,
            (second,),
            second.definition_sha256,
            author,
            (),
        ),
    )


def results_bundle(folder: Path) -> Contents:
    definitions = {}
    for control in ("AC-01", "AC-02"):
        definitions[control] = folder / f"{control}.yaml"
        definitions[control].write_bytes(f"id: {control}\n".encode())
    return results_contents(results(), partition=PARTITION, definitions=definitions)


def register(previous: str | None = "8" * 64, day: str = PARTITION) -> Register:
    expected = (Expected(BundleKind.COLLECTION, "access_reviews"), Expected(BundleKind.RESULTS, "controls"))
    key = f"bundles/collection/access_reviews/{day}/{'6' * 64}.zip"
    received = Received(BundleKind.COLLECTION, "access_reviews", 0, "6" * 64, key, ("workday/hr_roster",))
    return Register(day, expected, (received,), previous)


def contents_of(kind: BundleKind, folder: Path) -> Contents:
    made = {
        BundleKind.COLLECTION: lambda: collection(folder),
        BundleKind.RESULTS: lambda: results_bundle(folder),
        BundleKind.REGISTER: lambda: register_contents(register()),
    }
    return made[kind]()


NAMES = {BundleKind.COLLECTION: "access_reviews", BundleKind.RESULTS: "controls", BundleKind.REGISTER: "day"}


def sealed(contents: Contents, folder: Path, signer: Signer, **differing: object) -> SealedBundle:
    """Contents sealed with fixed facts into the folder."""
    facts: dict[str, object] = {
        "slot": Slot(contents.kind, NAMES[contents.kind], PARTITION),
        "environment": Environment.SAMPLE,
        "organisation": "Acmé Lending",
        "window": WINDOW,
        "facts": FACTS,
        "signer": signer,
        "into": folder,
        "software_version": "0.0.0",
    }
    return seal(contents, **{**facts, **differing})  # type: ignore[arg-type]
