"""Signing with AWS KMS, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import boto3
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.kms.models import kms_backends
from moto.server import ThreadedMotoServer
from sealed_evidence import register, sealed

from airtight.errors import ConfigurationError
from airtight.seal.contents import register_contents
from airtight.seal.signers import load_signer
from airtight.seal.verify import Verdict, verify

pytestmark = pytest.mark.server


@dataclass(frozen=True)
class DigestSigner:
    """Signs digests as AWS does for ``MessageType=DIGEST``; moto hashes them once more, so its signatures are wrong."""

    private_key: EllipticCurvePrivateKey

    def sign(self, message: bytes, signing_algorithm: str) -> bytes:
        return self.private_key.sign(message, ECDSA(Prehashed(SHA256())))

    def public_key(self) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self.private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield boto3.client("kms")
    server.stop()


def key_in(kms, spec="ECC_NIST_P256"):
    return kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]


def test_a_bundle_signed_by_the_key_service_holds(kms, tmp_path):
    key = key_in(kms)
    stored = kms_backends["123456789012"]["eu-central-1"].keys[key]
    stored.private_key = DigestSigner(stored.private_key.private_key)
    signer = load_signer(f"awskms:{key}")
    made = sealed(register_contents(register()), tmp_path, signer)
    assert verify(made.file, signer.public.fingerprint).verdict is Verdict.HOLDS


def test_a_key_service_whose_signatures_do_not_verify_seals_nothing(kms, tmp_path):
    signer = load_signer(f"awskms:{key_in(kms)}")  # moto as it is
    with pytest.raises(ConfigurationError, match="does not verify"):
        sealed(register_contents(register()), tmp_path, signer)
    assert list(tmp_path.glob("*.zip")) == []


@pytest.mark.parametrize("spec", ["ECC_NIST_P384", "RSA_2048"])
def test_other_keys_of_the_service_are_refused(kms, spec):
    with pytest.raises(ConfigurationError, match="not a P-256 key"):
        load_signer(f"awskms:{key_in(kms, spec)}")


def test_a_key_that_the_service_does_not_know_is_a_plain_error(kms):
    with pytest.raises(ConfigurationError, match="did not give the key"):
        load_signer("awskms:00000000-0000-0000-0000-000000000000")
