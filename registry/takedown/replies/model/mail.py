"""Read replies to notices from a mailbox file. Pure.

A mailbox is hostile input. All sizes are bounded, and a reply is trusted only for the notices that it names.
An unreadable part is dropped without the rest. RFC 5322 (messages), RFC 3834 (automatic answers), RFC 3464
(delivery reports).
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from typing import Any, Final

from registry.core.errors import BadInput, TooLarge
from registry.takedown.regimes.model.wording import clean
from registry.takedown.replies.errors import (
    MessageTooLarge,
    NoMessages,
    NotAMessage,
    OwnMessage,
    TooManyMessages,
)
from registry.takedown.replies.model.reply import (
    LONGEST_LINE,
    LONGEST_TEXT,
    OWN_ID,
    Reply,
    ReplyContent,
    named,
)

MOST_BYTES: Final = 64 * 1024**2
"""Maximum size of a mailbox file."""
MOST_MESSAGES: Final = 2_000
LARGEST: Final = 8 * 1024**2
"""Maximum size of a message in bytes. A larger message is a fault."""
MOST_PARTS: Final = 100
_FROM: Final = re.compile(rb"^From [^\r\n]*\r?\n", re.MULTILINE)
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_TAGS: Final = re.compile(r"<[^<>]{0,2000}>")
_POLICY: Final = policy.compat32
"""The compat32 policy never raises for the content of a header. Headers are decoded here, one by one."""


def mailbox(raw: bytes) -> Iterator[Reply]:
    """Yield the messages of a mailbox file (mbox, RFC 4155 and variants) or of one message (EML), numbered
    from 1.

    An unreadable message has a `fault` (`message_too_large`, `not_a_message`, `own_message`).

    Raises `TooLarge` (`too_many_messages`, `too_large`), `BadInput` (`no_messages`).
    """
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"A mailbox file has at most {MOST_BYTES} bytes.")
    messages = list(_split(raw))
    if not messages:
        raise NoMessages
    if len(messages) > MOST_MESSAGES:
        raise TooManyMessages(f"The mailbox has {len(messages)} messages; the maximum is {MOST_MESSAGES}.")
    for line, message in enumerate(messages, 1):
        yield _read(line, message)


def _split(raw: bytes) -> Iterator[bytes]:
    """Yield the messages of an mbox with their escaped From lines restored, or the single message."""
    if not _FROM.match(raw):
        if raw.strip():
            yield raw
        return
    starts = [
        match
        for match in _FROM.finditer(raw)
        if match.start() == 0
        or raw[max(0, match.start() - 4) : match.start()].endswith((b"\n\n", b"\r\n\r\n"))
    ]
    ends = [match.start() for match in starts[1:]] + [len(raw)]
    for start, end in zip(starts, ends, strict=True):
        yield _QUOTED.sub(rb"\1", raw[start.end() : end])


def _read(line: int, raw: bytes) -> Reply:
    if len(raw) > LARGEST:
        fault = MessageTooLarge(f"Message {line} has {len(raw)} bytes; the maximum is {LARGEST}.")
        return Reply(line, fault=fault)
    try:
        message = BytesParser(policy=_POLICY).parsebytes(raw)
        reply = _reply(line, raw, message) if message.keys() else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError) as error:
        return Reply(line, fault=_unreadable(line, type(error).__name__))
    if reply is not None and reply.content and OWN_ID.match(reply.content.message_id):
        return Reply(line, fault=OwnMessage(f"Message {line} is a notice that this registry sent."))
    return reply or Reply(line, fault=_unreadable(line, "no headers"))


def _unreadable(line: int, why: str) -> BadInput:
    return NotAMessage(f"Message {line} cannot be read ({why}).")


def _reply(line: int, raw: bytes, message: Message) -> Reply:
    text, attachments, returned = _parts(message)
    sender, subject = _header(message, "From"), _header(message, "Subject")
    threads = " ".join(_header(message, name, longest=20_000) for name in ("In-Reply-To", "References"))
    said_at = _date(_header(message, "Date"))
    kind = message.get_content_type()
    automatic = (
        _header(message, "Auto-Submitted").lower() not in {"", "no"}
        or kind == "multipart/report"
        or "X-Autoreply" in message
    )
    own_id = _header(message, "Message-ID")
    content = ReplyContent(
        sender=sender,
        recipient=_header(message, "To"),
        subject=subject,
        message_id=own_id,
        text=text,
        attached=attachments,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    identity = "\0".join((own_id, sender, _header(message, "Date"), subject, text)).encode()
    return Reply(line, named(threads, subject, text, *returned), content, identity, said_at, automatic)


def _parts(message: Message) -> tuple[str, list[dict[str, Any]], list[str]]:
    """Return the text, the attachments (name, type, size, SHA-256) and the headers of returned messages."""
    plain: list[str] = []
    markup: list[str] = []
    attachments: list[dict[str, Any]] = []
    returned: list[str] = []
    for place, part in enumerate(message.walk()):
        if place >= MOST_PARTS:
            break
        if part.is_multipart():
            if part is not message and part.get("Message-ID"):
                returned.append(_header(part, "Message-ID"))
            continue
        kind = part.get_content_type()
        content = part.get_payload(decode=True)
        content = content if isinstance(content, bytes) else b""
        own = _header(part, "Message-ID")
        if own and part is not message:
            returned.append(own)
        if kind == "text/rfc822-headers":
            returned.append(content[:20_000].decode("latin-1"))
        file_name = _name(part)
        if kind in {"text/plain", "text/html"} and file_name is None:
            (plain if kind == "text/plain" else markup).append(_decoded(part, content))
        elif part is not message or file_name:
            attachments.append(
                {
                    "name": file_name or "",
                    "type": kind[:100],
                    "size": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
    text = "\n".join(plain) or "\n".join(_TAGS.sub(" ", part_text) for part_text in markup)
    return clean(text if plain else html.unescape(text))[:LONGEST_TEXT], attachments, returned


def _decoded(part: Message, content: bytes) -> str:
    content = content[: 4 * LONGEST_TEXT]
    try:
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _name(part: Message) -> str | None:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        return ""
    if name is None and part.get_content_disposition() != "attachment":
        return None
    return clean(_words(str(name or ""))).replace("\n", " ")[:LONGEST_LINE]


def _header(message: Message, name: str, *, longest: int = LONGEST_LINE) -> str:
    value = message.get(name)
    if value is None:
        return ""
    return clean(_words(str(value)[:50_000])).replace("\n", " ")[:longest]


def _words(value: str) -> str:
    """Decode MIME encoded words as far as possible."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, MessageError):
        return value


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
