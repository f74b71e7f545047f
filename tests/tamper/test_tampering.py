"""Every tampering is refused by both verifiers, and the good bundle is accepted by both."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tamperings import CONTAINER, FILES, FOLDER, SIGNED
from workshop import Workshop, members_of, pack, unpack, zip_of

from airtight.errors import ConfigurationError, EvidenceError
from airtight.seal.read import BundleReader
from airtight.seal.verify import SCRIPT, Verdict, verify


def by_python(bundle: Path, key: Path | str | None) -> tuple[int, str]:
    verification = verify(bundle, key)
    return verification.verdict.exit_code, "\n".join(verification.lines())


def by_script(bundle: Path, key: Path | str | None) -> tuple[int, str]:
    command = ["bash", str(SCRIPT), str(bundle), *([str(key)] if key else [])]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


VERIFIERS = pytest.mark.parametrize("verifier", [by_python, by_script])


@pytest.fixture(params=["zipped", "unpacked"])
def form(request):
    """Lays files out as an auditor may have them."""
    return {
        "zipped": lambda files, folder: _written(folder / "bundle.zip", pack(files)),
        "unpacked": lambda files, folder: unpack(files, folder / "bundle"),
    }[request.param]


def _written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def assert_refused(verdict: tuple[int, str]) -> None:
    code, output = verdict
    assert code == 1, output
    assert "FAILED" in output
    assert "BROKEN" in output
    assert "Traceback" not in output


def test_there_are_at_least_thirty_tamperings():
    assert len(CONTAINER) + len(FILES) + len(SIGNED) + len(FOLDER) >= 30


@VERIFIERS
def test_a_good_bundle_holds(verifier, form, workshop, tmp_path):
    bundle = form(workshop.files, tmp_path)
    for key in (workshop.key, workshop.signer.public.fingerprint, workshop.signer.public.fingerprint.upper()):
        code, output = verifier(bundle, key)
        assert code == 0, output
        assert "HOLDS" in output


@VERIFIERS
def test_without_a_key_a_good_bundle_is_consistent_and_its_signer_not_established(verifier, form, workshop, tmp_path):
    code, output = verifier(form(workshop.files, tmp_path), None)
    assert code == 2
    assert "SIGNER NOT ESTABLISHED" in output


@VERIFIERS
def test_a_bundle_of_a_stranger_is_never_more_than_consistent(verifier, form, workshop, tmp_path):
    bundle = form(workshop.forge(workshop.files, signer=workshop.stranger), tmp_path)
    assert verifier(bundle, None)[0] == 2
    assert_refused(verifier(bundle, workshop.key))
    assert_refused(verifier(bundle, workshop.signer.public.fingerprint))


@VERIFIERS
@pytest.mark.parametrize("name", CONTAINER)
def test_a_tampered_archive_is_refused(verifier, name, workshop, tmp_path):
    verdict = verifier(_written(tmp_path / "bundle.zip", CONTAINER[name](workshop)), workshop.key)
    assert_refused(verdict)
    # for its form alone: the files are those of a bundle that holds
    assert name.startswith("wrong_crc") or "1 FAILED" in verdict[1]


@VERIFIERS
@pytest.mark.parametrize("name", FILES)
def test_tampered_files_are_refused(verifier, name, form, workshop, tmp_path):
    assert_refused(verifier(form(FILES[name](workshop), tmp_path), workshop.key))


@VERIFIERS
@pytest.mark.parametrize("name", SIGNED)
def test_what_the_right_key_should_not_have_signed_is_refused(verifier, name, form, workshop, tmp_path):
    assert_refused(verifier(form(SIGNED[name](workshop), tmp_path), workshop.key))


@VERIFIERS
@pytest.mark.parametrize("name", FOLDER)
def test_a_tampered_folder_is_refused(verifier, name, workshop, tmp_path):
    bundle = unpack(workshop.files, tmp_path / "bundle")
    FOLDER[name](bundle)
    assert_refused(verifier(bundle, workshop.key))


@VERIFIERS
@pytest.mark.parametrize("problem", ["no bundle", "no key", "no PEM", "private key", "other curve"])
def test_what_cannot_be_judged_is_neither_good_nor_bad(verifier, problem, workshop, tmp_path):
    bad_pem = _written(tmp_path / "bad.pem", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    p384 = _written(tmp_path / "p384.pem", _other_curve())
    private = next(workshop.key.parent.glob("signing-2*.pem"))
    bundle, key = {
        "no bundle": (tmp_path / "nowhere.zip", workshop.key),
        "no key": (workshop.good, tmp_path / "nowhere.pem"),
        "no PEM": (workshop.good, bad_pem),
        "private key": (workshop.good, private),
        "other curve": (workshop.good, p384),
    }[problem]
    try:
        code, output = verifier(bundle, key)
    except ConfigurationError as error:
        code, output = error.exit_code, str(error)
    assert code == 2, output
    assert "HOLDS" not in output


def _other_curve() -> bytes:
    return generate_private_key(SECP384R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("file_altered", 4),
        ("file_added", 4),
        ("file_missing", 4),
        ("instructions_edited", 2),
        ("bag_declaration_edited", 2),
        ("manifest_row_removed_with_its_file", 2),
        ("key_swapped_in_the_bundle", 2),
        ("key_swapped_in_the_bundle", 3),
        ("key_swapped_in_the_bundle", 6),
        ("signature_in_openssl_only_swapped", 3),
        ("statement_edited_in_the_envelope_only", 3),
        ("statement_edited", 5),
        ("signed_anew_by_a_stranger", 5),
        ("signed_anew_by_a_stranger", 6),
    ],
)
def test_the_step_that_a_tampering_offends_says_so(name, step, workshop, tmp_path):
    steps = verify(unpack(FILES[name](workshop), tmp_path / "bundle"), workshop.key).steps
    assert step in [taken.number for taken in steps if taken.ok is False]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two_subjects", "names 2 subjects; a bundle has one"),
        ("predicate_type_of_another_kind", "its predicate type is not that of a collection bundle"),
    ],
)
def test_a_statement_that_no_bundle_has_is_refused_with_the_reason(name, reason, workshop, tmp_path):
    steps = verify(unpack(SIGNED[name](workshop), tmp_path / "bundle"), workshop.key).steps
    assert reason in steps[1].sentence


def test_a_reader_refuses_a_manifest_that_the_statement_is_not_about(workshop):
    reader = BundleReader(io.BytesIO(pack(FILES["manifest_row_edited_with_its_file"](workshop))))
    with pytest.raises(EvidenceError, match="not the manifest that the statement is about"):
        reader.read("data/quality/okta-users.accounts.json")


def test_a_reader_refuses_a_member_whose_local_header_differs(workshop):
    reader = BundleReader(io.BytesIO(CONTAINER["other_name_in_the_local_header"](workshop)))
    with pytest.raises(EvidenceError, match="local header differs"):
        reader.read("data/quality/okta-users.accounts.json")


def test_python_names_the_file_and_what_differs(workshop, tmp_path):
    bundle = unpack(FILES["file_altered"](workshop), tmp_path / "bundle")
    failed = [step for step in verify(bundle, workshop.key).steps if step.ok is False]
    assert [step.title for step in failed] == ["the files"]
    assert "data/populations/okta-users/accounts.parquet: has SHA-256" in failed[0].sentence


def test_the_script_names_the_file(workshop, tmp_path):
    bundle = unpack(FILES["file_altered"](workshop), tmp_path / "bundle")
    assert "data/populations/okta-users/accounts.parquet" in by_script(bundle, workshop.key)[1]


def flipped(raw: bytes, position: int) -> bytes:
    return raw[:position] + bytes([raw[position] ^ 0x20]) + raw[position + 1 :]


@pytest.mark.slow
def test_python_refuses_a_flip_of_any_byte_of_a_bundle(workshop):
    raw, key = workshop.other.read_bytes(), workshop.signer.public
    verdicts = {
        position: verify(io.BytesIO(flipped(raw, position)), key, "bundle").verdict for position in range(len(raw))
    }
    assert [position for position, verdict in verdicts.items() if verdict is not Verdict.BROKEN] == []


@pytest.mark.slow
def test_the_script_refuses_flipped_bytes_all_over_a_bundle(workshop, tmp_path):
    raw, bundle = workshop.other.read_bytes(), tmp_path / "bundle.zip"
    for position in range(0, len(raw), 211):
        bundle.write_bytes(flipped(raw, position))
        assert_refused(by_script(bundle, workshop.key))


def test_every_shorter_bundle_is_refused(workshop):
    raw = workshop.other.read_bytes()
    for length in range(0, len(raw), 17):
        assert verify(io.BytesIO(raw[:length]), workshop.key, "bundle").verdict is Verdict.BROKEN


def test_the_workshop_rebuilds_the_good_archive_in_both_ways(workshop: Workshop):
    """Otherwise a tampering could be refused for the workshop's own mistakes."""
    assert pack(workshop.files) == workshop.raw
    assert zip_of(members_of(workshop.files)) == workshop.raw
    assert workshop.forge(workshop.files)["proof/statement.pae"] == workshop.files["proof/statement.pae"]


def test_the_script_needs_coreutils_and_openssl_and_for_a_zip_unzip_only(workshop, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    wanted = (
        "bash cat cmp cut diff dirname find grep head ln mkdir mktemp od openssl realpath rm sha256sum sort tail tr"
    )
    for tool in [*wanted.split(), "uniq", "unzip", "wc", "base64"]:
        (tools / tool).symlink_to(_where(tool))
    done = subprocess.run(
        ["bash", str(SCRIPT), str(workshop.good), str(workshop.key)],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _where(tool: str) -> str:
    found = shutil.which(tool)
    assert found, f"{tool} is not installed"
    return found
