"""Banks of the Hasher-Matcher-Actioner API and their contents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.banks.service.banks import own_bank
from registry.catalogue.entries.service.details import opened, save_details
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.review.queue.service.decisions import withdraw_entry
from registry.sharing.hma import model as hma
from registry.sharing.hma.errors import (
    BadContentNote,
    BadDisableUntil,
    NoSignals,
    UnknownContent,
    UnknownSignalType,
)
from registry.sharing.hma.schemas import HmaBank, HmaBanked, HmaContent
from registry.sharing.hma.store import numbers
from registry.sharing.lists.model import vpdq
from registry.sharing.lists.model.export_lines import hashes
from registry.sharing.lists.model.listed import ListedMedium, Row, hash_medium, untitled
from registry.sharing.lists.model.listing import HeldMedium, Planner
from registry.sharing.lists.service.imports import require_capacity
from registry.sharing.lists.store import exports, listings
from registry.sharing.lists.store.listings import Origin

ENABLED: Final = 1
DISABLED: Final = 0
"""`disable_until_ts` of media that match, and of media that do not: waiting for a worker, suspended,
withdrawn or switched off."""
LONGEST_NOTE: Final = 255
LONGEST_OFF: Final = timedelta(days=365 * 5)
FOREVER: Final = datetime(9999, 1, 1, tzinfo=UTC)


def bank_signals(
    service: Service,
    caller: Caller,
    bank: str,
    signals: Mapping[str, Any],
    metadata: Mapping[str, Any] | None,
    note: str | None = None,
) -> HmaBanked:
    """Store the signals of one medium as an `unreviewed` entry of hashes, and return its number.

    Signals that are already banked are not stored again. `metadata`: content_id, content_uri and json, stored
    with the entry. `note`: stored encrypted. Needs `register`, `hma`.

    Raises `BadInput` (`no_signals`, `unknown_signal_type`, `bad_hash`, `low_information`), `NotFound`,
    `Forbidden`, `Conflict` (`bank_full`, `bank_closed`).
    """
    _require(caller)
    if not signals:
        raise NoSignals
    media = tuple(_medium(str(name), value) for name, value in signals.items())
    details = {"source": "hma"} | ({"metadata": dict(metadata)} if metadata else {})
    row = Row(1, media, untitled(media[0]), details=details)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        entries.lock_registrations(connection, home.bank_id)
        held = _without_withdrawn(connection, listings.held_media(connection, home.bank_id, [row]))
        plan = Planner(held).add([row])
        if plan.faults:
            raise BadInput.of_code(plan.faults[0].code, plan.faults[0].message)
        require_capacity(connection, home.bank_id, len(plan.entries))
        listings.write(connection, Origin(home.bank_id, caller.caller_id, None), plan)
        for entry in plan.entries:
            record_event(connection, caller, "entry.registered", entry_id=entry.entry_id)
        held = listings.held_media(connection, home.bank_id, [row])
        ids = numbers.of_media(connection, [medium.asset_id for medium in held])
        if note:
            for entry in plan.entries:
                _save_note(service, connection, caller, entry.entry_id, {"note": note})
    first = next(medium.asset_id for medium in held if medium.identity == media[0].identity)
    return HmaBanked(id=ids[first], signals={str(name): value for name, value in signals.items()})


def _without_withdrawn(connection: Connection, held: Sequence[HeldMedium]) -> list[HeldMedium]:
    """Detach media from withdrawn entries, so that banking a deleted medium again creates a new entry."""
    withdrawn = numbers.withdrawn(connection, [medium.entry_id for medium in held if medium.entry_id])
    return [
        replace(medium, entry_id=None, role=None) if medium.entry_id in withdrawn else medium
        for medium in held
    ]


def default_is_empty(service: Service, caller: Caller) -> bool:
    """Return whether the bank that the caller's organization began with has no entries."""
    with service.pool.transaction() as connection:
        return numbers.default_is_empty(connection, caller.organization_id)


def check_bank(service: Service, caller: Caller, bank: str) -> None:
    """Check, before any work, that the caller may add content to the bank.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    _require(caller)
    with service.pool.transaction() as connection:
        own_bank(connection, caller, bank)


def bank_file(
    service: Service, caller: Caller, bank: str, upload: Upload, details: Mapping[str, Any] | None = None
) -> int:
    """Register a file as a fake in a bank and return its number. A worker fingerprints it later.

    `details`: the client's metadata and note, stored encrypted as the entry's evidence. Raises as
    `register_entry`.
    """
    _require(caller)
    evidence = json.dumps(details, ensure_ascii=False, sort_keys=True) if details else None
    entry = register_entry(service, caller, Registration(fakes=[upload], bank=bank, evidence=evidence))
    asset_id = UUID(entry.assets[0].asset_id)
    with service.pool.transaction() as connection:
        return numbers.of_media(connection, [asset_id])[asset_id]


def get_content(
    service: Service, caller: Caller, bank: HmaBank, number: int, *, signals: bool = False
) -> HmaContent:
    """Return a medium of a bank, with the client's metadata and note. `signals`: with its hashes.

    Raises `NotFound` (`unknown_content`, `unknown_bank`), `Forbidden` (`foreign_bank`), `Unavailable`
    (`keys_unavailable`).
    """
    with service.pool.transaction() as connection:
        row = _content(connection, caller, bank.name, number)
        details = _details(service, connection, row["entry_id"])
        hashes_by_type = _signals(connection, row["entry_id"]) if signals else {}
    until, matchable = row["disabled_until"], row["status"] == "matchable"
    if until is None or until <= datetime.now(UTC):
        disable_until = ENABLED if matchable else DISABLED
    else:
        disable_until = DISABLED if until.year >= FOREVER.year else int(until.timestamp())
    return HmaContent(
        id=number,
        disable_until_ts=disable_until,
        collab_metadata={},
        original_media_uri=None,
        bank=bank,
        enabled=disable_until == ENABLED,
        entry_id=row["entry_id"],
        asset_id=row["asset_id"],
        signals=hashes_by_type or None,
        metadata=details.get("metadata") or row["metadata"],
        note=details.get("note"),
    )


def change_content(
    service: Service, caller: Caller, bank: HmaBank, number: int, changes: Mapping[str, Any]
) -> HmaContent:
    """Set the note of a medium, or switch it off or on, and return it. Needs `register`, `hma`.

    `changes`: `note` (null: none), `disable_until_ts` (1: on, 0: off, else seconds since 1970). Raises
    `BadInput` (`bad_content_note`, `bad_disable_until`) and as `get_content`.
    """
    _require(caller)
    note = checked_note(changes.get("note"))
    until = _until(changes["disable_until_ts"]) if "disable_until_ts" in changes else None
    with service.pool.transaction() as connection:
        row = _content(connection, caller, bank.name, number)
        if "disable_until_ts" in changes:
            numbers.switch(connection, row["asset_id"], until)
        if "note" in changes:
            details = _details(service, connection, row["entry_id"]) | {"note": note}
            _save_note(service, connection, caller, row["entry_id"], details)
    return get_content(service, caller, bank, number)


def checked_note(note: Any) -> str | None:
    """Return the note; None if it is empty. Raises `BadInput` (`bad_content_note`)."""
    if note is not None and (not isinstance(note, str) or len(note) > LONGEST_NOTE):
        raise BadContentNote
    return note or None


def _until(seconds: Any) -> datetime | None:
    """Return until when content is off; None: it is on. Raises `BadInput` (`bad_disable_until`)."""
    try:
        number = int(seconds)
    except (TypeError, ValueError) as error:
        raise BadDisableUntil from error
    now = datetime.now(UTC)
    if not 0 <= number <= (now + LONGEST_OFF).timestamp():
        raise BadDisableUntil
    if number == DISABLED:
        return FOREVER
    until = datetime.fromtimestamp(number, UTC)
    return until if until > now else None


def _content(connection: Connection, caller: Caller, bank: str, number: int) -> dict[str, Any]:
    home = own_bank(connection, caller, bank)
    row = numbers.content(connection, caller.organization_id, home.bank_id, number)
    if row is None:
        raise UnknownContent(f"The bank has no content {number}.")
    return row


def _details(service: Service, connection: Connection, entry_id: UUID) -> dict[str, Any]:
    """Return the client's metadata and note. Evidence that somebody wrote as text has neither."""
    evidence = opened(service, connection, entry_id, None).evidence
    try:
        details = json.loads(evidence or "{}")
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _save_note(
    service: Service, connection: Connection, caller: Caller, entry_id: UUID, details: Mapping[str, Any]
) -> None:
    kept = {name: value for name, value in details.items() if value is not None}
    evidence = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    values = opened(service, connection, entry_id, None).sealed | {"evidence": evidence}
    save_details(service, connection, caller, entry_id, values)


def _signals(connection: Connection, entry_id: UUID) -> dict[str, str]:
    """Return the hashes of an entry's fakes, by signal type."""
    found: dict[str, str] = {}
    for medium in exports.media(connection, [entry_id]).get(entry_id, ()):
        for type_, value in hashes(medium) if medium.role == "fake" else ():
            name = "video_md5" if (type_, medium.kind) == ("md5", "video") else type_
            if name in hma.TYPES:
                found.setdefault(name, value if isinstance(value, str) else json.dumps(value))
    return found


def remove_content(service: Service, caller: Caller, bank: str, number: int) -> int:
    """Withdraw the entry of a banked medium. Return 1, or 0 if it does not exist or was withdrawn before.

    Raises as `own_bank` and `withdraw_entry`.
    """
    _require(caller)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        row = numbers.content(connection, caller.organization_id, home.bank_id, number)
    if row is None or row["status"] == "withdrawn":
        return 0
    withdraw_entry(service, caller, row["entry_id"], reason_code="other")
    return 1


def _medium(name: str, value: Any) -> ListedMedium:
    if name not in hma.TYPES:
        raise UnknownSignalType.of(name[:50])
    if name == "vpdq":
        return hash_medium("vpdq", vpdq.parse_json(value))
    return hash_medium("md5" if name == "video_md5" else "pdq", value)


def _require(caller: Caller) -> None:
    caller.require("hma")
    caller.require("register")
