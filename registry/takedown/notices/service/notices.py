"""Show, list, change and print notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
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
from registry.takedown.campaigns import model as campaign
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.service.sending import WRITTEN
from registry.takedown.errors import ClientErased, UnknownNotice
from registry.takedown.notices.model import notice
from registry.takedown.notices.model.notice import Facts, Stand, hindrances, stand_of
from registry.takedown.notices.store import notices
from registry.takedown.regimes.service import classified
from registry.takedown.replies.model import reply
from registry.takedown.replies.service import replies as list_replies
from registry.takedown.replies.store import notice_replies, notice_statements


def find_unchecked(
    service: Service, caller: Caller, campaign_id: UUID, notice_ids: Sequence[UUID]
) -> set[UUID]:
    """Return the campaign's notices whose places no lookup has checked. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        return notices.unchecked(connection, campaign_id, notice_ids)


def name_notices(service: Service, caller: Caller, text: str) -> dict[UUID, dict[str, Any]]:
    """Return the sent notices of the caller's organization that a text names, by id.

    A text names a notice by its subject mark (FP-…) or by its number. Each value holds `notice_id`,
    `campaign_id`, `platform`, `url`, `content_id` and `state`. Needs `takedown`.
    """
    caller.require("takedown")
    names = reply.named(text)
    if not names:
        return {}
    with service.pool.transaction() as connection:
        named = [one for one, _, _ in notice_replies.named(connection, caller.organization_id, names)]
        rows = notices.full(connection, caller.organization_id, named) if named else []
    found = {}
    for row in rows:
        key = client_keys(service).find(row["client_id"])
        place = takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
        found[row["notice_id"]] = {
            "notice_id": str(row["notice_id"]),
            "campaign_id": str(row["campaign_id"]),
            "platform": row["platform"],
            "url": place.get("url"),
            "content_id": place.get("content_id"),
            "state": row["stands"],
        }
    return found


_TIMES = (
    "checked_at",
    "confirmed_at",
    "address_confirmed_at",
    "answered_at",
    "created_at",
    "despite_dispute_at",
    "due_at",
    "handed_over_at",
    "delivered_at",
    "acknowledged_at",
    "removed_at",
)


def show_notice(service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID) -> dict[str, Any]:
    """Return a notice of the caller's organization with its history. Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id)
        found = notices.full(connection, caller.organization_id, [notice_id])
        if not found or found[0]["campaign_id"] != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        row = found[0]
        facts = notices.facts(connection, [notice_id])[notice_id]
        moves = notices.moves(connection, notice_id)
        media = notice_statements.media(connection, [notice_id])[notice_id]
        said = notice_statements.of_notice(connection, notice_id)
    key = client_keys(service).find(row["client_id"])
    elements = takedown.open_sealed(key, row["elements_sealed"], takedown.ELEMENTS) or {}
    values = takedown.values_of(service, row) or {}
    return shown(key, row, facts) | {
        "elements": elements,
        "moves": history(key, moves),
        "dsa": classified(row | media, values),
        "statements": [list_replies.shown(service, item)["statement"] for item in said if item["sealed"]],
    }


def shown(key: Key | None, row: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Return a notice as a list shows it. `key`: the client's key; without it the place is unknown."""
    place = takedown.open_sealed(key, row["place_sealed"], takedown.PLACE) or {}
    return {
        "notice_id": str(row["notice_id"]),
        "campaign_id": str(row["campaign_id"]),
        "entry_id": str(row["entry_id"]),
        "regime": row["regime"],
        "platform": row["platform"],
        "url": place.get("url"),
        "content_id": place.get("content_id"),
        "note": place.get("note"),
        "seen_at": place.get("seen_at"),
        "state": row["stands"],
        "paused_for": row["paused_for"],
        "hindrances": hindrances(facts),
        "complete": row["complete"],
        "verdict": row["verdict"],
        "match": row["match"],
        "ground": row["ground"],
        "address_marks": row["address_marks"],
        "answers": row["answers"],
        "in_scope": row["in_scope"],
        "excepted": row["excepted"],
        "dispute_id": str(row["dispute_id"]) if row["dispute_id"] else None,
        "prepared_at": row["sent_at"].isoformat() if row["sent_at"] else None,
        **{name: row[name].isoformat() if row[name] else None for name in _TIMES},
    }


def history(key: Key | None, moves: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the moves of a notice: caller, time and reason. The words are None after erasure."""
    return [
        {
            "number": move["move_no"],
            "act": move["act"],
            "from_state": stand_of(move["from_state"]) if move["from_state"] else None,
            "to_state": stand_of(move["to_state"]),
            "caller_id": str(move["caller_id"]) if move["caller_id"] else None,
            "caller": move["caller"],
            "reason_code": move["reason_code"],
            "dispute_id": str(move["dispute_id"]) if move["dispute_id"] else None,
            "words": (takedown.open_sealed(key, move["sealed"], takedown.WORDS) or {}).get("words"),
            "at": move["at"].isoformat(),
        }
        for move in moves
    ]


Order = Literal["oldest", "due"]


def list_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    state: Stand | None = None,
    platform: str | None = None,
    regime: str | None = None,
    order: Order = "oldest",
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """List notices with their hindrances, oldest first. Needs `takedown`.

    Order `due`: list only notices with a running term or a term that passed without an answer, earliest
    first.

    Raises `NotFound` (`unknown_campaign`), `BadInput` (`bad_cursor`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.page(
            connection,
            campaign_id,
            state=state,
            platform=platform,
            regime=regime,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
            due=order == "due",
        )
        more, rows = len(rows) > limit, rows[:limit]
        facts = notices.facts(connection, [row["notice_id"] for row in rows])
    key = client_keys(service).find(campaign["client_id"])
    by = "due_at" if order == "due" else "created_at"
    ends = cursor.encode(rows[-1][by].isoformat(), rows[-1]["notice_id"]) if more else None
    return {"notices": [shown(key, row, facts[row["notice_id"]]) for row in rows], "next": ends}


def change_notice(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, *, elements: Mapping[str, Any]
) -> dict[str, Any]:
    """Replace a notice's own elements and return the notice. A ready notice becomes a draft again.

    Needs `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `wrong_state`,
    `client_erased`), `BadInput` (`bad_element`, `bad_label`).
    """
    caller.require("takedown")
    said = campaign.elements(elements)
    with service.pool.transaction() as connection:
        found = takedown.find_campaign(connection, caller, campaign_id, lock=True, is_open=True)
        key = takedown.key_of(service, found["client_id"])
        rows = takedown.lock_notices(connection, caller, campaign_id, [notice_id])
        takedown.editable(connection, caller, rows)
        sealed, bound = takedown.seal(key, said, takedown.ELEMENTS)
        notices.set_elements(connection, notice_id, sealed)
        record_event(
            connection,
            caller,
            "notice.changed",
            entry_id=rows[0]["entry_id"],
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
        row = notice_deliveries.show(connection, caller.organization_id, delivery_id)
        if row is None:
            raise UnknownDelivery(f"There is no delivery {delivery_id} of your organization.")
        if (row["kind"], row["channel"], row["status"]) == ("notice", "paper", "waiting"):
            _require_sendable(connection, row)
    key = takedown.key_of(service, row["client_id"])
    written = takedown.open_sealed(key, row["sealed"], WRITTEN)
    if written is None:
        raise ClientErased
    return pdf.notice(delivery.letter_of(written), delivery.dated(written))


def _require_sendable(connection: Connection, row: Mapping[str, Any]) -> None:
    """Apply the check that machines make before each delivery attempt."""
    if row["state"] != "sent":
        raise WrongState(
            f"The notice is {notice.stand_of(row['state'])}: its letter is not needed any more.",
            extra={"state": notice.stand_of(row["state"])},
        )
    if found := takedown.still_hindered(connection, row["notice_id"]):
        raise notice.hindered(found)
