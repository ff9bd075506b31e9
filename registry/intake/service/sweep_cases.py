"""Forget what nobody needs any more of private cases that have ended."""

from __future__ import annotations

from registry.catalogue.entries.service.describe_entry import erase_details
from registry.core.service import Service
from registry.intake import store as private_cases
from registry.intake.service.show_intake import case_caller


def sweep_cases(service: Service) -> int:
    """How many cases can no longer be followed. What was written with a case is destroyed once its entry is
    withdrawn, by whomever; number and PIN are forgotten FAKEPRINT_CASE_DAYS later. Safe to repeat. Raises
    `Unavailable` (`keys_unavailable`)."""
    with service.pool.transaction() as connection:
        due = private_cases.ending(connection)
    for one in due:
        erase_details(service, case_caller(one["created_by"], one["organization_id"]), one["entry_id"])
        with service.pool.transaction() as connection:
            private_cases.end(connection, one["case_id"])
    with service.pool.transaction() as connection:
        return private_cases.tidy(connection, days=service.settings.case_days)
