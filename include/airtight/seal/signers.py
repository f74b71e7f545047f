"""Keys that sign bundles: ECDSA P-256 (FIPS 186-5), in a file or in a key management service.

P-256 only, because an auditor checks it with one ``openssl`` command and every key service offers it. A key file
that others may read is refused. A key is known by its *fingerprint*: SHA-256 of the public key's DER encoding
(SubjectPublicKeyInfo), which the auditor receives by another way than the bundles.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.signer import (  # type: ignore[attr-defined]  # its public names, without __all__
    SIGNER_FOR_URI_SCHEME,
    AWSSigner,
    CryptoSigner,
    SSlibKey,
)
from securesystemslib.signer import Signer as LibrarySigner  # type: ignore[attr-defined]

from airtight.errors import ConfigurationError


@dataclass(frozen=True)
class PublicKey:
    """A public key that verifies signatures. Two PEM files of one key are equal."""

    pem: bytes
    fingerprint: str

    @property
    def library_key(self) -> SSlibKey:
        """The key as securesystemslib verifies with it; its key id is the fingerprint."""
        return SSlibKey.from_crypto(load_pem_public_key(self.pem), keyid=self.fingerprint)


@dataclass(frozen=True)
class Signer:
    """Signs bundles. ``backend`` holds the private key or knows who does."""

    public: PublicKey
    backend: LibrarySigner

    def sign(self, payload: bytes) -> bytes:
        """An ECDSA signature over SHA-256 of the payload, DER.

        Raises:
            ConfigurationError: the key service refused or did not answer.
        """
        try:
            return bytes.fromhex(self.backend.sign(payload).signature)
        except Exception as error:  # each backend raises its own service's family
            raise ConfigurationError(
                f"the key did not sign: {type(error).__name__}.",
                where=f"signing key {self.public.fingerprint[:16]}",
                remedy="Check that the worker may use the key, and that the key service answers.",
            ) from error


def new_key(private: Path) -> str:
    """Make a key pair: ``private`` (PKCS#8 PEM, mode 0600) and its public half beside it, ``.pub``.

    Returns:
        The fingerprint, to be handed to auditors by another way than the bundles.

    Raises:
        ConfigurationError: one of the files exists or cannot be written; nothing is overwritten.
    """
    key = generate_private_key(SECP256R1())
    public = public_key_of(key.public_key())
    for file in (private, private.with_suffix(".pub")):
        if file.exists() or file.is_symlink():
            raise ConfigurationError(
                "exists; a key is never overwritten.",
                where=str(file),
                remedy="Name another file; bundles that it signed stay verifiable only with its public half.",
            )
    _create(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
    _create(private.with_suffix(".pub"), public.pem, mode=0o644)
    return public.fingerprint


def load_signer(key: str | Path, public_key: Path | None = None) -> Signer:
    """The signer of a key file, or of a key service's URI.

    Args:
        key: path of a PKCS#8 PEM file, or a securesystemslib URI: ``awskms:``, ``gcpkms:``, ``azurekms:``, ``hsm:``,
            ``hv:`` ...
        public_key: PEM file of the public half; needed for a URI other than ``awskms:``, which tells it itself.

    Raises:
        ConfigurationError: missing file, open permissions, passphrase, not P-256, unknown scheme, or a key service
            that refuses.
    """
    scheme, colon, _ = str(key).partition(":")
    if not colon or "/" in scheme:
        return _file_signer(Path(key))
    if scheme not in SIGNER_FOR_URI_SCHEME:
        raise ConfigurationError(
            f"'{scheme}:' is no kind of signing key.",
            where="signing_key",
            remedy=f"Use a file, or one of {', '.join(sorted(SIGNER_FOR_URI_SCHEME))}.",
        )
    return (
        _file_signer(Path(str(key)[len(scheme) + 1 :])) if scheme == "file2" else _service_signer(str(key), public_key)
    )


def load_public_key(pem: bytes, where: str) -> PublicKey:
    """A public key from PEM.

    Raises:
        ConfigurationError: it is no P-256 public key.
    """
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigurationError(
            "is no public key in PEM.", where=where, remedy="It starts with -----BEGIN PUBLIC KEY-----."
        ) from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ConfigurationError("is not a P-256 key; bundles are signed by no other kind.", where=where)
    return public_key_of(key)


def fingerprint(pem: bytes, where: str = "public key") -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo, in hex; what ``openssl pkey -pubin -outform DER | sha256sum`` says."""
    return load_public_key(pem, where).fingerprint


def public_key_of(key: EllipticCurvePublicKey) -> PublicKey:
    """The key with its fingerprint."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return PublicKey(pem, hashlib.sha256(der).hexdigest())


def _file_signer(file: Path) -> Signer:
    private = _load_private(_read_private(file), str(file))
    public = public_key_of(private.public_key())
    return Signer(public, CryptoSigner(private, public.library_key))


def _read_private(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            if mode & 0o077:
                raise ConfigurationError(
                    f"others may read this signing key (mode {mode:04o}).",
                    where=str(file),
                    remedy=f"Run: chmod 600 {file}. If others could read it, make a new key.",
                )
            return opened.read()
    except OSError as error:
        raise ConfigurationError(
            f"the signing key cannot be read: {error.strerror}.",
            where=str(file),
            remedy="Run 'airtight keys new', or set signing_key to the right place.",
        ) from None


def _load_private(pem: bytes, where: str) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise ConfigurationError("the signing key has a passphrase; a task cannot type it.", where=where) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigurationError("is no private key in PKCS#8 PEM.", where=where) from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ConfigurationError("is not a P-256 key; bundles are signed by no other kind.", where=where)
    return key


def _service_signer(uri: str, public_key: Path | None) -> Signer:
    try:
        public = _service_public(uri, public_key)
        return Signer(public, LibrarySigner.from_priv_key_uri(uri, public.library_key))
    except ConfigurationError:
        raise
    except Exception as error:  # each service raises its own family
        raise ConfigurationError(
            f"the key service did not give the key: {type(error).__name__}.",
            where=uri,
            remedy="Check the address of the key, the rights of the worker and its log-in to the service.",
        ) from error


def _service_public(uri: str, public_key: Path | None) -> PublicKey:
    if public_key is not None:
        return load_public_key(public_key.read_bytes(), str(public_key))
    if not uri.startswith(AWSSigner.SCHEME + ":"):
        raise ConfigurationError("the public half of this key must be given as a PEM file.", where=uri)
    _, key = AWSSigner.import_(uri.partition(":")[2])
    return load_public_key(key.keyval["public"].encode(), uri)


def _create(file: Path, content: bytes, mode: int) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise ConfigurationError(f"the key cannot be written: {error.strerror}.", where=str(file)) from None
