"""A reviewer sends the file of an entry that is known by a document alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.entries.store import assets, entries
from registry.catalogue.media.service import Upload, keep_blob
from registry.core.audit.service import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.jobs.store import jobs
from registry.review.queue import store as reviews
from registry.review.queue.service.find_review import find_review


def verify_entry(service: Service, caller: Caller, entry_id: UUID, media: Upload) -> dict[str, Any]:
    """Have the fingerprint of a medium computed from its file, which takes the place of the document's. Where
    they differ the entry is suspended (`forged_fingerprint`). Needs `review`.

    Raises `NotFound` (`unknown_entry`), `Conflict` (`entry_withdrawn`), `BadInput` (`not_that_file`).
    """
    caller.require("review")
    digest = media.blob.sha256
    with service.pool.transaction() as connection:
        row = find_review(connection, caller, entry_id)
        entries.lock_of_files(connection, row["bank_id"], entry_id, [bytes.fromhex(digest)])
        row = find_review(connection, caller, entry_id)
        if row["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        asset = reviews.asset_of(connection, entry_id, digest)
        if asset is None:
            raise BadInput(
                f"The entry holds no file of sha256 {digest[:16]}….",
                code="not_that_file",
                next_step="Send the very file; `fakeprint review show` lists the digests.",
            )
        done = asset["recomputed"] and asset["status"] == "fingerprinted"
        if not done:
            keep_blob(service, connection, media.blob.key, media.stream)
            reviews.give_media(connection, asset["asset_id"], media.blob.key)
            assets.reset(connection, asset["asset_id"])
            entries.reopen(connection, asset["asset_id"])
            jobs.enqueue(connection, "fingerprint_asset", asset["asset_id"])
            record_event(
                connection,
                caller,
                "asset.added",
                organization_id=row["owner_id"],
                entry_id=entry_id,
                subject={"asset_id": asset["asset_id"]},
                said={"purpose": "verification", "by": caller.organization_id},
            )
    wake_workers(service)
    return {
        "entry_id": str(entry_id),
        "asset_id": str(asset["asset_id"]),
        "sha256": digest,
        "recomputed": done,
    }
