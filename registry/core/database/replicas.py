"""Read replicas (streaming replication), and the choice of the database that answers a lookup.

The lag of a replica is measured without trusting clocks and without writes. The primary reports the end of
its log, and this process notes the time. A replica that has replayed that far holds everything committed by
that time. This also works on an idle primary.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from registry.core.database import changes, sql
from registry.core.database.changes import Changes
from registry.core.database.pool import PATIENCE, Connection, Pool
from registry.core.database.watch import STALE, Look, Watch
from registry.core.errors import Unauthenticated, Unavailable
from registry.core.errors.database import DatabaseUnavailable

_SQL = sql.load(__name__)

MAX_LAG: Final = 1.0
"""Largest lag in seconds at which a replica answers while the primary is up."""
MOST_POSITIONS: Final = 600
"""Number of the primary's recent log positions that are kept, to date the position of a replica."""
CHECK_PATIENCE: Final = 3.0
"""Seconds that a lookup waits to learn whether the primary is away."""
POOL_PATIENCE: Final = 1.0
"""Seconds that a lookup waits for a connection before it checks whether that server is away."""
AWAY: Final = "database_unavailable"
HIDDEN: Final = (
    "It answers, but which timeline it follows is hidden from this role:"
    " GRANT pg_read_all_stats TO it on the primary."
)

CallerId = bytes | UUID | None
"""The caller: digest of an API key, or an organization. None: a caller that replicas serve only while the
primary is away."""


def format_time(moment: datetime) -> str:
    """Format a time for answers: ISO 8601, UTC, truncated to milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Behind(Exception):
    """The replica lacks a change that the lookup must see."""


@dataclass(frozen=True, slots=True)
class Source:
    """A database that answers a lookup. `as_of`: the time its data is from, if the primary is away. `needed`:
    the changes it must hold, checked before the first query."""

    pool: Pool
    as_of: datetime | None = None
    needed: Changes | None = None
    held: WeakKeyDictionary[Connection, dict[UUID | None, Changes]] | None = None
    patience: float = PATIENCE

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Like `Pool.transaction`. Also raises `Behind`."""
        with self.pool.transaction(self.patience) as connection:
            self._require(connection)
            yield connection

    @contextmanager
    def quick(self) -> Iterator[Connection]:
        """Like `Pool.quick`. Also raises `Behind`."""
        with self.pool.quick(self.patience) as connection:
            self._require(connection)
            yield connection

    def dated(self) -> str | None:
        """Return the time since which an answer may be out of date; None if it is current."""
        return None if self.as_of is None else format_time(self.as_of)

    def _require(self, connection: Connection) -> None:
        """Raise `Behind` if the server lacks needed changes. Counts are cached by connection, because a
        server never loses what it has replayed."""
        if self.needed is None or self.held is None:
            return
        needed = self.needed
        cached = self.held.setdefault(connection, {})
        counts = cached.get(needed.organization_id)
        if counts is None or counts.everybody < needed.everybody or counts.own < needed.own:
            counts = changes.of_organization(connection, needed.organization_id)
            cached[needed.organization_id] = counts
        if counts.everybody < needed.everybody or counts.own < needed.own:
            raise Behind


@dataclass(frozen=True, slots=True)
class State:
    """The state of a server, for people and metrics. `lag` is in seconds, None if unknown. `is_primary`: the
    replica's address leads to the primary."""

    name: str
    ok: bool
    lag: float | None
    detail: str | None
    is_primary: bool = False


class Replica:
    """One replica: its connections and its last known replay position."""

    def __init__(self, name: str, url: str, primary: Primary, **sizes: Any) -> None:
        self.name = name
        self.pool = Pool(url, **sizes)
        self.held: WeakKeyDictionary[Connection, dict[UUID | None, Changes]] = WeakKeyDictionary()
        self._primary = primary
        self._synced: tuple[float, datetime] | None = None
        self.watch = Watch(name, url, _SQL["replica"], self._seen)

    def _seen(self, look: Look) -> None:
        if look.row is not None and self._fault(look.row) is None:
            self._synced = self._primary.moment_before(int(look.row["replayed"])) or self._synced
        elif look.row is not None:
            self._synced = None

    def lag(self) -> float | None:
        """Seconds since the last time up to which the replica is known to hold everything."""
        return None if self._synced is None else time.monotonic() - self._synced[0]

    def is_near(self) -> bool:
        """Whether it may answer while the primary is up."""
        row = self.watch.look.fresh
        lag = self.lag()
        if row is None or not row["streams"] or lag is None or lag > MAX_LAG:
            return False
        return self._fault(row) is None

    def has_taken_over(self) -> bool:
        """Whether it accepts writes, so it has become the primary."""
        row = self.watch.look.fresh
        return row is not None and not row["copies"]

    def as_of(self, everybody: int) -> datetime | None:
        """Return the time its data is from, if the primary is away. None if it must not answer: it is away
        too, or lacks a known restriction."""
        row = self.watch.look.fresh
        if row is None or row["everybody"] < everybody or self._fault(row) is not None:
            return None
        times = [row["replayed_at"], self._synced[1] if self._synced else None]
        return max((known_at.astimezone(UTC) for known_at in times if known_at is not None), default=None)

    def state(self) -> State:
        row, lag = self.watch.look.fresh, self.lag()
        if row is None:
            return State(self.name, False, lag, self.watch.look.error or "It does not answer.")
        if not row["copies"] and self._primary.is_same(row):
            return State(self.name, False, lag, "It is no replica: it is the primary itself.", True)
        fault = self._fault(row)
        if fault is None and not row["streams"]:
            fault = "It does not receive the primary's log."
        elif fault is None and not self.is_near():
            fault = "It is too far behind the primary."
        if fault is None and row["timeline"] is None:
            return State(self.name, True, lag, HIDDEN)
        return State(self.name, fault is None, lag, fault)

    def _fault(self, row: dict[str, Any]) -> str | None:
        """Return why it is not a valid copy of the primary, or None."""
        if not row["copies"] or row["replayed"] is None:
            return "It is no replica: it takes writes, or its recovery has not begun."
        identity = self._primary.identity
        if identity is not None and row["system"] != identity[0]:
            return "It is a replica of another database."
        if identity is not None and row["timeline"] is not None and row["timeline"] < identity[1]:
            return "It follows a primary of before a failover."
        return None


class Primary:
    """The observed state of the primary: whether it is up, and where its log ended at past times."""

    def __init__(self, url: str) -> None:
        self.identity: tuple[int, int] | None = None
        self.started: datetime | None = None
        self.everybody = 0
        self._lock = threading.Lock()
        self._moments: deque[tuple[int, float, datetime]] = deque(maxlen=MOST_POSITIONS)
        self.watch = Watch("the primary", url, _SQL["primary"], self._seen)

    def _seen(self, look: Look) -> None:
        row = look.row
        if row is None or not row["writes"]:
            return
        self.started = row["started"]
        identity, written = (row["system"], row["timeline"]), int(row["written"])
        if self.identity != identity or (self._moments and self._moments[-1][0] > written):
            # Another log, of a restored backup or a promoted replica: earlier observations do not apply.
            self.identity = identity
            self.everybody = 0
            self._moments.clear()
        self.knows(row["everybody"])
        self._moments.append((written, look.at, look.time))

    def is_same(self, row: dict[str, Any]) -> bool:
        """Whether this row comes from the primary itself. Copies have another start time."""
        is_same_system = self.identity is not None and row["system"] == self.identity[0]
        return is_same_system and row["started"] == self.started

    def knows(self, everybody: int) -> None:
        """Note the number of restrictions. While the primary is away, no replica with fewer may answer."""
        with self._lock:
            self.everybody = max(self.everybody, everybody)

    def moment_before(self, replayed: int) -> tuple[float, datetime] | None:
        """Return the newest time at which the log ended no later than `replayed`."""
        for written, at, moment in reversed(self._moments.copy()):
            if written <= replayed:
                return at, moment
        return None

    def is_away(self, *, anew: bool = False) -> bool:
        """Whether the primary accepts no writes, by a recent check. `anew`: check again now. If the last
        check is somewhat late (busy machine), wait for the next one. If it is very late, the server hangs."""
        look = self.watch.look
        is_late = (
            look.row is not None
            and look.fresh is None
            and time.monotonic() - look.at < STALE + CHECK_PATIENCE
        )
        if anew or is_late:
            look = self.watch.ask(CHECK_PATIENCE)
        return look.fresh is None or not look.fresh["writes"]


class Replicas:
    """Chooses the database of a lookup: a replica that holds all required changes, else the primary. While
    the primary is away, the most advanced replica answers."""

    def __init__(self, pool: Pool, urls: Sequence[str], **sizes: Any) -> None:
        self.primary = Primary(pool.url)
        self._pool = pool
        self._all = [
            Replica(f"replica{number}", url, self.primary, **sizes) for number, url in enumerate(urls, 1)
        ]
        self._turns = itertools.count()

    def open(self) -> None:
        """Start watching. Returns when each server was checked once or did not answer in time."""
        for replica in self._all:
            replica.pool.open()
        for watch in self._watches():
            watch.start()
        deadline = time.monotonic() + CHECK_PATIENCE
        for watch in self._watches():
            watch.ask(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        for watch in self._watches():
            watch.stop()
        for replica in self._all:
            replica.pool.close()

    def read[T](self, act: Callable[[Source], T], caller: CallerId) -> T:
        """Run `act` on the chosen database. `act` must only read: it is called again on another database if
        the first goes away or is behind."""
        if not self.primary.is_away():
            try:
                return self._read_beside(act, caller)
            except Unavailable as error:
                if error.code != AWAY:
                    raise
            if not self.primary.is_away(anew=True):
                return act(Source(self._pool))  # the connection was cut, or many callers wait
        try:
            return self._read_instead(act)
        except Unavailable:
            # A replica may just have become the primary.
            if not any(replica.has_taken_over() for replica in self._all) or self.primary.is_away(anew=True):
                raise
        return act(Source(self._pool))

    def _read_beside[T](self, act: Callable[[Source], T], caller: CallerId) -> T:
        near = [replica for replica in self._all if replica.is_near()] if caller is not None else []
        if near:
            replica = near[next(self._turns) % len(near)]
            needed = self._needed(caller)
            if needed is not None:
                try:
                    return act(Source(replica.pool, None, needed, replica.held, POOL_PATIENCE))
                except (Behind, Unavailable):
                    pass  # the primary has the changes, or reports that it is away
        return act(Source(self._pool, patience=POOL_PATIENCE))

    def _needed(self, caller: CallerId) -> Changes | None:
        """Return the changes that the lookup must see, from the primary. None if the key is not valid."""
        with self._pool.quick(POOL_PATIENCE) as connection:
            if isinstance(caller, bytes):
                needed = changes.of_caller(connection, caller)
            else:
                needed = changes.of_organization(connection, caller)
        if needed is not None and needed.everybody > self.primary.everybody:
            self.primary.knows(needed.everybody)
        return needed

    def _read_instead[T](self, act: Callable[[Source], T]) -> T:
        everybody = self.primary.everybody
        dated = [(as_of, replica) for replica in self._all if (as_of := replica.as_of(everybody)) is not None]
        for as_of, replica in sorted(dated, key=lambda pair: pair[0], reverse=True):
            try:
                return act(Source(replica.pool, as_of, Changes(everybody), replica.held, POOL_PATIENCE))
            except (Behind, Unavailable):
                continue
            except Unauthenticated as error:
                # The key may be new: a replica cannot tell that a key does not exist.
                raise DatabaseUnavailable(
                    "The primary database is away, and its copies do not know this API key.",
                    next_step="Try again later.",
                ) from error
        raise DatabaseUnavailable(
            "The database cannot be reached, and no replica may answer for it.", next_step="Try again later."
        )

    def states(self) -> list[State]:
        """Return the state of each replica."""
        return [replica.state() for replica in self._all]

    def stands_in(self) -> datetime | None:
        """Return the time of the data that lookups see while the primary is away, or None if no replica may
        answer."""
        times = [replica.as_of(self.primary.everybody) for replica in self._all]
        return max((replica for replica in times if replica is not None), default=None)

    def _watches(self) -> list[Watch]:
        return [self.primary.watch, *(replica.watch for replica in self._all)]
