"""A person without an account registers what shows them, by fingerprints that were made on their device."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue.entries.model.details import text
from registry.catalogue.entries.service.register_entry import register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import HOTLINE
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Forbidden, TooLarge, TooMany, Unavailable
from registry.core.service import Service
from registry.identity.accounts.service.passwords import hashed
from registry.identity.accounts.service.throttle import count_case
from registry.intake import model as private_case
from registry.intake import store as private_cases
from registry.intake.model import Standing
from registry.intake.service.show_intake import find_intake


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """What a person says. `adult`: whoever it shows was 18 or older in it; `true`: that it is so; `seen`:
    places, as `catalogue.entries.model.details` has them; `note`: what reviewers should know, and how to
    reach them; both
    are kept sealed."""

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
    """The case: its number and PIN, which is shown this once. Its entry waits for reviewers in the bank
    that takes private cases, and is its own, also where the same file is registered there already: who
    withdraws one case ends no other. `address`: whence it comes; it is counted by network, and not kept.

    A case holds no biometric data, and faces that documents bring are left out. They would change nothing:
    until reviewers have confirmed it lookups are told `related` whatever the faces, and to confirm it they
    need the very file, whose faces the service computes itself (`verify_entry`).

    Raises `Forbidden` (`minor_protection`: nothing is kept), `BadInput` (`not_declared`, `no_fake`,
    `bad_detail`, `bad_label`, `unknown_manipulation`), `TooLarge` (`too_many_files`), `BadDocument`
    (`low_information`, `document_too_large`), `Conflict` (`no_private_cases`, `bank_full`), `TooMany`
    (`too_many_cases`), `Unavailable`.
    """
    note = _checked(documents, told)
    with service.pool.transaction() as connection:
        intake = find_intake(connection)
        if private_cases.opened_lately(connection) >= service.settings.cases_a_day:
            raise TooMany(
                "As many cases as are taken in a day have come.", code="too_many_cases", retry_after=3600
            )
    count_case(service, address, free=private_case.NETWORK_FREE)
    pin = private_case.pin(secrets.randbelow(private_case.PINS))
    case = {"pin_hash": hashed(pin), "standing": told.standing, "intimate": told.intimate}
    made: dict[str, Any] = {}

    def keep(connection: Connection, entry_id: UUID) -> None:
        made.update(_insert(connection, {**case, "entry_id": entry_id}))

    register_entry(
        service,
        intake.caller,
        fakes=list({one.media.sha256: one.without_faces() for one in documents}.values()),
        bank=str(intake.bank_id),
        title=private_case.TITLE,
        manipulation=told.manipulation,
        seen=told.seen,
        evidence=note,
        beside=keep,
    )
    return {
        "case_number": private_case.shown(made["case_number"]),
        "pin": pin,
        "state": "waiting",
        "organization": intake.organization,
        "files": len({one.media.sha256 for one in documents}),
        "opened_at": made["opened_at"].isoformat(),
    }


def _checked(documents: Sequence[Fingerprint], told: Told) -> str | None:
    """The note. What a minor may be shown in is refused before anything else is looked at."""
    if not told.adult:
        raise Forbidden(
            "Somebody younger than 18 is shown, or may be: nothing of it is taken or kept here.",
            code="minor_protection",
            next_step=HOTLINE,
        )
    if not told.true:
        raise BadInput(
            "A case needs your word that what you say is so.",
            code="not_declared",
            next_step="Send `true` as true.",
        )
    if not documents:
        raise BadInput("A case needs a fingerprint.", code="no_fake", next_step="Choose a file.")
    if len(documents) > private_case.MOST_FILES or len(told.seen) > private_case.MOST_PLACES:
        raise TooLarge(
            f"A case has {private_case.MOST_FILES} files and {private_case.MOST_PLACES} places at most.",
            code="too_many_files",
            next_step="Open another case for the rest.",
        )
    return text(told.note, "note", private_case.LONGEST_NOTE) if told.note and told.note.strip() else None


def _insert(connection: Connection, case: dict[str, Any]) -> dict[str, Any]:
    for _ in range(8):
        number = private_case.number(secrets.randbelow(private_case.NUMBERS))
        found = private_cases.insert(connection, {**case, "case_number": number})
        if found is not None:
            return {**found, "case_number": number}
    raise Unavailable("No number is free.", next_step="Try again.")
