"""Lend an API process some of what its callers may ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from registry.core.service import Service
from registry.identity.quotas import store as quotas
from registry.identity.quotas.model import Ask, Loan

PATIENCE: Final = 1.0
"""Seconds to wait for a connection; then the process counts by itself."""


def lend_allowance(service: Service, asks: Sequence[Ask]) -> dict[UUID, Loan]:
    """What each caller is lent, by its id. Raises `Unavailable`."""
    with service.pool.transaction(PATIENCE) as connection:
        return quotas.lend(connection, asks, rate=service.settings.caller_rate or None)
