"""How much one caller may ask of one process, so that nobody slows everybody: lookups at once, lookups a
second, batches at once. What is beyond that is refused with 429 and the seconds after which there is room.

It is counted in the memory of a process: of several, each has its own count.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.errors import TooMany, Unavailable
from registry.settings import Settings

SPARE: Final = 2
"""Database connections of a process that no single caller takes from the others."""
PATIENCE: Final = 5.0
"""Seconds that a lookup waits for others of its caller."""
BURST: Final = 5.0
"""Seconds of a caller's rate that can be saved up and asked at once."""
BATCHES: Final = 2
"""Batches of one caller at once ..."""
ALL_BATCHES: Final = 6
"""... and of all: each holds in memory what was sent ahead of its answers."""
STRETCHES: Final = 2
"""Stretches of batches that are answered at the same time, whoever asks."""
UNIT: Final = 1 << 14
"""Bytes of a question that count as one lookup: a hash or a digest is one, a document one for each 16 KiB."""
MOST_ACCOUNTS: Final = 10_000
"""Callers that are remembered; beyond, those that ask nothing are forgotten."""


@dataclass(slots=True)
class _Account:
    """What a caller is doing; `paid`: the monotonic second up to which its rate is used."""

    running: asyncio.Semaphore
    held: int = 0
    batches: int = 0
    paid: float = 0.0


class Allowance:
    """The accounts of the callers that ask. Not for several threads at once.

    `at_once`: lookups of a caller that are answered at the same time, each taking a thread and a connection;
    `most`: these and those that wait for them. `rate`: lookups a second; 0: as many as can be answered.
    """

    def __init__(self, *, at_once: int, most: int, rate: float = 0.0, patience: float = PATIENCE) -> None:
        self._at_once = at_once
        self._most = most
        self._rate = rate
        self._patience = patience
        self._accounts: dict[UUID, _Account] = {}
        self._batches = 0
        self.stretch = asyncio.Semaphore(STRETCHES)
        """The turns of stretches of batches, all callers' together."""

    @classmethod
    def of(cls, settings: Settings) -> Allowance:
        """What a deployment allows."""
        at_once = max(1, settings.pool_size - SPARE)
        return cls(at_once=at_once, most=settings.caller_requests, rate=settings.caller_rate)

    @asynccontextmanager
    async def turn(self, caller_id: UUID, size: int) -> AsyncIterator[None]:
        """The turn of a lookup whose question has `size` bytes.

        Raises `TooMany` where as many of its caller wait already, or wait too long, or its rate is used up.
        """
        account = self._account(caller_id)
        self._refuse_beyond_rate(account)
        if account.held >= self._most:
            raise TooMany(f"{account.held} lookups of this caller are being answered or wait for it.")
        account.held += 1
        try:
            await self._wait(account)
            try:
                self._count(account, size)
                yield
            finally:
                account.running.release()
        finally:
            account.held -= 1

    @contextmanager
    def batch(self, caller_id: UUID) -> Iterator[None]:
        """The time of a batch; its lines are counted by `spend`.

        Raises `TooMany` where the caller has as many, `Unavailable` (`busy`) where all together have.
        """
        account = self._account(caller_id)
        self._refuse_beyond_rate(account)
        if account.batches >= BATCHES:
            raise TooMany(f"{account.batches} batches of this caller are being answered.", retry_after=5)
        if self._batches >= ALL_BATCHES:
            raise Unavailable(
                "Too many batches are being answered.",
                code="busy",
                next_step="Try again after the seconds of Retry-After.",
            )
        account.batches += 1
        self._batches += 1
        try:
            yield
        finally:
            account.batches -= 1
            self._batches -= 1

    def spend(self, caller_id: UUID, size: int) -> float:
        """Count a line of a batch, of `size` bytes; the seconds to wait until the rate is kept."""
        account = self._account(caller_id)
        self._count(account, size)
        return max(0.0, self._owed(account))

    def _account(self, caller_id: UUID) -> _Account:
        account = self._accounts.get(caller_id)
        if account is None:
            if len(self._accounts) >= MOST_ACCOUNTS:
                self._forget()
            account = self._accounts[caller_id] = _Account(asyncio.Semaphore(self._at_once))
        return account

    def _forget(self) -> None:
        now = time.monotonic()
        self._accounts = {
            caller_id: account
            for caller_id, account in self._accounts.items()
            if account.held or account.batches or account.paid > now
        }

    async def _wait(self, account: _Account) -> None:
        if not account.running.locked():
            await account.running.acquire()  # at once: the usual case needs no timer
            return
        try:
            await asyncio.wait_for(account.running.acquire(), self._patience)
        except TimeoutError:
            raise TooMany("Earlier lookups of this caller take too long.") from None

    def _refuse_beyond_rate(self, account: _Account) -> None:
        owed = self._owed(account)
        if owed > 0:
            raise TooMany(f"This caller asks more than {self._rate:g} lookups a second.", retry_after=owed)

    def _owed(self, account: _Account) -> float:
        """Seconds by which the caller is ahead of what it has saved up."""
        return account.paid - time.monotonic() - BURST

    def _count(self, account: _Account, size: int) -> None:
        if self._rate:
            lookups = max(1, -(-size // UNIT))
            account.paid = max(account.paid, time.monotonic()) + lookups / self._rate
