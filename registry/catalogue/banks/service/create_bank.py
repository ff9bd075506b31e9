"""Open a bank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.show_bank import summary
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.errors import BadInput, Conflict
from registry.core.identifiers import as_id
from registry.core.labels import label
from registry.core.service import Service
from registry.identity.callers.model import Caller

VISIBILITIES: Final = ("private", "shared", "public")
KINDS: Final = ("fakes", "negative")
_NAME: Final = re.compile(r"[^/]{1,100}\Z")


def create_bank(
    service: Service,
    caller: Caller,
    *,
    name: str,
    visibility: str | None = None,
    policy: Mapping[str, Any] | None = None,
    kind: str = "fakes",
) -> dict[str, Any]:
    """A new bank of the caller's organization: public, where nothing is said, or private where it is
    `negative`. Needs `admin`.

    Raises `BadInput` (`bad_label`, `bad_policy`, `bad_visibility`, `bad_kind`), `Conflict` (`bank_exists`).
    """
    caller.require("admin")
    name = bank_name(name)
    if kind not in KINDS:
        raise BadInput(f"`kind` is one of {', '.join(KINDS)}.", code="bad_kind")
    visibility = visible_to(visibility or ("private" if kind == "negative" else "public"), kind)
    policies.policy(policy or {})
    with service.pool.transaction() as connection:
        row = banks.insert(
            connection,
            organization_id=caller.organization_id,
            name=name,
            kind=kind,
            visibility=visibility,
            policy=policy or {},
        )
        if row is None:
            raise bank_exists(name)
        record_event(
            connection,
            caller,
            "bank.created",
            subject={"bank_id": row["bank_id"]},
            said={"kind": kind, "visibility": visibility, "policy": policies.recorded(policy or {})},
        )
    return summary(row)


def bank_name(given: str) -> str:
    """A bank's name, checked. Raises `BadInput` (`bad_label`)."""
    name = label(given, "name", longest=100)
    if not _NAME.match(name):
        raise BadInput("A bank's name holds no slash.", code="bad_label")
    if as_id(name):
        raise BadInput("A bank's name does not look like an id.", code="bad_label")
    return name


def visible_to(visibility: str, kind: str) -> str:
    """A visibility that a bank of that kind may have. Raises `BadInput` (`bad_visibility`)."""
    if visibility not in VISIBILITIES:
        raise BadInput("`visibility` is private, shared or public.", code="bad_visibility")
    if kind == "negative" and visibility != "private":
        raise BadInput("A negative bank acts for its owner alone: it is private.", code="bad_visibility")
    return visibility


def bank_exists(name: str) -> Conflict:
    """The error for a name that is taken."""
    return Conflict(f"Your organization has a bank named {name!r} already.", code="bank_exists")
