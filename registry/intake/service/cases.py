"""Intake cases: open without an account, follow by number and PIN, withdraw, sweep."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue.entries.errors import NoFake
from registry.catalogue.entries.model.details import text
from registry.catalogue.entries.service.details import erase_details
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.errors import MinorProtection
from registry.catalogue.media.model import HOTLINE
from registry.core import cursor
from registry.core.database.pool import Connection
from registry.core.errors import Conflict, Forbidden, TooMany, Unavailable
from registry.core.service import Service
from registry.identity.accounts.errors import TooManyCases
from registry.identity.accounts.service.sessions import (
    count_case,
    forget_failures,
    hashed,
    note_failure,
    require_patience,
    verified,
)
from registry.identity.callers.model import Caller
from registry.intake import model as private_case
from registry.intake import store as private_cases
from registry.intake.errors import CaseLocked, CaseWithdrawn, NotDeclared, TooManyFiles, WrongCase
from registry.intake.model import Standing
from registry.intake.service.settings import case_caller, find_intake
from registry.review.queue.service.decisions import withdraw_entry


def find_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """Return the row of a case.

    1. During a delay after failed attempts for the number or from the network, nothing is checked (`TooMany`,
    `case_locked`), whether or not the case exists.

    2. The PIN is always hashed, and no other data of the case is read before it matches. So timing does not
    reveal whether the case exists.

    3. An unknown number and a wrong PIN give the same error (`Forbidden`, `wrong_case`), and both are
    counted.

    Also raises `BadInput` (`bad_case_number`) for an invalid number; the check character reveals it without a
    query.
    """
    known = private_case.case_number(number)
    name = f"case {known}"  # sign-in names contain no space, so the two cannot collide
    try:
        require_patience(service, name, address)
    except TooMany as error:
        raise CaseLocked("Too many attempts with a wrong PIN.", retry_after=error.retry_after) from None
    with service.pool.transaction() as connection:
        kept = private_cases.pin_hash(connection, known)
    right, _ = verified(private_case.typed_pin(pin), kept)
    if not right:
        note_failure(service, name, address)
        raise wrong_case()
    with service.pool.transaction() as connection:
        forget_failures(connection, service, name, address)
        row = private_cases.by_number(connection, known)
    if row is None:
        raise wrong_case()  # the case was deleted at this moment
    return row


def wrong_case() -> Forbidden:
    """Return the error for an unknown number or a wrong PIN."""
    return WrongCase("There is no case of that number and PIN.")


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What the person declares. `adult`: the person shown was 18 or older; `true`: the declaration is true;
    `seen`: places, as in `catalogue.entries.model.details`; `note`: information and contact for reviewers.
    Places and note are stored encrypted."""

    standing: Standing
    intimate: bool
    adult: bool
    true: bool
    manipulation: str | None = None
    seen: Sequence[Any] = ()
    note: str | None = None


def open_case(
    service: Service, documents: Sequence[Fingerprint], told: Told, *, address: str
) -> dict[str, Any]:
    """Open a case and return its number and PIN, shown only here. Its entry waits for reviewers in the bank
    for intake cases. It is a separate entry even if the same file is already registered there, so withdrawing
    one case ends no other. `address` is counted by network and not stored.

    A case holds no biometric data: faces in documents are dropped. They would change nothing. Until reviewers
    confirm the case, lookups answer `related` whatever the faces. To confirm it, reviewers need the file
    itself, whose faces the service computes (`verify_entry`).

    Raises `Forbidden` (`minor_protection`: nothing is stored), `BadInput` (`not_declared`, `no_fake`,
    `bad_detail`, `bad_label`, `unknown_manipulation`), `TooLarge` (`too_many_files`), `BadDocument`
    (`low_information`, `document_too_large`), `Conflict` (`no_private_cases`, `bank_full`), `TooMany`
    (`too_many_cases`), `Unavailable`.
    """
    note = _checked(documents, told)
    with service.pool.transaction() as connection:
        intake = find_intake(connection)
        if private_cases.opened_lately(connection) >= service.settings.cases_a_day:
            raise TooManyCases("As many cases as are taken in a day have come.", retry_after=3600)
    count_case(service, address, free=private_case.NETWORK_FREE)
    pin = private_case.pin(secrets.randbelow(private_case.PINS))
    case = {"pin_hash": hashed(pin), "standing": told.standing, "intimate": told.intimate}
    made: dict[str, Any] = {}

    def keep(connection: Connection, entry_id: UUID) -> None:
        made.update(_insert(connection, {**case, "entry_id": entry_id}))

    register_entry(
        service,
        intake.caller,
        Registration(
            fakes=list({document.media.sha256: document.without_faces() for document in documents}.values()),
            bank=str(intake.bank_id),
            title=private_case.TITLE,
            manipulation=told.manipulation,
            seen=told.seen,
            evidence=note,
        ),
        beside=keep,
    )
    return {
        "case_number": private_case.shown(made["case_number"]),
        "pin": pin,
        "state": "waiting",
        "organization": intake.organization,
        "files": len({document.media.sha256 for document in documents}),
        "opened_at": made["opened_at"].isoformat(),
    }


def _checked(documents: Sequence[Fingerprint], told: Told) -> str | None:
    """Validate the declaration and return the note. Media that may show a minor is refused first."""
    if not told.adult:
        raise MinorProtection(
            "Somebody younger than 18 is shown, or may be: nothing of it is taken or kept here.",
            next_step=HOTLINE,
        )
    if not told.true:
        raise NotDeclared("A case needs your word that what you say is so.")
    if not documents:
        raise NoFake("A case needs a fingerprint.", next_step="Choose a file.")
    if len(documents) > private_case.MOST_FILES or len(told.seen) > private_case.MOST_PLACES:
        raise TooManyFiles(
            f"A case has {private_case.MOST_FILES} files and {private_case.MOST_PLACES} places at most."
        )
    return text(told.note, "note", private_case.LONGEST_NOTE) if told.note and told.note.strip() else None


def _insert(connection: Connection, case: dict[str, Any]) -> dict[str, Any]:
    for _ in range(8):
        number = private_case.number(secrets.randbelow(private_case.NUMBERS))
        found = private_cases.insert(connection, {**case, "case_number": number})
        if found is not None:
            return {**found, "case_number": number}
    raise Unavailable("No number is free.", next_step="Try again.")


MOST_MET: Final = 1_000
"""Most lookups that are counted."""


def follow_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """Return the case and, while it is confirmed, events `since` it was opened. They are limited to confirmed
    cases because anybody could open a case with any footage to learn who finds it.

    The events are lookups that matched, if their callers share that with owners (`dispatch_events`), and
    entries of other organizations with the same footage (`relate_entry`) that are visible to everybody.
    Only counts and days are shown, no names; other intake cases are left out. Raises like `find_case`.
    """
    row = find_case(service, number, pin, address=address)
    if private_case.state(row) != "confirmed":
        return shape(row)
    with service.pool.transaction() as connection:
        since = private_cases.since(connection, row["case_id"], most=MOST_MET)
    if since is None:
        raise wrong_case()  # the case was erased at this moment
    return shape(row, since)


def shape(row: Mapping[str, Any], since: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Shape a row of `find_case` for an answer."""
    return {
        "case_number": private_case.shown(row["case_number"]),
        "state": private_case.state(row),
        "organization": row["organization"],
        "files": row["files"],
        "opened_at": row["opened_at"].isoformat(),
        "withdrawn_at": row["withdrawn_at"].isoformat() if row["withdrawn_at"] else None,
        "since": since
        and {
            **{name: since[name] for name in ("lookups", "entries", "confirmed")},
            **{name: _day(since[name]) for name in ("last_lookup", "last_entry")},
        },
    }


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def list_cases(
    service: Service, caller: Caller, *, limit: int = 50, after: str | None = None
) -> dict[str, Any]:
    """Return intake cases of the caller's organization, newest first. Needs `review`, because people who open
    a case are told that only reviewers read it. The note is in the details of the case's entry. Raises
    `BadInput` (`bad_cursor`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        rows = private_cases.page(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    last = rows[-1] if rows else None
    ends = cursor.encode(last["opened_at"].isoformat(), last["case_id"]) if last and more else None
    return {"cases": [_shape(row) for row in rows], "next": ends}


def _shape(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "case_id": str(row["case_id"]),
        "entry_id": str(row["entry_id"]),
        "case_number": private_case.shown(row["case_number"]) if row["case_number"] else None,
        "state": private_case.state(row),
        **{name: row[name] for name in ("standing", "intimate", "files", "bank")},
        "opened_at": row["opened_at"].isoformat(),
    }


def withdraw_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """Withdraw a case and return it. From this commit on its fingerprints answer no lookup, and nobody can
    restore it. Its texts are destroyed. Files that reviewers sent for it are deleted with their faces, unless
    another entry uses them. A repeated or interrupted call completes the rest.

    Raises like `find_case`; `Unavailable` (`keys_unavailable`).
    """
    row = find_case(service, number, pin, address=address)
    caller = case_caller(row["created_by"], row["organization_id"])
    try:
        withdraw_entry(service, caller, row["entry_id"], reason_code="request")
    except Conflict as error:
        if error.code != "entry_withdrawn":
            raise
    with service.pool.transaction() as connection:
        entries.lock_entry(connection, row["entry_id"])
        private_cases.let_go(connection, row["entry_id"])
        private_cases.withdraw(connection, row["case_id"])
        row = private_cases.by_number(connection, row["case_number"]) or row
    erase_details(service, caller, row["entry_id"])
    return shape(row)


def require_not_withdrawn(connection: Connection, entry_id: UUID) -> None:
    """Raise `Conflict` (`case_withdrawn`) if the entry is a case that its person has withdrawn."""
    if private_cases.is_withdrawn(connection, entry_id):
        raise CaseWithdrawn("The person who opened this private case has withdrawn it.")


def sweep_cases(service: Service) -> int:
    """Clean up ended cases and return how many can no longer be followed. The texts of a case are destroyed
    once its entry is withdrawn, by anybody. Number and PIN are deleted FAKEPRINT_CASE_DAYS later. Safe to
    repeat. Raises `Unavailable` (`keys_unavailable`)."""
    with service.pool.transaction() as connection:
        due = private_cases.ending(connection)
    for item in due:
        erase_details(service, case_caller(item["created_by"], item["organization_id"]), item["entry_id"])
        with service.pool.transaction() as connection:
            private_cases.end(connection, item["case_id"])
    with service.pool.transaction() as connection:
        return private_cases.tidy(connection, days=service.settings.case_days)
