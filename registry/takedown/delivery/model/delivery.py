"""How a notice reaches its platform: by which channel, what is sent, when it is tried again. Pure.

What is exactly once and what is not. A notice moves to `sent` once, and its delivery is written in that
commit. Of a delivery that was handed over nothing is sent again. An attempt may end without anybody knowing
what became of it: the worker is killed, or the connection cut, after the message was told and before the
answer came. SMTP has no answer to that (RFC 5321, 4.5.3.2.6), so that such a delivery is `unsure` and waits
for a person; it is never sent again on a guess. An API that keeps to Standard Webhooks, or that is said to be
idempotent, is told the same again under the same id, which it knows to be the same; any other is treated as
SMTP is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, Final, Literal
from uuid import UUID

import orjson

from registry.catalogue.platforms.model.platforms import Channel, Platform
from registry.core import backoff
from registry.takedown.regimes.model.regime import LANGUAGES, Regime
from registry.takedown.regimes.model.wording import Letter, Paragraph, Piece

Way = Literal["api", "email", "paper"]
Status = Literal["waiting", "sending", "handing", "handed_over", "unsure", "dead", "stopped"]
STATUSES: Final[tuple[Status, ...]] = (
    "waiting",
    "sending",
    "handing",
    "handed_over",
    "unsure",
    "dead",
    "stopped",
)
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
    "handed_over": "The other side has taken it: 2xx, or 250 after the message's end.",
    "refused": "It was refused for good: SMTP 5xx.",
    "not_now": "It was refused for now: another HTTP status, SMTP 4xx.",
    "redirected": "HTTP 3xx; redirects are not followed.",
    "gone": "HTTP 410: nothing is taken there any more.",
    "timed_out": "Nothing was told, or it may be told again: it took too long.",
    "broken": "Likewise: the connection was cut, or what came was no answer.",
    "unreachable": "Nobody listens there.",
    "tls_failed": "No TLS connection with a valid certificate of that name could be made.",
    "address_refused": "The name leads to an address that is not public; nothing was sent.",
    "unknown_name": "The name leads to no address.",
    "not_let_in": "The mail server did not accept the name and the password.",
    "no_settings": "The deployment has no settings for that channel any more.",
    "unknown": "It was told, and nobody knows whether it was taken.",
}
_LASTING: Final[frozenset[Outcome]] = frozenset({"refused", "gone"})
FIRST_DELAY: Final = 60.0
LONGEST_DELAY: Final = 14_400.0
"""Seconds from the first attempt to the second, and the longest; each is three times the one before."""
ATTEMPTS: Final = 24
"""Attempts before a person has to look: 23 delays of three days and five hours together, jitter aside."""
HINDERED_DELAY: Final = 900.0
"""Seconds until a delivery is looked at again whose notice may not be sent now."""
HOUR: Final = timedelta(hours=1)
_TOKEN: Final = re.compile(r"[A-Z2-7]{16}")


def delay(attempts: int, draw: float, retry_after: float | None = None) -> float:
    """Seconds until it is tried again after so many attempts; `draw`: 0-1, chance. `retry_after`: seconds
    that the other side asks for."""
    return backoff.delay(attempts, draw, first=FIRST_DELAY, longest=LONGEST_DELAY, retry_after=retry_after)


def settled(outcome: Outcome, attempts: int) -> Status:
    """What a delivery is after an attempt that came to `outcome`."""
    if outcome == "handed_over":
        return "handed_over"
    if outcome == "unknown":
        return "unsure"
    return "dead" if outcome in _LASTING or attempts >= ATTEMPTS else "waiting"


@dataclass(frozen=True, slots=True)
class Route:
    """By which way, where to, in which language. `why`: why by nothing better than paper, as a code."""

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
    """The first channel for the regime that the deployment has confirmed and can use, else paper: then a
    person sends it, by the first channel that is known. `mail`: there is a mail server. `keyed`: platforms
    whose API may be signed to."""
    if regime.recipient.kind == "authority":
        # Whoever shows it is not asked: the authority is, by its own form.
        return Route("paper", regime.recipient.url or "", _worded(regime, language, ()), "authority")
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
            return Route(way, channel.address, _worded(regime, language, channel.languages))
    first = channels[0] if channels else Channel("post", "")
    return Route("paper", first.address, _worded(regime, language, first.languages), why)


def _worded(regime: Regime, language: str, read: Sequence[str]) -> str:
    """The campaign's language where it is read there, else the first that is, else the campaign's."""
    known = [language for language in LANGUAGES if language in regime.wordings]
    wanted = [item for item in (language, *read) if item in known and (not read or item in read)]
    return next(iter(wanted), language if language in known else known[0])


def token(random: bytes) -> str:
    """16 letters and digits of 10 random bytes, for a subject."""
    return base64.b32encode(random[:10]).decode("ascii")


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def message_id(delivery_id: UUID, sender: str) -> str:
    """The Message-ID of every attempt of a delivery."""
    return f"<notice.{delivery_id.hex}@{sender.rpartition('@')[2] or 'localhost'}>"


def subject(letter_subject: str, mark: str) -> str:
    """A subject with the mark by which replies are known."""
    return f"{letter_subject} [FP-{mark}]"


def content(
    letter: Letter,
    plain: str,
    html: str,
    values: Mapping[str, Any],
    classified: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """All that was written, as JSON; `letter_of` reads the letter again. `classified`: what it is about, in
    the words of the DSA transparency database."""
    paragraphs = [
        {
            "heading": paragraph.heading,
            "lines": [
                [[piece.text, piece.kind, piece.direction] for piece in line] for line in paragraph.lines
            ],
        }
        for paragraph in letter.paragraphs
    ]
    said = {"subject": letter.subject, "language": letter.language, "reference": letter.reference}
    return {
        "letter": {**said, "paragraphs": paragraphs},
        "plain": plain,
        "html": html,
        "values": dict(values),
        "dsa": dict(classified or {}),
    }


def letter_of(written: Mapping[str, Any]) -> Letter:
    """The letter of a `content`."""
    said = written["letter"]
    paragraphs = (
        Paragraph(
            tuple(tuple(Piece(*piece) for piece in line) for line in paragraph["lines"]), paragraph["heading"]
        )
        for paragraph in said["paragraphs"]
    )
    return Letter(said["subject"], tuple(paragraphs), said["language"], said["reference"])


def dated(written: Mapping[str, Any]) -> datetime:
    """The day that the letter bears, as the date of its PDF: previewed and sent on one day, it is the same
    bytes."""
    return datetime.fromisoformat(str(written["values"]["date"])).replace(tzinfo=UTC)


def mail(
    written: Mapping[str, Any], *, sender: str, recipient: str, delivery_id: UUID, mark: str, at: datetime
) -> bytes:
    """The message, the same bytes for each attempt: text and HTML, lines parted by CRLF. `at`: its Date."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = Address(addr_spec=recipient)
    made["Subject"] = subject(written["letter"]["subject"], mark)
    made["Date"] = at
    made["Message-ID"] = message_id(delivery_id, sender_address(sender))
    made["Content-Language"] = written["letter"]["language"]
    made.set_content(written["plain"], cte="base64")
    made.add_alternative(written["html"], subtype="html", cte="base64")
    made.set_boundary(f"=_{delivery_id.hex}")
    return made.as_bytes()


def sender_address(sender: str) -> str:
    """The address of `Name <address>`, or of an address alone. Raises ValueError."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    addresses = made["From"].addresses
    if len(addresses) != 1 or not addresses[0].domain or not addresses[0].addr_spec.isascii():
        raise ValueError("not one address")
    return str(addresses[0].addr_spec)


def body(
    written: Mapping[str, Any],
    *,
    notice_id: UUID,
    delivery_id: UUID,
    regime: str,
    mark: str,
    at: datetime,
    kind: str = "notice",
) -> bytes:
    """What an API is sent (`takedown.notice`, `takedown.retraction`): JSON as Standard Webhooks lays it
    out, the same bytes for each attempt."""
    said = {
        "notice_id": str(notice_id),
        "delivery_id": str(delivery_id),
        "reference": f"FP-{mark}",
        "regime": regime,
        "language": written["letter"]["language"],
        "subject": written["letter"]["subject"],
        "text": written["plain"],
        "elements": written["values"],
        "dsa": written.get("dsa", {}),
    }
    return orjson.dumps({"type": f"takedown.{kind}", "timestamp": at.isoformat(), "data": said})


@dataclass(frozen=True, slots=True)
class Alarm:
    """When one is raised; `kind`: reminder, breach (a law sets the term) or overdue."""

    kind: str
    step: int
    planned_at: datetime


def alarms(
    regime: Regime, handed_at: datetime, values: Mapping[str, Any]
) -> tuple[datetime | None, list[Alarm]]:
    """Until when the platform is in time, counted from when it had the notice, and what is planned. None
    where the regime's term cannot be reckoned (an order that states none)."""
    try:
        due = regime.deadline(handed_at, values)
        reminders = regime.reminders(handed_at, values)
    except (ValueError, OverflowError):
        return None, []
    # An order may state a term that is over by then.
    ends = max(due, handed_at)
    planned = [Alarm("reminder", step, at) for step, at in enumerate(reminders) if at < ends]
    return ends, [*planned, Alarm("breach" if regime.rule.binding else "overdue", 0, ends)]
