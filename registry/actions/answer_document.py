"""Answer a fingerprint document."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.actions.answer import answer
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.domain.fingerprint import Fingerprint
from registry.store import lookups


def answer_document(
    service: Service, caller: Caller, fingerprint: Fingerprint, *, bank: str | None = None
) -> dict[str, Any]:
    """The answer with every signal; the lookup and its answer are kept, the query's fingerprint is not.

    Needs `lookup`. Raises `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    body, bank_id = answer(service, caller, fingerprint, bank=bank)
    with service.pool.transaction() as connection:
        lookups.record(
            connection,
            lookup_id=UUID(body["lookup_id"]),
            caller_id=caller.caller_id,
            bank_id=bank_id,
            given="document",
            sha256=fingerprint.media.sha256,
            answer=body,
        )
    return body
