"""Lookups are counted once each, after their transactions, and only for the organization that asked."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from registry.core.database import sql
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.core.weeks import WEEKS, last_weeks
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.lookups.store import lookups
from registry.matching.statistics.service import count_lookups, weekly_lookups
from tests.support.matching.past import explained
from tests.support.matching.watches import COPY
from tests.support.media import drawn
from tests.support.statistics import answer_in_another_server, fill_lookups
from tests.support.steps import join


def counted(service: Service, caller: Caller) -> Counter[str]:
    return Counter({value.of: int(value.value) for value in weekly_lookups(service, caller)})


def test_each_lookup_is_counted_once(service: Service, owner: Caller) -> None:
    for _ in range(3):
        answer_document(service, owner, COPY)
    answer_sha256(service, owner, "ab" * 32)
    assert counted(service, owner) == {}, "the counts come with the next run"
    assert (count_lookups(service), count_lookups(service)) == (4, 0)
    assert counted(service, owner) == {"no_match": 4}
    answer_document(service, owner, drawn.clip("other"))
    assert count_lookups(service) == 1
    assert counted(service, owner) == {"no_match": 5}


def test_a_lookup_that_commits_late_is_not_missed(service: Service, owner: Caller) -> None:
    """A transaction that began earlier and still runs stops the count before it."""
    with service.pool.transaction() as connection:
        connection.execute("SELECT pg_current_xact_id()")
        answer_document(service, owner, COPY)
        assert count_lookups(service) == 0
    count_lookups(service)
    assert counted(service, owner) == {"no_match": 1}


def test_two_runs_at_once_count_nothing_twice(service: Service, owner: Caller) -> None:
    fill_lookups(service, owner.caller_id, 5_000)
    runs = [threading.Thread(target=count_lookups, args=(service,)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(60)
    count_lookups(service)
    assert sum(counted(service, owner).values()) == 5_000


def test_after_a_restore_into_another_server_all_are_counted_anew(service: Service, owner: Caller) -> None:
    answer_document(service, owner, COPY)
    count_lookups(service)
    answer_in_another_server(service)
    count_lookups(service)
    with service.pool.transaction() as connection:
        lookups.stamp_foreign(connection, 100)
    count_lookups(service)
    assert counted(service, owner) == {"no_match": 1}


def test_another_organization_sees_its_own_counts_only(service: Service, owner: Caller) -> None:
    answer_document(service, owner, COPY)
    count_lookups(service)
    stranger = join(service, owner, "Others")
    assert counted(service, stranger) == {}
    with pytest.raises(Forbidden):
        weekly_lookups(service, Caller(owner.caller_id, owner.organization_id, "x", frozenset({"hma"})))


def test_weeks_begin_on_monday_in_the_readers_zone() -> None:
    sunday = datetime(2026, 11, 29, 23, 59, tzinfo=UTC)
    found = last_weeks(sunday)
    assert [str(day) for day in found.mondays[-2:]] == ["2026-11-16", "2026-11-23"]
    assert (len(found.mondays), found.starts[0]) == (WEEKS, datetime(2026, 9, 7, tzinfo=UTC))
    madrid = last_weeks(sunday, ZoneInfo("Europe/Madrid"))
    assert [str(day) for day in madrid.mondays[-2:]] == ["2026-11-23", "2026-11-30"]
    assert madrid.starts[-1] == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert madrid.starts[0] == datetime(2026, 9, 13, 22, tzinfo=UTC), "before the clocks changed"


def test_counting_and_showing_use_their_indexes(service: Service, owner: Caller) -> None:
    fill_lookups(service, owner.caller_id, 20_000)
    queries = sql.load("registry.matching.statistics.store")
    place = {"answered_in": 0, "lookup_id": "0" * 32, "limit": 100}
    period = {"organization_id": owner.organization_id, "since": last_weeks(datetime.now(UTC)).mondays[0]}
    with service.pool.transaction() as connection:
        connection.execute("ANALYZE lookup")
        assert "Index Scan using lookup_answered_in" in explained(connection, queries["count"], place)
        assert "lookup_other" not in explained(connection, queries["weeks"], period), "no lookup is read"
