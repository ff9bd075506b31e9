"""Request and show RFC 3161 timestamps of checkpoints."""

from __future__ import annotations

import base64
import logging
import random
from typing import Final

from registry.core import backoff
from registry.core.errors import BadInput, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.transparency.ledger.schemas import Stamp
from registry.transparency.timestamps import store as timestamps
from registry.transparency.timestamps.errors import NoStamp
from registry.transparency.timestamps.service import authority as tsa
from registry.transparency.timestamps.store import Timestamp


def get_timestamp(service: Service, _: Caller, *, covering: int | None = None) -> Stamp:
    """Return the newest timestamped checkpoint, or the first one that covers the leaf at an index.

    The timestamp is of the checkpoint's bytes. Raises `NotFound` (`no_stamp`).
    """
    with service.pool.transaction() as connection:
        timestamp = timestamps.newest(connection, covering=covering)
    if timestamp is None:
        subject = "No checkpoint of the ledger" if covering is None else "No checkpoint that covers the leaf"
        raise NoStamp(f"{subject} has a time stamp yet.")
    return Stamp(
        size=timestamp.size,
        checkpoint=timestamp.note,
        stamped_at=timestamp.stamped_at,
        authority=timestamp.authority,
        stamp=base64.b64encode(timestamp.response).decode(),
    )


LOGGER = logging.getLogger(__name__)

HELD: Final = 120.0
"""Seconds after which an unfinished attempt is repeated, because its worker may have died."""
FIRST_PAUSE: Final = 30.0
LONGEST_PAUSE: Final = 3600.0
"""Seconds between a failed attempt and the next: the first pause (`FIRST_PAUSE`) and the longest. Each is
three times the previous one."""


def stamp_ledger(service: Service) -> int | None:
    """Request a timestamp of the newest checkpoint and return its size. It covers all earlier leaves.

    None if the deployment has no authority or no timestamp is due. At most one is made in
    FAKEPRINT_TSA_MINUTES, and only when something new was signed. A failure is stored, logged and retried
    with growing pauses; nothing else waits for it. The request is made outside any transaction.
    """
    settings = service.settings
    if not settings.tsa_minutes or not (settings.tsa_url or settings.tsa_ca):
        return None
    with service.pool.transaction() as connection:
        due = timestamps.claim(connection, HELD)
    if due is None:
        return None
    try:
        authority = tsa.authority(settings)
        assert authority is not None  # noqa: S101 - one of its settings is set
        answer, stated = authority.stamp(due.note.encode())
    except (Unavailable, BadInput) as error:
        draw = random.random()  # noqa: S311 - jitter, not a secret
        pause = backoff.delay(due.failures + 1, draw, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        with service.pool.transaction() as connection:
            timestamps.record_failure(connection, error.code, pause=pause)
        LOGGER.warning(
            "a checkpoint of %d leaves has no time stamp yet [%s]: %s Next attempt in %.0f s.",
            due.size,
            error.code,
            error.message,
            pause,
        )
        return None
    with service.pool.transaction() as connection:
        timestamps.store(
            connection,
            Timestamp(due.size, due.note, answer, stated.at, stated.by),
            pause=settings.tsa_minutes * 60,
        )
    LOGGER.info("a checkpoint of %d leaves has a time stamp of %s", due.size, stated.at.isoformat())
    return due.size
