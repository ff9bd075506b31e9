"""What registries have seen signed of each other's ledgers, and tell each other: who shows two readers two
ledgers is found where one of them reads the other. Pure.

Each note is signed by the ledger that it is of, so that whoever passes it on can invent nothing, and what is
compared is nobody's word but that ledger's own (C2SP tlog-checkpoint; gossip, as in RFC 6962 and after it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import BadNote, VerifierKey

MOST: Final = 500
"""Notes of one answer."""
LONGEST: Final = 8192
"""Characters of a note."""
MOST_BYTES: Final = MOST * 2 * LONGEST


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint of another registry's ledger, verified: the signed note and what it says."""

    size: int
    root: bytes
    note: str


def notes(body: bytes) -> dict[str, list[str]]:
    """What `GET /v1/ledger/witnessed` answers: notes by the name that each gives of its ledger, none of them
    verified. What is no such answer is none."""
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
    """The checkpoint in a note, where one of `keys` has signed it; None: it proves nothing."""
    try:
        found = note.checkpoint(note.verify(text, keys).text)
    except BadNote:
        return None
    return Seen(found.size, found.root, text) if found.size and found.origin == keys[0].name else None
