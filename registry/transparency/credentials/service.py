"""Sign assertions about entries, and the status lists that revoke them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.model import policy
from registry.catalogue.entries.service.visibility import find_entry
from registry.core.audit.model.ledger import event_leaf
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.credentials import store as assertions
from registry.transparency.credentials.errors import NotAssertable, NotAsserted, UnknownList
from registry.transparency.credentials.model import assertion, jose, status_list
from registry.transparency.credentials.model.assertion import Standing
from registry.transparency.credentials.model.status_list import SIZE, Purpose
from registry.transparency.errors import LedgerKeyUnavailable, NotSigned
from registry.transparency.ledger.model import signing
from registry.transparency.ledger.model.note import Signer
from registry.transparency.ledger.service.ledger import inclusion, newest
from registry.transparency.ledger.service.sequencing import ledger_folder

_NEXT: Final = "It is signed within two seconds; try again."


def get_assertion(service: Service, caller: Caller, entry_id: UUID) -> str:
    """Return a signed JWT (`vc+jwt`) about an entry that the caller may see, valid for `assertion.HOLDS`.

    The bank's policy must allow it (`assertions`), and the entry must be reviewed and matchable.

    Raises `NotFound` (`unknown_entry`, `no_checkpoint`), `Conflict` (`not_assertable`: the bank does not
    allow it; `not_asserted`: the entry is unreviewed or not matchable; `not_signed`: no checkpoint covers the
    entry yet), `Unavailable` (`ledger_key_unavailable`).
    """
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        row = assertions.standing(connection, entry_id)
        if not policy(row["policy"]).assertions:
            raise NotAssertable
        if row["status"] != "matchable" or row["tier"] == "unreviewed":
            raise NotAsserted("The entry was not reviewed by another organization, or is not in force.")
        media = assertions.media(connection, entry_id)
        standing = _standing(connection, entry_id, row, media)
        now = datetime.now(UTC)
        places = _places(service, connection, entry_id, standing.tier, media, now)
    (signer, *_) = ledger_signers(service)
    return jose.sign(assertion.credential(standing, signer, now, places), signer)


def _places(
    service: Service,
    connection: Connection,
    entry_id: UUID,
    tier: str,
    media: Sequence[dict[str, Any]],
    now: datetime,
) -> list[dict[str, str]]:
    """Return the assertion's places in the status lists. Empty if the deployment has no public URL."""
    base = service.settings.public_url
    if not base:
        return []
    asset_ids = sorted(medium["asset_id"] for medium in media)
    content_digest = hashlib.sha256(
        b"".join([tier.encode(), b"\0", *(medium.bytes for medium in asset_ids)])
    ).digest()
    until = now + assertion.HOLDS + jose.SKEW
    return status_list.places(
        base, assertions.place(connection, entry_id, tier, asset_ids, content_digest, until)
    )


def _standing(
    connection: Connection, entry_id: UUID, row: dict[str, Any], media: Sequence[dict[str, Any]]
) -> Standing:
    signed = newest(connection)
    event = assertions.opening(connection, entry_id)
    if event is None or event["leaf_index"] >= signed.size:
        raise NotSigned(next_step=_NEXT)
    proof = inclusion(connection, event["leaf_index"], signed.size)
    return Standing(
        entry_id=str(entry_id),
        organization_id=str(row["organization_id"]),
        organization=row["organization"],
        tier=row["tier"],
        manipulation=row["manipulation"],
        matchable_at=row["matchable_at"].isoformat(),
        reviewers=row["reviewers"],
        organizations=row["organizations"],
        media=[{"role": medium["role"], "sha256": medium["sha256"]} for medium in media],
        checkpoint=signed.note,
        index=event["leaf_index"],
        leaf=assertion.leaf_hash(event_leaf(event)),
        proof=[hash_.hex() for hash_ in proof],
    )


def ledger_signers(service: Service) -> list[Signer]:
    """Return the ledger's keys that this process has. The first one signs assertions.

    Raises `Unavailable` (`ledger_key_unavailable`).
    """
    signers = signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
    if not signers:
        raise LedgerKeyUnavailable
    return signers


def get_status_list(service: Service, purpose: Purpose, number: int) -> str:
    """Return a signed JWT (`vc+jwt`) with the status of `status_list.SIZE` assertions, for everybody.

    It does not say which entries they are about.

    Raises `NotFound` (`unknown_list`: there is no such list, or the deployment has no public URL),
    `Unavailable` (`ledger_key_unavailable`).
    """
    base = service.settings.public_url
    with service.pool.transaction() as connection:
        last = assertions.last_place(connection)
        if not base or last is None or not 0 <= number <= last // SIZE:
            raise UnknownList("There is no such status list.")
        first = number * SIZE
        numbers = assertions.fallen(connection, purpose, first, first + SIZE)
    (signer, *_) = ledger_signers(service)
    fallen = [status_no - first for status_no in numbers]
    now = datetime.now(UTC)
    return jose.sign(status_list.credential(base, purpose, number, fallen, signer, now), signer)
