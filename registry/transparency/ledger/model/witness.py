"""Exchange of signed checkpoints between registries (gossip, as in RFC 6962 and later). Pure.

Each registry publishes the checkpoints that it has seen of others. A registry that shows different ledgers to
different readers is found out when one of its readers reads another. Each note is signed by its own ledger,
so whoever passes it on cannot invent one (C2SP tlog-checkpoint).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import BadNote, VerifierKey

MOST: Final = 500
"""Most notes of one answer."""
LONGEST: Final = 8192
"""Most characters of a note."""
MOST_BYTES: Final = MOST * 2 * LONGEST


@dataclass(frozen=True, slots=True)
class Seen:
    """A verified checkpoint of another registry's ledger, with its signed note."""

    size: int
    root: bytes
    note: str


def notes(body: bytes) -> dict[str, list[str]]:
    """Parse the answer of `GET /v1/ledger/witnessed` into unverified notes, by the name of their ledger.

    Returns an empty mapping for a malformed answer.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        answer = None
    listed = answer.get("ledgers") if isinstance(answer, dict) else None
    by_ledger: dict[str, list[str]] = {}
    for element in listed[:MOST] if isinstance(listed, list) else []:
        text = element.get("note") if isinstance(element, dict) else None
        if isinstance(text, str) and len(text) <= LONGEST:
            by_ledger.setdefault(text.partition("\n")[0], []).append(text)
    return by_ledger


def verified(text: str, keys: Sequence[VerifierKey]) -> Seen | None:
    """Return the checkpoint of a note if one of `keys` has signed it, else None."""
    try:
        checkpoint = note.checkpoint(note.verify(text, keys).text)
    except BadNote:
        return None
    if not checkpoint.size or checkpoint.origin != keys[0].name:
        return None
    return Seen(checkpoint.size, checkpoint.root, text)
