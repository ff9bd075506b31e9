"""Prove that the ledger only grew between two sizes."""

from __future__ import annotations

from typing import Any

from registry.actions.prove_inclusion import proof_of
from registry.actions.service import Service
from registry.domain import merkle
from registry.domain.caller import Caller
from registry.errors import BadInput
from registry.store import ledger


def prove_consistency(service: Service, _: Caller, *, first: int, second: int) -> dict[str, Any]:
    """That the first `second` leaves begin with the first `first`. Raises `BadInput` (`bad_range`),
    `Unavailable` (`ledger_damaged`)."""
    with service.pool.transaction() as connection:
        whole, _signed = ledger.sizes(connection)
        if not 0 <= first <= second <= whole:
            raise BadInput(
                f"The ledger has {whole} leaves; `from` and `to` are sizes up to that, in this order.",
                code="bad_range",
            )
        proof = proof_of(connection, merkle.consistency_ranges(first, second))
    return {"first": first, "second": second, "proof": [one.hex() for one in proof]}
