"""Rules of webhooks: event kinds, allowed addresses and the retry schedule. Pure.

Messages follow Standard Webhooks (https://www.standardwebhooks.com, specification 1.0).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from registry.core import backoff
from registry.core.audit.model.event import KINDS
from registry.core.errors import BadInput
from registry.core.net import model as net
from registry.sharing.webhooks.errors import BadWebhookUrl, UnknownKind

State = Literal["active", "paused", "disabled"]
Status = Literal["waiting", "delivered", "dead"]
Outcome = Literal[net.Outcome, "no_secret", "disabled"]
OUTCOMES: Final[Mapping[Outcome, str]] = {
    "delivered": "The endpoint answered 2xx, and its answer was read.",
    "refused": "The endpoint answered another status.",
    "gone": "The endpoint answered 410: the webhook is disabled.",
    "redirected": "The endpoint answered 3xx; redirects are not followed.",
    "timed_out": "The connection or the whole attempt took too long.",
    "broken": "The connection broke before the end of the answer, or the answer is not HTTP.",
    "unreachable": "The connection was refused, or the network is unreachable.",
    "tls_failed": "No TLS connection with a valid certificate for that name could be made.",
    "address_refused": "The name resolves to an address that is not public; nothing was sent.",
    "unknown_name": "The name does not resolve.",
    "no_secret": "The secret cannot be decrypted: its key was destroyed.",
    "disabled": "Nothing was sent: the webhook is disabled.",
}
"""Outcomes of a delivery attempt, each with its explanation."""

TEST: Final = "webhook.test"
LONGEST_URL: Final = 2000
MOST_KINDS: Final = 50
MOST_OF_ORGANIZATION: Final = 20
"""Maximum number of webhooks of an organization."""
SECRET_BYTES: Final = 32
OVERLAP_HOURS: Final = (0, 24, 168)
"""Hours during which a replaced secret still signs: minimum, default, maximum."""

FIRST_DELAY: Final = 5.0
"""Seconds from the first attempt to the second. Each further delay is three times the previous one, up to
`LONGEST_DELAY`. A longer Retry-After of the endpoint is respected, up to the same limit."""
LONGEST_DELAY: Final = 14_400.0
ATTEMPTS: Final = 14
"""Attempts before a message becomes a dead letter: 13 delays that add up to 24.6 hours, without jitter. The
limit is a count, not a time, so that a jump of the clock cannot make a message fail."""
DEATHS: Final = 3
"""Consecutive dead letters after which a webhook is disabled: about three days of failures."""
KEPT_DAYS: Final = 30
"""Days for which finished messages are kept. Dead letters can be replayed during that time."""

CHANNELS: Final[Mapping[str, str]] = {
    "slack": "Slack",
    "workflow": "Microsoft Teams",
    "workflows": "Microsoft Teams",
    "matrixs": "Matrix",
    "mmosts": "Mattermost",
    "mailtos": "mail",
}
"""Schemes of apprise that may be addresses, all over TLS. Others can read files, run programs or name any
address on the internet as a template."""
_PRIVATE_CHANNELS: Final = frozenset({"matrix", "mmost", "mailto"})
"""Without TLS, where private addresses are allowed."""
_CHANNEL_OPTIONS: Final = frozenset(
    {
        "to",
        "from",
        "name",
        "cc",
        "bcc",
        "reply",
        "smtp",
        "user",
        "pass",
        "token",
        "channel",
        "version",
        "msgtype",
    }
)
"""What may follow `?`. Not among them: files (`template`, `pgppub`), and the check of certificates."""

_PATTERN: Final = re.compile(r"[a-z_]{1,30}\.\*\Z")
_INTERNAL_KINDS: Final = frozenset({"lookup.answered", "ledger.exported", "case.matched"})
"""Kinds that are never sent: they occur with every query, or `match.found` already reports them."""
SENT_KINDS: Final = KINDS - _INTERNAL_KINDS
_NOUNS: Final = frozenset(kind.partition(".")[0] for kind in SENT_KINDS)


def checked_kinds(kinds: Iterable[str]) -> list[str]:
    """Return the kinds and patterns, sorted and without duplicates. Raises `BadInput` (`unknown_kind`)."""
    distinct = sorted(set(kinds))
    unknown = [kind for kind in distinct if not _is_known(kind)]
    if unknown or not 1 <= len(distinct) <= MOST_KINDS:
        listed = ", ".join(repr(kind[:60]) for kind in unknown[:5])
        raise UnknownKind(
            f"Unknown kind of event: {listed}." if unknown else f"Give 1 to {MOST_KINDS} kinds of events."
        )
    return distinct


def _is_known(kind: str) -> bool:
    if kind == "*" or kind in SENT_KINDS:
        return True
    return _PATTERN.match(kind) is not None and kind.partition(".")[0] in _NOUNS


def wanted(kinds: Sequence[str], kind: str) -> bool:
    """Return whether a webhook that subscribes to `kinds` receives events of `kind`."""
    if kind in _INTERNAL_KINDS:
        return False
    return "*" in kinds or kind in kinds or f"{kind.partition('.')[0]}.*" in kinds


def checked_url(url: str, *, private: bool) -> str:
    """Return the URL if messages may be sent to it. The host name is not resolved here.

    `private`: also allow http and addresses that are not public. Raises `BadInput` (`bad_webhook_url`).
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _bad_url("it cannot be read") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise _bad_url(f"it has more than {LONGEST_URL} characters, spaces, or characters outside ASCII")
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise _bad_url("it must begin with https://")
    if not host or port == 0:
        raise _bad_url("it has no host, or port 0")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _bad_url("it has a user, a password or a fragment")
    address = _literal(host)
    local = host.rstrip(".") == "localhost" or host.rstrip(".").endswith(
        (".localhost", ".local", ".internal")
    )
    if not private and (local or (address is not None and not net.is_public(address))):
        raise _bad_url("it leads to an address that is not public")
    return url


def is_channel(url: str) -> bool:
    """Return whether messages go to a messenger or by mail, as sentences and unsigned."""
    scheme = url.partition("://")[0]
    return scheme in CHANNELS or scheme in _PRIVATE_CHANNELS


def check_channel(url: str, *, private: bool) -> None:
    """Check the address of a channel, without its parts that apprise reads.

    `private`: also allow channels without TLS. Raises `BadInput` (`bad_webhook_url`).
    """
    scheme, _, rest = url.partition("://")
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise _bad_url(f"it has more than {LONGEST_URL} characters, spaces, or characters outside ASCII")
    if scheme in _PRIVATE_CHANNELS and not private:
        raise _bad_url(f"it must begin with {scheme}s://, for TLS")
    if not rest.strip("/"):
        raise _bad_url("nothing follows ://")
    names = {name.lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    if unknown := sorted(names - _CHANNEL_OPTIONS):
        raise _bad_url(f"the option {unknown[0][:40]!r} is not allowed")


def _bad_url(reason: str) -> BadInput:
    return BadWebhookUrl(f"The webhook's address cannot be used: {reason}.")


def _literal(host: str) -> net.Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def delay(attempts: int, draw: float, retry_after: float | None = None) -> float:
    """Return the seconds to wait before the next attempt, after `attempts` attempts.

    `draw`: a random number from 0 to 1. `retry_after`: the seconds that the endpoint asks for.
    """
    return backoff.delay(attempts, draw, first=FIRST_DELAY, longest=LONGEST_DELAY, retry_after=retry_after)


def message(kind: str, at: datetime, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a message in the layout of Standard Webhooks."""
    return {"type": kind, "timestamp": at.isoformat(), "data": dict(data)}
