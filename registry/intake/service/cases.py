"""Intake cases: open without an account, follow by number and PIN, withdraw, sweep."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue import entries, media
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
    clear_failures,
    count_case,
    count_failure,
    hashed,
    require_attempt_allowed,
    verified,
)
from registry.identity.callers.model import Caller
from registry.intake import model
from registry.intake import store as intake_store
from registry.intake.errors import CaseLocked, CaseWithdrawn, NotDeclared, TooManyFiles, WrongCase
from registry.intake.model import Standing
from registry.intake.schemas import Case, CasePage, OpenedCase, Since
from registry.intake.schemas import ListedCase as CaseInList
from registry.intake.service.settings import case_caller, find_intake
from registry.intake.store import EventsSince, ListedCase, NewCase, StoredCase
from registry.review.queue.service.decisions import withdraw_entry


def find_case(service: Service, number: str, pin: str, *, address: str) -> StoredCase:
    """Return a case.

    1. During a delay after failed attempts for the number or from the network, nothing is checked (`TooMany`,
    `case_locked`), whether or not the case exists.

    2. The PIN is always hashed, and no other data of the case is read before it matches. So timing does not
    reveal whether the case exists.

    3. An unknown number and a wrong PIN give the same error (`Forbidden`, `wrong_case`), and both are
    counted.

    Also raises `BadInput` (`bad_case_number`) for an invalid number; the check character reveals it without a
    query.
    """
    number_ = model.case_number(number)
    name = f"case {number_}"  # sign-in names contain no space, so the two cannot collide
    try:
        require_attempt_allowed(service, name, address)
    except TooMany as error:
        raise CaseLocked("Too many attempts with a wrong PIN.", retry_after=error.retry_after) from None
    with service.pool.transaction() as connection:
        pin_hash = intake_store.pin_hash(connection, number_)
    correct, _ = verified(model.typed_pin(pin), pin_hash)
    if not correct:
        count_failure(service, name, address)
        raise wrong_case()
    with service.pool.transaction() as connection:
        clear_failures(connection, service, name, address)
        row = intake_store.by_number(connection, number_)
    if row is None:
        raise wrong_case()  # the case was deleted at this moment
    return row


def wrong_case() -> Forbidden:
    """Return the error for an unknown number or a wrong PIN."""
    return WrongCase("There is no case with that number and PIN.")


@dataclass(frozen=True, slots=True, repr=False)
class Declaration:
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
    service: Service, documents: Sequence[Fingerprint], declaration: Declaration, *, address: str
) -> OpenedCase:
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
    note = _checked(documents, declaration)
    with service.pool.transaction() as connection:
        intake = find_intake(connection)
        if intake_store.opened_lately(connection) >= service.settings.cases_a_day:
            raise TooManyCases("The daily limit of cases is reached.", retry_after=3600)
    count_case(service, address, free=model.NETWORK_FREE)
    pin = model.pin(secrets.randbelow(model.PINS))
    opened: list[tuple[str, datetime]] = []

    def keep(connection: Connection, entry_id: UUID) -> None:
        opened.append(_insert(connection, entry_id, hashed(pin), declaration))

    files = {document.media.sha256: document.without_faces() for document in documents}
    register_entry(
        service,
        intake.caller,
        Registration(
            fakes=list(files.values()),
            bank=str(intake.bank_id),
            title=model.TITLE,
            manipulation=declaration.manipulation,
            seen=declaration.seen,
            evidence=note,
        ),
        beside=keep,
    )
    ((number, opened_at),) = opened[-1:]
    return OpenedCase(
        case_number=model.in_halves(number),
        pin=pin,
        state="waiting",
        organization=intake.organization,
        files=len(files),
        opened_at=opened_at,
    )


def _checked(documents: Sequence[Fingerprint], declaration: Declaration) -> str | None:
    """Validate the declaration and return the note. Media that may show a minor is refused first."""
    if not declaration.adult:
        raise MinorProtection(
            "Somebody younger than 18 is shown, or may be: nothing is accepted or stored here.",
            next_step=HOTLINE,
        )
    if not declaration.true:
        raise NotDeclared("A case needs your declaration that its content is true.")
    if not documents:
        raise NoFake("A case needs a fingerprint.", next_step="Choose a file.")
    if len(documents) > model.MOST_FILES or len(declaration.seen) > model.MOST_PLACES:
        raise TooManyFiles(f"A case has at most {model.MOST_FILES} files and {model.MOST_PLACES} places.")
    return (
        text(declaration.note, "note", model.LONGEST_NOTE)
        if declaration.note and declaration.note.strip()
        else None
    )


def _insert(
    connection: Connection, entry_id: UUID, pin_hash: str, declaration: Declaration
) -> tuple[str, datetime]:
    """Insert a case, and return its number and time."""
    for _ in range(8):
        number = model.number(secrets.randbelow(model.NUMBERS))
        case = NewCase(entry_id, number, pin_hash, declaration.standing, declaration.intimate)
        if (opened_at := intake_store.insert(connection, case)) is not None:
            return number, opened_at
    raise Unavailable("No case number is free.", next_step="Try again.")


MOST_MET: Final = 1_000
"""Most lookups that are counted."""


def follow_case(service: Service, number: str, pin: str, *, address: str) -> Case:
    """Return the case and, while it is confirmed, events `since` it was opened. They are limited to confirmed
    cases because anybody could open a case with any footage to learn who finds it.

    The events are lookups that matched, if their callers share that with owners (`dispatch_events`), and
    entries of other organizations with the same footage (`relate_entry`) that are visible to everybody.
    Only counts and days are shown, no names; other intake cases are left out. Raises like `find_case`.
    """
    row = find_case(service, number, pin, address=address)
    if model.state(row) != "confirmed":
        return shape(row)
    with service.pool.transaction() as connection:
        since = intake_store.since(connection, row.case_id, most=MOST_MET)
    if since is None:
        raise wrong_case()  # the case was erased at this moment
    return shape(row, since)


def shape(row: StoredCase, since: EventsSince | None = None) -> Case:
    """Return a case as its person sees it."""
    shown_since = since and Since.from_row(
        since, last_lookup=_day(since.last_lookup), last_entry=_day(since.last_entry)
    )
    return Case.from_row(
        row, case_number=model.in_halves(row.case_number), state=model.state(row), since=shown_since
    )


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def list_cases(service: Service, caller: Caller, *, limit: int = 50, after: str | None = None) -> CasePage:
    """Return intake cases of the caller's organization, newest first. Needs `review`, because people who open
    a case are told that only reviewers read it. The note is in the details of the case's entry. Raises
    `BadInput` (`bad_cursor`)."""
    caller.require("review")
    with service.pool.transaction() as connection:
        rows = intake_store.page(
            connection,
            caller.organization_id,
            after=cursor.place(after) if after else None,
            limit=limit + 1,
        )
    more, rows = len(rows) > limit, rows[:limit]
    next_cursor = cursor.encode(rows[-1].opened_at.isoformat(), rows[-1].case_id) if more else None
    return CasePage(cases=[_listed(row) for row in rows], next=next_cursor)


def _listed(row: ListedCase) -> CaseInList:
    number = model.in_halves(row.case_number) if row.case_number else None
    return CaseInList.from_row(row, case_number=number, state=model.state(row))


def withdraw_case(service: Service, number: str, pin: str, *, address: str) -> Case:
    """Withdraw a case and return it. From this commit on its fingerprints answer no lookup, and nobody can
    restore it. Its texts are destroyed. Files that reviewers sent for it are deleted with their faces, unless
    another entry uses them. A repeated or interrupted call completes the rest.

    Raises like `find_case`; `Unavailable` (`keys_unavailable`).
    """
    row = find_case(service, number, pin, address=address)
    caller = case_caller(row.created_by, row.organization_id)
    try:
        withdraw_entry(service, caller, row.entry_id, reason_code="request")
    except Conflict as error:
        if error.code != "entry_withdrawn":
            raise
    with service.pool.transaction() as connection:
        entries.lock_entry(connection, row.entry_id)
        media.release(connection, intake_store.own_media(connection, row.entry_id))
        intake_store.withdraw(connection, row.case_id)
        row = intake_store.by_number(connection, row.case_number) or row
    erase_details(service, caller, row.entry_id)
    return shape(row)


def require_not_withdrawn(connection: Connection, entry_id: UUID) -> None:
    """Raise `Conflict` (`case_withdrawn`) if the entry is a case that its person has withdrawn."""
    if intake_store.is_withdrawn(connection, entry_id):
        raise CaseWithdrawn("The person who opened this private case has withdrawn it.")


def sweep_cases(service: Service) -> int:
    """Clean up ended cases and return how many can no longer be followed. The texts of a case are destroyed
    once its entry is withdrawn, by anybody. Number and PIN are deleted FAKEPRINT_CASE_DAYS later. Safe to
    repeat. Raises `Unavailable` (`keys_unavailable`)."""
    with service.pool.transaction() as connection:
        due = intake_store.ending(connection)
    for case in due:
        erase_details(service, case_caller(case.created_by, case.organization_id), case.entry_id)
        with service.pool.transaction() as connection:
            intake_store.end(connection, case.case_id)
    with service.pool.transaction() as connection:
        return intake_store.tidy(connection, days=service.settings.case_days)
