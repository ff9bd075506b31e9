"""Answer a fingerprint document."""

from __future__ import annotations

from typing import Any

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.replicas import Source
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answer import answer_and_record
from registry.persons.search import store as face_searches


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
    return answer_and_record(
        service,
        caller,
        fingerprint,
        bank=bank,
        given="document",
        sha256=fingerprint.media.sha256,
        notes=_notes(service, caller),
        watch_days=watch_days,
    )


def _notes(service: Service, caller: Caller) -> tuple[str, ...]:
    if not caller.searches_faces:
        return ()

    def protected(source: Source) -> bool:
        with source.transaction() as connection:
            return face_searches.protects(connection, caller.organization_id)

    protects = service.read(protected, caller.organization_id)
    return ("faces_not_searched",) if protects else ()
