"""Whoever opened a private case withdraws it."""

from __future__ import annotations

from typing import Any

from registry.catalogue.entries.service.describe_entry import erase_details
from registry.catalogue.entries.store import entries
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.intake import store as private_cases
from registry.intake.service.find_case import find_case
from registry.intake.service.follow_case import shape
from registry.intake.service.show_intake import case_caller
from registry.review.queue.service.withdraw_entry import withdraw_entry


def withdraw_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """The case, withdrawn: its fingerprints answer no lookup from this commit on, nobody restores it, what
    was written with it is destroyed, and files that reviewers sent for it go, with the faces found in them,
    unless another entry holds them. Sent twice, or again after it was cut off, it does what is left
    to do.

    Raises as `find_case`; `Unavailable` (`keys_unavailable`).
    """
    row = find_case(service, number, pin, address=address)
    caller = case_caller(row["created_by"], row["organization_id"])
    try:
        withdraw_entry(service, caller, row["entry_id"], reason_code="request")
    except Conflict as error:
        if error.code != "entry_withdrawn":
            raise
    with service.pool.transaction() as connection:
        entries.lock_of_entry(connection, row["entry_id"])
        private_cases.let_go(connection, row["entry_id"])
        private_cases.withdraw(connection, row["case_id"])
        row = private_cases.by_number(connection, row["case_number"]) or row
    erase_details(service, caller, row["entry_id"])
    return shape(row)
