"""What one process may answer of its callers' limits, borrowed from the database ahead of being asked.

A lookup is paid from what the process holds. Only where that is not enough it waits for a loan, one round
trip for all that wait. What is needed is learnt from what was used: in every tick the process takes as much
as it has used in the last, and gives back all that a caller has not touched. So all processes together never
answer more than there is. While the database is away each process counts the rate by itself, and what it
answered is charged afterwards.
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
from registry.identity.quotas import model as quota
from registry.identity.quotas.model import UNLIMITED, Ask, Book, Limits, Loan

LOGGER = logging.getLogger(__name__)

TICK: Final = 0.25
"""Seconds between two looks at what is held."""
LEARN: Final = 1.0
"""Seconds within which a limit that was set is in force in every process that answers the caller."""
REFUSED: Final = 0.25
"""Seconds for which a refusal is repeated without asking again."""
AWAY: Final = 1.0
"""Seconds for which a database that did not answer is not asked again."""

Lend = Callable[[Sequence[Ask]], Awaitable[Mapping[UUID, Loan]]]


@dataclass(slots=True)
class TokenLease:
    """What is held for a caller, in lookups. `free`: nothing limits it, as far as is known. `waiting`: the
    questions, and those of batches, that wait for a loan, each with the least that helps it."""

    caller_id: UUID
    free: bool = False
    touched: bool = False
    held: int = 0
    lent_on: date | None = None
    used: int = 0
    before: int = 0
    charge: int = 0
    rate: float | None = None
    learnt: float = 0.0
    refusal: Loan | None = None
    refused_until: float = 0.0
    waiting: list[tuple[int, int]] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Whether nothing is lost where it is forgotten."""
        return not (self.held or self.charge or self.waiting)

    def take(self, lookups: int) -> bool:
        """Pay so many, if they are held."""
        if self.held < lookups:
            return False
        self.held -= lookups
        self.used += lookups
        return True


class TokenLeases:
    """The purses of a process. Not for several threads at once. `lend` asks for loans; None: nobody is asked,
    and `rate`, lookups a second of a caller, is counted here."""

    def __init__(self, lend: Lend | None = None, *, rate: float | None = None) -> None:
        self._lend = lend
        self._alone = Alone(rate)
        self._round: asyncio.Future[None] | None = None
        self._ticked = time.monotonic()
        self._away_until = 0.0
        self.purses: dict[UUID, TokenLease] = {}

    def open(self, lend: Lend) -> None:
        """Ask `lend` from now on."""
        self._lend = lend

    async def pay(self, purse: TokenLease, lookups: int) -> int:
        """Pay a question of so many lookups that the purse does not hold; how many were paid, 0 where nothing
        limits it. Raises `TooMany` (`rate_limited`, `quota_exhausted`)."""
        wait = (lookups, lookups)
        while not purse.take(lookups):
            self._refuse(purse)
            await self._borrowed(purse, wait)
            if purse.free:
                return 0
        return lookups

    async def collect(self, purse: TokenLease, lookups: int, *, patience: float) -> int:
        """Pay of so many lookups what can be had, waiting a while; how many are left to be paid. Raises
        `TooMany` (`quota_exhausted`)."""
        some = min(purse.held, lookups)
        purse.take(some)
        if some == lookups:
            return 0
        if purse.refusal is None or time.monotonic() >= purse.refused_until:
            await self._borrowed(purse, (lookups - some, 1))
        refusal = purse.refusal
        if refusal is not None and not purse.held:
            if refusal.refusal == "quota_exhausted":
                raise refused(refusal)
            await asyncio.sleep(min(max(refusal.retry_after, TICK), patience))
            purse.refused_until = 0.0
        return 0 if purse.free else lookups - some

    async def tend(self) -> None:
        """Take and give back; call it every `TICK` seconds."""
        await self._go_round()

    async def close(self) -> None:
        """Give everything back."""
        for purse in self.purses.values():
            purse.used = purse.before = 0
        self._ticked -= TICK
        await self._go_round()

    async def _borrowed(self, purse: TokenLease, wait: tuple[int, int]) -> None:
        purse.waiting.append(wait)
        try:
            await self._go_round()
        finally:
            purse.waiting.remove(wait)

    async def _go_round(self) -> None:
        """Have a round of loans that begins after this call: if one is under way, the next."""
        under_way = self._round
        if under_way is not None and not under_way.done():
            await asyncio.shield(under_way)
        following = self._round if self._round is not under_way else None
        if following is None:
            following = self._round = asyncio.ensure_future(self._ask())
        await asyncio.shield(following)

    async def _ask(self) -> None:
        now = time.monotonic()
        ticks = now - self._ticked >= TICK
        if ticks:
            self._ticked = now
        asks = [ask for purse in self.purses.values() if (ask := _ask_of(purse, ticks, now)) is not None]
        if not asks:
            return
        loans, alone = await self._loans(asks, now)
        for ask in asks:
            _settle(self.purses[ask.caller_id], ask, loans[ask.caller_id], alone=alone)

    async def _loans(self, asks: Sequence[Ask], now: float) -> tuple[Mapping[UUID, Loan], bool]:
        """The loans, and whether this process lent them to itself."""
        if self._lend is not None and now >= self._away_until:
            try:
                return await self._lend(asks), False
            except FakeprintError as error:
                LOGGER.warning("limits are counted in this process alone: %s", error.message)
                self._away_until = time.monotonic() + AWAY
        rates = {ask.caller_id: self.purses[ask.caller_id].rate for ask in asks}
        return self._alone.lend(asks, rates), self._lend is not None

    @staticmethod
    def _refuse(purse: TokenLease) -> None:
        if purse.refusal is not None:
            if time.monotonic() < purse.refused_until:
                raise refused(purse.refusal)
            purse.refusal = None


class Alone:
    """Lends as the database does, but out of this process's memory, by rates alone."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._books: dict[UUID, tuple[float, float]] = {}

    def lend(self, asks: Iterable[Ask], rates: Mapping[UUID, float | None]) -> dict[UUID, Loan]:
        """The loans, by caller; `rates`: those that are known."""
        now, at = datetime.now(UTC), time.monotonic()
        today, first = quota.days(now)
        loans = {}
        for ask in asks:
            rate = rates[ask.caller_id] or self._rate
            if rate is None:
                loans[ask.caller_id] = UNLIMITED
                continue
            before, ahead = self._books.get(ask.caller_id, (at, 0.0))
            book = Book(Limits(rate), max(0.0, ahead - (at - before)), today, 0, first, 0)
            # What is charged was counted here when it was lent.
            (book,), loans[ask.caller_id] = quota.lend([book], replace(ask, charge=0), now)
            self._books[ask.caller_id] = at, book.ahead
        return loans


def refused(loan: Loan) -> TooMany:
    """The error of a loan that was refused."""
    if loan.refusal == "quota_exhausted":
        said = "The quota of this caller or its organization is used up."
    else:
        said = f"This caller, or its organization, asks more than {loan.rate or 0:g} lookups a second."
    return TooMany(said, retry_after=loan.retry_after, code=loan.refusal)


def _ask_of(purse: TokenLease, ticks: bool, now: float) -> Ask | None:
    """What to ask for a caller now, if anything."""
    wish = max(purse.used, purse.before)
    idle = ticks and not wish and not purse.waiting
    if ticks:
        purse.before, purse.used = purse.used, 0
    back = purse.held if idle else 0
    purse.held -= back
    charge, purse.charge = purse.charge, 0
    wanted = max(0, sum(units for units, _ in purse.waiting) - purse.held)
    least = max((least for _, least in purse.waiting), default=0) if wanted else 0
    more = wish if wanted else max(0, wish - purse.held)
    stale = purse.touched and now - purse.learnt >= LEARN
    if not (wanted or back or charge or stale or (ticks and not purse.free and purse.held * 2 < wish)):
        return None
    return Ask(purse.caller_id, least, wanted, more, back, purse.lent_on, charge)


def _settle(purse: TokenLease, ask: Ask, loan: Loan, *, alone: bool) -> None:
    if alone:
        purse.charge += loan.lent + ask.charge - ask.back
    else:
        purse.learnt = time.monotonic()
        purse.touched = False
        purse.rate = loan.rate
    purse.free = not loan.limited
    purse.held += loan.lent
    purse.lent_on = loan.lent_on
    if ask.least:
        purse.refusal = loan if loan.refusal else None
        purse.refused_until = time.monotonic() + min(loan.retry_after, REFUSED)
