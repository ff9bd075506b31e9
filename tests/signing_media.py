"""Media signed as C2PA has it, by a chain made here: a root, a newsroom, and what they sign."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ALGORITHMIC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CLAIM: Final[Mapping[str, Any]] = {
    "claim_generator_info": [{"name": "Newsroom camera", "version": "2.1"}],
    "title": "clip",
    "assertions": [
        {
            "label": "c2pa.actions",
            "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": ALGORITHMIC}]},
        }
    ],
}


@dataclass(frozen=True)
class Chain:
    """A root, and a leaf that signs: certificates and key, PEM."""

    root: bytes
    leaf: bytes
    key: bytes

    def sign(self, media: bytes, mime: str, *, pictures: bool = False) -> tuple[bytes, bytes]:
        """The media with a manifest, and the manifest store as the library says that it wrote it."""
        info = c2pa.C2paSignerInfo(b"es256", self.leaf + self.root, self.key, None)
        settings = {
            "verify": {"verify_after_sign": False},
            "builder": {"thumbnail": {"enabled": pictures}},
        }
        made = io.BytesIO()
        with c2pa.Signer.from_info(info) as signer, c2pa.Context.from_dict(settings) as context:
            store = c2pa.Builder(dict(CLAIM), context).sign(signer, mime, io.BytesIO(media), made)
        return made.getvalue(), bytes(store)


def chain(*, begins: timedelta = timedelta(days=-1), lasts: timedelta = timedelta(days=30)) -> Chain:
    """A new chain, whose leaf holds for that long."""
    now = datetime.now(UTC)
    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(
        "Root", root_key, "Root", root_key, now - timedelta(days=900), now + timedelta(days=900)
    )
    leaf = _certificate("Newsroom", leaf_key, "Root", root_key, now + begins, now + begins + lasts)
    secret = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Chain(_pem(root), _pem(leaf), secret)


def _certificate(
    of: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    signing: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
) -> x509.Certificate:
    ca = of == by
    named = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Diario de Ejemplo"),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        for name in (of, by)
    ]
    usage = dict.fromkeys(_USES, False) | {"key_cert_sign" if ca else "digital_signature": True}
    made = (
        x509.CertificateBuilder(
            named[1], named[0], key.public_key(), x509.random_serial_number(), begins, ends
        )
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )
    if not ca:
        made = made.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
    return made.sign(signing, hashes.SHA256())


_USES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def _pem(one: x509.Certificate) -> bytes:
    return one.public_bytes(serialization.Encoding.PEM)
