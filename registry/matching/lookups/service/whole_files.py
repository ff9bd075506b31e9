"""Answers to values of whole files: videohash.1 and ISCC (ISO 24138)."""

from __future__ import annotations

import hashlib
from typing import Final

from registry.catalogue.fingerprints.model.algorithms import ISCC, VIDEOHASH
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.whole_file import (
    BODY_BYTES,
    LEAST_BYTES,
    CodeQuery,
    WholeFile,
    read_code,
)
from registry.catalogue.media.model import Media
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.errors import BadHash, WholeFileNotWatched
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.pipeline import Lookup, look_up

ALGORITHMS: Final = (VIDEOHASH.name, ISCC.name)


def answer_whole_file(
    service: Service,
    caller: Caller,
    algorithm: str,
    value: str,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
) -> Answer:
    """Look up the value of a whole file: 16 hex digits for videohash.1, `ISCC:…` for iscc.1.

    The verdict is at most `related`, except that an ISCC whose Instance-Code identifies a registered file is
    answered like its SHA-256. Needs `lookup`. Raises `BadInput` (`bad_hash`, `whole_file_not_watched`),
    `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    query = read_value(algorithm, value)
    if watch_days is not None:
        raise WholeFileNotWatched(next_step="Watch the file itself, its SHA-256 or its fingerprint document.")
    # Placeholder digest of the query, and of a medium that an Instance-Code identifies. No file has it.
    common = hashlib.sha256(f"fakeprint {algorithm}\0{value}".encode()).hexdigest()
    fingerprint = Fingerprint(Media(common, "video", 0.0, 1, 1, 1), (), ())
    return look_up(service, Lookup(caller, fingerprint, "hash", sha256=common, file_value=query, bank=bank))


def probed(algorithm: str, value: str) -> str | None:
    """Return what of a value could be reconstructed bit by bit: the Content-Code of an ISCC, as 64 hex digits
    with zeros at its end. None for values of 64 bits, which show nobody. Raises as `read_value`."""
    query = read_value(algorithm, value)
    content = query.content
    return (
        None if content is None or len(content) <= LEAST_BYTES else content.hex().ljust(BODY_BYTES * 2, "0")
    )


def read_value(algorithm: str, value: str) -> WholeFile | CodeQuery:
    """Decode a value from text. Raises `BadInput` (`bad_hash`)."""
    if algorithm == VIDEOHASH.name:
        try:
            raw = bytes.fromhex(value)
        except ValueError:
            raw = b""
        if len(raw) != VIDEOHASH.value_bytes:
            raise BadHash(f"The value of {algorithm} must be {VIDEOHASH.value_bytes * 2} hex digits.")
        return WholeFile(videohash=raw)
    try:
        code = read_code(value)
    except ValueError:
        raise BadHash(f"The value of {algorithm} is not an ISCC.", next_step=_EXAMPLE) from None
    if code is None:
        raise BadHash(
            "No unit of this ISCC can be compared. Image-, Video-, Data- and Instance-Codes can be,"
            " from 64 bits on.",
            next_step=_EXAMPLE,
        )
    return code


_EXAMPLE: Final = "Send a unit or a composite code, as ISCC:KMA3AGCHOZBYJF2LJWLJFLQZJMU5ZNNZ2ROH7C76KY."
