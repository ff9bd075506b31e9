"""People who are notified, and notifications of some time ago."""

from __future__ import annotations

from uuid import UUID, uuid4

from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.identity.callers.model import Caller
from tests.support.service.rows import write


def account_of(service: Service, caller: Caller, name: str = "") -> Signed:
    """Create a person of the caller's organization, with the caller's roles and a sign-in name."""
    (made,) = write(
        service,
        "WITH c AS (INSERT INTO caller (organization_id, name, roles) VALUES (%s, 'x', %s)"
        " RETURNING caller_id)"
        " INSERT INTO account (caller_id, sign_in_name) SELECT caller_id, %s FROM c"
        " RETURNING account_id, caller_id",
        caller.organization_id,
        sorted(caller.roles),
        name or uuid4().hex,
    )
    person = Caller(made["caller_id"], caller.organization_id, "x", caller.roles)
    return Signed(made["account_id"], uuid4(), "x", "x", person)


def make_private(service: Service, entry_id: UUID) -> None:
    """Make an entry that of a private intake case."""
    write(
        service,
        "INSERT INTO private_case (entry_id, standing, intimate) VALUES (%s, 'depicted', true)",
        entry_id,
    )


def let_notifications_age(service: Service, *, days: int) -> None:
    """Let all notifications be older."""
    write(service, "UPDATE notification SET at = at - make_interval(days => %s)", days)
