"""What is done to the service: which fault, drawn from a seed, to what, and how it is taken back."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import psutil
import psycopg

from tests.system.chaos.system import LEASE_SECONDS, System, children, rows

Say = Callable[[str], None]

WEIGHTS: Final = {
    "worker_child": 7,
    "worker": 6,
    "worker_family": 5,
    "control": 5,
    "beat": 3,
    "delivery": 4,
    "api": 5,
    "freeze": 3,
    "broker": 1,
    "database": 2,
    "database_session": 2,
    "disk_full": 2,
    "cut_broker": 1,
    "cut_all": 1,
    "slow_database": 2,
    "everything": 1,
}
"""How often each is drawn, about. Every kind that can be had comes once before any comes by chance."""
SHORT: Final = (
    *("worker_child", "worker_family", "control", "beat", "api", "delivery", "freeze", "database", "broker"),
)
"""Those of a short run."""
ON_MEDIA: Final = ("interactive", "media", "media-away", "bulk")
CUT_SECONDS: Final = 30.0
FULL_SECONDS: Final = 4.0
SLOW_SECONDS: Final = 6.0
SLOW_BY: Final = (0.02, 0.15)
"""Seconds that each piece to and from the database is held up."""
QUEUES: Final = {"media-away": "media", "control": "", "api": "api", "api-0": "api", "api-1": "api"}
"""What a process does, where it is not called so; nothing: it serves all."""
EVERYWHERE: Final = frozenset({"database", "database_session", "slow_database", "everything"})
"""Kinds that may end what any process does: it cannot say any more that it lives, or what came of it."""


@dataclass(frozen=True)
class Hit:
    """A fault that was injected: to which process (nothing: to all), from when until when, seconds since
    1970. `pids`: the processes whose work it ended by itself."""

    kind: str
    on: str
    began: float
    ended: float
    pids: frozenset[int] = frozenset()

    def touches(self, queue: str) -> bool:
        """Whether what waits for that queue (nothing: for any) may have been held up: by what was done to its
        worker, to what sends its messages, or to what all rests on."""
        did = QUEUES.get(self.on, self.on)
        return did != "api" and (not did or not queue or did == queue)

    def may_end(self, queue: str) -> bool:
        """Whether it may have ended what a worker of that queue was at."""
        return self.kind in EVERYWHERE or (bool(self.pids) and QUEUES.get(self.on, self.on) == queue)

    def ends(self, pid: int) -> bool:
        """Whether it may have ended what that process was at."""
        return self.kind in EVERYWHERE or pid in self.pids

    def within(self, since: float, until: float) -> bool:
        """Whether some of it was then."""
        return self.began <= until and self.ended >= since


@dataclass
class Faults:
    """Those of one run on one system. `injected`: how many, by kind; `hits`: each; `cut_seconds`: how long a
    cable is out."""

    system: System
    chance: random.Random
    say: Say
    cut_seconds: float = CUT_SECONDS
    injected: Counter[str] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)
    lasting: list[threading.Thread] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    on: str = ""
    lasts: float = 0.0
    pids: frozenset[int] = frozenset()
    """To what the fault that is being injected is done, for how long, and whose work it ends."""

    def kinds(self) -> list[str]:
        """What can be done to this system on this machine."""
        system = self.system
        missing = set()
        if system.disk is None:
            missing.add("disk_full")
        if system.network is None:
            missing |= {"cut_broker", "cut_all"}
        if system.database is None:
            missing |= {"slow_database"}
        if system.broker == "pgmq":
            missing |= {"broker"}  # it is the database
        return [kind for kind in WEIGHTS if kind not in missing]

    def draw(self, wanted: tuple[str, ...] = ()) -> str:
        """The next kind: those not yet seen first."""
        kinds = [kind for kind in self.kinds() if not wanted or kind in wanted]
        unseen = [kind for kind in kinds if not self.injected[kind]]
        chosen = unseen or kinds
        return self.chance.choices(chosen, [WEIGHTS[kind] for kind in chosen])[0]

    def inject(self, kind: str) -> bool:
        """Do it; False where there was nothing to do it to at that moment."""
        self.on, self.lasts, self.pids, began = "", 0.0, frozenset(), time.time()
        what = getattr(self, f"_{kind}")()
        if what is None:
            return False
        self.hits.append(Hit(kind, self.on, began, time.time() + self.lasts, self.pids))
        self.injected[kind] += 1
        self.say(f"fault {self.injected.total():3} {kind:16} {what}")
        return True

    def settle(self) -> None:
        """Wait until what lasts is over, and everything runs."""
        for item in self.lasting:
            item.join()
        self.lasting.clear()
        self.system.await_ready()

    def _victim(self, *names: str) -> tuple[str, int] | None:
        found = {name: pid for name, pid in self.system.pids().items() if name in names}
        if not found:
            return None
        self.on = self.chance.choice(sorted(found))
        self.pids = _family(found[self.on])
        return self.on, found[self.on]

    def _worker_child(self) -> str | None:
        victim = self._victim(*ON_MEDIA)
        below = children(victim[1]) if victim else []
        if not victim or not below:
            return None
        child = self.chance.choice(sorted(below, key=lambda item: item.pid))
        self.pids = frozenset({child.pid})
        return f"{victim[0]}'s process {child.pid}" if _kill(child.pid) else None

    def _worker(self) -> str | None:
        return self._killed(*ON_MEDIA)

    def _worker_family(self) -> str | None:
        victim = self._victim(*ON_MEDIA)
        if not victim:
            return None
        below = children(victim[1])
        _kill(victim[1])
        for item in below:
            _kill(item.pid)
        return f"{victim[0]} and {len(below)} below"

    def _control(self) -> str | None:
        return self._killed("control")

    def _beat(self) -> str | None:
        """Beat is a process of the worker that relays."""
        victim = self._victim("control")
        below = children(victim[1]) if victim else []
        self.pids = frozenset({item.pid for item in below[:1]})
        return f"beat {below[0].pid}" if below and _kill(below[0].pid) else None

    def _delivery(self) -> str | None:
        return self._killed("delivery")

    def _api(self) -> str | None:
        return self._killed("api", "api-0", "api-1")

    def _killed(self, *names: str) -> str | None:
        victim = self._victim(*names)
        return f"{victim[0]} {victim[1]}" if victim and _kill(victim[1]) else None

    def _freeze(self) -> str | None:
        """A worker stands still for longer than its lease, and goes on as if nothing had been."""
        victim = self._victim(*ON_MEDIA, "delivery", "control")
        if not victim or f"freeze {victim[0]}" in self.busy:
            return None
        family = [victim[1], *(item.pid for item in children(victim[1]))]
        seconds = LEASE_SECONDS * 1.8

        def thaw() -> None:
            for pid in family:
                _send(pid, signal.SIGCONT)

        for pid in family:
            _send(pid, signal.SIGSTOP)
        self._last(f"freeze {victim[0]}", seconds, thaw)
        return f"{victim[0]} for {seconds:.0f} s"

    def _broker(self) -> str | None:
        self.system.crash_broker()
        return self.system.broker

    def _database(self) -> str | None:
        self.system.crash_database()
        return "postmaster"

    def _database_session(self) -> str | None:
        """One of PostgreSQL's own processes: all sessions end with it."""
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'fakeprint' ORDER BY pid"
        found = [row["pid"] for row in rows(self.system.database_url, query)]
        if not found:
            return None
        pid = self.chance.choice(found)
        return f"session {pid}" if _kill(pid) else None

    def _disk_full(self) -> str | None:
        disk = self.system.disk
        if disk is None or "disk" in self.busy:
            return None
        disk.fill()
        self._last("disk", FULL_SECONDS, disk.empty)
        return f"for {FULL_SECONDS:.0f} s"

    def _cut_broker(self) -> str | None:
        return self._cut("broker")

    def _cut_all(self) -> str | None:
        return self._cut("broker", "database")

    def _cut(self, *what: str) -> str | None:
        network = self.system.network
        if network is None or "cut" in self.busy:
            return None
        network.cut(*what)
        self.on = "media-away"
        if "database" in what and (pid := self.system.pids().get(self.on)) is not None:
            self.pids = _family(pid)
        self._last("cut", self.cut_seconds, lambda: network.mend(*what))
        return f"media-away from {' and '.join(what)} for {self.cut_seconds:.0f} s"

    def _slow_database(self) -> str | None:
        database = self.system.database
        if database is None or "slow" in self.busy:
            return None
        database.delay = self.chance.uniform(*SLOW_BY)

        def end() -> None:
            database.delay = 0.0

        self._last("slow", SLOW_SECONDS, end)
        return f"by {database.delay * 1000:.0f} ms a piece for {SLOW_SECONDS:.0f} s"

    def _everything(self) -> str | None:
        self.system.crash()
        return "all processes"

    def _last(self, name: str, seconds: float, end: Callable[[], None]) -> None:
        """Have it end after so long."""
        self.busy.add(name)
        self.lasts = seconds

        def wait() -> None:
            time.sleep(seconds)
            end()
            self.busy.discard(name)

        thread = threading.Thread(target=wait, name=name)
        thread.start()
        self.lasting.append(thread)


def _family(pid: int) -> frozenset[int]:
    """It and all that it started, which end with it."""
    return frozenset({pid, *(item.pid for item in children(pid))})


def _kill(pid: int) -> bool:
    return _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> bool:
    with suppress(ProcessLookupError, psutil.NoSuchProcess, psycopg.Error):
        os.kill(pid, number)
        return True
    return False
