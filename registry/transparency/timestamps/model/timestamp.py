"""RFC 3161 timestamps: build requests and verify responses.

`rfc3161-client` verifies the signature. It must chain to a trusted certificate that was valid at the stated
time and is only for timestamping. The status, the digest and the nonce are checked too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import rfc3161_client as rfc3161
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

LARGEST: Final = 65_536
"""Most bytes of a response. Usual ones have 1,600 to 7,000."""
CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""Tolerance between the authority's clock and ours. A larger difference means that the timestamp is not
new."""
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_GRANTED: Final = 0
_MOST_CERTIFICATES: Final = 1_000


Wrong = Literal["bad_stamp", "stamp_untrusted", "stamp_expired"]
"""Errors of a timestamp. bad_stamp: it is not of this message, or its signature does not verify.
stamp_untrusted: the signer's certificate is not trusted. stamp_expired: that certificate was not valid at the
stated time."""


class BadStamp(ValueError):
    """The response is not a valid timestamp of the message. `refused`: the authority says that it gives
    none."""

    def __init__(self, what: str, *, refused: bool = False, code: Wrong = "bad_stamp") -> None:
        super().__init__(what)
        self.refused = refused
        self.code = code


@dataclass(frozen=True, slots=True)
class Stamp:
    """Content of a timestamp: time, authority (as its certificate or the timestamp names it) and serial
    number.

    `until`: expiry of that certificate, if the response includes it. After that, the timestamp proves
    something only if it was kept since before.
    """

    at: datetime
    by: str
    serial: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A timestamp request (DER), and the nonce that its response must repeat."""

    body: bytes
    nonce: int


def question(message: bytes) -> Question:
    """Build a request for a timestamp of `message`, by its SHA-256, with a nonce and a request for
    certificates."""
    builder = rfc3161.TimestampRequestBuilder().data(message)
    made = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).build()
    return Question(made.as_bytes(), made.nonce or 0)


def authorities(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file. Raises `BadStamp` if there are none."""
    try:
        found = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadStamp("it holds no certificate in PEM") from error
    if len(found) > _MOST_CERTIFICATES:
        raise BadStamp(f"it holds more than {_MOST_CERTIFICATES} certificates")
    return found


def read(answer: bytes, message: bytes, trusted: Sequence[x509.Certificate], nonce: int | None) -> Stamp:
    """Verify a response for `message` and return its content. Raises `BadStamp`, which says what is wrong.

    `nonce`: of the request, if known. A stored timestamp is verified without it.
    """
    try:
        found = rfc3161.decode_timestamp_response(answer)
        status = int(found.status)
    except (ValueError, TypeError) as error:
        raise BadStamp("it cannot be read as an answer of RFC 3161") from error
    if status != _GRANTED:
        said = _words(found)
        raise BadStamp(f"the authority gave none (status {status}{said})", refused=True)
    if found.as_bytes() != answer:
        raise BadStamp("it is not written as DER has it")
    try:
        return _stated(found, message, trusted, nonce)
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType) as error:
        if isinstance(error, BadStamp):
            raise
        raise BadStamp("it cannot be read as an answer of RFC 3161") from error


def _stated(
    found: rfc3161.TimeStampResponse, message: bytes, trusted: Sequence[x509.Certificate], nonce: int | None
) -> Stamp:
    """Verify the parts of a response. They are parsed on access, so any access may fail."""
    said_of = found.tst_info
    if said_of.message_imprint.hash_algorithm.dotted_string != _SHA256:
        raise BadStamp("it is of another kind of digest than was asked")
    if said_of.message_imprint.message != hashlib.sha256(message).digest():
        raise BadStamp("it is of something else")
    if nonce is not None and said_of.nonce != nonce:
        raise BadStamp("it answers another question (nonce)")
    _verify(found, message, trusted)
    signer = _signer(found)
    return Stamp(
        said_of.gen_time.astimezone(UTC),
        signer.subject.rfc4514_string()[:500] if signer else "an authority that it does not name",
        said_of.serial_number,
        signer.not_valid_after_utc if signer else None,
    )


def is_now(stamp: Stamp, now: datetime) -> bool:
    """Return whether the timestamp was made just now, within `CLOCKS_DIFFER`."""
    return abs(stamp.at - now) <= CLOCKS_DIFFER


def _verify(found: rfc3161.TimeStampResponse, message: bytes, trusted: Sequence[x509.Certificate]) -> None:
    builder = rfc3161.VerifierBuilder()
    for item in dict.fromkeys(trusted):
        own = item.issuer == item.subject
        builder = builder.add_root_certificate(item) if own else builder.add_intermediate_certificate(item)
    try:
        builder.build().verify_message(found, message)
    except rfc3161.VerificationError as error:
        said, code = _said(error)
        raise BadStamp(said, code=code) from error
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise BadStamp("its signature cannot be checked") from error


def _said(error: rfc3161.VerificationError) -> tuple[str, Wrong]:
    """Translate a verification error. The library's message ends in a list of OpenSSL errors."""
    text = str(error)
    if "expired" in text or "not yet valid" in text:
        return "the authority's certificate did not hold at the time that it states", "stamp_expired"
    if (
        "local issuer" in text
        or "self-signed" in text
        or "self signed" in text
        or "certificate verify" in text
    ):
        return "it is signed by nobody whom the given certificates vouch for", "stamp_untrusted"
    if "EKU" in text:
        return "the certificate is not one for time stamps", "stamp_untrusted"
    return "its signature does not hold", "bad_stamp"


def _words(found: rfc3161.TimeStampResponse) -> str:
    words = "; ".join(found.status_string or [])[:200]
    return f": {words}" if words else ""


def _signer(found: rfc3161.TimeStampResponse) -> x509.Certificate | None:
    """Return the signer's certificate, if the response includes it."""
    signers = {(info.issuer, info.serial_number) for info in found.signed_data.signer_infos}
    for raw in found.signed_data.certificates:
        one = x509.load_der_x509_certificate(bytes(raw))
        if (one.issuer, one.serial_number) in signers:
            return one
    return None
