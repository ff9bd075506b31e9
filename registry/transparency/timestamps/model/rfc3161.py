"""RFC 3161 timestamps: build requests and verify responses.

`rfc3161-client` verifies the signature. It must chain to a trusted certificate that was valid at the stated
time and is only for timestamping. The status, the digest and the nonce are checked too.

Some authorities list their certificates in another order than DER demands. OpenSSL accepts that and
`rfc3161-client` does not. The signature does not cover the certificates, so such a response is read with its
certificates sorted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
_SEQUENCE: Final = 0x30
_TAGGED_0: Final = 0xA0
_MOST_CERTIFICATES: Final = 1_000


Wrong = Literal["bad_stamp", "stamp_untrusted", "stamp_expired"]
"""Errors of a timestamp. bad_stamp: it is not of this message, or its signature does not verify.
stamp_untrusted: the signer's certificate is not trusted. stamp_expired: that certificate was not valid at the
stated time."""


class BadStamp(ValueError):
    """The response is not a valid timestamp of the message. `refused`: the authority says that it gives
    none."""

    def __init__(self, message: str, *, refused: bool = False, code: Wrong = "bad_stamp") -> None:
        super().__init__(message)
        self.refused = refused
        self.code = code


@dataclass(frozen=True, slots=True)
class Stamp:
    """Content of a timestamp: time, authority (as its certificate or the timestamp names it) and serial
    number.

    `until`: expiry of that certificate, if the response includes it. After that, the timestamp proves
    something only if it was kept since before. `unsorted`: its certificates are not in DER's order.
    """

    at: datetime
    by: str
    serial: int
    until: datetime | None = None
    unsorted: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A timestamp request (DER), and the nonce that its response must repeat."""

    body: bytes
    nonce: int


def question(message: bytes) -> Question:
    """Build a request for a timestamp of `message`, by its SHA-256, with a nonce and a request for
    certificates."""
    builder = rfc3161.TimestampRequestBuilder().data(message)
    request = builder.hash_algorithm(rfc3161.HashAlgorithm.SHA256).build()
    return Question(request.as_bytes(), request.nonce or 0)


def authorities(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file. Raises `BadStamp` if there are none."""
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise BadStamp("it contains no PEM certificate") from error
    if len(certificates) > _MOST_CERTIFICATES:
        raise BadStamp(f"it contains more than {_MOST_CERTIFICATES} certificates")
    return certificates


def read(answer: bytes, message: bytes, trusted: Sequence[x509.Certificate], nonce: int | None) -> Stamp:
    """Verify a response for `message` and return its content. Raises `BadStamp`, which says what is wrong.

    `nonce`: of the request, if known. A stored timestamp is verified without it.
    """
    ordered = _with_sorted_certificates(answer)
    try:
        response = rfc3161.decode_timestamp_response(ordered)
        status = int(response.status)
    except (ValueError, TypeError) as error:
        raise BadStamp("it cannot be read as an answer of RFC 3161") from error
    if status != _GRANTED:
        raise BadStamp(f"the authority gave none (status {status}{_words(response)})", refused=True)
    if response.as_bytes() != ordered:
        raise BadStamp("it is not DER")
    try:
        stamp = _content(response, message, trusted, nonce)
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType) as error:
        if isinstance(error, BadStamp):
            raise
        raise BadStamp("it cannot be read as an answer of RFC 3161") from error
    return replace(stamp, unsorted=ordered != answer)


def _with_sorted_certificates(answer: bytes) -> bytes:
    """Return the response with its certificates in ascending order, as DER demands of a SET OF (X.690, 11.6).
    A response that does not have the form of RFC 3161 and RFC 5652 is returned as it is."""
    try:
        begin, end = _only(answer, 0, len(answer), _SEQUENCE)  # TimeStampResp
        begin, end = _only(answer, begin, end, _SEQUENCE, at=1)  # timeStampToken, a ContentInfo
        begin, end = _only(answer, begin, end, _TAGGED_0)  # its content
        begin, end = _only(answer, begin, end, _SEQUENCE)  # SignedData
        begin, end = _only(answer, begin, end, _TAGGED_0)  # certificates
        elements = sorted(answer[first:last] for _tag, first, _content, last in _elements(answer, begin, end))
    except (ValueError, IndexError):
        return answer
    return answer[:begin] + b"".join(elements) + answer[end:]


def _only(raw: bytes, begin: int, end: int, tag: int, *, at: int = 0) -> tuple[int, int]:
    """Return where the content of element `at` with this tag begins and ends. Raises `IndexError`,
    `ValueError`."""
    found = [(content, last) for of, _first, content, last in _elements(raw, begin, end) if of == tag]
    return found[at]


def _elements(raw: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield tag, start, start of the content and end of each element of a DER value. Raises `ValueError` if
    one has a long tag, no definite length, or does not fit."""
    while begin < end:
        tag, length, content = raw[begin], raw[begin + 1], begin + 2
        if length & 0x80:
            content += length & 0x7F
            length = int.from_bytes(raw[begin + 2 : content])
        last = content + length
        if tag & 0x1F == 0x1F or raw[begin + 1] == 0x80 or last > end:
            raise ValueError("it is not DER")
        yield tag, begin, content, last
        begin = last


def _content(
    response: rfc3161.TimeStampResponse,
    message: bytes,
    trusted: Sequence[x509.Certificate],
    nonce: int | None,
) -> Stamp:
    """Verify the parts of a response. They are parsed on access, so any access may fail."""
    info = response.tst_info
    if info.message_imprint.hash_algorithm.dotted_string != _SHA256:
        raise BadStamp("it uses another digest algorithm")
    if info.message_imprint.message != hashlib.sha256(message).digest():
        raise BadStamp("it is of another message")
    if nonce is not None and info.nonce != nonce:
        raise BadStamp("it answers another request (nonce)")
    _verify(response, message, trusted)
    signer = _signer(response)
    return Stamp(
        info.gen_time.astimezone(UTC),
        signer.subject.rfc4514_string()[:500] if signer else "an unnamed authority",
        info.serial_number,
        signer.not_valid_after_utc if signer else None,
    )


def is_now(stamp: Stamp, now: datetime) -> bool:
    """Return whether the timestamp was made just now, within `CLOCKS_DIFFER`."""
    return abs(stamp.at - now) <= CLOCKS_DIFFER


def _verify(response: rfc3161.TimeStampResponse, message: bytes, trusted: Sequence[x509.Certificate]) -> None:
    builder = rfc3161.VerifierBuilder()
    for certificate in dict.fromkeys(trusted):
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        builder.build().verify_message(response, message)
    except rfc3161.VerificationError as error:
        message_, code = _explained(error)
        raise BadStamp(message_, code=code) from error
    except (ValueError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise BadStamp("its signature cannot be checked") from error


def _explained(error: rfc3161.VerificationError) -> tuple[str, Wrong]:
    """Translate a verification error. The library's message ends in a list of OpenSSL errors."""
    text = str(error)
    if "expired" in text or "not yet valid" in text:
        return "the authority's certificate was not valid at the stated time", "stamp_expired"
    if (
        "local issuer" in text
        or "self-signed" in text
        or "self signed" in text
        or "certificate verify" in text
    ):
        return "its signer is not trusted by the given certificates", "stamp_untrusted"
    if "EKU" in text:
        return "the certificate is not for time stamps", "stamp_untrusted"
    return "its signature is wrong", "bad_stamp"


def _words(response: rfc3161.TimeStampResponse) -> str:
    words = "; ".join(response.status_string or [])[:200]
    return f": {words}" if words else ""


def _signer(response: rfc3161.TimeStampResponse) -> x509.Certificate | None:
    """Return the signer's certificate, if the response includes it."""
    signers = {(info.issuer, info.serial_number) for info in response.signed_data.signer_infos}
    for raw in response.signed_data.certificates:
        certificate = x509.load_der_x509_certificate(bytes(raw))
        if (certificate.issuer, certificate.serial_number) in signers:
            return certificate
    return None
