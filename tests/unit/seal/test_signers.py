"""Keys: made once, kept to their owner, and P-256 only."""

from __future__ import annotations

import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from airtight.errors import ConfigurationError
from airtight.seal.signers import fingerprint, load_signer, new_key


def test_a_new_key_is_readable_by_its_owner_only_and_signs(tmp_path):
    private = tmp_path / "keys" / "signing.pem"
    said = new_key(private)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert private.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")
    assert fingerprint(private.with_suffix(".pub").read_bytes()) == said
    (tmp_path / "text").write_bytes(b"text")
    (tmp_path / "sig").write_bytes(load_signer(private).sign(b"text"))
    command = ["openssl", "dgst", "-sha256", "-verify", "keys/signing.pub", "-signature", "sig", "text"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.parametrize("existing", ["signing.pem", "signing.pub"])
def test_a_key_is_never_overwritten(existing, tmp_path):
    (tmp_path / existing).write_text("precious")
    with pytest.raises(ConfigurationError, match="never overwritten"):
        new_key(tmp_path / "signing.pem")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(existing, "precious")]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o777, 0o610])
def test_a_key_file_that_others_may_open_is_refused(mode, tmp_path):
    new_key(tmp_path / "signing.pem")
    (tmp_path / "signing.pem").chmod(mode)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        load_signer(tmp_path / "signing.pem")


def pem_of(key, encryption=None):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no private key"),
        (b"-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\n", "no private key"),
        (pem_of(generate_private_key(SECP384R1())), "not a P-256 key"),
        (pem_of(Ed25519PrivateKey.generate()), "not a P-256 key"),
        (pem_of(generate_private_key(SECP256R1()), BestAvailableEncryption(b"secret")), "passphrase"),
    ],
    ids=["empty", "broken", "P-384", "Ed25519", "passphrase"],
)
def test_other_keys_are_refused_with_the_reason_and_without_their_content(content, why, tmp_path):
    file = tmp_path / "signing.pem"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match=why) as caught:
        load_signer(file)
    assert "MIG" not in str(caught.value)


def test_a_missing_key_says_what_to_do(tmp_path):
    with pytest.raises(ConfigurationError, match="airtight keys new"):
        load_signer(tmp_path / "signing.pem")


def test_an_unknown_scheme_lists_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"'carrier-pigeon:' .* awskms"):
        load_signer("carrier-pigeon:coop")


def test_a_key_service_without_its_public_half_is_refused():
    with pytest.raises(ConfigurationError, match="public half"):
        load_signer("gcpkms:projects/x")


def test_a_file_may_be_given_as_a_uri(tmp_path):
    said = new_key(tmp_path / "signing.pem")
    assert load_signer(f"file2:{tmp_path / 'signing.pem'}").public.fingerprint == said
