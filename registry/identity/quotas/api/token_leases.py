"""Tokens of callers that this process leases from the database in advance.

A lookup uses tokens that the process holds. If they do not suffice, it waits for a lease: one round trip for
all lookups that wait. In every tick the process leases as many tokens as it used in the last one, and returns
those of idle callers. So all processes together never exceed a limit. While the database is away, each
process counts the rate by itself, and reports the tokens used afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from registry.core.errors import FakeprintError, TooMany
from registry.identity.quotas.errors import QuotaExhausted, RateLimited
from registry.identity.quotas.model import rate_limit
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.model.rate_limit import UNLIMITED, Lease, LeaseRequest, Usage

LOGGER = logging.getLogger(__name__)

TICK: Final = 0.25
"""Seconds between two rounds of leases."""
LEARN: Final = 1.0
"""Seconds within which every process applies a new limit."""
REFUSED: Final = 0.25
"""Seconds for which a refusal is repeated without another request."""
AWAY: Final = 1.0
"""Seconds for which no lease is requested from a database that did not answer."""

RequestLeases = Callable[[Sequence[LeaseRequest]], Awaitable[Mapping[UUID, Lease]]]


@dataclass(slots=True)
class CallerTokens:
    """Tokens held for a caller. `free`: the caller has no known limit. `waiting`: lookups that wait for a
    lease, each with the tokens that it needs and the fewest that help it."""

    caller_id: UUID
    free: bool = False
    touched: bool = False
    held: int = 0
    leased_on: date | None = None
    used: int = 0
    before: int = 0
    charge: int = 0
    rate: float | None = None
    learnt: float = 0.0
    refusal: Lease | None = None
    refused_until: float = 0.0
    waiting: list[tuple[int, int]] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Whether the object can be dropped without losing tokens."""
        return not (self.held or self.charge or self.waiting)

    def take(self, lookups: int) -> bool:
        """Use so many tokens. False if fewer are held."""
        if self.held < lookups:
            return False
        self.held -= lookups
        self.used += lookups
        return True


class TokenLeases:
    """Tokens of all callers of this process. Not thread-safe. `lease` requests leases from the database.
    None: `rate`, a caller's lookups a second, is counted in this process alone."""

    def __init__(self, lease: RequestLeases | None = None, *, rate: float | None = None) -> None:
        self._lease = lease
        self._alone = LocalLimits(rate)
        self._round: asyncio.Future[None] | None = None
        self._ticked = time.monotonic()
        self._away_until = 0.0
        self.callers: dict[UUID, CallerTokens] = {}

    def open(self, lease: RequestLeases) -> None:
        """Request leases by `lease` from now on."""
        self._lease = lease

    async def pay(self, tokens: CallerTokens, lookups: int) -> int:
        """Use so many tokens, waiting for a lease. Return how many were used; 0 if the caller has no limit.
        Raises `TooMany` (`rate_limited`, `quota_exhausted`)."""
        wait = (lookups, lookups)
        while not tokens.take(lookups):
            self._refuse(tokens)
            await self._wait_for_lease(tokens, wait)
            if tokens.free:
                return 0
        return lookups

    async def collect(self, tokens: CallerTokens, lookups: int, *, patience: float) -> int:
        """Use up to so many tokens, waiting at most `patience` seconds. Return how many are missing. Raises
        `TooMany` (`quota_exhausted`)."""
        used = min(tokens.held, lookups)
        tokens.take(used)
        if used == lookups:
            return 0
        if tokens.refusal is None or time.monotonic() >= tokens.refused_until:
            await self._wait_for_lease(tokens, (lookups - used, 1))
        refusal = tokens.refusal
        if refusal is not None and not tokens.held:
            if refusal.refusal == QuotaExhausted.code:
                raise refused(refusal)
            await asyncio.sleep(min(max(refusal.retry_after, TICK), patience))
            tokens.refused_until = 0.0
        return 0 if tokens.free else lookups - used

    async def tend(self) -> None:
        """Lease and return tokens. Call it every `TICK` seconds."""
        await self._go_round()

    async def close(self) -> None:
        """Return all tokens."""
        for tokens in self.callers.values():
            tokens.used = tokens.before = 0
        self._ticked -= TICK
        await self._go_round()

    async def _wait_for_lease(self, tokens: CallerTokens, wait: tuple[int, int]) -> None:
        tokens.waiting.append(wait)
        try:
            await self._go_round()
        finally:
            tokens.waiting.remove(wait)

    async def _go_round(self) -> None:
        """Wait for a round of leases that begins after this call."""
        under_way = self._round
        if under_way is not None and not under_way.done():
            await asyncio.shield(under_way)
        following = self._round if self._round is not under_way else None
        if following is None:
            following = self._round = asyncio.ensure_future(self._renew())
        await asyncio.shield(following)

    async def _renew(self) -> None:
        now = time.monotonic()
        ticks = now - self._ticked >= TICK
        if ticks:
            self._ticked = now
        all_requests = [_request_of(tokens, ticks, now) for tokens in self.callers.values()]
        requests = [request for request in all_requests if request is not None]
        if not requests:
            return
        leases, alone = await self._leases(requests, now)
        for request in requests:
            _settle(self.callers[request.caller_id], request, leases[request.caller_id], alone=alone)

    async def _leases(
        self, requests: Sequence[LeaseRequest], now: float
    ) -> tuple[Mapping[UUID, Lease], bool]:
        """Return the leases, and whether this process granted them itself."""
        if self._lease is not None and now >= self._away_until:
            try:
                return await self._lease(requests), False
            except FakeprintError as error:
                LOGGER.warning("limits are counted in this process alone: %s", error.message)
                self._away_until = time.monotonic() + AWAY
        rates = {request.caller_id: self.callers[request.caller_id].rate for request in requests}
        return self._alone.lease(requests, rates), self._lease is not None

    @staticmethod
    def _refuse(tokens: CallerTokens) -> None:
        if tokens.refusal is not None:
            if time.monotonic() < tokens.refused_until:
                raise refused(tokens.refusal)
            tokens.refusal = None


class LocalLimits:
    """Grants leases by rates alone, counted in memory, while the database is away."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._usages: dict[UUID, tuple[float, float]] = {}

    def lease(
        self, requests: Iterable[LeaseRequest], rates: Mapping[UUID, float | None]
    ) -> dict[UUID, Lease]:
        """Return the leases by caller. `rates`: the known rates."""
        now, at = datetime.now(UTC), time.monotonic()
        today, first = rate_limit.days(now)
        leases = {}
        for request in requests:
            rate = rates[request.caller_id] or self._rate
            if rate is None:
                leases[request.caller_id] = UNLIMITED
                continue
            before, ahead = self._usages.get(request.caller_id, (at, 0.0))
            usage = Usage(Limits(rate), max(0.0, ahead - (at - before)), today, 0, first, 0)
            # Tokens to charge were counted here when they were granted.
            (usage,), leases[request.caller_id] = rate_limit.lease([usage], replace(request, charge=0), now)
            self._usages[request.caller_id] = at, usage.ahead
        return leases


def refused(lease: Lease) -> TooMany:
    """Return the error for a refused lease."""
    if lease.refusal == QuotaExhausted.code:
        return QuotaExhausted(retry_after=lease.retry_after)
    message = f"This caller, or its organization, asks more than {lease.rate or 0:g} lookups a second."
    return RateLimited(message, retry_after=lease.retry_after)


def _request_of(tokens: CallerTokens, ticks: bool, now: float) -> LeaseRequest | None:
    """Return the request for a caller in this round; None if it needs none."""
    wish = max(tokens.used, tokens.before)
    idle = ticks and not wish and not tokens.waiting
    if ticks:
        tokens.before, tokens.used = tokens.used, 0
    back = tokens.held if idle else 0
    tokens.held -= back
    charge, tokens.charge = tokens.charge, 0
    wanted = max(0, sum(units for units, _ in tokens.waiting) - tokens.held)
    least = max((least for _, least in tokens.waiting), default=0) if wanted else 0
    more = wish if wanted else max(0, wish - tokens.held)
    stale = tokens.touched and now - tokens.learnt >= LEARN
    if not (wanted or back or charge or stale or (ticks and not tokens.free and tokens.held * 2 < wish)):
        return None
    return LeaseRequest(tokens.caller_id, least, wanted, more, back, tokens.leased_on, charge)


def _settle(tokens: CallerTokens, request: LeaseRequest, lease: Lease, *, alone: bool) -> None:
    if alone:
        tokens.charge += lease.granted + request.charge - request.back
    else:
        tokens.learnt = time.monotonic()
        tokens.touched = False
        tokens.rate = lease.rate
    tokens.free = not lease.limited
    tokens.held += lease.granted
    tokens.leased_on = lease.leased_on
    if request.least:
        tokens.refusal = lease if lease.refusal else None
        tokens.refused_until = time.monotonic() + min(lease.retry_after, REFUSED)
