"""Begin to take a hash list in."""

from __future__ import annotations

from typing import Any, get_args

from registry.catalogue.banks.service.find_bank import own_bank
from registry.core.errors import BadInput
from registry.core.labels import file_label
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.list_lines import FORMATS, Manner
from registry.sharing.lists.model.listed import HashType
from registry.sharing.lists.service.show_import import shape
from registry.sharing.lists.store import imports


def begin_import(
    service: Service,
    caller: Caller,
    *,
    bank: str | None = None,
    name: str = "",
    format_: str = "auto",
    assumed: str | None = None,
) -> dict[str, Any]:
    """A list of which nothing was taken yet. Its rows come by `take_rows`. Needs `register`.

    `assumed`: the type of hashes that do not say theirs. Raises `BadInput` (`bad_format`, `unknown_type`,
    `unsupported_type`), `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("register")
    if format_ not in FORMATS:
        raise BadInput(
            f"{format_[:50]!r} is no format of lists.",
            code="bad_format",
            next_step=f"Choose among {', '.join(FORMATS)}.",
        )
    if assumed is not None and assumed not in get_args(HashType):
        assumed = hash_rows.hash_type(assumed)[0]
    manner = Manner(format_, assumed)
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank)
        import_id = imports.insert(
            connection,
            organization_id=caller.organization_id,
            bank_id=home.bank_id,
            created_by=caller.caller_id,
            name=file_label(name),
            manner=manner,
        )
        row = imports.show(connection, caller.organization_id, import_id)
    assert row is not None  # noqa: S101 - it was made in this transaction
    return shape(row)
