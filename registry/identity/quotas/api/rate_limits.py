"""Limits of one caller, so that no caller slows down the others: lookups and batches at once in a process,
and lookups a second, a day and a month in all processes together (`token_leases`). More is refused with 429
and the seconds after which a lookup is possible.
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
"""Database connections of a process that no single caller takes from the others."""
PATIENCE: Final = 5.0
"""Seconds that a lookup waits for others of its caller."""
BATCHES: Final = 2
"""Batches of one caller at once ..."""
ALL_BATCHES: Final = 6
"""... and of all: each holds in memory what was sent ahead of its answers."""
STRETCHES: Final = 2
"""Stretches of batches that are answered at the same time, whoever sends them."""
UNIT: Final = 1 << 14
"""Bytes of a question that count as one lookup: a hash or a digest is one, a document one for each 16 KiB."""
MOST_ACCOUNTS: Final = 10_000
"""Callers that are remembered; beyond, those that ask nothing are forgotten."""


@dataclass(slots=True)
class _Account:
    """What a caller is doing, and what it has left."""

    running: asyncio.Semaphore
    tokens: CallerTokens
    held: int = 0
    batches: int = 0


class RateLimits:
    """The accounts of callers. Not for several threads at once.

    `at_once`: lookups of a caller that are answered at the same time, each taking a thread and a connection;
    `most`: these and those that wait for them. `rate`: lookups a second of a caller that has no limit of its
    own; 0: as many as can be answered.
    """

    def __init__(self, *, at_once: int, most: int, rate: float = 0.0, patience: float = PATIENCE) -> None:
        self._at_once = at_once
        self._most = most
        self._patience = patience
        self._accounts: dict[UUID, _Account] = {}
        self._batches = 0
        self.token_leases = TokenLeases(rate=rate or None)
        """Tokens of the limits that all processes share."""
        self.stretch = asyncio.Semaphore(STRETCHES)
        """The turns of stretches of batches, all callers' together."""

    @classmethod
    def of(cls, settings: Settings) -> RateLimits:
        """What a deployment allows."""
        at_once = max(1, settings.pool_size - SPARE)
        return cls(at_once=at_once, most=settings.caller_requests, rate=settings.caller_rate)

    @asynccontextmanager
    async def turn(self, caller_id: UUID, size: int) -> AsyncIterator[None]:
        """The turn of a lookup whose question has `size` bytes.

        Raises `TooMany`: `too_many_requests` where as many of its caller wait already, or wait too long;
        `rate_limited` or `quota_exhausted` where a limit of the caller or its organization is used up.
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
        """The time of a batch; its lines are paid by `pay`.

        Raises `TooMany` where the caller has as many, or may ask nothing now, `Unavailable` (`busy`) where
        all together have.
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
        """Pay lines of a batch, of so many bytes each, as soon as the limits allow it. `goes_on` is asked
        every `patience` seconds; where it says no, nothing more is waited for. Raises `TooMany`
        (`quota_exhausted`)."""
        tokens = self._account(caller_id).tokens
        tokens.touched = True
        left = 0 if tokens.free else sum(map(cost, sizes))
        while left and goes_on():
            left = await self.token_leases.collect(tokens, left, patience=patience)

    def lines(self, caller_id: UUID, most: int) -> int:
        """How many lines of a batch to answer together, at most: what a second of the caller's rate allows,
        so that its answers keep coming."""
        rate = self._account(caller_id).tokens.rate
        return most if rate is None else max(1, min(most, int(rate)))

    async def _admit(self, tokens: CallerTokens) -> None:
        """Raise `TooMany` where nothing can be paid now."""
        tokens.touched = True
        if not tokens.free and not tokens.held:
            tokens.held += await self.token_leases.pay(tokens, 1)

    def _account(self, caller_id: UUID) -> _Account:
        account = self._accounts.get(caller_id)
        if account is None:
            if len(self._accounts) >= MOST_ACCOUNTS:
                self._forget()
            tokens = self.token_leases.callers[caller_id] = CallerTokens(caller_id)
            account = self._accounts[caller_id] = _Account(asyncio.Semaphore(self._at_once), tokens)
        return account

    def _forget(self) -> None:
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
    """As how many lookups a question of so many bytes counts."""
    return max(1, -(-size // UNIT))
