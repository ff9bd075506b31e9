"""Say of a known fake, signed, what the registry holds of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from registry import signing
from registry.actions.find_entry import find_entry
from registry.actions.prove_inclusion import inclusion
from registry.actions.sequence_events import ledger_folder
from registry.actions.service import Service
from registry.actions.show_checkpoint import newest
from registry.domain import assertion
from registry.domain.assertion import Standing
from registry.domain.caller import Caller
from registry.domain.ledger import event_leaf
from registry.domain.note import Signer
from registry.domain.policy import policy
from registry.errors import Conflict, Unavailable
from registry.store import assertions
from registry.store.pool import Connection

_NEXT: Final = "It is signed within a second or two; ask again."


def show_assertion(service: Service, caller: Caller, entry_id: UUID) -> str:
    """A JWT (`vc+jwt`) about an entry that the caller may see, which holds for `assertion.HOLDS`. Its bank's
    policy must allow it (`assertions`), and it must be reviewed and stand.

    Raises `NotFound` (`unknown_entry`, `no_checkpoint`), `Conflict` (`not_assertable`: the bank does not
    allow it; `not_asserted`: nobody has reviewed it, or it does not stand; `not_signed`: the
    ledger has not come so far), `Unavailable` (`ledger_key_unavailable`).
    """
    with service.pool.transaction() as connection:
        find_entry(connection, caller, entry_id)
        row = assertions.standing(connection, entry_id)
        if not policy(row["policy"]).assertions:
            raise Conflict(
                "The entry's bank does not allow signed assertions.",
                code="not_assertable",
                next_step="Its owner allows them: `fakeprint admin bank set BANK assertions=true`.",
            )
        if row["status"] != "matchable" or row["tier"] == "unreviewed":
            raise Conflict(
                "Nothing is asserted of an entry that nobody else has reviewed, or that does not stand.",
                code="not_asserted",
                next_step="A reviewer of another organization confirms it: `fakeprint review list`.",
            )
        found = _standing(connection, entry_id, row)
    (signer, *_) = _signers(service)
    return assertion.sign(assertion.credential(found, signer, datetime.now(UTC)), signer)


def _standing(connection: Connection, entry_id: UUID, row: dict[str, Any]) -> Standing:
    signed = newest(connection)
    event = assertions.opening(connection, entry_id)
    if event is None or event["leaf_index"] >= signed["size"]:
        raise Conflict("The ledger does not cover the entry yet.", code="not_signed", next_step=_NEXT)
    proof = inclusion(connection, event["leaf_index"], signed["size"])
    return Standing(
        entry_id=str(entry_id),
        organization_id=str(row["organization_id"]),
        organization=row["organization"],
        tier=row["tier"],
        manipulation=row["manipulation"],
        matchable_at=row["matchable_at"].isoformat(),
        reviewers=row["reviewers"],
        organizations=row["organizations"],
        media=[
            {"role": one["role"], "sha256": one["sha256"]} for one in assertions.media(connection, entry_id)
        ],
        checkpoint=signed["note"],
        index=event["leaf_index"],
        leaf=assertion.leaf_hash(event_leaf(event)),
        proof=[one.hex() for one in proof],
    )


def _signers(service: Service) -> list[Signer]:
    found = signing.signers(ledger_folder(service.settings), service.settings.ledger_origin, create=False)
    if not found:
        raise Unavailable(
            "This process has no key of the ledger to sign with.",
            code="ledger_key_unavailable",
            next_step="Give it FAKEPRINT_LEDGER, or wait until the ledger was first signed.",
        )
    return found
