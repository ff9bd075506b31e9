"""How far behind a replica is, and whether it is one, from what two servers have said."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.core.database.replicas import MAX_LAG, Primary, Replica, format_time
from registry.core.database.watch import STALE, Look

THEN = datetime(2026, 1, 1, tzinfo=UTC)
ADDRESS = "postgresql://nobody@127.0.0.1:9/none"


def _primary(*looks: tuple[float, int], everybody: int = 0, **more: Any) -> Primary:
    """One that was looked at so many seconds ago, when its log ended there."""
    primary = Primary(ADDRESS)
    for ago, end in looks:
        row = {"writes": True, "written": end, "timeline": 1, "system": 7, "everybody": everybody}
        row |= {"started": THEN} | more
        look = Look(row, "", time.monotonic() - ago, datetime.now(UTC) - timedelta(seconds=ago))
        primary.watch.look = look
        primary._seen(look)
    return primary


def _replica(primary: Primary, replayed: int, *, ago: float = 0.0, **more: Any) -> Replica:
    replica = Replica("replica1", ADDRESS, primary, size=2, statement_timeout_ms=1000)
    row = {"copies": True, "replayed": replayed, "replayed_at": THEN, "streams": True, "timeline": 1}
    row |= {"system": 7, "everybody": 0, "started": THEN + timedelta(hours=1)} | more
    look = Look(row, "", time.monotonic() - ago)
    replica.watch.look = look
    replica._seen(look)
    return replica


def _moment(primary: Primary, replica: Replica) -> int:
    """The number of the look at the primary of which the replica is known to hold everything."""
    assert replica._synced is not None
    return [(at, moment) for _, at, moment in primary._moments].index(replica._synced)


def test_a_replica_is_as_old_as_the_newest_moment_that_it_holds_all_of() -> None:
    primary = _primary((0.8, 100), (0.6, 200), (0.4, 200), (0.2, 300))
    newest = _replica(primary, 300)
    assert _moment(primary, newest) == 3
    assert (newest.lag() or 0) >= 0.2
    assert _moment(primary, _replica(primary, 299)) == 2
    assert _moment(primary, _replica(primary, 150)) == 0
    assert _replica(primary, 99).lag() is None


def test_a_replica_serves_reads_while_it_reports_a_small_lag() -> None:
    primary = _primary((5 * MAX_LAG, 100), (0.0, 200))
    assert _replica(primary, 200).is_near()
    assert not _replica(primary, 199).is_near()
    assert not _replica(primary, 99).is_near()
    assert not _replica(primary, 200, ago=2 * STALE).is_near()
    assert not _replica(primary, 200, streams=False).is_near()
    assert _replica(primary, 200, timeline=None).is_near(), "not every role may see it"


def test_a_database_that_is_no_copy_never_answers() -> None:
    primary = _primary((0.0, 200), timeline=2)
    for odd in ({"copies": False}, {"system": 8}, {"timeline": 1}):
        replica = _replica(primary, 200, **({"timeline": 2} | odd))
        assert not replica.is_near()
        assert replica.as_of(0) is None
        assert not replica.state().ok
    assert _replica(primary, 200, timeline=2).state().ok


def test_after_a_failover_old_log_positions_are_ignored() -> None:
    primary = _primary((0.3, 500), everybody=9)
    row = {"writes": True, "written": 400, "timeline": 2, "system": 7, "everybody": 8, "started": THEN}
    primary._seen(Look(row, "", time.monotonic() - 0.1))
    assert (primary.everybody, primary.moment_before(399)) == (8, None)
    assert _moment(primary, _replica(primary, 500, timeline=2)) == 0


def test_a_primary_that_became_a_replica_is_away() -> None:
    primary = _primary((0.0, 200))
    assert not primary.is_away()
    primary.watch.look = Look(
        {"writes": False, "written": None, "timeline": 1, "system": 7, "everybody": 0}, ""
    )
    assert primary.is_away()


def test_it_answers_as_of_the_newest_moment_that_is_sure_and_lacks_no_known_restriction() -> None:
    primary = _primary((3.0, 100), (2.0, 200), everybody=4)
    later = datetime.now(UTC) - timedelta(seconds=0.5)
    by_log, by_commit = (
        _replica(primary, 200, everybody=4),
        _replica(primary, 150, everybody=4, replayed_at=later),
    )
    assert by_log.as_of(primary.everybody) == primary.watch.look.time
    assert by_commit.as_of(primary.everybody) == later
    assert by_log.as_of(5) is None
    assert _replica(primary, 99, everybody=4).as_of(4) == THEN
    primary.knows(3)
    assert primary.everybody == 4


def test_times_are_written_in_utc_and_never_later_than_they_are() -> None:
    assert (
        format_time(datetime.fromisoformat("2026-01-01T01:00:00.123999+01:00")) == "2026-01-01T00:00:00.123Z"
    )
