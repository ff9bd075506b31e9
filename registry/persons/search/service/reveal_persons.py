"""Add the enrolled persons that a lookup found to its answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.persons.search.model import search
from registry.persons.search.model.search import Hit
from registry.persons.search.service.search_faces import opened_hit

log = logging.getLogger(__name__)


def reveal_persons(
    service: Service, answer: Mapping[str, Any], sealed: Mapping[UUID, bytes]
) -> dict[str, Any]:
    """The answer with the persons whose matches, `sealed`, can be opened: not those whose key is destroyed.

    For callers with the scope `faces` alone. Raises `Unavailable` (`keys_unavailable`).
    """
    hits = [hit for person_id, one in sealed.items() if (hit := _open(service, person_id, one)) is not None]
    return search.combined(answer, hits)


def _open(service: Service, person_id: UUID, sealed: bytes) -> Hit | None:
    key = service.keys.find(person_id)
    if key is None:
        return None
    try:
        return opened_hit(key, person_id, sealed)
    except Unavailable as error:
        log.warning("match skipped (%s)", error.code, extra={"person_id": str(person_id)})
        return None
