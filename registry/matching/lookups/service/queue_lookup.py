"""Take a file to be looked up."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.banks.service.banks import find_bank
from registry.catalogue.media.service import Upload, keep_blob
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.organization_key import organization_key
from registry.jobs.service.queue import admit_work, wake_workers
from registry.jobs.store import jobs
from registry.matching.lookups.service.keep_sighting import Seen, write
from registry.matching.lookups.store import lookups
from registry.matching.watches import store as watches
from registry.matching.watches.service.watching import check_days


def queue_lookup(
    service: Service,
    caller: Caller,
    upload: Upload,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
    seen: Seen | None = None,
) -> UUID:
    """The id of a lookup that a worker will answer on the interactive queue. Needs `lookup`.

    The media is deleted once it is answered, and its name is never kept: people call files after whom they
    show. `watch_days`: keep its fingerprint for so long. `seen`: where it was found. Raises `NotFound`
    (`unknown_bank`), `Forbidden`, `BadInput` (`watch_too_long`), `Unavailable` (`keys_unavailable`).
    """
    caller.require("lookup")
    admit_work(service, "lookups")
    with service.pool.transaction() as connection:
        found = find_bank(connection, caller, bank)
        keep_blob(service, connection, upload.blob.key, upload.stream)
        lookup_id = lookups.queue(
            connection,
            caller_id=caller.caller_id,
            bank_id=found.bank_id if found else None,
            sha256=upload.blob.sha256,
            blob_key=upload.blob.key,
        )
        if watch_days is not None:
            check_days(connection, service, caller, watch_days)
            watches.ask_for(connection, lookup_id, watch_days)
        if seen is not None:
            key = organization_key(service, caller.organization_id)
            write(connection, key, caller, lookup_id, seen, follow=False)
        jobs.enqueue(connection, "answer_lookup", lookup_id)
    wake_workers(service)
    return lookup_id
