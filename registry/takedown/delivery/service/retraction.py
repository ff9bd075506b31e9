"""Retract notices that were sent in error."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC
from typing import Final
from uuid import UUID, uuid4

from registry import jobs
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.takedown.campaigns.service import access
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.model import delivery, retraction
from registry.takedown.delivery.model.delivery import WrittenLetter
from registry.takedown.delivery.model.retraction import Sent
from registry.takedown.delivery.schemas import Retractions, RetractionShown
from registry.takedown.delivery.service.sending import LETTER
from registry.takedown.delivery.store import New, StoredDelivery
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice
from registry.takedown.regimes.model import wording

MOST: Final = 1_000
_TRANSMITTED: Final = frozenset({"handed_over", "unsure"})


def retract_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = True,
) -> Retractions:
    """Retract notices: write to the recipients of each notice, by the same channel, once per closing.

    `dry_run` returns what would be sent. Without `notice_ids`, which needs `dry_run`, it covers all notices
    for which a retraction is due because a dispute was upheld. A closed campaign or an expired mandate does
    not block a retraction. Workers deliver retractions like notices; a retraction has no term. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`client_erased`), `BadInput`
    (`which_notices`).
    """
    caller.require("takedown")
    if notice_ids is None and not dry_run:
        raise WhichNotices(
            "Name the notices to retract.", next_step="A dry run lists those for which a retraction is due."
        )
    with service.pool.transaction() as connection:
        campaign = access.find_campaign(connection, caller, campaign_id)
        key = access.key_of(service, campaign.client_id)
        ids = (
            delivery_store.retractions_due(connection, campaign_id, limit=MOST)
            if notice_ids is None
            else named(notice_ids)
        )
        rows: list[RetractionShown] = []
        new: list[New] = []
        if ids:
            access.lock_notices(connection, caller, campaign_id, ids)
            rows, new = _write_letters(connection, caller, key, ids)
        if not dry_run:
            _queue(connection, caller, new)
    if new and not dry_run:
        wake_workers(service)
    return Retractions(
        campaign_id=campaign_id,
        dry_run=dry_run,
        retracted=0 if dry_run else len(new),
        would_be=len(new),
        notices=rows[:MOST],
    )


def _queue(connection: Connection, caller: Caller, retractions: Sequence[New]) -> None:
    """Insert the deliveries of retractions. Workers deliver those that are not on paper."""
    if not retractions:
        return
    delivery_store.add(
        connection,
        retractions,
        organization_id=caller.organization_id,
        caller_id=caller.caller_id,
        kind="retraction",
    )
    for new in retractions:
        if new.channel != "paper":
            jobs.enqueue(connection, "deliver_notice", new.delivery_id)


def _write_letters(
    connection: Connection, caller: Caller, key: Key, ids: Sequence[UUID]
) -> tuple[list[RetractionShown], list[New]]:
    """Return the answer's row of each notice, and the retractions of those without a hindrance."""
    rows = notices.full(connection, caller.organization_id, ids)
    signatory = access.shared(key, rows[0]).signatory
    shown, new = [], []
    for row in rows:
        sent = delivery_store.of_notice(connection, row.notice_id)
        received = [letter for letter in sent if letter.kind == "notice" and letter.status in _TRANSMITTED]
        upheld = notices.moves(connection, row.notice_id)[-1]["reason_code"] == retraction.DUE
        hindrance = _hindrance(row, sent, bool(received))
        written = None
        if hindrance is None:
            written = _write(key, row, received, signatory.name if signatory else "", upheld=upheld)
            new.append(_new(key, row, received[-1], written))
        shown.append(
            RetractionShown(
                notice_id=row.notice_id,
                platform=row.platform,
                due=upheld and hindrance is None,
                channel=received[-1].channel if received else "paper",
                address=received[-1].address if received else "",
                language=written.letter.language
                if written
                else received[-1].language
                if received
                else row.language,
                subject=written.letter.subject if written else None,
                text=written.plain if written else None,
                hindrance=hindrance,
            )
        )
    return shown, new


def _write(
    key: Key, row: FullNotice, received: Sequence[StoredDelivery], signatory: str, *, upheld: bool
) -> WrittenLetter:
    # All addresses that were named, because the notice may concern another address now.
    times = [_sent(key, letter) for letter in received]
    number = str(row.notice_id)
    letter = retraction.letter(
        received[-1].language, sent=times, signatory=signatory, number=number, upheld=upheld
    )
    taken_back = {
        "retracts": [time.reference for time in times],
        "reference": number,
        "urls": [time.url for time in times],
    }
    return WrittenLetter(letter, wording.plain(letter), wording.html(letter), taken_back)


def _new(key: Key, row: FullNotice, latest: StoredDelivery, written: WrittenLetter) -> New:
    return New(
        delivery_id=uuid4(),
        notice_id=row.notice_id,
        move_no=row.move_no,
        platform=latest.platform,
        channel=latest.channel,
        address=latest.address,
        language=written.letter.language,
        token=delivery.token(secrets.token_bytes(10)),
        sealed=LETTER.encrypt(key, written)[0],
        digest=written.digest,
    )


def _sent(key: Key, row: StoredDelivery) -> Sent:
    written = LETTER.decrypt(key, row.sealed)
    url = written.values.get("url") if written else None
    day = (row.handed_at or row.created_at).astimezone(UTC).date().isoformat()
    return Sent(str(url or ""), f"FP-{row.token}", day)


def _hindrance(row: FullNotice, sent: Sequence[StoredDelivery], received: bool) -> str | None:
    """Return a code of `retraction.HINDRANCES`, or None."""
    if row.state != "closed":
        return "not_closed"
    if any(sending.kind == "retraction" and sending.move_no == row.move_no for sending in sent):
        return "already_retracted"
    if any(row.kind == "notice" and row.status == "handing" for row in sent):
        return "on_its_way"
    return None if received else "not_told"
