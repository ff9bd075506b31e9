"""Whoever scrapes is answered while the database is away, in time, and told so.

A key is looked up in the database. So where that does not say, one that it knew lately opens the metrics, and
nothing else. Neither waits for it longer than a scraper does, nor for the threads that all others wait on.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Final

from fastapi import Request

from registry.core.errors import Unauthenticated, Unavailable
from registry.core.errors.database import DatabaseTimeout
from registry.core.http.thread_pool import ThreadPool
from registry.core.service import Service
from registry.identity.callers.api.access import key_of, welcomed
from registry.identity.callers.service.keys import authenticate, digest
from registry.operations.api import database_metrics
from registry.operations.api.database_metrics import Figures
from registry.operations.api.instruments import SHARED, Instruments

KNOWN: Final = 86_400.0
"""Seconds for which a key that the database knew opens the metrics while it is away. No key is revoked
meanwhile: that is written there."""
MOST: Final = 100
"""Keys that are remembered; a deployment has a few scrapers."""
VOUCHES: Final = 2.0
"""Seconds that the database has to say whose key it is."""
TELLS: Final = 5.0
"""Seconds that it has for the figures. With the above below the 10 s that Prometheus waits."""
HURRIED: Final = 0.5
"""Seconds to wait for a connection of a database that has just not answered."""


class _Files(MutableMapping[bytes, float]):
    """Digests and times in a folder that the processes behind one address share, the oldest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, digest: bytes) -> float:
        try:
            return self._at(digest).stat().st_mtime
        except FileNotFoundError:
            raise KeyError(digest) from None

    def __setitem__(self, digest: bytes, at: float) -> None:
        self._at(digest).touch(mode=0o600)
        os.utime(self._at(digest), (at, at))

    def __delitem__(self, digest: bytes) -> None:
        self._at(digest).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[bytes]:
        names = [path.name.removeprefix("reader-") for path in self._folder.glob("reader-*")]
        return iter(sorted(map(bytes.fromhex, names), key=lambda item: self.get(item, 0.0)))

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob("reader-*"))

    def _at(self, digest: bytes) -> Path:
        return self._folder / f"reader-{digest.hex()}"


class Readers:
    """Keys, by their digests, that opened the metrics when the database said whose they are."""

    def __init__(self, folder: Path | None = None) -> None:
        self._seen: MutableMapping[bytes, float] = {} if folder is None else _Files(folder)

    def saw(self, digest: bytes) -> None:
        """The database knows it."""
        self._seen.pop(digest, None)
        self._seen[digest] = time.time()
        for oldest in list(self._seen)[:-MOST]:
            self.forget(oldest)

    def forget(self, digest: bytes) -> None:
        """The database does not, or no more."""
        self._seen.pop(digest, None)

    def knows(self, digest: bytes) -> bool:
        """Whether the database knew it lately."""
        return time.time() - self._seen.get(digest, 0.0) < KNOWN


class Scrapes:
    """Answers those who scrape. Call on one event loop."""

    def __init__(self, instruments: Instruments) -> None:
        shared = os.environ.get(SHARED)
        self._readers = Readers(Path(shared) if shared else None)
        self._instruments = instruments
        self._asking, self._reading, self._writing = (
            ThreadPool(2, "keys"),
            ThreadPool(1, "figures"),
            ThreadPool(1, "text"),
        )
        self._read: asyncio.Future[None] | None = None
        self._began = 0.0
        self._found: Figures = {}

    async def admit(self, request: Request) -> bool:
        """Whether the database said who scrapes; False: it does not, and this key is one that it knew lately.
        Raises `Unauthenticated`, and `Unavailable` for another key while the database is away."""
        key = key_of(request)
        known = digest(key)
        try:
            async with asyncio.timeout(VOUCHES):
                caller = await self._asking.run(authenticate, request.app.state.service, key)
        except Unauthenticated:
            self._readers.forget(known)
            raise
        except (TimeoutError, Unavailable) as error:
            if self._readers.knows(known):
                return False
            if isinstance(error, Unavailable):
                raise
            raise DatabaseTimeout from error
        welcomed(request, key, caller)
        self._readers.saw(known)
        return True

    async def text(self, service: Service, *, patience: float) -> bytes:
        """The metrics. What the database does not say in time is left out."""
        found = await self._figures(service, patience)
        return await self._writing.run(self._instruments.text, service, found)

    async def _figures(self, service: Service, patience: float) -> Figures:
        """Read by one at a time, for all that ask meanwhile: where the database hangs, so does one thread."""
        if self._read is None or self._read.done():
            self._began, self._found = time.monotonic(), {}
            self._read = self._reading.run(database_metrics.read, service, self._found, patience)
        left = self._began + TELLS - time.monotonic()
        done, _ = await asyncio.wait({self._read}, timeout=max(0.0, left))
        for item in done:
            item.result()
        # What began long before and has not ended says nothing of how it is now.
        return dict(self._found) if done or left > 0 else {}
