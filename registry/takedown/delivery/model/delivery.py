"""How a notice reaches its platform: channel, content, retries and terms. Pure.

Delivery guarantees: A notice moves to `sent` once, and its delivery is written in the same transaction. A
delivery that was handed over is never sent again. The result of an attempt can be unknown: the worker is
killed or the connection is cut after transmission and before the answer. SMTP cannot resolve this case (RFC
5321, 4.5.3.2.6). Such a delivery becomes `unsure`, waits for a person, and is never resent automatically. An
API that follows Standard Webhooks, or is configured as idempotent, receives the same request again with the
same id. All other APIs are treated like SMTP.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final, Literal, get_args
from uuid import UUID

import orjson

from registry.catalogue.platforms.model.platforms import Channel, Platform
from registry.core import backoff
from registry.takedown.regimes.model.regime import LANGUAGES, Regime
from registry.takedown.regimes.model.wording import Letter

Kind = Literal["notice", "retraction"]
Way = Literal["api", "email", "paper"]
Status = Literal["waiting", "sending", "handing", "handed_over", "unsure", "dead", "stopped"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
Outcome = Literal[
    "handed_over",
    "refused",
    "not_now",
    "redirected",
    "gone",
    "timed_out",
    "broken",
    "unreachable",
    "tls_failed",
    "address_refused",
    "unknown_name",
    "not_let_in",
    "no_settings",
    "unknown",
]
OUTCOMES: Final[Mapping[Outcome, str]] = {
    "handed_over": "Accepted: HTTP 2xx, or SMTP 250 after the end of the message.",
    "refused": "Refused permanently: SMTP 5xx.",
    "not_now": "Refused for now: SMTP 4xx, or another HTTP status.",
    "redirected": "HTTP 3xx. Redirects are not followed.",
    "gone": "HTTP 410: the address accepts nothing any more.",
    "timed_out": "It took too long. Nothing was transmitted, or it may be transmitted again.",
    "broken": "The connection was cut, or the answer was invalid. It may be transmitted again.",
    "unreachable": "The connection was refused.",
    "tls_failed": "There was no TLS connection with a valid certificate of that name.",
    "address_refused": "The name resolves to an address that is not public. Nothing was sent.",
    "unknown_name": "The name does not resolve.",
    "not_let_in": "The mail server did not accept the user name and the password.",
    "no_settings": "The deployment has no settings for that channel.",
    "unknown": "It was transmitted. Whether it was accepted is unknown.",
}
_LASTING: Final[frozenset[Outcome]] = frozenset({"refused", "gone"})
FIRST_DELAY: Final = 60.0
LONGEST_DELAY: Final = 14_400.0
"""Seconds between the first and second attempt, and the maximum delay. Each delay is three times the previous
one."""
ATTEMPTS: Final = 24
"""Attempts before a person has to look: 23 delays, in total three days and five hours without jitter."""
HINDERED_DELAY: Final = 900.0
"""Seconds until a delivery with a hindered notice is checked again."""
HOUR: Final = timedelta(hours=1)


def delay(attempts: int, draw: float, retry_after: float | None = None) -> float:
    """Return the seconds until the next attempt.

    `draw`: random number, 0-1. `retry_after`: seconds requested by the server.
    """
    return backoff.delay(attempts, draw, first=FIRST_DELAY, longest=LONGEST_DELAY, retry_after=retry_after)


def settled(outcome: Outcome, attempts: int) -> Status:
    """Return the status of a delivery after an attempt with this outcome."""
    if outcome == "handed_over":
        return "handed_over"
    if outcome == "unknown":
        return "unsure"
    return "dead" if outcome in _LASTING or attempts >= ATTEMPTS else "waiting"


@dataclass(frozen=True, slots=True)
class Route:
    """The way, address and language of a delivery. `why`: code of the reason why only paper is possible."""

    way: Way
    address: str
    language: str
    why: str | None = None


def route(
    platform: Platform | None,
    regime: Regime,
    language: str,
    *,
    mail: bool,
    keyed: Collection[str],
) -> Route:
    """Choose the route of a notice.

    It is the first channel for the regime that the deployment has confirmed and can use. Otherwise it is
    paper: a person uses the first known channel. `mail`: a mail server is configured. `keyed`: platforms with
    an API key.
    """
    if regime.recipient.kind == "authority":
        # The regime addresses an authority, not the platform. A person fills in the authority's own form.
        return Route("paper", regime.recipient.url or "", _language(regime, language, ()), "authority")
    channels = platform.channels_for(regime.id) if platform else ()
    why = "no_channel"
    for channel in channels:
        if channel.kind not in {"api", "email"}:
            continue
        if not channel.confirmed:
            why = "not_confirmed"
        elif channel.kind == "email" and not mail:
            why = "no_mail_server"
        elif channel.kind == "api" and (platform is None or platform.id not in keyed):
            why = "no_platform_key"
        else:
            way: Way = "email" if channel.kind == "email" else "api"
            return Route(way, channel.address, _language(regime, language, channel.languages))
    first = channels[0] if channels else Channel("post", "")
    return Route("paper", first.address, _language(regime, language, first.languages), why)


def _language(regime: Regime, language: str, read: Sequence[str]) -> str:
    """Return the campaign's language if the recipient reads it, else the first readable one, else the
    campaign's."""
    available = [language for language in LANGUAGES if language in regime.wordings]
    readable = [
        candidate
        for candidate in (language, *read)
        if candidate in available and (not read or candidate in read)
    ]
    return next(iter(readable), language if language in available else available[0])


def token(random: bytes) -> str:
    """Return 16 letters and digits (base32) made of 10 random bytes, for a subject."""
    return base64.b32encode(random[:10]).decode("ascii")


def message_id(delivery_id: UUID, sender: str) -> str:
    """Return the Message-ID, which is the same for every attempt of a delivery."""
    return f"<notice.{delivery_id.hex}@{sender.rpartition('@')[2] or 'localhost'}>"


def subject(letter_subject: str, mark: str) -> str:
    """Return a subject with the mark that identifies replies."""
    return f"{letter_subject} [FP-{mark}]"


@dataclass(frozen=True, slots=True, repr=False)
class WrittenLetter:
    """A letter as it was written, stored encrypted.

    `values`: the elements of its notice; of a retraction, what it takes back. `dsa`: the classification in
    terms of the DSA transparency database.
    """

    letter: Letter
    plain: str
    html: str
    values: dict[str, Any]
    dsa: dict[str, Any] = field(default_factory=dict)

    @property
    def dated(self) -> datetime:
        """The date of the letter, which also dates its PDF.

        A preview and a letter sent on the same day therefore have the same bytes.
        """
        return datetime.fromisoformat(str(self.values["date"])).replace(tzinfo=UTC)

    @property
    def digest(self) -> bytes:
        """The SHA-256 of its text."""
        return hashlib.sha256(self.plain.encode()).digest()


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries of a campaign to list."""

    status: Status | None = None
    channel: Way | None = None
    notice_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What identifies a delivery in its mail or its request. `at`: its date; the same for each attempt."""

    notice_id: UUID
    delivery_id: UUID
    regime: str
    mark: str
    at: datetime
    kind: Kind = "notice"


def mail(written: WrittenLetter, header: Header, *, sender: str, recipient: str) -> bytes:
    """Return the mail with text and HTML, as the same bytes for each attempt. Lines end with CRLF."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=recipient)
    message["Subject"] = subject(written.letter.subject, header.mark)
    message["Date"] = header.at
    message["Message-ID"] = message_id(header.delivery_id, sender_address(sender))
    message["Content-Language"] = written.letter.language
    message.set_content(written.plain, cte="base64")
    message.add_alternative(written.html, subtype="html", cte="base64")
    message.set_boundary(f"=_{header.delivery_id.hex}")
    return message.as_bytes()


def sender_address(sender: str) -> str:
    """Return the address of `Name <address>` or of a bare address. Raises ValueError."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    addresses = message["From"].addresses
    if len(addresses) != 1 or not addresses[0].domain or not addresses[0].addr_spec.isascii():
        raise ValueError("not one address")
    return str(addresses[0].addr_spec)


def body(written: WrittenLetter, header: Header) -> bytes:
    """Return the request body for an API (`takedown.notice`, `takedown.retraction`).

    It is JSON in the layout of Standard Webhooks, and the same bytes for each attempt.
    """
    data = {
        "notice_id": str(header.notice_id),
        "delivery_id": str(header.delivery_id),
        "reference": f"FP-{header.mark}",
        "regime": header.regime,
        "language": written.letter.language,
        "subject": written.letter.subject,
        "text": written.plain,
        "elements": written.values,
        "dsa": written.dsa,
    }
    return orjson.dumps({"type": f"takedown.{header.kind}", "timestamp": header.at.isoformat(), "data": data})


@dataclass(frozen=True, slots=True)
class Alarm:
    """A planned alarm. `kind`: reminder, breach (a law sets the term) or overdue."""

    kind: str
    step: int
    planned_at: datetime


def alarms(
    regime: Regime, handed_at: datetime, values: Mapping[str, Any]
) -> tuple[datetime | None, list[Alarm]]:
    """Return the due time, counted from the hand-over, and the alarms to plan.

    The due time is None if the regime's term cannot be computed (an order without a term).
    """
    try:
        due = regime.deadline(handed_at, values)
        reminders = regime.reminders(handed_at, values)
    except (ValueError, OverflowError):
        return None, []
    # The term stated in an order may have passed already.
    ends = max(due, handed_at)
    planned = [Alarm("reminder", step, at) for step, at in enumerate(reminders) if at < ends]
    return ends, [*planned, Alarm("breach" if regime.rule.binding else "overdue", 0, ends)]
