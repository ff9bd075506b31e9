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


def proposed(row: Row) -> Iterator[str]:
    """Yield the lines of a person who was just proposed, with the revocation code."""
    yield f"{row['person_id']}  “{_name(row)}”"
    yield f"  {_state(row)}, consent by {row['consent_by']} until {row['expires_at']}"
    yield f"  revocation code: {row['revocation_code']}"
    yield "    shown only once: give it to the person, who can withdraw with it without an account"
    yield f"  next: a reviewer views them (fakeprint persons photos {row['person_id']} --output FOLDER)"
    yield f"    and decides (fakeprint persons review {row['person_id']} …)"


def person(row: Row) -> Iterator[str]:
    """Yield the lines of a person, with photos and events."""
    yield f"{row['person_id']}  “{_name(row)}”"
    yield f"  {_state(row)}, for {', '.join(row['scope'])}, until {row['expires_at']}"
    if row.get("notes"):
        yield f"  notes: {printable(str(row['notes']))}"
    for consent in row["consents"]:
        yield from _consent("consent", consent)
    if row["renewal"]:
        yield from _consent("new consent, waiting for a reviewer", row["renewal"])
    for photo in row["photos"]:
        yield from _photo(photo)
    for event in row["events"]:
        actor = {"caller": f"caller {event['caller_id']}"}.get(event["actor"], f"the {event['actor']}")
        photo = f", photo {event['photo_id']}" if event["photo_id"] else ""
        yield f"  {event['at']}  {event['event']} by {actor}{photo}"


def _consent(heading: str, consent: Row) -> Iterator[str]:
    acting = f", {printable(str(consent['acting']))}" if consent["acting"] else ""
    yield f"  {heading}: by {consent['by']}{acting}, {consent['given_at']} to {consent['expires_at']}"
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
