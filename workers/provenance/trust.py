"""Signers of C2PA manifests that the deployment trusts (FAKEPRINT_C2PA_TRUST)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from registry.core.settings import Settings

log = logging.getLogger(__name__)

SOURCES: Final = "sources.pem"
REVOKED: Final = "revoked.txt"
_LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Trust:
    """Trusted and revoked certificates.

    `anchors`: certificates (PEM) of trusted signers. `sources`: those of makers of capture devices and
    newsrooms, whose statement that something was recorded is accepted. `revoked`: serial numbers of
    certificates that are no longer trusted.
    """

    anchors: str = ""
    sources: str = ""
    revoked: frozenset[int] = frozenset()


NOBODY: Final = Trust()


def trust_of(deployment: Settings) -> Trust:
    """Load the certificates that FAKEPRINT_C2PA_TRUST names: a PEM file, or a folder of `*.pem` files.

    In a folder, `sources.pem` is the stricter list. `revoked.txt` has one serial number per line, decimal or
    as 0x…. `*.crl` are revocation lists of the issuers (PEM or DER, signed by a certificate of the folder).

    C2PA puts OCSP responses into the manifest, and remote ones are not fetched: revocations are known only
    from this folder. If any of it cannot be read, nobody is trusted. A log line says so, and media are
    enrolled all the same.
    """
    if not deployment.c2pa_trust:
        return NOBODY
    place = Path(deployment.c2pa_trust)
    try:
        return _of_folder(place) if place.is_dir() else Trust(anchors=_certificates(place))
    except (OSError, ValueError):
        log.exception("FAKEPRINT_C2PA_TRUST cannot be read: no manifest of C2PA is trusted")
        return NOBODY


def _of_folder(folder: Path) -> Trust:
    anchors = "\n".join(_certificates(path) for path in sorted(folder.glob("*.pem")))
    sources = folder / SOURCES
    issuers = x509.load_pem_x509_certificates(anchors.encode()) if anchors else []
    revoked = {serial for path in sorted(folder.glob("*.crl")) for serial in _of_list(path, issuers)}
    if (listed := folder / REVOKED).exists():
        revoked |= set(_serials(listed))
    return Trust(anchors, _certificates(sources) if sources.exists() else "", frozenset(revoked))


def _certificates(path: Path) -> str:
    """Read a PEM file. Raises `OSError`, `ValueError` (it holds no certificate)."""
    raw = _read(path)
    x509.load_pem_x509_certificates(raw)
    return raw.decode("ascii")


def _serials(path: Path) -> Iterator[int]:
    for line in _read(path).decode().splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield int(words[0].replace(":", ""), 16 if words[0][:2].lower() == "0x" else 10)


def _of_list(path: Path, issuers: Sequence[x509.Certificate]) -> Iterator[int]:
    """Return the serial numbers of a revocation list.

    Raises `ValueError` if no certificate of the folder signed it: silently ignoring a list would leave its
    certificates trusted.
    """
    raw = _read(path)
    pem = raw.lstrip().startswith(b"-----BEGIN")
    found = x509.load_pem_x509_crl(raw) if pem else x509.load_der_x509_crl(raw)
    if not any(_signed(found, certificate) for certificate in issuers if certificate.subject == found.issuer):
        raise ValueError(f"{path.name} is signed by no certificate of the folder")
    yield from (certificate.serial_number for certificate in found)


def _signed(found: x509.CertificateRevocationList, by: x509.Certificate) -> bool:
    try:
        return found.is_signature_valid(by.public_key())  # type: ignore[arg-type]
    except (InvalidSignature, UnsupportedAlgorithm, TypeError):
        return False


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        raw = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise ValueError(f"{path.name} has more than {_LARGEST} bytes")
    return raw
