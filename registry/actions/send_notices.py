"""Send the notices of a campaign that are ready, or show what would be sent where."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry import platform_keys, platforms, smtp
from registry.actions import takedown
from registry.actions.classified import classified
from registry.actions.confirm_grounds import named
from registry.actions.relay_outbox import wake_workers
from registry.actions.service import Service
from registry.domain import delivery, wording
from registry.domain.caller import Caller
from registry.domain.campaign import MOST_AT_ONCE
from registry.domain.notice import HINDRANCES, hindrances
from registry.domain.platforms import Table
from registry.errors import BadInput
from registry.keys import Key
from registry.store import jobs, notice_deliveries, notice_statements, notices
from registry.store.notice_deliveries import New
from registry.store.pool import Connection

MOST_SHOWN: Final = 1_000
_CHUNK: Final = 100
"""Notices that move in one commit."""
WRITTEN: Final = "written"
"""For what the letter is sealed."""


@dataclass(frozen=True, slots=True)
class Ways:
    """By which ways this deployment can send."""

    table: Table
    mail: bool
    keyed: frozenset[str]


def send_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Which of these notices, or of all that are ready, were sent, by which way, and what hindered the
    others. `dry_run`: what would be, and nothing changes. Each moves to `sent` in one commit with its
    delivery, once; workers hand it over afterwards, and looks again whether anything hinders it. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`campaign_closed`, `client_erased`,
    `notice_hindered` where that happened meanwhile), `BadInput` (`which_notices`, `bad_setting`,
    `bad_platforms`, `bad_platform_keys`).
    """
    caller.require("takedown")
    ways = ways_of(service)
    with service.pool.transaction() as connection:
        takedown.find_campaign(connection, caller, campaign_id, is_open=True)
        wanted = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=["ready"], limit=MOST_AT_ONCE)
        )
    found: list[dict[str, Any]] = []
    for start in range(0, len(wanted), _CHUNK):
        with service.pool.transaction() as connection:
            chunk = wanted[start : start + _CHUNK]
            found += _chunk(service, connection, caller, campaign_id, chunk, ways, dry_run=dry_run)
        if not dry_run:
            wake_workers(service)
    sent = [one for one in found if not one["hindrances"]]
    return {
        "campaign_id": str(campaign_id),
        "dry_run": dry_run,
        "sent": 0 if dry_run else len(sent),
        "sendable": len(sent),
        "hindered": len(found) - len(sent),
        "ways": dict(Counter(one["channel"] for one in sent)),
        "hindrances": dict(Counter(code for one in found for code in one["hindrances"])),
        "notices": found[:MOST_SHOWN],
    }


def ways_of(service: Service) -> Ways:
    """Raises `BadInput` (`bad_setting`, `bad_platforms`, `bad_platform_keys`)."""
    settings = service.settings
    if settings.smtp_url:
        smtp.server_of(settings.smtp_url)
        sender_of(service)
    keyed = frozenset(platform_keys.load(settings.platform_keys))
    return Ways(platforms.table(), bool(settings.smtp_url), keyed)


def sender_of(service: Service) -> str:
    """The address of FAKEPRINT_SMTP_FROM. Raises `BadInput` (`bad_setting`)."""
    try:
        return delivery.sender_address(service.settings.smtp_from)
    except ValueError:
        raise BadInput(
            "A setting is wrong. FAKEPRINT_SMTP_FROM: not one e-mail address.",
            code="bad_setting",
            next_step="Correct it in the environment, or unset FAKEPRINT_SMTP_URL.",
        ) from None


def _chunk(
    service: Service,
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    wanted: Sequence[UUID],
    ways: Ways,
    *,
    dry_run: bool,
) -> list[dict[str, Any]]:
    locked = takedown.lock_notices(connection, caller, campaign_id, wanted)
    if not locked:
        return []
    key = takedown.key_of(service, locked[0]["client_id"])
    facts = notices.facts(connection, wanted)
    rows = notices.full(connection, caller.organization_id, wanted)
    now = notice_deliveries.now(connection)
    common = takedown.shared(key, rows[0])
    media = notice_statements.media(connection, wanted)
    shown, made = [], []
    for row in rows:
        said, new = _one(service, key, row | media[row["notice_id"]], common, ways, now)
        said["hindrances"] = _merged(hindrances(facts[row["notice_id"]]), said["hindrances"])
        shown.append(said)
        if new is not None and not said["hindrances"]:
            made.append(new)
    if made and not dry_run:
        notice_deliveries.send(
            connection, made, organization_id=caller.organization_id, caller_id=caller.caller_id
        )
        for one in made:
            if one.channel != "paper":
                jobs.enqueue(connection, "deliver_notice", one.delivery_id)
    return shown


def _merged(*found: Sequence[str]) -> list[str]:
    every = {code for codes in found for code in codes}
    return [code for code in HINDRANCES if code in every]


def _one(
    service: Service,
    key: Key,
    row: Mapping[str, Any],
    common: Mapping[str, Mapping[str, Any]],
    ways: Ways,
    now: datetime,
) -> tuple[dict[str, Any], New | None]:
    regime = takedown.regime_of(service, row["regime"])
    known = ways.table.platforms.get(row["platform"])
    way = delivery.route(known, regime, row["language"], mail=ways.mail, keyed=ways.keyed)
    values = takedown.values(key, row, common, now=now)
    said: dict[str, Any] = {
        "notice_id": str(row["notice_id"]),
        "platform": row["platform"],
        "regime": row["regime"],
        "channel": way.way,
        "address": way.address,
        "language": way.language,
        "why_paper": way.why,
        "subject": None,
        "due_at": None,
        "hindrances": [],
    }
    try:
        letter = wording.letter(regime, way.language, values)
    except BadInput:
        return said | {"hindrances": ["elements_missing"]}, None
    due, _ = delivery.alarms(regime, now, values)
    plain = wording.plain(letter)
    written = delivery.content(letter, plain, wording.html(letter), values, classified(row, values))
    mark = delivery.token(secrets.token_bytes(10))
    new = New(
        delivery_id=uuid4(),
        notice_id=row["notice_id"],
        move_no=row["move_no"] + 1,
        platform=row["platform"],
        channel=way.way,
        address=way.address,
        language=way.language,
        token=mark,
        sealed=takedown.seal(key, written, WRITTEN)[0],
        digest=hashlib.sha256(plain.encode()).digest(),
    )
    return said | {"subject": letter.subject, "due_at": due.isoformat() if due else None}, new
