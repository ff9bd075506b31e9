"""One caller's lookups wait for each other and keep nobody else waiting; what is beyond is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.core.errors import TooMany, Unavailable
from registry.core.errors.database import DatabaseUnavailable
from registry.core.settings import Settings
from registry.identity.quotas.api import admission, token_leases
from registry.identity.quotas.api.admission import ALL_BATCHES, BATCHES, UNIT, Admission
from registry.identity.quotas.model.rate_limit import BURST, Lease, LeaseRequest

MANY = uuid4()
OTHER = uuid4()


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, 30))


class Lookups:
    """Lookups that are answered until `done` is set."""

    def __init__(self, allowed: Admission) -> None:
        self.allowed = allowed
        self.done = asyncio.Event()
        self.began = asyncio.Semaphore(0)
        self.now = self.most = 0

    async def one(self, caller_id: UUID) -> None:
        async with self.allowed.turn(caller_id, 100):
            self.now += 1
            self.most = max(self.most, self.now)
            self.began.release()
            await self.done.wait()
            self.now -= 1


def test_a_caller_waits_for_itself_and_nobody_for_it() -> None:
    async def steps() -> None:
        lookups = Lookups(Admission(at_once=2, most=10))
        tasks = [asyncio.create_task(lookups.one(MANY)) for _ in range(6)]
        for _ in range(2):
            await lookups.began.acquire()
        tasks.append(asyncio.create_task(lookups.one(OTHER)))
        await lookups.began.acquire()
        lookups.done.set()
        await asyncio.gather(*tasks)
        assert lookups.most == 3

    run(steps())


def test_requests_beyond_the_queue_are_refused() -> None:
    async def steps() -> None:
        lookups = Lookups(Admission(at_once=1, most=3))
        tasks = [asyncio.create_task(lookups.one(MANY)) for _ in range(3)]
        await lookups.began.acquire()
        await asyncio.sleep(0)
        with pytest.raises(TooMany) as caught:
            await lookups.one(MANY)
        assert caught.value.retry_after >= 1
        lookups.done.set()
        await asyncio.gather(*tasks)
        await lookups.one(MANY)

    run(steps())


def test_a_timed_out_wait_is_refused_and_frees_its_place() -> None:
    async def steps() -> None:
        lookups = Lookups(Admission(at_once=1, most=3, patience=0.01))
        task = asyncio.create_task(lookups.one(MANY))
        await lookups.began.acquire()
        for _ in range(5):
            with pytest.raises(TooMany):
                await lookups.one(MANY)
        lookups.done.set()
        await task
        await lookups.one(MANY)

    run(steps())


async def answered(allowed: Admission, size: int) -> bool:
    try:
        async with allowed.turn(MANY, size):
            return True
    except TooMany as error:
        return error.code != "rate_limited"


def test_a_rate_is_kept_and_bursts_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(token_leases, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))

    async def steps() -> None:
        allowed = Admission(at_once=9, most=9, rate=10)
        outcomes = [await answered(allowed, 100) for _ in range(60)]
        assert sum(outcomes) in {10 * BURST, 10 * BURST + 1}
        assert outcomes == sorted(outcomes, reverse=True)
        async with allowed.turn(OTHER, 100):
            pass
        now[0] += 1
        assert await answered(allowed, 12 * UNIT), "a long document counts for many"
        assert not await answered(allowed, 100)
        with pytest.raises(TooMany) as caught:
            async with allowed.batch(MANY):
                pass
        assert caught.value.retry_after == 1

    run(steps())


def test_a_batch_is_slowed_and_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    now, rests = [1000.0], []

    async def sleep(seconds: float) -> None:
        rests.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(token_leases, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def steps() -> None:
        allowed = Admission(at_once=1, most=1, rate=1)
        async with allowed.batch(MANY):
            for _ in range(10):
                await allowed.pay(MANY, [100], goes_on=lambda: True, patience=60)
        assert allowed.lines(MANY, 100) == 1
        free = Admission(at_once=1, most=1)
        async with free.batch(MANY):
            await free.pay(MANY, [1 << 20] * 9, goes_on=lambda: False, patience=60)
        assert free.lines(MANY, 100) == 100

    run(steps())
    assert 3.5 <= sum(rests) <= 6


def test_a_batch_that_is_to_end_waits_for_nothing() -> None:
    async def steps() -> None:
        allowed = Admission(at_once=1, most=1, rate=0.001)
        async with allowed.batch(MANY):
            requests: list[None] = []

            def goes_on() -> bool:
                requests.append(None)
                return len(requests) < 3

            await allowed.pay(MANY, [100] * 9, goes_on=goes_on, patience=0.001)
        assert len(requests) == 3

    run(steps())


def test_batches_of_a_caller_and_of_all_are_bounded() -> None:
    async def steps() -> None:
        allowed = Admission(at_once=1, most=1)
        async with AsyncExitStack() as held:
            for _ in range(BATCHES):
                await held.enter_async_context(allowed.batch(MANY))
            with pytest.raises(TooMany):
                await held.enter_async_context(allowed.batch(MANY))
            for _ in range(ALL_BATCHES - BATCHES):
                await held.enter_async_context(allowed.batch(uuid4()))
            with pytest.raises(Unavailable) as caught:
                await held.enter_async_context(allowed.batch(OTHER))
            assert caught.value.code == "busy"
        async with allowed.batch(MANY), allowed.batch(OTHER):
            pass

    run(steps())


def test_callers_that_ask_nothing_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOST_ACCOUNTS", 10)

    async def steps() -> None:
        allowed = Admission(at_once=1, most=1)
        async with allowed.batch(MANY):
            for _ in range(100):
                async with allowed.batch(uuid4()):
                    pass
            assert len(allowed._accounts) <= 11
            assert allowed.token_leases.callers.keys() == allowed._accounts.keys()
            assert MANY in allowed._accounts

    run(steps())


def test_the_deployment_chooses() -> None:
    async def steps() -> None:
        allowed = Admission.of(Settings(pool_size=2, caller_requests=1, caller_rate=1))
        assert sum([await answered(allowed, 100) for _ in range(9)]) in {5, 6}

    run(steps())


def test_while_no_loan_can_be_had_the_rate_is_kept_here_and_charged_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, away = [1000.0], [False]
    monkeypatch.setattr(token_leases, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
    charged: list[int] = []

    async def lend(asks: Sequence[LeaseRequest]) -> dict[UUID, Lease]:
        if away[0]:
            raise DatabaseUnavailable("The database cannot be reached.")
        charged.extend(ask.charge for ask in asks if ask.charge)
        return {ask.caller_id: Lease(True, ask.wanted, rate=10.0) for ask in asks}

    async def steps() -> None:
        allowed = Admission(at_once=9, most=9)
        allowed.token_leases.open(lend)
        assert await answered(allowed, 100)
        away[0] = True
        outcomes = [await answered(allowed, 100) for _ in range(80)]
        assert sum(outcomes) in {50, 51}
        now[0] += 2
        away[0] = False
        assert await answered(allowed, 100)
        await allowed.token_leases.tend()
        assert sum(charged) == sum(outcomes)

    run(steps())


def test_unused_tokens_are_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    now, granted = [1000.0], [0]
    monkeypatch.setattr(token_leases, "time", type("Clock", (), {"monotonic": staticmethod(lambda: now[0])}))
    rounds: list[int] = []

    async def lend(asks: Sequence[LeaseRequest]) -> dict[UUID, Lease]:
        rounds.append(len(asks))
        leases = {}
        for ask in asks:
            granted[0] += ask.wanted + ask.more - ask.back
            leases[ask.caller_id] = Lease(True, ask.wanted + ask.more, rate=1000.0)
        return leases

    async def steps() -> None:
        allowed = Admission(at_once=9, most=9)
        allowed.token_leases.open(lend)
        for _ in range(1000):
            assert await answered(allowed, 100)
        assert len(rounds) < 20, "most are paid from what is held"
        for _ in range(4):
            now[0] += token_leases.TICK
            await allowed.token_leases.tend()
        assert granted[0] == 1000
        assert allowed._accounts[MANY].tokens.idle

    run(steps())


def test_many_that_wait_at_once_ask_together() -> None:
    rounds: list[list[LeaseRequest]] = []

    async def lend(asks: Sequence[LeaseRequest]) -> dict[UUID, Lease]:
        rounds.append(list(asks))
        await asyncio.sleep(0.01)
        return {ask.caller_id: Lease(True, min(ask.wanted, 30), rate=10.0) for ask in asks}

    async def steps() -> None:
        allowed = Admission(at_once=99, most=99)
        allowed.token_leases.open(lend)
        assert all(await asyncio.gather(*(answered(allowed, 100) for _ in range(60))))

    run(steps())
    assert [ask.wanted for asks in rounds for ask in asks] == [60, 30]
