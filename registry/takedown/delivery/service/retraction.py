"""Retract notices that were sent in error."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Final
from uuid import UUID, uuid4

from registry import jobs
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.model import delivery, retraction
from registry.takedown.delivery.model.retraction import Sent
from registry.takedown.delivery.service.sending import WRITTEN
from registry.takedown.delivery.store import New
from registry.takedown.errors import WhichNotices
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notices
from registry.takedown.regimes.model import wording

MOST: Final = 1_000
_TOLD: Final = frozenset({"handed_over", "unsure"})


def retract_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = True,
) -> dict[str, Any]:
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
            "Name the notices that are taken back.", next_step="A dry run lists those for which it is due."
        )
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        key = takedown.key_of(service, campaign["client_id"])
        wanted = (
            notice_deliveries.retractions_due(connection, campaign_id, limit=MOST)
            if notice_ids is None
            else named(notice_ids)
        )
        shown: list[dict[str, Any]] = []
        made: list[New] = []
        if wanted:
            takedown.lock_notices(connection, caller, campaign_id, wanted)
            shown, made = _look(connection, caller, key, wanted)
        if made and not dry_run:
            notice_deliveries.add(
                connection,
                made,
                organization_id=caller.organization_id,
                caller_id=caller.caller_id,
                kind="retraction",
            )
            for new in made:
                if new.channel != "paper":
                    jobs.enqueue(connection, "deliver_notice", new.delivery_id)
    if made and not dry_run:
        wake_workers(service)
    return {
        "campaign_id": str(campaign_id),
        "dry_run": dry_run,
        "retracted": 0 if dry_run else len(made),
        "would_be": len(made),
        "notices": shown[:MOST],
    }


def _look(
    connection: Connection, caller: Caller, key: Key, wanted: Sequence[UUID]
) -> tuple[list[dict[str, Any]], list[New]]:
    rows = notices.full(connection, caller.organization_id, wanted)
    common = takedown.shared(key, rows[0])
    shown, made = [], []
    for row in rows:
        sent = notice_deliveries.of_notice(connection, row["notice_id"])
        last = notices.moves(connection, row["notice_id"])[-1]
        said, new = _one(key, row, common, sent, last)
        shown.append(said)
        if new is not None:
            made.append(new)
    return shown, made


def _one(
    key: Key,
    row: Mapping[str, Any],
    common: Mapping[str, Mapping[str, Any]],
    sent: Sequence[Mapping[str, Any]],
    last: Mapping[str, Any],
) -> tuple[dict[str, Any], New | None]:
    told = [row for row in sent if row["kind"] == "notice" and row["status"] in _TOLD]
    upheld = last["reason_code"] == retraction.DUE
    hindrance = _hindrance(row, sent, bool(told))
    latest = told[-1] if told else None
    said: dict[str, Any] = {
        "notice_id": str(row["notice_id"]),
        "platform": row["platform"],
        "due": upheld and hindrance is None,
        "channel": latest["channel"] if latest else "paper",
        "address": latest["address"] if latest else "",
        "language": latest["language"] if latest else row["language"],
        "subject": None,
        "text": None,
        "hindrance": hindrance,
    }
    if hindrance is not None or latest is None:
        return said, None
    # All addresses that were named: the notice may concern another address by now.
    times = [_sent(key, item) for item in told]
    letter = retraction.letter(
        latest["language"],
        sent=times,
        signatory=str(common[takedown.SIGNATORY].get("name") or ""),
        number=str(row["notice_id"]),
        upheld=upheld,
    )
    plain = wording.plain(letter)
    taken_back = {
        "retracts": [time.reference for time in times],
        "reference": str(row["notice_id"]),
        "urls": [time.url for time in times],
    }
    new = New(
        delivery_id=uuid4(),
        notice_id=row["notice_id"],
        move_no=row["move_no"],
        platform=latest["platform"],
        channel=latest["channel"],
        address=latest["address"],
        language=letter.language,
        token=delivery.token(secrets.token_bytes(10)),
        sealed=takedown.seal(key, delivery.content(letter, plain, wording.html(letter), taken_back), WRITTEN)[
            0
        ],
        digest=hashlib.sha256(plain.encode()).digest(),
    )
    return said | {"subject": letter.subject, "text": plain, "language": letter.language}, new


def _sent(key: Key, row: Mapping[str, Any]) -> Sent:
    values = (takedown.open_sealed(key, row["sealed"], WRITTEN) or {}).get("values", {})
    day = (row["handed_at"] or row["created_at"]).astimezone(UTC).date().isoformat()
    return Sent(str(values.get("url") or ""), f"FP-{row['token']}", day)


def _hindrance(row: Mapping[str, Any], sent: Sequence[Mapping[str, Any]], told: bool) -> str | None:
    """Return a code of `retraction.HINDRANCES`, or None."""
    if row["state"] != "closed":
        return "not_closed"
    if any(item["kind"] == "retraction" and item["move_no"] == row["move_no"] for item in sent):
        return "already_retracted"
    if any(row["kind"] == "notice" and row["status"] == "handing" for row in sent):
        return "on_its_way"
    return None if told else "not_told"
