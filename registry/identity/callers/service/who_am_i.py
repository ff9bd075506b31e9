"""Who calls, and what may it ask?"""

from __future__ import annotations

from typing import Any, Final

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.authenticate import digest, unknown_key
from registry.identity.callers.service.show_caller import key_shape
from registry.identity.callers.store import api_keys
from registry.identity.organizations.store import organizations
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import NO_LIMITS, Book, Limits

_UNUSED: Final = {"day": 0, "month": 0}


def who_am_i(service: Service, caller: Caller, key: str) -> dict[str, Any]:
    """The caller of `key` with its organization, what it may do and ask, and when the key ends. Any key. Of
    quotas also what is used; what processes have borrowed and not asked counts too, for half a second."""
    with service.pool.transaction() as connection:
        organization = organizations.show(connection, caller.organization_id)
        books = quotas.used(connection, caller.caller_id, caller.organization_id)
        operates = organizations.operates(connection, caller.organization_id)
        row = api_keys.by_digest(connection, digest(key))
    if organization is None or row is None:
        raise unknown_key()
    return {
        "caller_id": str(caller.caller_id),
        "name": caller.name,
        "organization": {
            "organization_id": str(caller.organization_id),
            "name": organization["name"],
            "operator": operates,
            **_limits(books["organization"], None),
        },
        "roles": sorted(caller.roles),
        "key": key_shape(row),
        **_limits(books["caller"], service.settings.caller_rate or None),
    }


def _limits(book: Book | None, rate: float | None) -> dict[str, Any]:
    limits = book.limits if book else NO_LIMITS
    shown = Limits(limits.rate or rate, limits.daily, limits.monthly).shown()
    return {"limits": shown, "used": {"day": book.day_used, "month": book.month_used} if book else _UNUSED}
