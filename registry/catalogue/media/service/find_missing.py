"""Media that the database names and that is not kept, as after a restore."""

from __future__ import annotations

from collections.abc import Iterator

from registry.catalogue.media.service.holders import holders, needed
from registry.catalogue.media.store import blobs
from registry.core.service import Service


def find_missing(service: Service) -> Iterator[str]:
    """The key of each such blob. Raises `Unavailable` (`blobs_unavailable`)."""
    with service.pool.transaction() as connection:
        named = {*blobs.named(connection), *(key for one in holders() for key in one.named(connection))}
    absent = [key for key in named if not service.blobs.exists(key)]
    with service.pool.transaction() as connection:
        needs = needed(service, connection, absent) if absent else set()
    return (key for key in absent if key in needs)  # the others were let go meanwhile
