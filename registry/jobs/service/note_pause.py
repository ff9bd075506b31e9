"""Know when the database was away: who could not say then that it lives is not taken for dead."""

from __future__ import annotations

from typing import Final

from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.jobs.model import lease
from registry.jobs.store import jobs

PAUSE_SECONDS: Final = lease.MISSED * lease.LONGEST_PAUSE
"""In which a worker that lives may miss as many renewals as one that is gone."""
SETTLES_SECONDS: Final = 10.0
"""After a pause: until then whoever lives has renewed its lease."""


def note_pause(service: Service) -> None:
    """Note that the database takes writes. Whoever sweeps says so as often as workers renew their leases, and
    whatever else it does meanwhile: then a pause is one of the database, or of the way to it, and not of long
    work. Raises `Unavailable`."""
    with service.pool.transaction() as connection:
        is_steady(connection)


def is_steady(connection: Connection) -> bool:
    """Whether it has taken writes for a while, without a pause and as the same server; noted too."""
    return jobs.swept(connection, pause=PAUSE_SECONDS, settles=SETTLES_SECONDS)
