"""Kinds of events, and their permitted contents: ids, codes, numbers and commitments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

KINDS: Final = frozenset(
    {
        *("organization.created", "organization.changed", "organization.closed"),
        *("caller.created", "caller.changed", "caller.revoked"),
        *("account.created", "account.invited", "account.removed"),
        *("reconstruction.suspected", "reconstruction.cleared"),
        *("key.created", "key.rotated", "key.revoked"),
        *("bank.created", "bank.changed", "bank.shared", "bank.unshared", "bank.closed"),
        *("bank.overlaid", "bank.limited"),
        *("intake.changed", "case.matched"),
        *("entry.registered", "entry.matchable", "entry.failed", "entry.retried", "entry.changed"),
        *("entry.reviewed", "entry.suspended", "entry.restored", "entry.withdrawn", "entry.erased"),
        *("entry.details_erased", "entry.reweighed"),
        *("asset.added", "asset.fingerprinted", "asset.failed", "asset.removed", "asset.revealed"),
        *("review.claimed", "review.released", "review.decided", "opinion.given"),
        *("dispute.opened", "dispute.answered", "dispute.decided", "dispute.erased", "review.erased"),
        *("match.found", "watch.created", "watch.matched", "watch.ended"),
        *("webhook.created", "webhook.changed", "webhook.deleted", "import.finished", "export.finished"),
        *("person.changed", "face_assessment.recorded"),
        *("lookup.answered", "ledger.exported"),
        *("client.recorded", "client.erased", "mandate.recorded", "mandate.revoked"),
        *("campaign.created", "campaign.changed", "campaign.closed"),
        *("campaign.released", "campaign.withheld", "campaign.exported"),
        *("notice.added", "notice.changed", "notice.checked", "notice.confirmed", "notice.answered"),
        *("notice.moved", "notice.contested", "notice.found_again", "notice.address_confirmed"),
        *("notice.despite_dispute", "notice.handed_over"),
        *("job.retried", "job.discarded"),
        "notice.return_decided",
        "notice.retracted",
        *("notice.exhibited", "evidence.disclosed"),
        *("notice.delivered", "notice.undelivered", "notice.replied"),
        *("notice.reminded", "notice.breached", "notice.overdue"),
        *("feed.published", "peer.added", "peer.suspended", "peer.resumed", "peer.removed", "peer.forked"),
    }
)
"""Every kind of event, `noun.verb` in the past tense. Only add kinds: existing ones are in the ledger."""

_SAFE: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,200}\Z")
"""Ids, codes, hex digests, times. Without spaces there are no sentences; without `@` and `/`, no
addresses."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_WIDEST: Final = 2**53 - 1
"""The largest integer that every JSON parser keeps exactly (RFC 8259, section 6)."""


class Actor(Protocol):
    """The caller that makes a change, and its organization."""

    @property
    def caller_id(self) -> UUID: ...

    @property
    def organization_id(self) -> UUID: ...


@dataclass(frozen=True, slots=True)
class Event:
    """A change to record. `said` holds strings that match `_SAFE`, integers, booleans, null, UUIDs, bytes
    (stored as hex), and lists or objects of these. Anything else is a bug of the caller and raises
    `ValueError`."""

    kind: str
    organization_id: UUID | None = None
    caller_id: UUID | None = None
    entry_id: UUID | None = None
    subject: Mapping[str, str | UUID] = field(default_factory=dict)
    said: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of event")
        object.__setattr__(self, "subject", _clean(self.subject))
        object.__setattr__(self, "said", _clean(self.said))


def _clean(value: Any) -> Any:
    """Return `value` as JSON that holds only ids, codes and numbers."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {_name(name): _clean(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(member) for member in value]
    if isinstance(value, set | frozenset):
        return sorted(_clean(member) for member in value)
    if _plain(value):
        return value
    raise ValueError(f"an event may say ids, codes and whole numbers only, not a {type(value).__name__}")


def _plain(value: Any) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return -_WIDEST <= value <= _WIDEST
    return isinstance(value, str) and _SAFE.match(value) is not None


def _name(name: Any) -> str:
    if not isinstance(name, str) or not _NAME.match(name):
        raise ValueError("names in an event are lower-case words joined by _")
    return name
