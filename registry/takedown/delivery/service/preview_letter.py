"""Show the letter of a notice as it would leave now, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown import documents as pdf
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.service.send_notices import Written, sender_of, ways_of, write_letter
from registry.takedown.notices.model.notice import UNSENT, stand_of
from registry.takedown.notices.store import notices
from registry.takedown.replies.store import notice_statements

Form = Literal["sent", "text", "pdf"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """A letter as bytes of a media type. `reference`: FP-…; `ending`: of a file that holds it."""

    content: bytes
    media_type: str
    ending: str
    reference: str


def preview_letter(
    service: Service, caller: Caller, campaign_id: UUID, notice_id: UUID, form: Form = "sent"
) -> Preview:
    """The letter of a notice that was not sent yet. `sent`: what leaves by its channel, byte for byte: the
    mail (its Date, like the timestamp of what an API is sent, is that of the sending), the JSON, or the PDF
    to print. `text`: its words alone. `pdf`: on paper, whatever its channel. Nothing changes. Needs
    `takedown`.

    Raises `NotFound` (`unknown_campaign`, `unknown_notice`), `Conflict` (`wrong_state` where it was sent:
    that letter stands with its delivery; `client_erased`, `letter_incomplete`), `NotInstalled`
    (`not_installed`), `BadInput` (`bad_setting`, `bad_platforms`, `bad_platform_keys`).
    """
    caller.require("takedown")
    with service.pool.transaction() as connection:
        campaign = takedown.find_campaign(connection, caller, campaign_id)
        rows = notices.full(connection, caller.organization_id, [notice_id])
        if not rows or rows[0]["campaign_id"] != campaign_id:
            raise NotFound(f"There is no notice {notice_id} in that campaign.", code="unknown_notice")
        media = notice_statements.media(connection, [notice_id])[notice_id]
        now = notice_deliveries.now(connection)
    row = rows[0] | media
    if row["state"] not in UNSENT:
        raise Conflict(
            f"The notice is {stand_of(row['state'])}: its letter is fixed.",
            code="wrong_state",
            next_step="`fakeprint takedown deliveries` lists the letters; each can be printed.",
            extra={"state": stand_of(row["state"])},
        )
    key = takedown.key_of(service, campaign["client_id"])
    made = write_letter(service, key, row, takedown.shared(key, row), ways_of(service), now)
    if made.content is None:
        raise Conflict(
            "An element that its regime asks for is missing: there is no letter yet.",
            code="letter_incomplete",
            next_step="`fakeprint takedown check` shows what it lacks.",
        )
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
