"""Answers of lookups."""

from __future__ import annotations

from uuid import UUID

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.records import get_lookup


def answer_of(service: Service, caller: Caller, lookup_id: UUID) -> Answer:
    """Return the answer of a lookup that is answered."""
    found = get_lookup(service, caller, lookup_id)
    assert found is not None
    return found
