"""Add and list exhibits of notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from registry.catalogue.media.model import refuse_minor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown.campaigns.service import access
from registry.takedown.campaigns.service.texts import EncryptedText
from registry.takedown.errors import UnknownNotice
from registry.takedown.evidence import store as evidence_store
from registry.takedown.evidence.errors import TooManyExhibits
from registry.takedown.evidence.model import exhibit
from registry.takedown.evidence.model.exhibit import Exhibit, ExhibitTexts
from registry.takedown.evidence.schemas import Exhibit as ExhibitShown
from registry.takedown.evidence.schemas import Exhibits
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import StoredNotice


def list_exhibits(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> Exhibits:
    """List a notice's exhibits, oldest first, with the person who added each. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0].campaign_id != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        exhibits = evidence_store.exhibits(connection, [notice_id])
    key = client_keys(service).find(campaign.client_id)
    return Exhibits(notice_id=notice_id, exhibits=[shown(key, row) for row in exhibits])


def shown(key: Key | None, row: Mapping[str, Any]) -> ExhibitShown:
    """Return an exhibit as it is shown. Name and note are None after erasure. `kept`: the file is stored."""
    texts = WORDS.decrypt(key, row["sealed"])
    return ExhibitShown.from_row(
        row,
        name=texts.name if texts else None,
        note=texts.note if texts else None,
        kept=row["kept"] and key is not None,
    )


WORDS: Final = EncryptedText("words", TypeAdapter(ExhibitTexts))
CONTENT: Final = "exhibit content"
"""Purpose under which a file is encrypted."""


def add_exhibit(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, new: Exhibit
) -> Exhibits:
    """Add an exhibit and return the notice's exhibits. A file that exists already is not added again.

    Sent notices and closed campaigns accept exhibits too, because their cases continue. A file is stored,
    encrypted, only if it is supplied. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`client_erased`,
    `too_many_exhibits`), `BadInput` (`bad_exhibit`), `Forbidden` (`minor_protection`).
    """
    caller.require("takedown")
    checked = exhibit.checked(new)
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True)
        key = access.key_of(service, campaign.client_id)
        row = access.lock_notices(connection, caller, campaign_id, [notice_id])[0]
        if checked.content is not None and exhibit.may_show_minor(row.answers):
            raise refuse_minor()
        _insert(connection, caller, row, key, checked)
    return list_exhibits(service, caller, campaign_id, notice_id)


def _insert(connection: Connection, caller: Caller, row: StoredNotice, key: Key, checked: Exhibit) -> None:
    """Insert an exhibit of the notice and record it, unless the notice has that file already."""
    exhibit_id = uuid4()
    sealed, bound = WORDS.encrypt(key, ExhibitTexts(checked.name, checked.note))
    values = {
        "exhibit_id": exhibit_id,
        "notice_id": row.notice_id,
        "kind": checked.kind,
        "sha256": bytes.fromhex(checked.sha256),
        "bytes": checked.size,
        "made_at": checked.made_at,
        "sealed": sealed,
        "content_sealed": key.seal(checked.content, CONTENT) if checked.content is not None else None,
        "caller_id": caller.caller_id,
    }
    if not evidence_store.add_exhibit(connection, values):
        return
    if evidence_store.count_exhibits(connection, row.notice_id) > exhibit.MOST:
        raise TooManyExhibits(f"A notice has at most {exhibit.MOST} exhibits.")
    record_event(
        connection,
        caller,
        "notice.exhibited",
        entry_id=row.entry_id,
        subject={"notice_id": row.notice_id, "campaign_id": row.campaign_id},
        said={
            "exhibit_id": exhibit_id,
            "kind": checked.kind,
            "sha256": checked.sha256,
            "bytes": checked.size,
            "words": bound.digest,
            "kept": checked.content is not None,
        },
    )
