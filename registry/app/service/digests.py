"""Mail people their unread notifications: how many of each kind, without names, with a link to stop it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final
from uuid import UUID

from registry.app.service.notification_kinds import TEXTS, kinds_of
from registry.console.guard import PREFIX
from registry.console.languages import N_, Words
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.accounts.service.sessions import form_secret
from registry.sharing.notifications.model import DueDigest, Every
from registry.sharing.notifications.service import claim_digest, count_for_digest, finish_digest
from registry.takedown.delivery.service import smtp
from registry.takedown.delivery.service.dispatch import Mails
from registry.takedown.delivery.service.sending import sender_of
from registry.takedown.regimes.model.regime import is_email

log = logging.getLogger(__name__)

MOST: Final = 200
"""Mails of one run. The next run goes on."""
AGAIN: Final = frozenset({"not_now", "timed_out", "broken", "unreachable", "tls_failed", "not_let_in"})
"""Outcomes after which the mail is sent again, an hour later. After others the next one is due as usual."""

NEW: Final = N_("New for %(organization)s until %(time)s:")
OPEN: Final = N_("Open the notifications: %(address)s")
WHY: Final[Mapping[Every, str]] = {
    "daily": N_("You get this email every morning, because you chose it."),
    "weekly": N_("You get this email every Monday morning, because you chose it."),
}
STOP: Final = N_("Stop these emails: %(address)s")


def address_of(service: Service, sign_in_name: str) -> str | None:
    """Return the address to mail a person at; None if the name is no address or the service sends no mail."""
    settings = service.settings
    sends = bool(settings.smtp_url and settings.smtp_from and settings.public_url)
    return sign_in_name if sends and is_email(sign_in_name) else None


def send_due_digests(service: Service, now: datetime | None = None, *, mail: Mails = smtp.send) -> int:
    """Send the mails that are due and return how many were sent. Safe to run concurrently.

    Nothing is mailed where nothing is unread. Raises `BadInput` (`bad_setting`), `Unavailable`.
    """
    if not (service.settings.smtp_url and service.settings.smtp_from and service.settings.public_url):
        return 0
    sent, now = 0, now or datetime.now(UTC)
    for _ in range(MOST):
        due = claim_digest(service, now)
        if due is None:
            break
        counts, newest = count_for_digest(service, due, kinds_of(due.caller))
        if due.active and counts and address_of(service, due.address):
            message = _message(service, due, counts, now).as_bytes()
            server = smtp.server_of(service.settings.smtp_url)
            result = mail(server, sender_of(service), due.address, message, before=lambda: None)
            if result.outcome in AGAIN:
                log.warning("a digest was not sent", extra={"outcome": result.outcome})
                continue
            sent += 1
        finish_digest(service, due, newest, now)
    return sent


def _message(service: Service, due: DueDigest, counts: Mapping[str, int], now: datetime) -> EmailMessage:
    words = Words(due.digest.language, due.digest.zone, "home")
    origin = service.settings.public_url.rstrip("/")
    stop = f"{origin}{PREFIX}/digest/{stop_word(service, due.account_id)}"
    message = EmailMessage(policy=SMTP)
    message["From"] = service.settings.smtp_from
    message["To"] = due.address
    message["Subject"] = words.several(
        "%(count)s notification on Fakeprint", "%(count)s notifications on Fakeprint", sum(counts.values())
    )
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=sender_of(service).rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    lines = [
        words.text(NEW, organization=due.organization, time=words.time(now, "short")),
        "",
        *(f"- {words.text(TEXTS[kind][1])} ({words.number(count)})" for kind, count in counts.items()),
        "",
        words.text(OPEN, address=f"{origin}{PREFIX}/notifications"),
        "",
        words.text(WHY[due.digest.every]),
        words.text(STOP, address=stop),
    ]
    message.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    message["Content-Language"] = due.digest.language
    return message


def stop_word(service: Service, account_id: UUID) -> str:
    """Return the word of the link that stops an account's mails. It does nothing else and does not expire."""
    return base64.urlsafe_b64encode(account_id.bytes + _mark(service, account_id)).decode().rstrip("=")


def account_of(service: Service, word: str) -> UUID:
    """Return the account of such a word. Raises `NotFound`."""
    try:
        raw = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 48 or not hmac.compare_digest(raw[16:], _mark(service, UUID(bytes=raw[:16]))):
        raise NotFound("This link is not complete.", next_step="Copy it from the mail again.")
    return UUID(bytes=raw[:16])


def _mark(service: Service, account_id: UUID) -> bytes:
    return hmac.digest(form_secret(service), b"digest " + account_id.bytes, hashlib.sha256)
