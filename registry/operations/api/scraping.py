"""Answer Prometheus in time, also while the database is away.

Keys are looked up in the database. If it does not answer, a key that it knew lately opens the metrics, and
nothing else. Waits are shorter than the scraper's timeout, and use threads of their own.
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
from registry.identity.callers.api.access import key_of, note_key_use
from registry.identity.callers.service.keys import authenticate, digest
from registry.operations.api import database_metrics
from registry.operations.api.database_metrics import Readings
from registry.operations.api.instruments import SHARED, Instruments

KEY_MEMORY: Final = 86_400.0
"""Seconds for which a key that the database knew opens the metrics while it is away. Meanwhile no key can be
revoked, because that is written to the database."""
MOST: Final = 100
"""Most keys that are remembered. A deployment has a few scrapers."""
KEY_SECONDS: Final = 2.0
"""Seconds for looking up a key."""
READING_SECONDS: Final = 5.0
"""Seconds for reading metrics. Together both are shorter than the 10 s that Prometheus waits."""
SHORT_PATIENCE: Final = 0.5
"""Seconds to wait for a connection after the database has just not answered."""


class _Files(MutableMapping[bytes, float]):
    """Digests and times in a folder that the processes of one address share, oldest first."""

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
        return iter(sorted(map(bytes.fromhex, names), key=lambda digest: self.get(digest, 0.0)))

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob("reader-*"))

    def _at(self, digest: bytes) -> Path:
        return self._folder / f"reader-{digest.hex()}"


class KnownKeys:
    """Digests of keys that the database knew lately."""

    def __init__(self, folder: Path | None = None) -> None:
        self._seen: MutableMapping[bytes, float] = {} if folder is None else _Files(folder)

    def add(self, digest: bytes) -> None:
        """Remember a key that the database knows."""
        self._seen.pop(digest, None)
        self._seen[digest] = time.time()
        for oldest in list(self._seen)[:-MOST]:
            self.forget(oldest)

    def forget(self, digest: bytes) -> None:
        """Forget a key that the database does not know."""
        self._seen.pop(digest, None)

    def knows(self, digest: bytes) -> bool:
        """Return whether the database knew the key lately."""
        return time.time() - self._seen.get(digest, 0.0) < KEY_MEMORY


class MetricsReader:
    """Reads the metrics for scrapers. Call on one event loop."""

    def __init__(self, instruments: Instruments) -> None:
        shared = os.environ.get(SHARED)
        self._keys = KnownKeys(Path(shared) if shared else None)
        self._instruments = instruments
        self._authentication, self._reading, self._writing = (
            ThreadPool(2, "keys"),
            ThreadPool(1, "metrics"),
            ThreadPool(1, "text"),
        )
        self._read: asyncio.Future[None] | None = None
        self._began = 0.0
        self._found: Readings = {}

    async def admit(self, request: Request) -> bool:
        """Return whether the database knows the key. False: it is away, and knew the key lately. Raises
        `Unauthenticated`, and `Unavailable` for other keys while the database is away."""
        key = key_of(request)
        key_sha256 = digest(key)
        try:
            async with asyncio.timeout(KEY_SECONDS):
                caller = await self._authentication.run(authenticate, request.app.state.service, key)
        except Unauthenticated:
            self._keys.forget(key_sha256)
            raise
        except (TimeoutError, Unavailable) as error:
            if self._keys.knows(key_sha256):
                return False
            if isinstance(error, Unavailable):
                raise
            raise DatabaseTimeout from error
        note_key_use(request, key, caller)
        self._keys.add(key_sha256)
        return True

    async def text(self, service: Service, *, patience: float) -> bytes:
        """Return the metrics. Values that are not read in time are left out."""
        readings = await self._values(service, patience)
        return await self._writing.run(self._instruments.text, service, readings)

    async def _values(self, service: Service, patience: float) -> Readings:
        """Read once for all concurrent requests, so that a hanging database blocks one thread."""
        if self._read is None or self._read.done():
            self._began, self._found = time.monotonic(), {}
            self._read = self._reading.run(database_metrics.read, service, self._found, patience)
        remaining = self._began + READING_SECONDS - time.monotonic()
        done, _ = await asyncio.wait({self._read}, timeout=max(0.0, remaining))
        for reading in done:
            reading.result()
        # A reading that began long ago and has not ended says nothing about the present.
        return dict(self._found) if done or remaining > 0 else {}
