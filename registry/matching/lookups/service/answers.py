"""Answers to lookups by fingerprint document and by digest."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.core.database.replicas import Source
from registry.core.errors import BadSha256
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.keyframe_answers import Effort
from registry.matching.lookups.errors import BadMd5
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.pipeline import Lookup, look_up
from registry.persons import search as face_searches

_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}\Z")


def answer_sha256(
    service: Service,
    caller: Caller,
    sha256: str,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
) -> Answer:
    """Look up an exact file. If it is unknown, the answer is `no_match` with `scope: "exact_only"`.

    Needs `lookup`. Raises `BadInput` (`bad_sha256`), `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    if not _SHA256.match(sha256):
        raise BadSha256("`sha256` must be 64 hex digits.")
    sha256 = sha256.lower()
    query = Fingerprint(Media(sha256, "video", 0.0, 1, 1, 1), (), ())
    return look_up(service, Lookup(caller, query, "sha256", sha256=sha256, bank=bank, watch_days=watch_days))


_MD5: Final = re.compile(r"[0-9a-fA-F]{32}\Z")


def answer_md5(
    service: Service, caller: Caller, md5: str, *, bank: str | None = None, whole: bool = False
) -> Answer:
    """Look up a file by MD5, which only hash lists give. If it is unknown, the answer is `no_match` with
    `scope: "exact_only"`. An MD5 proves less than a sha256: somebody who makes both files can give them the
    same MD5. `whole`: as in `Lookup`.

    Needs `lookup`. Raises `BadInput` (`bad_md5`), `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    if not _MD5.match(md5):
        raise BadMd5("`md5` must be 32 hex digits.")
    raw = bytes.fromhex(md5)
    # Shared placeholder digest of the query and the medium. No file has it as its sha256.
    common = hashlib.sha256(b"fakeprint md5\0" + raw).hexdigest()
    query = Fingerprint(Media(common, "video", 0.0, 1, 1, 1), (), ())
    return look_up(service, Lookup(caller, query, "md5", sha256=common, md5=raw, bank=bank, whole=whole))


def answer_document(
    service: Service,
    caller: Caller,
    fingerprint: Fingerprint,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
    effort: Effort = "standard",
) -> Answer:
    """Look up a fingerprint with every signal, and record the lookup with its answer.

    The query's fingerprint is kept only if it is watched for `watch_days`, and then without its faces. The
    document's faces are compared with aligned footage only. They are not searched for enrolled persons; the
    note `faces_not_searched` says so if the caller might expect a search.

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
        effort=effort,
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
