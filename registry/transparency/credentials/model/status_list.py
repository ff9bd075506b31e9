"""Status lists of signed assertions (W3C Bitstring Status List 1.0): one for revocation, one for suspension.
Pure.

A list is a credential, signed like the assertions, with a bit for each of `SIZE` assertions. The first bit is
the leftmost. The whole list is sent, so a request does not reveal which assertion is checked. It can be
verified offline and states its age.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, cast, get_args

from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from registry.transparency.credentials.model import jose
from registry.transparency.credentials.model.jose import BadAssertion
from registry.transparency.ledger.model.note import Signer, VerifierKey
from registry.transparency.ledger.model.verification import Code, Report

Purpose = Literal["revocation", "suspension"]
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
SIZE: Final = 131_072
"""Assertions in one list: the minimum of the specification (section 6.1)."""
LARGEST: Final = 1 << 20
"""Most bytes of an unpacked list."""
HOLDS: Final = timedelta(days=1)
"""Validity of a list."""
FRESH: Final = timedelta(minutes=1)
"""Time for which a fetched list may be cached."""
_TYPES: Final = ("VerifiableCredential", "BitstringStatusListCredential")
_FOUND: Final[Mapping[Purpose, tuple[Code, str]]] = {
    "revocation": ("revoked", "it was withdrawn, or is no longer trusted as far as it says"),
    "suspension": ("suspended", "it is disputed, and suspended until that is decided"),
}
_VERBS: Final[Mapping[Purpose, str]] = {"revocation": "withdrawn", "suspension": "suspended"}


@dataclass(frozen=True, slots=True)
class StatusList:
    """A verified list: its URL, its issuer, when it was signed, and its bits."""

    url: str
    issuer: str
    purpose: Purpose
    at: datetime
    bits: bytes


def address(base: str, purpose: Purpose, number: int) -> str:
    """Return the URL of a list under the deployment's public URL."""
    return f"{base.rstrip('/')}/v1/assertions/status/{purpose}/{number}"


def places(base: str, status_no: int) -> list[dict[str, str]]:
    """Return `credentialStatus` of the assertion with this status number."""
    number, index = divmod(status_no, SIZE)
    return [
        {
            "id": f"{address(base, purpose, number)}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": str(index),
            "statusListCredential": address(base, purpose, number),
        }
        for purpose in PURPOSES
    ]


def credential(
    base: str, purpose: Purpose, number: int, fallen: Iterable[int], signer: Signer, now: datetime
) -> dict[str, Any]:
    """Return the claims of a list. `fallen`: the indices whose bit is set."""
    url = address(base, purpose, number)
    return {
        **jose.common_claims(signer, _TYPES, now, HOLDS),
        "id": url,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": packed(fallen),
            "ttl": int(FRESH.total_seconds() * 1000),
        },
    }


def packed(fallen: Iterable[int]) -> str:
    """Encode the bits as multibase base64url of gzip."""
    bits = bytearray(SIZE // 8)
    for index in fallen:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + urlsafe_b64encode(gzip.compress(bytes(bits), 9, mtime=0)).decode()


def read(raw: str, keys: Sequence[VerifierKey], now: datetime) -> StatusList:
    """Read a list that one of `keys` signed and that is valid now. Raises `BadAssertion`."""
    try:
        claims = jose.verified(raw, keys, _TYPES)
        begins, _ = jose.validity(claims, now, "fetch it again")
        subject = claims["credentialSubject"]
        return StatusList(
            str(claims["id"]),
            claims["issuer"]["id"],
            _purpose(subject, "BitstringStatusList"),
            begins,
            _unpacked(subject["encodedList"]),
        )
    except BadAssertion as error:
        raise BadAssertion(f"a status list does not hold: {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadAssertion(f"a status list cannot be read ({type(error).__name__})") from None


def check_status(claims: Mapping[str, Any], lists: Sequence[StatusList], report: Report) -> None:
    """Check whether a verified assertion is still in force, by the newest list of each purpose.

    Raises `BadAssertion`, and the errors of malformed claims (`KeyError`, `TypeError`, `ValueError`).
    """
    places_ = claims.get("credentialStatus") or []
    for place in places_ if isinstance(places_, list) else [places_]:
        purpose = _purpose(place, "BitstringStatusListEntry")
        url = str(place["statusListCredential"])
        matching = [
            list_
            for list_ in lists
            if (list_.url, list_.purpose, list_.issuer) == (url, purpose, claims["issuer"]["id"])
        ]
        if not matching:
            report.unchecked.append(f"whether it was {_VERBS[purpose]} since: give --status with {url}")
            continue
        newest = max(matching, key=lambda list_: list_.at)
        index = int(place["statusListIndex"])
        if not 0 <= index < len(newest.bits) * 8:
            raise BadAssertion("its index is outside its status list")
        if newest.bits[index // 8] & (0x80 >> index % 8):
            code, reason = _FOUND[purpose]
            report.wrong(
                code, f"The assertion is no longer in force: {reason}, as of {newest.at.isoformat()}."
            )
        else:
            report.checked.append(f"it was not {_VERBS[purpose]}, as of {newest.at.isoformat()}")
    if not places_:
        report.unchecked.append("whether it was withdrawn since: ask the registry, or wait until it expires")


def _purpose(fields: Mapping[str, Any], kind: str) -> Purpose:
    if fields["type"] != kind or fields["statusPurpose"] not in PURPOSES:
        raise BadAssertion(f"it has a {kind} of an unknown purpose")
    return cast("Purpose", fields["statusPurpose"])


def _unpacked(text: str) -> bytes:
    if not text.startswith("u"):
        raise BadAssertion("its bits are not in base64url")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(urlsafe_b64decode(text[1:].encode()))) as packed_:
            bits = packed_.read(LARGEST + 1)
    except (ValueError, OSError, EOFError, zlib.error):
        raise BadAssertion("its bits cannot be unpacked") from None
    if not SIZE // 8 <= len(bits) <= LARGEST:
        raise BadAssertion(f"it has fewer than {SIZE} bits, or too many")
    return bits
