"""Replicas by streaming replication, and from which database a lookup is read.

How far behind a replica is, is known without trusting clocks and without writing anything: the primary is
asked where its log ends, at a moment of this process's clock; a replica that has replayed that far holds
everything that was committed by that moment. On a primary that has nothing to do this stays true.
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

_SQL = sql.load(__name__)

LAG: Final = 1.0
"""Seconds behind the primary beyond which a replica does not answer while the primary is there."""
REMEMBERED: Final = 600
"""How many of the primary's last looks are kept, each a moment of which a replica can be told to hold all."""
HURRY: Final = 3.0
"""Seconds that a lookup waits to learn whether the primary is away."""
IMPATIENT: Final = 1.0
"""Seconds that a lookup waits for a connection before it asks whether that server is away."""
AWAY: Final = "database_unavailable"
HIDDEN: Final = (
    "It answers, but which timeline it follows is hidden from this role:"
    " GRANT pg_read_all_stats TO it on the primary."
)

Who = bytes | UUID | None
"""Who asks: the digest of an API key, or an organization. None: whom a replica may only answer while the
primary is away."""


def written(moment: datetime) -> str:
    """A time as answers give it: ISO 8601, UTC, to the millisecond, never later than it is."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Behind(Exception):
    """A replica lacks a change that the lookup must see."""


@dataclass(frozen=True, slots=True)
class Source:
    """A database that a lookup is read from. `as_of`: while the primary is away, the time as of which it
    answers. `needed`: the changes it must hold, which are asked for first."""

    pool: Pool
    as_of: datetime | None = None
    needed: Changes | None = None
    held: WeakKeyDictionary[Connection, dict[UUID | None, Changes]] | None = None
    patience: float = PATIENCE

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As `Pool.transaction`. Raises also `Behind`."""
        with self.pool.transaction(self.patience) as connection:
            self._require(connection)
            yield connection

    @contextmanager
    def quick(self) -> Iterator[Connection]:
        """As `Pool.quick`. Raises also `Behind`."""
        with self.pool.quick(self.patience) as connection:
            self._require(connection)
            yield connection

    def dated(self, answer: dict[str, Any]) -> dict[str, Any]:
        """An answer that says as of when it is, where that is not now."""
        if self.as_of is not None:
            answer["as_of"] = written(self.as_of)
        return answer

    def _require(self, connection: Connection) -> None:
        """A server holds for good what it has replayed: what a connection has seen is not asked again."""
        if self.needed is None or self.held is None:
            return
        needed = self.needed
        known = self.held.setdefault(connection, {})
        held = known.get(needed.organization_id)
        if held is None or held.everybody < needed.everybody or held.own < needed.own:
            held = changes.of_organization(connection, needed.organization_id)
            known[needed.organization_id] = held
        if held.everybody < needed.everybody or held.own < needed.own:
            raise Behind


@dataclass(frozen=True, slots=True)
class State:
    """How a server is, for people and metrics. `lag` in seconds, None where it is not known. `is_primary`:
    its address leads to the primary itself."""

    name: str
    ok: bool
    lag: float | None
    detail: str | None
    is_primary: bool = False


class Replica:
    """One replica: its connections, and how far it was when it was last looked at."""

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
        """Seconds since the last moment of which it is known to hold everything."""
        return None if self._synced is None else time.monotonic() - self._synced[0]

    def is_near(self) -> bool:
        """Whether it may answer beside a primary that is there."""
        row = self.watch.look.fresh
        lag = self.lag()
        if row is None or not row["streams"] or lag is None or lag > LAG:
            return False
        return self._fault(row) is None

    def has_taken_over(self) -> bool:
        """Whether it takes writes: it is a primary by now."""
        row = self.watch.look.fresh
        return row is not None and not row["copies"]

    def as_of(self, everybody: int) -> datetime | None:
        """The time as of which it answers for a primary that is away; None where it may not, since it is away
        too or lacks a restriction that is known."""
        row = self.watch.look.fresh
        if row is None or row["everybody"] < everybody or self._fault(row) is not None:
            return None
        times = [row["replayed_at"], self._synced[1] if self._synced else None]
        return max((item.astimezone(UTC) for item in times if item is not None), default=None)

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
        """Why it is no copy of the primary, if it is none."""
        if not row["copies"] or row["replayed"] is None:
            return "It is no replica: it takes writes, or its recovery has not begun."
        known = self._primary.identity
        if known is not None and row["system"] != known[0]:
            return "It is a replica of another database."
        if known is not None and row["timeline"] is not None and row["timeline"] < known[1]:
            return "It follows a primary of before a failover."
        return None


class Primary:
    """What is known of the primary: whether it is there, and where its log ended at moments past."""

    def __init__(self, url: str) -> None:
        self.identity: tuple[int, int] | None = None
        self.started: datetime | None = None
        self.everybody = 0
        self._lock = threading.Lock()
        self._moments: deque[tuple[int, float, datetime]] = deque(maxlen=REMEMBERED)
        self.watch = Watch("the primary", url, _SQL["primary"], self._seen)

    def _seen(self, look: Look) -> None:
        row = look.row
        if row is None or not row["writes"]:
            return
        self.started = row["started"]
        identity, written = (row["system"], row["timeline"]), int(row["written"])
        if self.identity != identity or (self._moments and self._moments[-1][0] > written):
            # Another log, that of a backup or of a replica that took over: what was known says nothing of it.
            self.identity = identity
            self.everybody = 0
            self._moments.clear()
        self.knows(row["everybody"])
        self._moments.append((written, look.at, look.time))

    def is_same(self, row: dict[str, Any]) -> bool:
        """Whether a look at some address was one at the primary, as it was seen last. Copies of it were
        started at other moments."""
        known = self.identity is not None and row["system"] == self.identity[0]
        return known and row["started"] == self.started

    def knows(self, everybody: int) -> None:
        """So many restrictions there are: while it is away, no replica answers that has fewer."""
        with self._lock:
            self.everybody = max(self.everybody, everybody)

    def moment_before(self, replayed: int) -> tuple[float, datetime] | None:
        """The newest moment at which the log ended no later than `replayed`."""
        for written, at, moment in reversed(self._moments.copy()):
            if written <= replayed:
                return at, moment
        return None

    def is_away(self, *, anew: bool = False) -> bool:
        """Whether it takes no writes, as of a moment ago; `anew`: looked at after this call. A look that is
        late, on a busy machine, is waited for; one that is very late is of a server that hangs."""
        look = self.watch.look
        is_late = look.row is not None and look.fresh is None and time.monotonic() - look.at < STALE + HURRY
        if anew or is_late:
            look = self.watch.ask(HURRY)
        return look.fresh is None or not look.fresh["writes"]


class Replicas:
    """Says from which database a lookup is read: a replica that holds all that it must, else the primary;
    while the primary is away, the replica that is furthest."""

    def __init__(self, pool: Pool, urls: Sequence[str], **sizes: Any) -> None:
        self.primary = Primary(pool.url)
        self._pool = pool
        self._all = [
            Replica(f"replica{number}", url, self.primary, **sizes) for number, url in enumerate(urls, 1)
        ]
        self._turns = itertools.count()

    def open(self) -> None:
        """Begin to watch; returns when each server was looked at once, or did not answer in time."""
        for replica in self._all:
            replica.pool.open()
        for watch in self._watches():
            watch.start()
        deadline = time.monotonic() + HURRY
        for watch in self._watches():
            watch.ask(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        for watch in self._watches():
            watch.stop()
        for replica in self._all:
            replica.pool.close()

    def read[T](self, act: Callable[[Source], T], who: Who) -> T:
        """What `act` finds in the database that is chosen. It only reads, and is called again for another
        database where the first goes away or turns out to be behind."""
        if not self.primary.is_away():
            try:
                return self._read_beside(act, who)
            except Unavailable as error:
                if error.code != AWAY:
                    raise
            if not self.primary.is_away(anew=True):
                return act(Source(self._pool))  # it was cut off, or many wait
        try:
            return self._read_instead(act)
        except Unavailable:
            # One of them may have become the primary this moment.
            if not any(item.has_taken_over() for item in self._all) or self.primary.is_away(anew=True):
                raise
        return act(Source(self._pool))

    def _read_beside[T](self, act: Callable[[Source], T], who: Who) -> T:
        near = [replica for replica in self._all if replica.is_near()] if who is not None else []
        if near:
            replica = near[next(self._turns) % len(near)]
            needed = self._needed(who)
            if needed is not None:
                try:
                    return act(Source(replica.pool, None, needed, replica.held, IMPATIENT))
                except (Behind, Unavailable):
                    pass  # the primary knows better, or says that it is away
        return act(Source(self._pool, patience=IMPATIENT))

    def _needed(self, who: Who) -> Changes | None:
        """What the lookup must see, by the primary as it is now; None for a key that does not work."""
        with self._pool.quick(IMPATIENT) as connection:
            if isinstance(who, bytes):
                needed = changes.of_caller(connection, who)
            else:
                needed = changes.of_organization(connection, who)
        if needed is not None and needed.everybody > self.primary.everybody:
            self.primary.knows(needed.everybody)
        return needed

    def _read_instead[T](self, act: Callable[[Source], T]) -> T:
        everybody = self.primary.everybody
        dated = [(as_of, item) for item in self._all if (as_of := item.as_of(everybody)) is not None]
        for as_of, replica in sorted(dated, key=lambda pair: pair[0], reverse=True):
            try:
                return act(Source(replica.pool, as_of, Changes(everybody), replica.held, IMPATIENT))
            except (Behind, Unavailable):
                continue
            except Unauthenticated as error:
                # Perhaps it was made a moment ago: a copy cannot tell that a key is nobody's.
                raise Unavailable(
                    "The primary database is away, and its copies do not know this API key.",
                    code=AWAY,
                    next_step="Try again later.",
                ) from error
        raise Unavailable(
            "The database cannot be reached, and no replica may answer for it.",
            code=AWAY,
            next_step="Try again later.",
        )

    def states(self) -> list[State]:
        """How each replica is."""
        return [replica.state() for replica in self._all]

    def stands_in(self) -> datetime | None:
        """As of when lookups are answered while the primary is away; None where they cannot be."""
        times = [item.as_of(self.primary.everybody) for item in self._all]
        return max((item for item in times if item is not None), default=None)

    def _watches(self) -> list[Watch]:
        return [self.primary.watch, *(replica.watch for replica in self._all)]
