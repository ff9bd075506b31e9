"""A reply to a notice, and the notices that it names. Pure."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from registry.core.errors import BadInput
from registry.takedown.regimes.model.wording import clean

MatchedBy = Literal["message_id", "token", "reference", "place", "person"]
State = Literal["matched", "unmatched", "dismissed"]
Source = Literal["api", "mailbox", "statement"]
STATES: Final = ("matched", "unmatched", "known", "faulty")
"""Results of importing a reply."""
LONGEST_TEXT: Final = 100_000
"""Maximum number of characters stored of a message's text."""
LONGEST_LINE: Final = 500
MOST_NAMED: Final = 100
"""Maximum number of notices that a message may name. A message that names more is matched with none."""
OWN_ID: Final = re.compile(r"<?notice\.([0-9a-f]{32})@")
_TOKEN: Final = re.compile(r"\bFP-([A-Z2-7]{16})\b", re.IGNORECASE)
_UUID: Final = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class Names:
    """Identifiers of notices: ids of deliveries, subject marks, ids of notices."""

    deliveries: frozenset[UUID]
    tokens: frozenset[str]
    notices: frozenset[UUID]

    def __bool__(self) -> bool:
        return bool(self.deliveries or self.tokens or self.notices)


@dataclass(frozen=True, slots=True, repr=False)
class ReplyContent:
    """The content of a reply, stored encrypted. `statement`: the fields of a statement of reasons."""

    sender: str
    subject: str
    text: str
    sha256: str
    recipient: str = ""
    message_id: str = ""
    attached: list[dict[str, Any]] = field(default_factory=list)
    statement: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """A message.

    `content` None: it could not be read. `identity`: identifies duplicates. `said_at`: its own date.
    `fault`: why it could not be read.
    """

    line: int
    names: Names = Names(frozenset(), frozenset(), frozenset())
    content: ReplyContent | None = None
    identity: bytes = b""
    said_at: datetime | None = None
    automatic: bool = False
    fault: BadInput | None = None


def named(*texts: str) -> Names:
    """Return the identifiers of notices that occur in texts."""
    deliveries: set[UUID] = set()
    tokens: set[str] = set()
    notices: set[UUID] = set()
    for text in texts:
        deliveries |= {UUID(match[1]) for match in OWN_ID.finditer(text)}
        tokens |= {match[1].upper() for match in _TOKEN.finditer(text)}
        notices |= {UUID(match[0]) for match in _UUID.finditer(text)}
    if len(deliveries) + len(tokens) + len(notices) > 3 * MOST_NAMED:
        return Names(frozenset(), frozenset(), frozenset())
    return Names(frozenset(deliveries), frozenset(tokens), frozenset(notices))


def written(
    line: int, *, sender: str, subject: str, text: str, message_id: str, said_at: datetime | None
) -> Reply:
    """Return a reply that was submitted to the API field by field."""
    content = ReplyContent(
        sender=clean(sender)[:LONGEST_LINE],
        subject=clean(subject)[:LONGEST_LINE],
        message_id=clean(message_id)[:LONGEST_LINE],
        text=clean(text)[:LONGEST_TEXT],
        sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
    )
    at = said_at.isoformat() if said_at else ""
    identity = f"{message_id}\0{sender}\0{at}\0{subject}\0{text}".encode("utf-8", "replace")
    return Reply(line, named(subject, text), content, identity, said_at)
