"""Answer a fingerprint document."""

from __future__ import annotations

from typing import Any

from registry.actions.answer import answer_and_record
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.domain.fingerprint import Fingerprint


def answer_document(
    service: Service, caller: Caller, fingerprint: Fingerprint, *, bank: str | None = None
) -> dict[str, Any]:
    """The answer with every signal; the lookup and its answer are kept, the query's fingerprint is not.

    Needs `lookup`. Raises `NotFound` (`unknown_bank`), `Forbidden`.
    """
    caller.require("lookup")
    return answer_and_record(
        service, caller, fingerprint, bank=bank, given="document", sha256=fingerprint.media.sha256
    )
