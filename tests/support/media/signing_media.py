"""Sign media with C2PA, by a certificate chain created here: a root and a newsroom."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ALGORITHMIC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_MOST_TRIES: Final = 1_000


def claim(*actions: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claim that is signed for a medium with these actions."""
    return {
        "claim_generator_info": [{"name": "Newsroom camera", "version": "2.1"}],
        "title": "clip",
        "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}],
    }


def created(source: str) -> dict[str, Any]:
    """Return the action `created` with a digital source type."""
    return {"action": "c2pa.created", "digitalSourceType": source}


CLAIM: Final[Mapping[str, Any]] = claim(created(ALGORITHMIC))
CAPTURED: Final[Mapping[str, Any]] = claim(created(CAPTURE))


@dataclass(frozen=True)
class Chain:
    """A root and a leaf that signs: certificates and keys in PEM."""

    root: bytes
    leaf: bytes
    key: bytes
    root_key: ec.EllipticCurvePrivateKey

    @property
    def serial(self) -> int:
        """Return the serial number of the leaf's certificate."""
        return x509.load_pem_x509_certificate(self.leaf).serial_number

    def sign(
        self,
        media: bytes,
        mime: str,
        *,
        pictures: bool = False,
        said: Mapping[str, Any] = CLAIM,
        ingredients: Sequence[tuple[dict[str, Any], str, bytes]] = (),
    ) -> tuple[bytes, bytes]:
        """Return the media with a manifest, and the manifest store as reported by the library.

        `ingredients`: claim, MIME type and bytes of each.
        """
        info = c2pa.C2paSignerInfo(b"es256", self.leaf + self.root, self.key, None)
        settings = {
            "verify": {"verify_after_sign": False},
            "builder": {"thumbnail": {"enabled": pictures}},
        }
        made = io.BytesIO()
        with c2pa.Signer.from_info(info) as signer, c2pa.Context.from_dict(settings) as context:
            builder = c2pa.Builder(dict(said), context)
            for about, kind, raw in ingredients:
                builder.add_ingredient(about, kind, io.BytesIO(raw))
            store = builder.sign(signer, mime, io.BytesIO(media), made)
        return made.getvalue(), bytes(store)

    def sign_with(self, media: bytes, mime: str, begins: timedelta, ends: timedelta) -> bytes:
        """Sign with a certificate whose validity is given relative to now; it may be invalid.

        The library refuses to sign with such a certificate. The certificate in the signature (COSE_Sign1, RFC
        9052) is therefore replaced by one of equal length, and the protected data is signed again.
        """
        signed, store = self.sign(media, mime, said=CAPTURED)
        key = serialization.load_pem_private_key(self.key, None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        now = datetime.now(UTC)
        old = x509.load_pem_x509_certificate(self.leaf).public_bytes(serialization.Encoding.DER)
        tries = (
            _certificate("Newsroom", key, "Root", self.root_key, now + begins, now + ends).public_bytes(
                serialization.Encoding.DER
            )
            for _ in range(_MOST_TRIES)
        )
        new = next(item for item in tries if len(item) == len(old))
        place = (
            store.rindex(b"cbor\xd2\x84\x59") + 7
        )  # tag 18, array of four, byte string with a two-byte length
        size = int.from_bytes(store[place : place + 2])
        before = store[place + 2 : place + 2 + size]
        after = before.replace(old, new)
        box = store.index(b"cbor", store.index(b"c2pa.claim.v2\0"))
        body = store[box + 4 : box - 4 + int.from_bytes(store[box - 4 : box])]
        to_sign = b"\x84\x6aSignature1" + _bytes(after) + b"\x40" + _bytes(body)
        pair = utils.decode_dss_signature(key.sign(to_sign, ec.ECDSA(hashes.SHA256())))
        end = store.rindex(b"\x58\x40") + 2
        signature = b"".join(item.to_bytes(32) for item in pair)
        made = store[:end].replace(before, after) + signature + store[end + 64 :]
        return signed.replace(store, made)

    def revocation(self, *serials: int) -> bytes:
        """Return a certificate revocation list of the root, in PEM."""
        root = x509.load_pem_x509_certificate(self.root)
        now = datetime.now(UTC)
        made = x509.CertificateRevocationListBuilder(root.subject, now, now + timedelta(days=9))
        for serial in serials:
            entry = x509.RevokedCertificateBuilder(serial, now)
            made = made.add_revoked_certificate(entry.build())
        return made.sign(self.root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _bytes(value: bytes) -> bytes:
    """Return a CBOR byte string."""
    size = len(value)
    if size < 24:
        return bytes([0x40 + size]) + value
    return (bytes([0x58, size]) if size < 256 else b"\x59" + size.to_bytes(2)) + value


def chain(*, begins: timedelta = timedelta(days=-1), lasts: timedelta = timedelta(days=30)) -> Chain:
    """Create a chain whose leaf is valid for this period."""
    now = datetime.now(UTC)
    root_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate(
        "Root", root_key, "Root", root_key, now - timedelta(days=900), now + timedelta(days=900)
    )
    leaf = _certificate("Newsroom", leaf_key, "Root", root_key, now + begins, now + begins + lasts)
    secret = leaf_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Chain(_pem(root), _pem(leaf), secret, root_key)


def self_signed() -> Chain:
    """Create a chain whose leaf is self-signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    leaf = _certificate(
        "Newsroom", key, "Newsroom", key, now - timedelta(days=1), now + timedelta(days=9), ca=False
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Chain(b"", _pem(leaf), secret, key)


def _certificate(
    of: str,
    key: ec.EllipticCurvePrivateKey,
    by: str,
    signing: ec.EllipticCurvePrivateKey,
    begins: datetime,
    ends: datetime,
    *,
    ca: bool | None = None,
) -> x509.Certificate:
    ca = of == by if ca is None else ca
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


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def pdf_with(store: bytes | None) -> bytes:
    """Return a PDF of one empty page, with a manifest store of any file, or without one."""
    about = b"/AF[4 0 R]/Names<</EmbeddedFiles<</Names[(c2pa)4 0 R]>>>>" if store else b""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % about,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    if store:
        file = b"<</Type/EmbeddedFile/Subtype/application#2Fc2pa/Length %d>>stream\n%s\nendstream"
        objects.append(
            b"<</Type/Filespec/AFRelationship/C2PA_Manifest/F(c2pa)/UF(c2pa)/EF<</F 5 0 R>>>>",
        )
        objects.append(file % (len(store), store))
    raw, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(raw))
        raw += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(raw))
    return raw + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def bombs(png: bytes) -> list[bytes]:
    """Return malicious PNG manifests: nested boxes, a box longer than the file, and many invalid boxes."""
    about = struct.pack(">I", 22 + 8) + b"jumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"
    deep = b""
    for _ in range(20_000):
        deep = struct.pack(">I", len(about) + len(deep) + 8) + b"jumb" + about + deep
        if len(deep) > 1 << 19:
            break
    huge = struct.pack(">I", 1) + b"jumb" + struct.pack(">Q", (1 << 63) - 1) + about
    wide = about + (struct.pack(">I", 8) + b"jumb") * 100_000
    wide = struct.pack(">I", len(wide) + 8) + b"jumb" + wide
    return [_with_chunk(png, item) for item in (deep, huge, wide)]


def _with_chunk(png: bytes, store: bytes) -> bytes:
    body = b"caBX" + store
    chunk = struct.pack(">I", len(store)) + body + struct.pack(">I", zlib.crc32(body))
    return png[:33] + chunk + png[33:]
