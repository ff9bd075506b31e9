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
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    listed = said.get("ledgers") if isinstance(said, dict) else None
    found: dict[str, list[str]] = {}
    for item in listed[:MOST] if isinstance(listed, list) else []:
        text = item.get("note") if isinstance(item, dict) else None
        if isinstance(text, str) and len(text) <= LONGEST:
            found.setdefault(text.partition("\n")[0], []).append(text)
    return found


def verified(text: str, keys: Sequence[VerifierKey]) -> Seen | None:
    """Return the checkpoint of a note if one of `keys` has signed it, else None."""
    try:
        found = note.checkpoint(note.verify(text, keys).text)
    except BadNote:
        return None
    return Seen(found.size, found.root, text) if found.size and found.origin == keys[0].name else None
