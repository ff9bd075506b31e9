"""Is this an administrator of the whole deployment, or of one organization in it?"""

from __future__ import annotations

from registry.core.database.pool import Connection
from registry.core.errors import Forbidden
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import organizations


def require_operator(connection: Connection, caller: Caller) -> None:
    """Raise `Forbidden` (`not_operator`) unless the caller is an administrator of the first organization,
    which runs the deployment: others' administrators decide for their own organization alone."""
    caller.require("admin")
    if not organizations.operates(connection, caller.organization_id):
        raise Forbidden(
            "That is for whoever runs the deployment: an administrator of its first organization.",
            code="not_operator",
            next_step="Ask them.",
        )
