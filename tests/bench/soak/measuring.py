"""What is measured of the running service: memory, files and threads of every process, and what the database
and the broker hold."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from kombu import Connection
from psycopg.rows import dict_row

from registry.core.messaging import queues
from tests.system.smoke.cells import Cell
from tests.system.smoke.topology import Topology

MB: Final = 1024.0
"""Kilobytes in one."""
_PARTS: Final = re.compile(r"^(Rss|Pss|Pss_Anon):\s+(\d+) kB$", re.MULTILINE)
SESSIONS: Final = """
SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS connections,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%'
                          AND clock_timestamp() - state_change > interval '2 s') AS idle_in_transaction,
       (SELECT count(*) FROM outbox) AS outbox_rows,
       (SELECT count(*) FROM job WHERE status IN ('queued', 'running')) AS open_jobs,
       (SELECT sum(temp_files) FROM pg_stat_database) AS database_temp_files,
       (SELECT sum(n_dead_tup) FROM pg_stat_user_tables) AS dead_tuples,
       (SELECT sum(n_live_tup) FROM pg_stat_user_tables) AS live_tuples,
       (SELECT pg_database_size(current_database()) / 1048576.0) AS database_mb
  FROM pg_stat_activity
 WHERE pid <> pg_backend_pid()
"""

ROWS: Final = """
SELECT relname, greatest(n_tup_ins - n_tup_del, 0)::float8 AS rows FROM pg_stat_user_tables
"""
"""How many more rows were written than deleted, by table; counted, where `n_live_tup` is estimated."""
NAMELESS: Final = ("/memfd:", "/tmp/", "/var/tmp/", "/dev/shm/")

Key = tuple[str, str]


@dataclass
class Series:
    """Measurements of one thing, by time."""

    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, moment: float, value: float) -> None:
        self.times.append(moment)
        self.values.append(value)

    def since(self, moment: float) -> Series:
        kept = [(at, of) for at, of in zip(self.times, self.values, strict=True) if at >= moment]
        return Series([at for at, _ in kept], [of for _, of in kept])


@dataclass
class Record:
    """All that was measured. `processes`: by container and process, then by what; `hosts`: the service of
    each container; `whole`: by what; `tables`: rows, by table; `done`: how much work, by act."""

    processes: dict[Key, dict[str, Series]] = field(default_factory=lambda: defaultdict(_series))
    hosts: dict[str, str] = field(default_factory=dict)
    whole: dict[str, Series] = field(default_factory=lambda: defaultdict(Series))
    tables: dict[str, Series] = field(default_factory=lambda: defaultdict(Series))
    done: dict[str, Series] = field(default_factory=lambda: defaultdict(Series))

    def measure(self, topology: Topology, done: Mapping[str, int]) -> None:
        """Once, everything."""
        moment = time.monotonic()
        for name, count in dict(done).items():
            self.done[name].add(moment, float(count))
        for cell in topology.cells.values():
            self._cell(cell, moment)
        for name, rows in _tables(topology).items():
            self.tables[name].add(moment, rows)
        for name, value in {**_database(topology), **_broker(topology)}.items():
            self.whole[name].add(moment, value)
        files, size = _temporary(topology)
        self.whole["temp_files"].add(moment, files)
        self.whole["temp_mb"].add(moment, size)
        self.whole["nameless_files"].add(moment, _nameless(topology))

    def memory(self, begun: float) -> dict[str, list[tuple[float, float]]]:
        """By container and process: seconds since then, and MB."""
        return {
            " ".join(key): [
                (round(at - begun, 1), round(of, 3))
                for at, of in zip(series["memory_mb"].times, series["memory_mb"].values, strict=True)
            ]
            for key, series in self.processes.items()
        }

    def _cell(self, cell: Cell, moment: float) -> None:
        self.hosts[cell.name] = cell.host
        sums: dict[str, float] = defaultdict(float)
        for each in cell.processes():
            with suppress(psutil.NoSuchProcess, OSError):
                for what, value in _of(each).items():
                    sums[what] += value
                    if cell.ours:
                        self.processes[(cell.name, _name(each))][what].add(moment, value)
        for what, value in sums.items():
            self.processes[(cell.name, "all")][what].add(moment, value)


def _series() -> dict[str, Series]:
    return defaultdict(Series)


def _name(process: psutil.Process) -> str:
    return f"pid {process.pid}"


def _of(process: psutil.Process) -> dict[str, float]:
    """`rss_mb`, `pss_mb`; `memory_mb`: what is its own, neither of files nor shared by name; `fds`,
    `threads`."""
    found = dict(_PARTS.findall(Path(f"/proc/{process.pid}/smaps_rollup").read_text()))
    return {
        "rss_mb": int(found["Rss"]) / MB,
        "pss_mb": int(found["Pss"]) / MB,
        "memory_mb": int(found["Pss_Anon"]) / MB,
        "fds": float(process.num_fds()),
        "threads": float(process.num_threads()),
    }


def owner_url(topology: Topology) -> str:
    """The database as its owner finds it from outside of the containers."""
    url = (topology.folder / "secrets" / "owner_database_url").read_text()
    return url.replace("@postgres/", f"@{topology.wires.names['postgres'][0]}/")


def _database(topology: Topology) -> dict[str, float]:
    with psycopg.connect(owner_url(topology), row_factory=dict_row, autocommit=True) as connection:
        found: dict[str, Any] = connection.execute(SESSIONS).fetchone() or {}
    return {name: float(value or 0) for name, value in found.items()}


def _tables(topology: Topology) -> dict[str, float]:
    with psycopg.connect(owner_url(topology), autocommit=True) as connection:
        return dict(connection.execute(ROWS.encode()).fetchall())


def _broker(topology: Topology) -> dict[str, float]:
    """Messages in the queues that no worker has."""
    url = (topology.folder / "secrets" / "fakeprint_broker_url").read_text()
    waiting = 0
    with Connection(url.replace("@rabbitmq", f"@{topology.wires.names['rabbitmq'][0]}")) as connection:
        for name in queues.NAMES:
            found = connection.default_channel.queue_declare(queues.named(url, name), passive=True)
            waiting += found.message_count
    return {"messages": float(waiting)}


def _temporary(topology: Topology) -> tuple[float, float]:
    """Files in the `/tmp`, `/var/tmp` and `/dev/shm` of our containers, and their size in MB."""
    files, size = 0, 0
    for cell in topology.cells.values():
        first = cell.first()
        if first is None or not cell.ours:
            continue
        root = Path(f"/proc/{first.pid}/root")
        for path in (each for name in ("tmp", "var/tmp", "dev/shm") for each in (root / name).rglob("*")):
            with suppress(OSError):
                if path.is_file():
                    files, size = files + 1, size + path.stat().st_size
    return float(files), size / MB**2


def _nameless(topology: Topology) -> float:
    """Files without a name that our processes hold open, which is where media are on their way to and from
    the store."""
    found = 0
    for process in (each for cell in topology.cells.values() if cell.ours for each in cell.processes()):
        with suppress(OSError):
            for each in Path(f"/proc/{process.pid}/fd").iterdir():
                with suppress(OSError):
                    leads = str(each.readlink())
                    found += leads.endswith(" (deleted)") and leads.startswith(NAMELESS)
    return float(found)
