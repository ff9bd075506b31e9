"""Prove that the ledger only grew between two sizes."""

from __future__ import annotations

from typing import Any

from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger import store as ledger
from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.service.prove_inclusion import proof_of


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
