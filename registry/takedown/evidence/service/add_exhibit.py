"""Add an exhibit to a notice: a screenshot, or the media found there, by its digest."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.media.model import refuse_minor
from registry.core.audit.service.record_event import record_event
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.campaigns.service import takedown
from registry.takedown.evidence import store as evidence
from registry.takedown.evidence.model import exhibit
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.evidence.service.list_exhibits import list_exhibits

CONTENT: Final = "exhibit content"
"""For what a file is sealed."""


def add_exhibit(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, given: Exhibit
) -> dict[str, Any]:
    """The notice's exhibits with this one; the same file twice is one. Also of what was sent, and of closed
    campaigns: what happens there goes on. The file is kept only where it is given, sealed. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`client_erased`,
    `too_many_exhibits`), `BadInput` (`bad_exhibit`), `Forbidden` (`minor_protection`).
    """
    caller.require("takedown")
    one = exhibit.checked(given)
    with service.pool.transaction() as connection:
        found = takedown.find_campaign(connection, caller, campaign_id, lock=True)
        key = takedown.key_of(service, found["client_id"])
        row = takedown.lock_notices(connection, caller, campaign_id, [notice_id])[0]
        if one.content is not None and exhibit.may_show_minor(row["answers"]):
            raise refuse_minor()
        sealed, bound = takedown.seal(key, {"name": one.name, "note": one.note}, takedown.WORDS)
        values = {
            "exhibit_id": uuid4(),
            "notice_id": notice_id,
            "kind": one.kind,
            "sha256": bytes.fromhex(one.sha256),
            "bytes": one.size,
            "made_at": one.made_at,
            "sealed": sealed,
            "content_sealed": key.seal(one.content, CONTENT) if one.content is not None else None,
            "caller_id": caller.caller_id,
        }
        if evidence.add_exhibit(connection, values):
            if evidence.count_exhibits(connection, notice_id) > exhibit.MOST:
                raise Conflict(f"A notice has at most {exhibit.MOST} exhibits.", code="too_many_exhibits")
            record_event(
                connection,
                caller,
                "notice.exhibited",
                entry_id=row["entry_id"],
                subject={"notice_id": notice_id, "campaign_id": campaign_id},
                said={
                    "exhibit_id": values["exhibit_id"],
                    "kind": one.kind,
                    "sha256": one.sha256,
                    "bytes": one.size,
                    "words": bound.digest,
                    "kept": one.content is not None,
                },
            )
    return list_exhibits(service, caller, campaign_id, notice_id)
