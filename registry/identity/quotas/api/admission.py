"""Admission of lookups and batches, so that no caller slows down the others.

Each process limits the lookups and batches that a caller runs at once. All processes together limit lookups a
second, a day and a month: `token_leases` takes tokens, and `model/rate_limit.py` computes how many. Requests
beyond a limit get 429 and the seconds until the next lookup is possible.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.core.errors import TooMany
from registry.core.errors.http import Busy
from registry.core.settings import Settings
from registry.identity.quotas.api.token_leases import CallerTokens, TokenLeases

SPARE: Final = 2
"""Database connections that one caller leaves to the others."""
PATIENCE: Final = 5.0
"""Seconds that a lookup waits for earlier lookups of its caller."""
BATCHES: Final = 2
"""Batches of one caller at once ..."""
ALL_BATCHES: Final = 6
"""... and of all callers: each holds lines in memory that were read ahead of the answers."""
LINE_GROUPS: Final = 2
"""Groups of batch lines that are answered at the same time, over all callers."""
UNIT: Final = 1 << 14
"""Bytes of a query that count as one lookup. A hash or digest counts as one, a document as one per 16 KiB."""
MOST_ACCOUNTS: Final = 10_000
"""Most callers in memory. Beyond that, idle callers are dropped."""


@dataclass(slots=True)
class _Account:
    """The running lookups, batches and tokens of a caller. `held`: lookups that run or wait."""

    running: asyncio.Semaphore
    tokens: CallerTokens
    held: int = 0
    batches: int = 0


class Admission:
    """Admits the lookups and batches of this process, within the limits of each caller. Not thread-safe.

    `at_once`: lookups of a caller that run at the same time; each needs a thread and a connection. `most`:
    lookups of a caller that run or wait. `rate`: lookups a second of a caller without a limit of its own; 0:
    no limit.
    """

    def __init__(self, *, at_once: int, most: int, rate: float = 0.0, patience: float = PATIENCE) -> None:
        self._at_once = at_once
        self._most = most
        self._patience = patience
        self._accounts: dict[UUID, _Account] = {}
        self._batches = 0
        self.token_leases = TokenLeases(rate=rate or None)
        """Tokens leased from the limits that all processes share."""
        self.stretch = asyncio.Semaphore(LINE_GROUPS)
        """Limits how many groups of batch lines are answered at once."""

    @classmethod
    def of(cls, settings: Settings) -> Admission:
        """Return the admission with the limits of a deployment."""
        at_once = max(1, settings.pool_size - SPARE)
        return cls(at_once=at_once, most=settings.caller_requests, rate=settings.caller_rate)

    @asynccontextmanager
    async def turn(self, caller_id: UUID, size: int) -> AsyncIterator[None]:
        """Pay for a lookup of `size` bytes, wait for its turn, and hold it during the block.

        Raises `TooMany`: `too_many_requests` if too many lookups of the caller wait, or this one waits too
        long; `rate_limited` or `quota_exhausted` if a limit of the caller or its organization is used up.
        """
        account = self._account(caller_id)
        if account.held >= self._most:
            raise TooMany(f"{account.held} lookups of this caller are being answered or wait for it.")
        account.held += 1
        try:
            tokens = account.tokens
            tokens.touched = True
            lookups = 0 if tokens.free else cost(size)
            if lookups and not tokens.take(lookups):
                lookups = await self.token_leases.pay(tokens, lookups)
            await self._wait(account, lookups)
            try:
                yield
            finally:
                account.running.release()
        finally:
            account.held -= 1

    @asynccontextmanager
    async def batch(self, caller_id: UUID) -> AsyncIterator[None]:
        """Count a batch during the block. Pay for its lines with `pay`.

        Raises `TooMany` if the caller has too many batches or no tokens, `Unavailable` (`busy`) if all
        callers together have too many batches.
        """
        account = self._account(caller_id)
        if account.batches >= BATCHES:
            raise TooMany(f"{account.batches} batches of this caller are being answered.", retry_after=5)
        if self._batches >= ALL_BATCHES:
            raise Busy("Too many batches are being answered.")
        account.batches += 1
        self._batches += 1
        try:
            await self._admit(account.tokens)
            yield
        finally:
            account.batches -= 1
            self._batches -= 1

    async def pay(
        self, caller_id: UUID, sizes: list[int], *, goes_on: Callable[[], bool], patience: float
    ) -> None:
        """Pay for lines of a batch, as soon as the limits allow it. `sizes`: bytes of each line. `goes_on` is
        called every `patience` seconds; if it returns False, stop waiting. Raises `TooMany`
        (`quota_exhausted`)."""
        tokens = self._account(caller_id).tokens
        tokens.touched = True
        unpaid = 0 if tokens.free else sum(map(cost, sizes))
        while unpaid and goes_on():
            unpaid = await self.token_leases.collect(tokens, unpaid, patience=patience)

    def lines(self, caller_id: UUID, most: int) -> int:
        """Return how many lines of a batch to answer together: at most one second of the caller's rate, so
        that answers keep coming."""
        rate = self._account(caller_id).tokens.rate
        return most if rate is None else max(1, min(most, int(rate)))

    async def _admit(self, tokens: CallerTokens) -> None:
        """Raise `TooMany` if the caller can get no token now."""
        tokens.touched = True
        if not tokens.free and not tokens.held:
            tokens.held += await self.token_leases.pay(tokens, 1)

    def _account(self, caller_id: UUID) -> _Account:
        account = self._accounts.get(caller_id)
        if account is None:
            if len(self._accounts) >= MOST_ACCOUNTS:
                self._drop_idle()
            tokens = self.token_leases.callers[caller_id] = CallerTokens(caller_id)
            account = self._accounts[caller_id] = _Account(asyncio.Semaphore(self._at_once), tokens)
        return account

    def _drop_idle(self) -> None:
        over = [
            caller_id
            for caller_id, account in self._accounts.items()
            if not (account.held or account.batches) and account.tokens.idle
        ]
        for caller_id in over:
            del self._accounts[caller_id], self.token_leases.callers[caller_id]

    async def _wait(self, account: _Account, paid: int) -> None:
        if not account.running.locked():
            await account.running.acquire()  # at once: the usual case needs no timer
            return
        try:
            await asyncio.wait_for(account.running.acquire(), self._patience)
        except TimeoutError:
            account.tokens.held += paid
            raise TooMany("Earlier lookups of this caller take too long.") from None


def cost(size: int) -> int:
    """Return how many lookups a query of `size` bytes counts as."""
    return max(1, -(-size // UNIT))
