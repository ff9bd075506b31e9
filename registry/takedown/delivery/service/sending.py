"""Preview and send notices."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry import jobs
from registry.catalogue.platforms import service as platform_keys
from registry.catalogue.platforms import service as platforms
from registry.catalogue.platforms.model.platforms import Table
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, BadSetting, WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.takedown import documents as pdf
from registry.takedown.campaigns.model import MOST_AT_ONCE
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.errors import LetterChanged, LetterIncomplete
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Route
from registry.takedown.delivery.service import smtp
from registry.takedown.delivery.store import New
from registry.takedown.errors import UnknownNotice
from registry.takedown.notices.model.notice import HINDRANCES, UNSENT, hindrances, stand_of
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notices
from registry.takedown.regimes.model import wording
from registry.takedown.regimes.service import classified
from registry.takedown.replies.store import notice_statements

MOST_SHOWN: Final = 1_000
_CHUNK: Final = 100
"""Number of notices that move in one transaction."""
WRITTEN: Final = "written"
"""Purpose under which the letter is encrypted."""


@dataclass(frozen=True, slots=True)
class Ways:
    """The channels that this deployment can use."""

    table: Table
    mail: bool
    keyed: frozenset[str]


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """A letter.

    `content`: as returned by `delivery.content`; None: an element that the regime requires is missing.
    `mark`: the token of its reference. `due`: the end of the term if it were handed over now.
    """

    way: Route
    delivery_id: UUID
    mark: str
    subject: str | None
    content: dict[str, Any] | None
    due: datetime | None


def send_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
    read: Mapping[UUID, str] | None = None,
) -> dict[str, Any]:
    """Fix the letters of these notices, or of all ready ones, and queue them for delivery. Needs `takedown`.

    Returns the route of each notice, or its hindrances. `dry_run`: change nothing and return the texts of the
    letters. Each notice moves once, in one transaction with its delivery, and its letter is fixed from then
    on. Workers deliver by mail or API, and check the hindrances again; a person delivers the rest.

    `read`: by notice, the `content_sha256` of the letter that the caller has read. If a letter differs, no
    notice of its chunk of 100 is sent.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `BadInput` (`which_notices`, `bad_setting`,
    `bad_platforms`, `bad_platform_keys`), `Conflict` (`campaign_closed`, `client_erased`, `letter_changed`,
    or `notice_hindered` if a hindrance arose meanwhile).
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
            shown, made = _look(service, connection, caller, campaign_id, chunk, ways)
            if made and not dry_run:
                _require_read(made, read or {})
                _send(connection, caller, made)
            found += shown
        if not dry_run:
            wake_workers(service)
    sent = [row for row in found if not row["hindrances"]]
    return {
        "campaign_id": str(campaign_id),
        "dry_run": dry_run,
        "prepared": 0 if dry_run else len(sent),
        "sendable": len(sent),
        "hindered": len(found) - len(sent),
        "ways": dict(Counter(item["channel"] for item in sent)),
        "hindrances": dict(Counter(code for row in found for code in row["hindrances"])),
        "notices": found[:MOST_SHOWN],
    }


def ways_of(service: Service) -> Ways:
    """Return the usable channels. Raises `BadInput` (`bad_setting`, `bad_platforms`, `bad_platform_keys`)."""
    settings = service.settings
    if settings.smtp_url:
        smtp.server_of(settings.smtp_url)
        sender_of(service)
    keyed = frozenset(platform_keys.load(settings.platform_keys))
    return Ways(platforms.table(), bool(settings.smtp_url), keyed)


def sender_of(service: Service) -> str:
    """Return the address of FAKEPRINT_SMTP_FROM. Raises `BadInput` (`bad_setting`)."""
    try:
        return delivery.sender_address(service.settings.smtp_from)
    except ValueError:
        raise BadSetting(
            "A setting is wrong. FAKEPRINT_SMTP_FROM: not one e-mail address.",
            next_step="Correct it in the environment, or unset FAKEPRINT_SMTP_URL.",
        ) from None


def _look(
    service: Service,
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    wanted: Sequence[UUID],
    ways: Ways,
) -> tuple[list[dict[str, Any]], list[New]]:
    """Lock these notices; return what is shown of each, and the deliveries of those without hindrances."""
    locked = takedown.lock_notices(connection, caller, campaign_id, wanted)
    if not locked:
        return [], []
    key = takedown.key_of(service, locked[0]["client_id"])
    facts = notices.facts(connection, wanted)
    rows = notices.full(connection, caller.organization_id, wanted)
    now = notice_deliveries.now(connection)
    common = takedown.shared(key, rows[0])
    media = notice_statements.media(connection, wanted)
    shown, made = [], []
    for row in rows:
        made_of = write_letter(service, key, row | media[row["notice_id"]], common, ways, now)
        said = _shown(row, made_of)
        said["hindrances"] = _merged(hindrances(facts[row["notice_id"]]), said["hindrances"])
        shown.append(said)
        if not said["hindrances"]:
            made.append(_new(key, row, made_of))
    return shown, made


def _require_read(made: Sequence[New], read: Mapping[UUID, str]) -> None:
    for new in made:
        if read.get(new.notice_id, new.digest.hex()) != new.digest.hex():
            raise LetterChanged(
                f"The letter of the notice {new.notice_id} is another than the one that was read.",
                extra={"notice_id": str(new.notice_id)},
            )


def _send(connection: Connection, caller: Caller, made: Sequence[New]) -> None:
    notice_deliveries.send(
        connection, made, organization_id=caller.organization_id, caller_id=caller.caller_id
    )
    for new in made:
        if new.channel != "paper":
            jobs.enqueue(connection, "deliver_notice", new.delivery_id)


def _merged(*found: Sequence[str]) -> list[str]:
    every = {code for codes in found for code in codes}
    return [code for code in HINDRANCES if code in every]


def write_letter(
    service: Service,
    key: Key,
    row: Mapping[str, Any],
    common: Mapping[str, Mapping[str, Any]],
    ways: Ways,
    now: datetime,
) -> Written:
    """Write the letter of a notice, dated `now`.

    `row`: from `notices.full`, with `notice_statements.media`. The reference stays the same until the notice
    is sent.
    """
    regime = takedown.regime_of(service, row["regime"])
    known = ways.table.platforms.get(row["platform"])
    way = delivery.route(known, regime, row["language"], mail=ways.mail, keyed=ways.keyed)
    values = takedown.values(key, {**row, "language": way.language}, common, now=now)
    before = row["sent_at"].isoformat() if row["sent_at"] else ""
    random = key.digest(f"delivery {row['notice_id']} {before}".encode())
    mark, delivery_id = delivery.token(random), UUID(bytes=random[16:], version=4)
    try:
        letter = wording.letter(regime, way.language, values)
    except BadInput:
        return Written(way, delivery_id, mark, None, None, None)
    due, _ = delivery.alarms(regime, now, values)
    plain = wording.plain(letter)
    content = delivery.content(letter, plain, wording.html(letter), values, classified(row, values))
    return Written(way, delivery_id, mark, letter.subject, content, due)


def _shown(row: Mapping[str, Any], made: Written) -> dict[str, Any]:
    text = made.content["plain"] if made.content else None
    subject = made.subject
    if subject is not None and made.way.way == "email":
        subject = delivery.subject(subject, made.mark)
    return {
        "notice_id": str(row["notice_id"]),
        "platform": row["platform"],
        "regime": row["regime"],
        "channel": made.way.way,
        "address": made.way.address,
        "language": made.way.language,
        "why_paper": made.way.why,
        "reference": f"FP-{made.mark}",
        "subject": subject,
        "text": text,
        "content_sha256": hashlib.sha256(text.encode()).hexdigest() if text else None,
        "due_at": made.due.isoformat() if made.due else None,
        "hindrances": [] if text else ["elements_missing"],
    }


def _new(key: Key, row: Mapping[str, Any], made: Written) -> New:
    content = made.content or {}
    return New(
        delivery_id=made.delivery_id,
        notice_id=row["notice_id"],
        move_no=row["move_no"] + 1,
        platform=row["platform"],
        channel=made.way.way,
        address=made.way.address,
        language=made.way.language,
        token=made.mark,
        sealed=takedown.seal(key, content, WRITTEN)[0],
        digest=hashlib.sha256(content["plain"].encode()).digest(),
    )


Form = Literal["sent", "text", "pdf"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """A letter as bytes of a media type. `reference`: FP-…; `ending`: the extension of its file."""

    content: bytes
    media_type: str
    ending: str
    reference: str


def preview_letter(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, form: Form = "sent"
) -> Preview:
    """Return the letter of a notice that was not sent yet. Changes nothing. Needs `takedown`.

    - `sent`: exactly the bytes of its channel: the mail, the JSON body, or the PDF to print. Only the mail's
      Date and the JSON's timestamp differ, because they are set at sending.
    - `text`: only the words.
    - `pdf`: on paper, whatever the channel.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `NotInstalled` (`not_installed`), `BadInput`
    (`bad_setting`, `bad_platforms`, `bad_platform_keys`), `Conflict` (`client_erased`, `letter_incomplete`,
    or `wrong_state` for a sent notice: its letter is stored with its delivery).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0]["campaign_id"] != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        media = notice_statements.media(connection, [notice_id])[notice_id]
        now = notice_deliveries.now(connection)
    row = rows[0] | media
    if row["state"] not in UNSENT:
        raise WrongState(
            f"The notice is {stand_of(row['state'])}: its letter is fixed.",
            next_step="`fakeprint takedown deliveries` lists the letters; each can be printed.",
            extra={"state": stand_of(row["state"])},
        )
    key = takedown.key_of(service, campaign["client_id"])
    made = write_letter(service, key, row, takedown.shared(key, row), ways_of(service), now)
    if made.content is None:
        raise LetterIncomplete("An element that its regime asks for is missing: there is no letter yet.")
    return _shaped(service, row, made, made.content, now, form)


def _shaped(
    service: Service,
    row: Mapping[str, Any],
    made: Written,
    content: Mapping[str, Any],
    now: datetime,
    form: Form,
) -> Preview:
    reference = f"FP-{made.mark}"
    if form == "text":
        return Preview(content["plain"].encode(), "text/plain; charset=utf-8", "txt", reference)
    if form == "pdf" or made.way.way == "paper":
        printed = pdf.notice(delivery.letter_of(content), delivery.dated(content))
        return Preview(printed, "application/pdf", "pdf", reference)
    if made.way.way == "email":
        sender_of(service)
        message = delivery.mail(
            content,
            sender=service.settings.smtp_from,
            recipient=made.way.address,
            delivery_id=made.delivery_id,
            mark=made.mark,
            at=now,
        )
        return Preview(message, "message/rfc822", "eml", reference)
    body = delivery.body(
        content,
        notice_id=row["notice_id"],
        delivery_id=made.delivery_id,
        regime=row["regime"],
        mark=made.mark,
        at=now,
    )
    return Preview(body, "application/json", "json", reference)
