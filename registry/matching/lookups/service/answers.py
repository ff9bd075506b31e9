"""Answers to fingerprint documents and to digests."""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.core.database.replicas import Source
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.pipeline import Lookup, look_up
from registry.persons.search import store as face_searches

_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}\Z")


def answer_sha256(
    service: Service,
    caller: Caller,
    sha256: str,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
) -> dict[str, Any]:
    """The answer for an exact file. An unknown one is `no_match` with `scope: "exact_only"`.

    Needs `lookup`. Raises `BadInput` (`bad_sha256`), `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    if not _SHA256.match(sha256):
        raise BadInput("`sha256` must be 64 hex digits.", code="bad_sha256")
    sha256 = sha256.lower()
    asked = Fingerprint(Media(sha256, "video", 0.0, 1, 1, 1), (), ())
    return look_up(service, Lookup(caller, asked, "sha256", sha256=sha256, bank=bank, watch_days=watch_days))


_MD5: Final = re.compile(r"[0-9a-fA-F]{32}\Z")


def answer_md5(service: Service, caller: Caller, md5: str, *, bank: str | None = None) -> dict[str, Any]:
    """The answer for a file of this MD5, which only hash lists give. An unknown one is `no_match` with
    `scope: "exact_only"`. Who makes both files can make two of one MD5: it says less than a sha256.

    Needs `lookup`. Raises `BadInput` (`bad_md5`), `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    if not _MD5.match(md5):
        raise BadInput("`md5` must be 32 hex digits.", code="bad_md5")
    raw = bytes.fromhex(md5)
    # Stands where query and medium have a digest in common; no file has it as its sha256.
    common = hashlib.sha256(b"fakeprint md5\0" + raw).hexdigest()
    asked = Fingerprint(Media(common, "video", 0.0, 1, 1, 1), (), ())
    return look_up(service, Lookup(caller, asked, "md5", sha256=common, md5=raw, bank=bank))


def answer_document(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
) -> dict[str, Any]:
    """The answer with every signal; the lookup and its answer are kept, the query's fingerprint, without its
    faces, only where it is watched for `watch_days`.

    A document's faces serve to compare aligned footage: enrolled persons are not looked for in it. Whoever
    might expect that is told by the note `faces_not_searched`.
    Needs `lookup`. Raises `NotFound` (`unknown_bank`), `Forbidden`, `BadInput` (`watch_too_long`).
    """
    caller.require("lookup")
    lookup = Lookup(
        caller,
        fingerprint,
        "document",
        sha256=fingerprint.media.sha256,
        bank=bank,
        notes=_notes(service, caller),
        watch_days=watch_days,
    )
    return look_up(service, lookup)


def _notes(service: Service, caller: Caller) -> tuple[str, ...]:
    if not caller.searches_faces:
        return ()

    def protected(source: Source) -> bool:
        with source.transaction() as connection:
            return face_searches.protects(connection, caller.organization_id)

    protects = service.read(protected, caller.organization_id)
    return ("faces_not_searched",) if protects else ()
