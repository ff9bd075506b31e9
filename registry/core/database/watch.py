"""A thread that looks at one server a few times a second, over a connection of its own.

Whoever wants to know what it saw takes the newest look, which costs nothing, and minds how old it is: a look
at a server that hangs is not there yet, and the last one grows old.
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
"""Seconds between two looks."""
STALE: Final = 1.0
"""Seconds after which a look says nothing any more."""

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
    """What was seen: `row`, None where the server did not answer. `at` (monotonic seconds) and `time` are of
    the moment before it was asked."""

    row: Row | None = None
    error: str = "not yet asked"
    at: float = field(default_factory=time.monotonic)
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def fresh(self) -> Row | None:
        """The row, while it is new enough to go by."""
        return self.row if time.monotonic() - self.at <= STALE else None


class Watch:
    """Asks `query` of the server at `url` every `BEAT` seconds; `seen` is told each look, in this thread.
    `name` is for the log: addresses hold passwords."""

    def __init__(self, name: str, url: str, query: str, seen: Callable[[Look], None]) -> None:
        self.look = Look()
        self._name = name
        self._url = url
        self._query = query.encode()
        self._seen = seen
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
        """A look that began after this call, or the newest there is after `patience` seconds."""
        asked = time.monotonic()
        self._hurry.set()
        with self._looked:
            self._looked.wait_for(lambda: self.look.at >= asked, timeout=patience)
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
        """One look; a connection that was cut is made anew once."""
        said = ""
        for _ in range(2 if self._connection else 1):
            look = Look(error="")
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(self._url, **_CONNECTING)
                row = self._connection.execute(self._query).fetchone()
            except (psycopg.Error, OSError) as error:
                said = (str(error).strip().splitlines() or [type(error).__name__])[0]
                self._let_go()
            else:
                return Look(row=row, error="", at=look.at, time=look.time)
        return Look(error=said, at=look.at, time=look.time)

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
