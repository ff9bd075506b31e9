"""Preview and send notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from pydantic import TypeAdapter

from registry import jobs
from registry.catalogue import platforms
from registry.catalogue.platforms.model.platforms import Table
from registry.core.crypto.keys import Key
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, BadSetting, WrongState
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import wake_workers
from registry.takedown import documents as pdf
from registry.takedown.campaigns.model import MOST_AT_ONCE
from registry.takedown.campaigns.service import access
from registry.takedown.campaigns.service.access import SharedTexts
from registry.takedown.campaigns.service.texts import EncryptedText
from registry.takedown.delivery import store as delivery_store
from registry.takedown.delivery.errors import LetterChanged, LetterIncomplete
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.model.delivery import Header, Route, WrittenLetter
from registry.takedown.delivery.schemas import Sending, SendingOfNotice
from registry.takedown.delivery.service import smtp
from registry.takedown.delivery.store import New
from registry.takedown.errors import UnknownNotice
from registry.takedown.notices.model.notice import HINDRANCES, UNSENT, hindrances, stand_of
from registry.takedown.notices.service.preparation import named
from registry.takedown.notices.store import notices
from registry.takedown.notices.store.notices import FullNotice
from registry.takedown.regimes.model import wording
from registry.takedown.regimes.model.classification import FakeMedia, classify
from registry.takedown.replies.store import notice_statements

MOST_SHOWN: Final = 1_000
_CHUNK: Final = 100
"""Number of notices that move in one transaction."""
LETTER: Final = EncryptedText("written", TypeAdapter(WrittenLetter))


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that this deployment can use. `keyed`: platforms with an API key."""

    table: Table
    mail: bool
    keyed: frozenset[str]


@dataclass(frozen=True, slots=True)
class LetterContext:
    """What all letters of a request share: the deployment, its channels, and their date `now`."""

    service: Service
    channels: Channels
    now: datetime


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A letter that is not sent yet, and its route.

    `content` None: an element that the regime requires is missing. `mark`: the token of its
    reference. `due`: the end of the term if it were handed over now.
    """

    route: Route
    delivery_id: UUID
    mark: str
    content: WrittenLetter | None
    due: datetime | None


def send_notices(
    service: Service,
    caller: Caller,
    campaign_id: UUID,
    *,
    notice_ids: Sequence[UUID] | None = None,
    dry_run: bool = False,
    read: Mapping[UUID, str] | None = None,
) -> Sending:
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
    channels = channels_of(service)
    with service.pool.transaction() as connection:
        access.find_campaign(connection, caller, campaign_id, is_open=True)
        ids = (
            named(notice_ids)
            if notice_ids is not None
            else notices.chosen(connection, campaign_id, states=["ready"], limit=MOST_AT_ONCE)
        )
    rows: list[SendingOfNotice] = []
    for start in range(0, len(ids), _CHUNK):
        with service.pool.transaction() as connection:
            chunk = ids[start : start + _CHUNK]
            chunk_rows, new = _write_letters(service, connection, caller, campaign_id, chunk, channels)
            if new and not dry_run:
                _require_read(new, read or {})
                _send(connection, caller, new)
            rows += chunk_rows
        if not dry_run:
            wake_workers(service)
    sent = [notice for notice in rows if not notice.hindrances]
    return Sending(
        campaign_id=campaign_id,
        dry_run=dry_run,
        prepared=0 if dry_run else len(sent),
        sendable=len(sent),
        hindered=len(rows) - len(sent),
        ways=Counter(notice.channel for notice in sent),
        hindrances=Counter(code for notice in rows for code in notice.hindrances),
        notices=rows[:MOST_SHOWN],
    )


def channels_of(service: Service) -> Channels:
    """Return the usable channels. Raises `BadInput` (`bad_setting`, `bad_platforms`, `bad_platform_keys`)."""
    settings = service.settings
    if settings.smtp_url:
        smtp.server_of(settings.smtp_url)
        sender_of(service)
    keyed = frozenset(platforms.load_keys(settings.platform_keys))
    return Channels(platforms.table(), bool(settings.smtp_url), keyed)


def sender_of(service: Service) -> str:
    """Return the address of FAKEPRINT_SMTP_FROM. Raises `BadInput` (`bad_setting`)."""
    try:
        return delivery.sender_address(service.settings.smtp_from)
    except ValueError:
        raise BadSetting(
            "A setting is wrong. FAKEPRINT_SMTP_FROM: not one e-mail address.",
            next_step="Correct it in the environment, or unset FAKEPRINT_SMTP_URL.",
        ) from None


def _write_letters(
    service: Service,
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    ids: Sequence[UUID],
    channels: Channels,
) -> tuple[list[SendingOfNotice], list[New]]:
    """Lock these notices and write their letters.

    Returns the answer's row of each, and the deliveries of those without hindrances.
    """
    locked = access.lock_notices(connection, caller, campaign_id, ids)
    if not locked:
        return [], []
    key = access.key_of(service, locked[0].client_id)
    facts = notices.facts(connection, ids)
    rows = notices.full(connection, caller.organization_id, ids)
    context = LetterContext(service, channels, delivery_store.now(connection))
    common = access.shared(key, rows[0])
    media = notice_statements.media(connection, ids)
    shown, new = [], []
    for row in rows:
        draft = write_letter(context, key, row, media[row.notice_id], common)
        missing = [] if draft.content else ["elements_missing"]
        notice = _shown(row, draft, _merged(hindrances(facts[row.notice_id]), missing))
        shown.append(notice)
        if draft.content is not None and not notice.hindrances:
            new.append(_new(key, row, draft, draft.content))
    return shown, new


def _require_read(deliveries: Sequence[New], read: Mapping[UUID, str]) -> None:
    for new in deliveries:
        if read.get(new.notice_id, new.digest.hex()) != new.digest.hex():
            raise LetterChanged(
                f"The letter of the notice {new.notice_id} has changed since it was read.",
                extra={"notice_id": str(new.notice_id)},
            )


def _send(connection: Connection, caller: Caller, deliveries: Sequence[New]) -> None:
    delivery_store.send(
        connection, deliveries, organization_id=caller.organization_id, caller_id=caller.caller_id
    )
    for new in deliveries:
        if new.channel != "paper":
            jobs.enqueue(connection, "deliver_notice", new.delivery_id)


def _merged(*lists: Sequence[str]) -> list[str]:
    merged = {code for codes in lists for code in codes}
    return [code for code in HINDRANCES if code in merged]


def write_letter(
    context: LetterContext, key: Key, row: FullNotice, media: FakeMedia, common: SharedTexts
) -> Draft:
    """Write the letter of a notice. The reference stays the same until the notice is sent."""
    regime = access.regime_of(context.service, row.regime)
    platform = context.channels.table.platforms.get(row.platform)
    route = delivery.route(
        platform, regime, row.language, mail=context.channels.mail, keyed=context.channels.keyed
    )
    values = access.values(key, replace(row, language=route.language), common, now=context.now)
    last_sent = row.sent_at.isoformat() if row.sent_at else ""
    random = key.digest(f"delivery {row.notice_id} {last_sent}".encode())
    mark, delivery_id = delivery.token(random), UUID(bytes=random[16:], version=4)
    try:
        letter = wording.letter(regime, route.language, values)
    except BadInput:
        return Draft(route, delivery_id, mark, None, None)
    due, _ = delivery.alarms(regime, context.now, values)
    dsa = classify(row.regime, media, row.answers, values).record()
    content = WrittenLetter(letter, wording.plain(letter), wording.html(letter), dict(values), dsa)
    return Draft(route, delivery_id, mark, content, due)


def _shown(row: FullNotice, draft: Draft, hindrances: list[str]) -> SendingOfNotice:
    subject = draft.content.letter.subject if draft.content else None
    if subject is not None and draft.route.way == "email":
        subject = delivery.subject(subject, draft.mark)
    return SendingOfNotice.from_row(
        row,
        channel=draft.route.way,
        address=draft.route.address,
        language=draft.route.language,
        why_paper=draft.route.why,
        reference=f"FP-{draft.mark}",
        subject=subject,
        text=draft.content.plain if draft.content else None,
        content_sha256=draft.content.digest.hex() if draft.content else None,
        due_at=draft.due,
        hindrances=hindrances,
    )


def _new(key: Key, row: FullNotice, draft: Draft, content: WrittenLetter) -> New:
    return New(
        delivery_id=draft.delivery_id,
        notice_id=row.notice_id,
        move_no=row.move_no + 1,
        platform=row.platform,
        channel=draft.route.way,
        address=draft.route.address,
        language=draft.route.language,
        token=draft.mark,
        sealed=LETTER.encrypt(key, content)[0],
        digest=content.digest,
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
        campaign = access.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0].campaign_id != campaign_id:
            raise UnknownNotice(f"There is no notice {notice_id} in that campaign.")
        media = notice_statements.media(connection, [notice_id])[notice_id]
        now = delivery_store.now(connection)
    row = rows[0]
    if row.state not in UNSENT:
        raise WrongState(
            f"The notice is {stand_of(row.state)}: its letter is fixed.",
            next_step="`fakeprint takedown deliveries` lists the letters; each can be printed.",
            extra={"state": stand_of(row.state)},
        )
    key = access.key_of(service, campaign.client_id)
    context = LetterContext(service, channels_of(service), now)
    draft = write_letter(context, key, row, media, access.shared(key, row))
    if draft.content is None:
        raise LetterIncomplete("An element that its regime requires is missing: there is no letter yet.")
    header = Header(row.notice_id, draft.delivery_id, row.regime, draft.mark, now)
    return _preview(service, draft.route, draft.content, header, form)


def _preview(service: Service, route: Route, content: WrittenLetter, header: Header, form: Form) -> Preview:
    reference = f"FP-{header.mark}"
    if form == "text":
        return Preview(content.plain.encode(), "text/plain; charset=utf-8", "txt", reference)
    if form == "pdf" or route.way == "paper":
        printed = pdf.notice(content.letter, content.dated)
        return Preview(printed, "application/pdf", "pdf", reference)
    if route.way == "email":
        sender_of(service)
        message = delivery.mail(content, header, sender=service.settings.smtp_from, recipient=route.address)
        return Preview(message, "message/rfc822", "eml", reference)
    return Preview(delivery.body(content, header), "application/json", "json", reference)
