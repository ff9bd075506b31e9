"""A thread that checks one server several times a second, over its own connection.

Callers read the newest result, which costs nothing, and must check its age. If the server hangs, no new
result arrives and the last one grows old.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

LOGGER = logging.getLogger(__name__)

BEAT: Final = 0.2
"""Seconds between two checks."""
STALE: Final = 1.0
"""Age in seconds at which a result counts no more."""

_CONNECTING: Final[dict[str, Any]] = {
    "autocommit": True,
    "row_factory": dict_row,
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "options": "-c statement_timeout=2000 -c timezone=UTC -c application_name=fakeprint-watch",
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """One result. `row` is None if the server did not answer. `at` (monotonic seconds) and `time` are taken
    just before the query."""

    row: Row | None = None
    error: str = "not yet asked"
    at: float = field(default_factory=time.monotonic)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def fresh(self) -> Row | None:
        """The row, or None if it is older than `STALE`."""
        return self.row if time.monotonic() - self.at <= STALE else None


class Watch:
    """Runs `query` on the server at `url` every `BEAT` seconds and passes each result to `seen`, in this
    thread. `name` is used in the log, because addresses hold passwords."""

    def __init__(self, name: str, url: str, query: str, on_look: Callable[[Look], None]) -> None:
        self.look = Look()
        self._name = name
        self._url = url
        self._query = query.encode()
        self._seen = on_look
        self._connection: psycopg.Connection[Row] | None = None
        self._ending = False
        self._hurry = threading.Event()
        self._looked = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=f"watch {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ending = True
        self._hurry.set()
        self._thread.join(timeout=5.0)

    def ask(self, patience: float) -> Look:
        """Request a check now. Return a result that began after this call, or the newest one after `patience`
        seconds."""
        requested_at = time.monotonic()
        self._hurry.set()
        with self._looked:
            self._looked.wait_for(lambda: self.look.at >= requested_at, timeout=patience)
        return self.look

    def _run(self) -> None:
        while not self._ending:
            self._hurry.clear()
            look = self._ask()
            if (look.row is None) != (self.look.row is None):
                LOGGER.warning("%s %s", self._name, f"is away: {look.error}" if look.error else "answers")
            self._seen(look)
            with self._looked:
                self.look = look
                self._looked.notify_all()
            self._hurry.wait(BEAT)
        self._let_go()

    def _ask(self) -> Look:
        """Run one check. A connection that was cut is reopened once."""
        reason = ""
        for _ in range(2 if self._connection else 1):
            look = Look(error="")
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(self._url, **_CONNECTING)
                row = self._connection.execute(self._query).fetchone()
            except (psycopg.Error, OSError) as error:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                self._let_go()
            else:
                return Look(row=row, error="", at=look.at, time=look.time)
        return Look(error=reason, at=look.at, time=look.time)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
