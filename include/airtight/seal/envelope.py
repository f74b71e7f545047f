"""The signature over a statement: one signature in two encodings, which must agree to the byte.

``proof/statement.dsse.json`` is a DSSE envelope (secure-systems-lab/dsse v1) for tools; ``statement.pae`` and
``statement.sig`` are the signed bytes and the DER signature for ``openssl``, without any JSON. The envelope is a pure
function of the other two and of the signer's fingerprint, so a verifier rebuilds it and compares.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import Signature  # type: ignore[attr-defined]  # public, without __all__

from airtight.seal.canonical import canonical_json
from airtight.seal.pae import PAYLOAD_TYPE, pae_of, parse_pae
from airtight.seal.signers import PublicKey, Signer
from airtight.wire import Json


@dataclass(frozen=True)
class Envelope:
    """A signed statement: ``pae`` are the signed bytes, ``signature`` is DER, ``keyid`` the signer's fingerprint."""

    pae: bytes
    signature: bytes
    keyid: str

    def dsse(self) -> bytes:
        """The same as a DSSE envelope, canonical JSON."""
        envelope: Json = {
            "payload": base64.b64encode(parse_pae(self.pae)).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": self.keyid, "sig": base64.b64encode(self.signature).decode()}],
        }
        return canonical_json(envelope)

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the signature over the signed bytes is this key's."""
        signature = Signature(key.fingerprint, self.signature.hex())
        try:
            key.library_key.verify_signature(signature, self.pae)
        except (UnverifiedSignatureError, VerificationError):
            return False
        return True


def sign(statement: bytes, signer: Signer) -> Envelope:
    """Sign a statement, once.

    Raises:
        ConfigurationError: the key did not sign.
    """
    pae = pae_of(statement)
    return Envelope(pae, signer.sign(pae), signer.public.fingerprint)
