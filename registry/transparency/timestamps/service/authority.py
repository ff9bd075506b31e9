"""Request timestamps from the deployment's authority (FAKEPRINT_TSA_URL, FAKEPRINT_TSA_CA)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from registry.core.errors import BadInput
from registry.core.net import outbound
from registry.core.settings import Settings
from registry.transparency.timestamps.errors import BadTimeStamp, BadTsa, TsaRefused, TsaUnreachable
from registry.transparency.timestamps.model import rfc3161
from registry.transparency.timestamps.model.rfc3161 import BadStamp, Stamp

LOGGER = logging.getLogger(__name__)
_HEADERS: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
_LARGEST_FILE: Final = 1 << 20
_NEXT: Final = "Try again later, or request the bundle without a time stamp (`--without-stamp`)."


@dataclass(frozen=True, slots=True)
class Authority:
    """A timestamping authority. `pem` and `certificates`: trusted certificates for verification."""

    url: str
    pem: bytes
    certificates: tuple[x509.Certificate, ...]

    def stamp(self, message: bytes) -> tuple[bytes, Stamp]:
        """Request a timestamp of `message` and verify it. Returns the authority's response and its content.

        Raises `Unavailable`: `tsa_unreachable`, `tsa_refused` (the authority gave none), `bad_time_stamp` (it
        is not of this message, or not trusted).
        """
        request = rfc3161.question(message)
        # The operator sets the URL, so a private network is allowed.
        attempt, response = outbound.request(self.url, _HEADERS, request.body, private=True)
        if attempt.outcome != "delivered" or not response:
            failure = f"HTTP {attempt.status}" if attempt.status else attempt.outcome
            raise TsaUnreachable(f"The time-stamping authority did not answer ({failure}).", next_step=_NEXT)
        try:
            stamp = self.read(response, message, nonce=request.nonce)
        except BadStamp as error:
            kind = TsaRefused if error.refused else BadTimeStamp
            raise kind(f"No usable time stamp: {error}.", next_step=_NEXT) from error
        if not rfc3161.is_now(stamp, datetime.now(UTC)):
            raise BadTimeStamp(
                f"The time stamp states {stamp.at.isoformat()}, which differs from this machine's clock."
            )
        if stamp.unsorted:
            LOGGER.warning(
                "the time stamps of %s are valid, but list their certificates in another order than DER "
                "demands; strict clients refuse them; tell the authority",
                self.url,
            )
        return response, stamp

    def read(self, answer: bytes, message: bytes, *, nonce: int | None = None) -> Stamp:
        """Verify a stored timestamp and return its content. Raises `BadStamp`."""
        return rfc3161.read(answer, message, self.certificates, nonce)


def authority(settings: Settings) -> Authority | None:
    """Return the deployment's authority. None if it has none. Raises `BadInput` (`bad_tsa`)."""
    if not settings.tsa_url and not settings.tsa_ca:
        return None
    if not settings.tsa_url or not settings.tsa_ca:
        raise _bad("FAKEPRINT_TSA_URL and FAKEPRINT_TSA_CA must both be set, or neither")
    if not settings.tsa_url.startswith(("http://", "https://")):
        raise _bad("FAKEPRINT_TSA_URL is not an http(s) URL")
    try:
        pem = read_certificates(Path(settings.tsa_ca))
        return Authority(settings.tsa_url, pem, tuple(rfc3161.authorities(pem)))
    except OSError as error:
        raise _bad(f"the file of FAKEPRINT_TSA_CA cannot be read ({error.strerror})") from error
    except BadStamp as error:
        raise _bad(f"the file of FAKEPRINT_TSA_CA cannot be used: {error}") from error


def read_certificates(path: Path) -> bytes:
    """Read a file of certificates. Raises `OSError`, `BadStamp` (too large)."""
    with path.open("rb") as file:
        raw = file.read(_LARGEST_FILE + 1)
    if len(raw) > _LARGEST_FILE:
        raise BadStamp(f"it has more than {_LARGEST_FILE} bytes")
    return raw


def _bad(reason: str) -> BadInput:
    return BadTsa(f"The settings of time stamps are invalid: {reason}.", next_step="See deploy/env.example.")
