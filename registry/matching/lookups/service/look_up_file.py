"""Look an uploaded file up: at once where its digest decides, else by a worker."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.catalogue.media.service import Upload
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model import provenance
from registry.core.errors import NotSettled
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answer import answer
from registry.matching.lookups.service.keep_sighting import Seen, keep_sighting
from registry.matching.lookups.service.queue_lookup import queue_lookup
from registry.matching.lookups.service.record_lookups import record_lookups
from registry.persons.search.service import search_faces


def look_up_file(
    service: Service,
    caller: Caller,
    upload: Upload,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
    seen: Seen | None = None,
) -> UUID:
    """The id of the lookup: answered where the file's sha256 decides by the rules of a worker's first step
    (`matching.decision.model.early`), else queued as `queue_lookup` does. A file that is to be watched, or
    searched for
    enrolled persons, is read by a worker.

    Needs `lookup`. Raises as `queue_lookup`.
    """
    caller.require("lookup")
    body = None if watch_days is not None else _by_digest(service, caller, upload, bank)
    if body is None:
        return queue_lookup(service, caller, upload, bank=bank, watch_days=watch_days, seen=seen)
    if seen is not None:
        keep_sighting(service, caller, body, seen)
    return UUID(body["lookup_id"])


def _by_digest(service: Service, caller: Caller, upload: Upload, bank: str | None) -> dict[str, Any] | None:
    """The answer, which is kept; None where more of the file is needed."""
    sha256 = upload.blob.sha256
    digest = Fingerprint(Media(sha256, "video", 0.0, 1, 1, upload.blob.bytes), (), (), notes=(KEYFRAMES,))
    primary = replace(service, replicas=None)
    try:
        search_faces(primary, caller, digest)
        body, bank_id = answer(primary, caller, digest, bank=bank, given="file", sha256=sha256)
    except NotSettled:
        return None
    body["provenance"] = _provenance(primary, body)
    record_lookups(primary, [body], caller_id=caller.caller_id, given="file", bank_id=bank_id, sha256=sha256)
    return body


def _provenance(service: Service, body: dict[str, Any]) -> dict[str, Any] | None:
    """What the file says of its origin: what was read of the registered one, which is the same file."""
    same = [UUID(one["asset_id"]) for one in body["matches"] if one["exact"]]
    with service.pool.transaction() as connection:
        rows = manifests.of_assets(connection, same)
    return next((provenance.shown(provenance.of_row(row)) for row in rows.values()), None)
