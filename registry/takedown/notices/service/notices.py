"""Show, list, change and print notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.core import cursor
from registry.core.audit.service import record_event
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import UnknownDelivery, WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import client_keys
from registry.takedown import documents as pdf
from registry.takedown.campaigns.model import elements as checked_elements
from registry.takedown.campaigns.service import access, texts
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.service.sending import LETTER
from registry.takedown.delivery.store import ListedDelivery
from registry.takedown.errors import ClientErased, UnknownNotice
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Facts, NoticeFilter, hindrances, stand_of
from registry.takedown.notices.model.texts import NoticeAddress
from registry.takedown.notices.schemas.notices import (
    Move,
    NamedNotice,
    NoticePage,
    NoticeShown,
    NoticeWithHistory,
)
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import ListedNotice
from registry.takedown.regimes.model.classification import classify
from registry.takedown.replies.model import reply
from registry.takedown.replies.service import replies
from registry.takedown.replies.store import notice_replies, notice_statements

EVERY_NOTICE: Final = NoticeFilter()


def find_unchecked(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> set[UUID]:
    """Return the campaign's notices whose places no lookup has checked. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id)
        return notices.unchecked(connection, campaign_id, notice_ids)


def name_notices(service: Service, caller: Caller, text: str) -> dict[UUID, NamedNotice]:
    """Return the sent notices of the caller's organization that a text names, by id.

    A text names a notice by its subject mark (FP-…) or by its number. Needs `takedown`.
    """
    caller.require("takedown")
    names = reply.named(text)
    if not names:
        return {}
    with service.pool.transaction() as connection:
        ids = [
            notice_id for notice_id, _, _ in notice_replies.named(connection, caller.organization_id, names)
        ]
        rows = notices.full(connection, caller.organization_id, ids) if ids else []
    named = {}
    for row in rows:
        key = client_keys(service).find(row.client_id)
        address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
        named[row.notice_id] = NamedNotice.from_row(
            row, url=address.url, content_id=address.content_id, state=row.stands
        )
    return named


def show_notice(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> NoticeWithHistory:
    """Return a notice of the caller's organization with its history. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0].campaign_id != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        row = rows[0]
        facts = notices.facts(connection, [notice_id])[notice_id]
        moves = notices.moves(connection, notice_id)
        media = notice_statements.media(connection, [notice_id])[notice_id]
        answers = notice_statements.of_notice(connection, notice_id)
    key = client_keys(service).find(row.client_id)
    values = access.values_of(service, row) or {}
    return NoticeWithHistory.from_row(
        shown(key, row, facts),
        elements=texts.ELEMENTS.decrypt(key, row.elements_sealed) or {},
        moves=history(key, moves),
        dsa=classify(row.regime, media, row.answers, values).record(),
        statements=[statement for reply in answers if (statement := replies.statement(service, reply))],
    )


def shown(key: Key | None, row: ListedNotice, facts: Facts) -> NoticeShown:
    """Return a notice as a list shows it. `key`: the client's key; without it the place is unknown."""
    address = texts.ADDRESS.decrypt(key, row.place_sealed) or NoticeAddress()
    return NoticeShown.from_row(
        row,
        url=address.url,
        content_id=address.content_id,
        note=address.note,
        seen_at=address.seen_at,
        state=row.stands,
        hindrances=hindrances(facts),
        prepared_at=row.sent_at,
    )


def history(key: Key | None, moves: Sequence[Mapping[str, Any]]) -> list[Move]:
    """Return the moves of a notice: caller, time and reason. The words are None after erasure."""
    shown = []
    for move in moves:
        words = texts.WORDS.decrypt(key, move["sealed"])
        states = {name: stand_of(move[name]) if move[name] else None for name in ("from_state", "to_state")}
        shown.append(
            Move.from_row(move, number=move["move_no"], words=words.words if words else None, **states)
        )
    return shown


def list_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    filter_: NoticeFilter = EVERY_NOTICE,
    *,
    limit: int = 50,
    after: str | None = None,
) -> NoticePage:
    """List notices with their hindrances, oldest first. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        rows = notices.page(
            connection,
            campaign_id,
            filter_,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
        more, rows = len(rows) > limit, rows[:limit]
        facts = notices.facts(connection, [row.notice_id for row in rows])
    key = client_keys(service).find(campaign.client_id)
    ends = None
    if more:
        at = rows[-1].due_at if filter_.order == "due" else rows[-1].created_at
        ends = cursor.encode(at.isoformat() if at else "", rows[-1].notice_id)
    return NoticePage(notices=[shown(key, row, facts[row.notice_id]) for row in rows], next=ends)


def change_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, *, elements: Mapping[str, Any]
) -> NoticeWithHistory:
    """Replace a notice's own elements and return the notice. A ready notice becomes a draft again.

    Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `client_erased`), `BadInput` (`bad_element`, `bad_label`).
    """
    caller.require("takedown")
    own = checked_elements(elements)
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = access.key_of(service, campaign.client_id)
        rows = access.lock_notices(connection, caller, campaign_id, [notice_id])
        access.editable(connection, caller, rows)
        sealed, bound = texts.ELEMENTS.encrypt(key, own)
        notices.set_elements(connection, notice_id, sealed)
        record_event(
            connection,
            caller,
            "notice.changed",
            entry_id=rows[0].entry_id,
            subject={"notice_id": notice_id, "campaign_id": campaign_id},
            said={"elements": bound.digest},
        )
    return show_notice(service, caller, campaign_id, notice_id)


def print_notice(service: Service, caller: Caller, delivery_id: UUID) -> bytes:
    """Return the letter of a delivery as a PDF; the bytes are reproducible. Needs `takedown`.

    Raises `NotFound` (`unknown_delivery`), `PdfUnavailable` (`pdf_unavailable`), `Conflict`
    (`client_erased`). A letter that waits to be printed and sent also raises `Conflict` (`notice_hindered`,
    `wrong_state`), so that nobody posts a letter that must not go out.
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = delivery_store.find(connection, caller.organization_id, delivery_id)
        if row is None:
            raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
        if (row.kind, row.channel, row.status) == ("notice", "paper", "waiting"):
            _require_sendable(connection, row)
    key = access.key_of(service, row.client_id)
    written = LETTER.decrypt(key, row.sealed)
    if written is None:
        raise ClientErased
    return pdf.notice(written.letter, written.dated)


def _require_sendable(connection: Connection, row: ListedDelivery) -> None:
    """Apply the check that machines make before each delivery attempt."""
    if row.state != "sent":
        raise WrongState(
            f"The notice is {notice.stand_of(row.state)}: its letter is not needed any more.",
            extra={"state": notice.stand_of(row.state)},
        )
    if codes := access.still_hindered(connection, row.notice_id):
        raise notice.hindered(codes)
