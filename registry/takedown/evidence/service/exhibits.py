"""Add and list exhibits of notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from registry.catalogue.media.model import refuse_minor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns.service import takedown
from registry.takedown.errors import UnknownNotice
from registry.takedown.evidence import store as evidence
from registry.takedown.evidence.errors import TooManyExhibits
from registry.takedown.evidence.model import exhibit
from registry.takedown.evidence.model.exhibit import Exhibit
from registry.takedown.notices.store import notices


def list_exhibits(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> dict[str, Any]:
    """List a notice's exhibits, oldest first, with the person who added each. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        found = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0]["campaign_id"] != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        kept = evidence.exhibits(connection, [notice_id])
    key = client_keys(service).find(found["client_id"])
    return {"notice_id": str(notice_id), "exhibits": [shown(key, item) for item in kept]}


def shown(key: Key | None, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exhibit as it is shown. Name and note are None after erasure. `kept`: the file is stored."""
    said = takedown.open_sealed(key, row["sealed"], takedown.WORDS) or {}
    return {
        "exhibit_id": str(row["exhibit_id"]),
        "kind": row["kind"],
        "sha256": row["sha256"],
        "bytes": row["bytes"],
        "name": said.get("name"),
        "note": said.get("note"),
        "made_at": row["made_at"].isoformat() if row["made_at"] else None,
        "kept": row["kept"] and key is not None,
        "added_by": str(row["added_by"]),
        "caller": row["caller"],
        "added_at": row["added_at"].isoformat(),
    }


CONTENT: Final = "exhibit content"
"""Purpose under which a file is encrypted."""


def add_exhibit(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, given: Exhibit
) -> dict[str, Any]:
    """Add an exhibit and return the notice's exhibits. A file that exists already is not added again.

    Sent notices and closed campaigns accept exhibits too, because their cases continue. A file is stored,
    encrypted, only if it is given. Needs `takedown`.

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
                raise TooManyExhibits(f"A notice has at most {exhibit.MOST} exhibits.")
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
