"""Enrolled persons as people read them on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from registry.core.terminal.output import Row, Rows
from registry.core.terminal.text import printable
from registry.persons.model import LIVING


def _name(row: Row) -> str:
    if row["name"] is not None:
        return printable(str(row["name"]))
    return "(cannot be read: the key is missing)" if row["state"] in LIVING else "(erased)"


def _state(row: Row) -> str:
    ended = f" ({row['ended_as']})" if row["ended_as"] and row["ended_as"] != row["state"] else ""
    return f"{row['state']}{ended}{', renewal waits' if row['renewal_waits'] else ''}"


def _counts(photos: Row) -> str:
    pending = f", {photos['pending']} being read" if photos["pending"] else ""
    return f"{photos['usable']} of {photos['sent']}{pending}"


PERSONS: Final = Rows(
    "persons",
    "person: person_id, state, until: expires_at, photos, name",
    "No such persons.\n  next: fakeprint persons enrol --help",
    {
        "state": _state,
        "expires_at": lambda row: str(row["expires_at"])[:10],
        "photos": lambda row: _counts(row["photos"]),
        "name": _name,
    },
)


def proposed(made: Row) -> Iterator[str]:
    """Yield the lines of a person who was just proposed, with the revocation code."""
    yield f"{made['person_id']}  “{_name(made)}”"
    yield f"  {_state(made)}, consent by {made['consent_by']} until {made['expires_at']}"
    yield f"  revocation code: {made['revocation_code']}"
    yield "    shown this once: give it to the person, who withdraws with it and without an account"
    yield f"  next: somebody else looks (fakeprint persons photos {made['person_id']} --output FOLDER)"
    yield f"    and decides (fakeprint persons review {made['person_id']} …)"


def person(found: Row) -> Iterator[str]:
    """Yield the lines of a person, with photos and events."""
    yield f"{found['person_id']}  “{_name(found)}”"
    yield f"  {_state(found)}, for {', '.join(found['scope'])}, until {found['expires_at']}"
    if found.get("notes"):
        yield f"  notes: {printable(str(found['notes']))}"
    for consent in found["consents"]:
        yield from _consent("consent", consent)
    if found["renewal"]:
        yield from _consent("new consent, waiting for a reviewer", found["renewal"])
    for photo in found["photos"]:
        yield from _photo(photo)
    for event in found["events"]:
        who = {"caller": f"caller {event['caller_id']}"}.get(event["actor"], f"the {event['actor']}")
        about = f", photo {event['photo_id']}" if event["photo_id"] else ""
        yield f"  {event['at']}  {event['event']} by {who}{about}"


def _consent(what: str, consent: Row) -> Iterator[str]:
    acting = f", {printable(str(consent['acting']))}" if consent["acting"] else ""
    yield f"  {what}: by {consent['by']}{acting}, {consent['given_at']} to {consent['expires_at']}"
    yield f"    “{printable(str(consent['text']))}”"
    yield f"    document sha256 {consent['document_sha256']}"
    if consent["mandate_sha256"]:
        yield f"    mandate sha256 {consent['mandate_sha256']}"
    if review := consent.get("review"):
        yield f"    checked {review['at']} by {review['by']}: {printable(str(review['how']))}"


def _photo(photo: Row) -> Iterator[str]:
    name = printable(str(photo["filename"])) or str(photo["photo_id"])
    reason = f" [{photo['reason']}]: {photo['message']}" if photo["reason"] else ""
    yield f"  photo {photo['number']}, {name}: {photo['state']}{reason}"
    yield f"    {photo['photo_id']}"
