"""Keep when keys were last used, roughly."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from registry.core.service import Service
from registry.identity.callers.store import api_keys

EVERY: Final = 300.0
"""Seconds within which it is not written twice."""


def note_keys(service: Service, digests: Collection[bytes]) -> None:
    """Keys of these digests have been used since the last call. Raises `Unavailable`."""
    if digests:
        with service.pool.transaction() as connection:
            api_keys.used(connection, digests, every=EVERY)
