"""Sealing: what goes in comes out, nothing half-written stays, and strangers' tools agree."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sealed_evidence import (
    DAY,
    NAMES,
    PARTITION,
    RECORDS,
    collection,
    contents_of,
    golden_signer,
    outcomes,
    register,
    report,
    results,
    results_bundle,
    sealed,
)
from securesystemslib.dsse import Envelope

from airtight.domain.bundle import BundleKind, Environment, Member, Slot
from airtight.domain.quality import Severity
from airtight.domain.result import ResultState
from airtight.errors import ConfigurationError, EvidenceError, StoreUnwritable
from airtight.seal.contents import Contents, collection_contents, register_contents, results_contents
from airtight.seal.digest import sha256_of
from airtight.seal.read import BundleReader
from airtight.seal.verify import SCRIPT, Verdict, verify


@pytest.fixture(params=sorted(NAMES))
def bundle(request, signer, tmp_path):
    return sealed(contents_of(request.param, tmp_path), tmp_path, signer)


def unpacked(bundle: Path, folder: Path) -> Path:
    subprocess.run(["unzip", "-q", str(bundle), "-d", str(folder)], check=True)
    return folder


def test_the_identity_is_the_digest_of_the_signed_bytes(bundle, tmp_path):
    with zipfile.ZipFile(bundle.file) as archive:
        assert bundle.digest == sha256_of(archive.read("proof/statement.pae"))
    assert bundle.file.name == f"{bundle.digest}.zip"
    assert bundle.size == bundle.file.stat().st_size


def test_sha256sum_and_openssl_alone_verify_an_unpacked_bundle(bundle, signer, tmp_path):
    folder = unpacked(bundle.file, tmp_path / "unpacked")
    (tmp_path / "key.pem").write_bytes(signer.public.pem)
    subprocess.run(["sha256sum", "--strict", "-c", "manifest-sha256.txt"], cwd=folder, check=True, capture_output=True)
    command = "openssl dgst -sha256 -verify ../key.pem -signature proof/statement.sig proof/statement.pae"
    done = subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, text=True)
    assert done.stdout == "Verified OK\n"


def test_openssl_computes_the_same_fingerprint(signer, tmp_path):
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"], input=signer.public.pem, check=True, capture_output=True
    ).stdout
    assert sha256_of(der) == signer.public.fingerprint


def test_the_instructions_in_a_bundle_work_as_written(bundle, signer, tmp_path):
    folder = unpacked(bundle.file, tmp_path / "unpacked")
    (folder / "KEY.pem").write_bytes(signer.public.pem)
    commands = [line[5:] for line in (folder / "VERIFY.txt").read_text().splitlines() if line.startswith("     ")]
    results = [_bash(command, folder) for command in commands if " " in command]
    assert len(results) == 6
    assert results[0].startswith(signer.public.fingerprint)
    assert results[1] == "Verified OK\n"
    assert results[3].split()[0] in results[2]
    assert all(line.endswith(": OK") for line in results[4].splitlines())
    assert results[5] == ""


def _bash(command: str, folder: Path) -> str:
    return subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True, text=True).stdout


def test_a_generic_bagit_tool_accepts_an_unpacked_bundle(bundle, tmp_path):
    folder = unpacked(bundle.file, tmp_path / "unpacked")
    tool = Path(sys.executable).parent / "bagit.py"
    subprocess.run([str(tool), "--validate", str(folder)], check=True, capture_output=True)
    member = next(path for path in (folder / "data").rglob("*") if path.is_file())
    member.write_bytes(member.read_bytes() + b"\n")
    assert subprocess.run([str(tool), "--validate", str(folder)], check=False, capture_output=True).returncode != 0


def test_a_generic_dsse_library_verifies_the_envelope(bundle, signer, tmp_path):
    with zipfile.ZipFile(bundle.file) as archive:
        envelope = Envelope.from_dict(json.loads(archive.read("proof/statement.dsse.json")))
        assert envelope.pae() == archive.read("proof/statement.pae")
    assert list(envelope.verify([signer.public.library_key], 1)) == [signer.public.fingerprint]
    assert json.loads(envelope.payload)["_type"] == "https://in-toto.io/Statement/v1"


def test_both_encodings_hold_one_signature(bundle):
    with zipfile.ZipFile(bundle.file) as archive:
        (signature,) = json.loads(archive.read("proof/statement.dsse.json"))["signatures"]
        assert base64.b64decode(signature["sig"]) == archive.read("proof/statement.sig")


def test_python_s_zipfile_reads_what_we_write(bundle):
    with zipfile.ZipFile(bundle.file) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(archive.namelist())
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_outcomes_and_reports_come_back(signer, tmp_path):
    made = sealed(collection(tmp_path), tmp_path, signer)
    with made.file.open("rb") as file:
        reader = BundleReader(file)
        first, second = reader.outcomes()
        assert second == outcomes()[1]
        assert first.collected[0].file.uri == "data/populations/okta-users/accounts.parquet"
        assert first.provenance is not None
        assert first.provenance.raw[0].file.uri == "raw/" + "4" * 64
        assert replace(first.collected[0], file=outcomes()[0].collected[0].file) == outcomes()[0].collected[0]
        assert reader.reports() == (report(),)
        assert reader.extract(first.collected[0].file.uri, tmp_path / "out").read_bytes() == RECORDS


def test_results_come_back_with_their_items(signer, tmp_path):
    made = sealed(results_bundle(tmp_path), tmp_path, signer)
    with made.file.open("rb") as file:
        first, second = BundleReader(file).results()
    assert second == results()[1]
    assert first.tests[0].untested == results()[0].tests[0].untested
    deviations = first.tests[0].deviations
    assert deviations[0].waiver == "W-7"
    assert dict(deviations[0].details)["observed"] == str(2**60)
    assert dict(deviations[1].details)["observed"] == [1.5, "NaN", {"é": True}]
    assert dict(deviations[1].key) == {"account_id": "ä3\u2028"}


def test_a_register_comes_back(signer, tmp_path):
    made = sealed(register_contents(register()), tmp_path, signer)
    with made.file.open("rb") as file:
        reader = BundleReader(file)
        assert reader.register() == register()
        assert reader.statement().rests_on == ("6" * 64, "8" * 64)


def test_the_summary_of_a_collection_tells_what_can_be_relied_on(signer, tmp_path):
    made = sealed(collection(tmp_path, Severity.CRITICAL), tmp_path, signer)
    with made.file.open("rb") as file:
        summary = BundleReader(file).summary("a/key.zip")
    assert (summary.ref.digest, summary.ref.key, summary.ref.size) == (made.digest, "a/key.zip", made.size)
    collected, missing = summary.populations
    assert collected.rows == 3
    assert collected.sha256 == sha256_of(RECORDS)
    assert collected.trouble == "expect_column_values_to_not_be_null on email: 1 of 3 is null"
    assert not missing.collected
    assert missing.trouble == "the source refused the log-in"
    assert {population.partition for population in summary.populations} == {PARTITION}


def test_a_population_without_a_quality_report_is_not_relied_on(signer, tmp_path):
    contents = collection(tmp_path)
    members = tuple(member for member in contents.members if not member.path.startswith("data/quality/"))
    made = sealed(replace(contents, members=members), tmp_path, signer)
    with made.file.open("rb") as file:
        assert BundleReader(file).summary("k").populations[0].trouble == "its quality was not checked"


def test_warnings_do_not_make_a_population_unreliable(signer, tmp_path):
    made = sealed(collection(tmp_path, Severity.WARNING), tmp_path, signer)
    with made.file.open("rb") as file:
        assert BundleReader(file).summary("k").populations[0].trouble is None


def test_the_summary_of_results_has_a_line_for_each_test_and_each_control(signer, tmp_path):
    made = sealed(results_bundle(tmp_path), tmp_path, signer)
    with made.file.open("rb") as file:
        lines = {(line.control, line.test): line for line in BundleReader(file).summary("k").results}
    assert sorted(lines) == [("AC-01", ""), ("AC-01", "AC-01.T1"), ("AC-02", ""), ("AC-02", "AC-02.T1")]
    assert (lines["AC-01", "AC-01.T1"].deviation_n, lines["AC-01", "AC-01.T1"].waived_n) == (2, 1)
    assert (lines["AC-01", ""].deviation_n, lines["AC-01", ""].state) == (2, ResultState.FAIL)
    assert lines["AC-02", ""].window_end == "2026-09-15T00:00:00Z"


def test_deviations_left_out_of_a_list_are_counted(signer, tmp_path):
    first, second = results()
    cut = replace(first, tests=(replace(first.tests[0], deviations_omitted=40),))
    definitions = {"AC-01": tmp_path / "AC-01.yaml", "AC-02": tmp_path / "AC-02.yaml"}
    results_bundle(tmp_path)
    contents = results_contents([cut, second], partition=PARTITION, definitions=definitions)
    with sealed(contents, tmp_path, signer).file.open("rb") as file:
        reader = BundleReader(file)
        assert reader.summary("k").results[0].deviation_n == 42
        assert reader.statement().summary["controls"][0]["tests"][0]["deviations"] == 42  # type: ignore[index, call-overload]


def test_results_rest_on_the_bundles_of_their_inputs(signer, tmp_path):
    made = sealed(results_bundle(tmp_path), tmp_path, signer, rests_on=["9" * 64])
    with made.file.open("rb") as file:
        assert BundleReader(file).statement().rests_on == ("6" * 64, "9" * 64)


def test_every_state_is_counted_also_those_that_nobody_has(tmp_path):
    counted = results_bundle(tmp_path).summary["result"]
    assert counted == {
        "pass": 0,
        "exceptions": 0,
        "fail": 1,
        "inconclusive": 1,
        "not-collected": 0,
        "not-applicable": 0,
    }


def test_a_definition_other_than_the_one_judged_by_is_refused(signer, tmp_path):
    contents = results_bundle(tmp_path)
    (tmp_path / "AC-01.yaml").write_text("id: AC-01\ntolerance: 1\n")
    with pytest.raises(EvidenceError, match=r"data/definitions/controls/AC-01\.yaml: has SHA-256"):
        sealed(contents, tmp_path, signer)
    assert no_bundle_in(tmp_path)


def test_a_missing_definition_is_refused():
    with pytest.raises(EvidenceError, match="AC-01: its definition is not at hand"):
        results_contents(results(), partition=PARTITION, definitions={})


def test_a_report_on_a_population_that_was_not_collected_is_refused(tmp_path):
    stray = replace(report(), population="hr_roster")
    with pytest.raises(EvidenceError, match="okta-users/hr_roster"):
        collection_contents(outcomes(), [stray], schemas={}, mappings={}, suites={}, fetch=Path)


def test_a_staged_file_that_changed_is_refused(signer, tmp_path):
    contents = collection(tmp_path)
    (tmp_path / "records").write_bytes(RECORDS + b"!")
    with pytest.raises(EvidenceError, match=r"not .* as when it was staged"):
        sealed(contents, tmp_path, signer)
    assert no_bundle_in(tmp_path)


@pytest.mark.parametrize(
    "name",
    ["data/../up", "/data/a", "data/a b", "data/", "data/a//b", "data/.", "other/a", "data/é", "data/" + "a" * 300],
)
def test_names_that_could_be_taken_for_something_else_are_refused(name, signer, tmp_path):
    contents = Contents(BundleKind.REGISTER, {}, (Member(name, content=b"x"),))
    with pytest.raises(EvidenceError, match="no name"):
        sealed(contents, tmp_path, signer)


@pytest.mark.parametrize("names", [("data/a", "data/a"), ("data/a", "data/A"), ("data/a", "data/a/b")])
def test_names_that_collide_are_refused(names, signer, tmp_path):
    contents = Contents(BundleKind.REGISTER, {}, tuple(Member(name, content=b"x") for name in names))
    with pytest.raises(EvidenceError, match=r"twice|both a file and a folder"):
        sealed(contents, tmp_path, signer)


def test_nothing_is_never_sealed(signer, tmp_path):
    with pytest.raises(EvidenceError, match="nothing to seal"):
        sealed(Contents(BundleKind.REGISTER, {}, ()), tmp_path, signer)


def test_contents_fill_only_a_slot_of_their_kind(signer, tmp_path):
    with pytest.raises(EvidenceError, match="cannot fill this slot"):
        sealed(register_contents(register()), tmp_path, signer, slot=Slot(BundleKind.RESULTS, "controls", PARTITION))


@pytest.mark.parametrize(("revision", "supersedes"), [(1, None), (0, "6" * 64), (1, "not a digest")])
def test_a_revision_names_what_it_supersedes(revision, supersedes, signer, tmp_path):
    slot = Slot(BundleKind.REGISTER, "day", PARTITION, revision)
    with pytest.raises(EvidenceError, match="supersedes"):
        sealed(register_contents(register()), tmp_path, signer, slot=slot, supersedes=supersedes)


def test_another_fact_makes_another_bundle(signer, tmp_path):
    contents = register_contents(register())
    first = sealed(contents, tmp_path, signer)
    assert sealed(contents, tmp_path, signer, environment=Environment.PRODUCTION).digest != first.digest


def test_a_folder_that_is_not_there_is_a_plain_error(signer, tmp_path):
    with pytest.raises(StoreUnwritable, match="cannot be written: No such file"):
        sealed(register_contents(register()), tmp_path / "nowhere", signer)


def test_a_source_file_that_vanished_is_a_plain_error_and_leaves_nothing(signer, tmp_path):
    contents = Contents(BundleKind.REGISTER, {}, (Member("data/a", source=tmp_path / "gone"),))
    with pytest.raises(EvidenceError, match=r"data/a: cannot be read: No such file"):
        sealed(contents, tmp_path, signer)
    assert no_bundle_in(tmp_path)


def test_a_signature_that_does_not_verify_is_never_sealed(signer, tmp_path):
    mismatched = replace(signer, public=golden_signer(tmp_path, secret=7).public)
    with pytest.raises(ConfigurationError):
        sealed(register_contents(register()), tmp_path, mismatched)
    assert no_bundle_in(tmp_path)


def no_bundle_in(folder: Path) -> bool:
    return not list(folder.glob("*.zip")) and not list(folder.glob(".sealing-*"))


def test_extracting_an_altered_member_leaves_no_file(signer, tmp_path):
    made = sealed(collection(tmp_path), tmp_path, signer)
    raw = made.file.read_bytes()
    altered = tmp_path / "altered.zip"
    altered.write_bytes(raw.replace(RECORDS, RECORDS.replace(b"stand", b"STAND")))
    member = "data/populations/okta-users/accounts.parquet"
    with altered.open("rb") as file, pytest.raises(EvidenceError, match="the manifest says"):
        BundleReader(file).extract(member, tmp_path / "out")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_extracting_what_the_manifest_does_not_name_is_refused(signer, tmp_path):
    made = sealed(collection(tmp_path), tmp_path, signer)
    with made.file.open("rb") as file, pytest.raises(EvidenceError, match="not in the manifest"):
        BundleReader(file).extract("proof/statement.sig", tmp_path / "out")


def test_reading_one_small_member_of_a_large_bundle_reads_little(signer, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(bytes(8 << 20))
    members = (Member("data/large.bin", source=large), Member("data/small.txt", content=b"small"))
    made = sealed(Contents(BundleKind.REGISTER, {}, members), tmp_path, signer)
    with Counting(made.file) as file:
        assert BundleReader(file).read("data/small.txt") == b"small"
        assert file.given < 200_000


class Counting:
    """A file that counts the bytes it gives."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.given = 0

    def __enter__(self) -> Counting:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.given += len(content)
        return content


@pytest.mark.slow
def test_a_member_beyond_four_gibibytes_is_sealed_read_and_verified(signer, tmp_path):
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate((4 << 30) + 5)  # sparse: costs no room
    members = (Member("data/large.bin", source=large), Member("data/last.txt", content=b"last"))
    made = sealed(Contents(BundleKind.REGISTER, {}, members), tmp_path, signer)
    large.unlink()
    try:
        assert verify(made.file, signer.public).verdict is Verdict.HOLDS
        with zipfile.ZipFile(made.file) as archive:
            assert archive.getinfo("data/large.bin").file_size == (4 << 30) + 5
            assert archive.read("data/last.txt") == b"last"
        done = subprocess.run(["bash", str(SCRIPT), str(made.file), signer.public.fingerprint], check=False)
        assert done.returncode == 0
    finally:
        made.file.unlink()


def test_the_window_is_the_day(signer, tmp_path):
    made = sealed(register_contents(register()), tmp_path, signer)
    statement = verify(made.file, signer.public).statement
    assert statement is not None
    assert statement.window.last_day == DAY
