"""Lookups are kept for a number of days. A day of them is dropped as a whole, while lookups go on. Of
those that found nothing, a sample may be kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege

from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.core.errors import NotFound
from registry.core.identifiers import time_ordered_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.days import arrange_days
from registry.matching.lookups.service.hashes import answer_hash_of, answer_hashes
from registry.matching.lookups.service.records import get_lookup
from registry.matching.lookups.store import days as store
from registry.matching.statistics.service import count_lookups, weekly_lookups
from registry.operations import unread_since
from registry.sharing.webhooks.service.events import dispatch_events
from registry.transparency.ledger.service.change_recording import change_recording
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.matching.past import fill_day, keep_media
from tests.support.matching.watches import COPY, FAKE, put
from tests.support.media import drawn
from tests.support.record.ledger import add_lookup
from tests.support.service import database_owner
from tests.support.service.rows import write

TODAY: Final = datetime.now(UTC).date()
KEPT: Final = 30


def let_days_pass(service: Service, caller: Caller, count: int, each: int) -> dict[date, list[UUID]]:
    """Let so many days pass before today, with so many lookups each, and a sweep a day."""
    made = {}
    for ago in range(count, 0, -1):
        day = TODAY - timedelta(days=ago)
        arrange_days(service, today=day)
        with service.pool.transaction() as connection:
            made[day] = fill_day(connection, caller, day, each)
    return made


def days(service: Service) -> list[date]:
    with service.pool.transaction() as connection:
        return store.days(connection)


def is_there(service: Service, caller: Caller, lookup_id: UUID) -> bool:
    try:
        get_lookup(service, caller, lookup_id)
    except NotFound:
        return False
    return True


def test_an_id_begins_with_its_time_in_python_and_in_sql(service: Service) -> None:
    began = datetime.now(UTC)
    ids = [time_ordered_id()]
    with service.pool.transaction() as connection:
        ids += [row["id"] for row in connection.execute("SELECT new_lookup_id() AS id").fetchall()]
    for made in (*ids, time_ordered_id()):
        at = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
        assert abs(at - began) < timedelta(seconds=30)
        assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert len({time_ordered_id() for _ in range(1000)}) == 1000


def test_lookups_of_today_are_in_the_partition_of_today(service: Service, owner: Caller) -> None:
    """Also those that were asked before there was one."""
    before = UUID(answer_document(service, owner, COPY)["lookup_id"])
    assert days(service) == []
    sweep(service)
    today = datetime.now(UTC).date()
    assert days(service)[:2] == [today, today + timedelta(days=1)]
    after = UUID(answer_document(service, owner, COPY)["lookup_id"])
    rows = write(service, "SELECT tableoid::regclass::text AS part, lookup_id FROM lookup")
    assert {row["part"] for row in rows} == {f"lookup_{today:%Y%m%d}"}
    assert {row["lookup_id"] for row in rows} == {before, after}
    assert is_there(service, owner, before)


def test_a_lookup_is_found_while_it_moves_to_the_partition_of_its_day(
    service: Service, owner: Caller
) -> None:
    past = [TODAY - timedelta(days=ago) for ago in range(20)]
    with service.pool.transaction() as connection:
        made = {day: fill_day(connection, owner, day, 200)[0] for day in past}
    ending = threading.Event()
    missed: list[date] = []

    def read() -> None:
        while not ending.is_set():
            missed.extend(day for day in past if not is_there(service, owner, made[day]))

    reading = [threading.Thread(target=read) for _ in range(3)]
    for thread in reading:
        thread.start()
    for day in past:
        while day not in days(service):
            with service.pool.transaction() as connection:
                store.add_day(connection, day)
    ending.set()
    for thread in reading:
        thread.join(60)
    assert missed == []


@pytest.mark.slow
def test_a_month_is_kept_and_the_day_before_it_is_dropped_under_load(service: Service, owner: Caller) -> None:
    made = let_days_pass(service, owner, KEPT + 1, each=200)
    count_lookups(service)
    oldest, second = min(made), min(made) + timedelta(days=1)
    ending, failures, answered = threading.Event(), [], []

    def ask() -> None:
        while not ending.is_set():
            try:
                lookup_id = UUID(answer_document(service, owner, COPY)["lookup_id"])
                assert is_there(service, owner, lookup_id)
                answered.append(lookup_id)
            except Exception as error:  # noqa: BLE001 - reported below
                failures.append(error)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    dropped: list[date] = []
    for _ in range(50):
        dropped += arrange_days(service, today=TODAY)
        if dropped:
            break
    ending.set()
    for thread in asking:
        thread.join(60)
    assert (dropped, failures) == ([oldest], [])
    assert days(service)[0] == second
    assert not any(is_there(service, owner, lookup_id) for lookup_id in made[oldest][::50])
    assert all(is_there(service, owner, lookup_id) for lookup_id in (*made[second][::50], *answered[-5:]))


def test_a_day_stays_while_a_file_of_it_waits(service: Service, owner: Caller) -> None:
    """And those after it, so that days go in their order."""
    made = let_days_pass(service, owner, KEPT + 1, each=2)
    waiting, tomorrow = made[min(made)][0], TODAY + timedelta(days=1)
    with service.pool.transaction() as connection:
        keep_media(connection, waiting, "aa/waiting")
    assert arrange_days(service, today=tomorrow) == []
    with service.pool.transaction() as connection:
        keep_media(connection, waiting, None)
    assert arrange_days(service, today=tomorrow) == sorted(made)[:2]


def test_a_day_stays_until_ledger_webhooks_and_counts_have_read_it(service: Service, owner: Caller) -> None:
    let_days_pass(service, owner, KEPT + 1, each=2)

    def drop() -> list[date]:
        with service.pool.transaction() as connection:
            unread = unread_since(connection)
        return arrange_days(service, unread_since=unread, today=TODAY)

    for read in (sequence_events, dispatch_events, count_lookups):
        assert drop() == [], f"before {read.__name__}"
        read(service)
    assert len(drop()) == 1


def test_old_lookups_whose_day_has_no_partition_are_deleted(service: Service, owner: Caller) -> None:
    with service.pool.transaction() as connection:
        old = fill_day(connection, owner, TODAY - timedelta(days=KEPT + 5), 10)
        recent = fill_day(connection, owner, TODAY - timedelta(days=KEPT - 5), 10)
    arrange_days(service, today=TODAY)
    assert not is_there(service, owner, old[0])
    assert is_there(service, owner, recent[0])


@pytest.mark.slow
def test_a_locked_table_is_left_for_the_next_time(service: Service, owner: Caller) -> None:
    """A dump reads all tables for hours."""
    made = let_days_pass(service, owner, KEPT + 1, each=2)
    with service.pool.transaction() as connection:
        connection.execute("LOCK TABLE lookup IN ACCESS SHARE MODE")
        assert arrange_days(service, today=TODAY) == []
        answer_document(service, owner, COPY)
    assert arrange_days(service, today=TODAY) == [min(made)]


def test_the_role_of_the_service_makes_and_drops_days(service: Service, owner: Caller) -> None:
    """It owns no table; other roles may do neither."""
    url = service.settings.database_url
    add_lookup(service, owner.caller_id)
    database_owner.do(url, database_owner.ROLES.read_text(encoding="utf-8"))
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL ROLE fakeprint_service")
        assert store.add_day(connection, TODAY)
        assert store.drop_day(connection, TODAY)
    with service.pool.transaction() as connection:
        connection.execute("SET LOCAL ROLE pg_monitor")
        with pytest.raises(InsufficientPrivilege):
            store.add_day(connection, TODAY)


def sampling(service: Service, sample: int) -> Service:
    return replace(service, settings=service.settings.model_copy(update={"miss_sample": sample}))


@pytest.mark.slow
def test_one_of_many_misses_is_kept_and_counts_for_all(service: Service, owner: Caller) -> None:
    some = sampling(service, 10)
    asked = [UUID(answer_document(some, owner, COPY)["lookup_id"]) for _ in range(300)]
    kept = [lookup_id for lookup_id in asked if is_there(service, owner, lookup_id)]
    assert 8 <= len(kept) <= 65, "30 are expected; each bound is passed once in 100,000 runs"
    count_lookups(service)
    counts = {value.of: value.value for value in weekly_lookups(service, owner)}
    assert counts == {"no_match": 10 * len(kept)}


def test_hashes_are_sampled_as_documents_are(service: Service) -> None:
    key = bootstrap(service) or ""
    owner = authenticate(service, key)
    _, answers = answer_hashes(
        sampling(service, 10_000), key, "pdq.1", [f"{number:064x}" for number in range(40)]
    )
    answer_hash_of(sampling(service, 10_000), key, "pdq.1", "ab" * 32)
    count_lookups(service)
    assert sum(value.value for value in weekly_lookups(service, owner)) in {0, 10_000, 20_000}
    assert len(answers) == 40


def test_what_matches_is_watched_or_goes_into_the_ledger_is_always_kept(
    service: Service, owner: Caller
) -> None:
    some = sampling(service, 10_000)
    watched = answer_document(some, owner, COPY, watch_days=3)
    put(service, owner, FAKE)
    found = answer_document(some, owner, COPY)
    assert found["verdict"] != "no_match"
    change_recording(service, owner, "all")
    recorded = answer_document(some, owner, drawn.clip("else"))
    assert recorded["verdict"] == "no_match"
    for answer in (watched, found, recorded):
        assert is_there(service, owner, UUID(answer["lookup_id"]))
