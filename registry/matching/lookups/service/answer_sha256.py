"""Answer a file's digest alone: the very same file, or nothing."""

from __future__ import annotations

import re
from typing import Any, Final

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answer import answer_and_record

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
    return answer_and_record(
        service, caller, asked, bank=bank, given="sha256", sha256=sha256, watch_days=watch_days
    )
