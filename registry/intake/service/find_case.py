"""Which private case do a number and a PIN open?"""

from __future__ import annotations

from typing import Any

from registry.core.errors import Forbidden, TooMany
from registry.core.service import Service
from registry.identity.accounts.service.passwords import verified
from registry.identity.accounts.service.throttle import note_failure, require_patience, subjects
from registry.identity.accounts.store import accounts
from registry.intake import model as private_case
from registry.intake import store as private_cases


def find_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """The row of the case.

    1. While too many attempts for the number, or from the network, failed, nothing is looked at (`TooMany`,
       `case_locked`), whether there is such a case or not.
    2. The PIN is hashed in any event, and nothing else of the case is read before it is right, so that time
       does not tell whether there is one.
    3. A number that is nobody's and a PIN that is wrong are not told apart (`Forbidden`, `wrong_case`), and
       both are counted.

    Raises also `BadInput` (`bad_case_number`) for what can be no number: that is told by its check
    letter, and nothing is asked.
    """
    known = private_case.case_number(number)
    name = f"case {known}"  # no name to sign in by holds a space
    try:
        require_patience(service, name, address)
    except TooMany as error:
        raise TooMany(
            "Too many attempts with a wrong PIN.", code="case_locked", retry_after=error.retry_after
        ) from None
    with service.pool.transaction() as connection:
        kept = private_cases.pin_hash(connection, known)
    right, _ = verified(private_case.typed_pin(pin), kept)
    if not right:
        note_failure(service, name, address)
        raise wrong_case()
    with service.pool.transaction() as connection:
        accounts.succeeded(connection, subjects(service, name, address)[:1])
        row = private_cases.by_number(connection, known)
    if row is None:
        raise wrong_case()  # it was forgotten this very moment
    return row


def wrong_case() -> Forbidden:
    """Said of a number that is nobody's, and of a wrong PIN."""
    return Forbidden(
        "There is no case of that number and PIN.",
        code="wrong_case",
        next_step="Look both up again. A PIN that is lost cannot be replaced: open a new case.",
    )
