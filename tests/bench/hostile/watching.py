"""What the processes of a deployment take while files are sent: memory, and CPU by job; which of them die."""

from __future__ import annotations

import stat
import threading
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

import psutil

from tests.support.service.up import Up

PERIOD: Final = 0.2


FORKS: Final = "workers.walls.server"
"""The module of the process that forks decoders."""


@dataclass
class Decoder:
    """A decoder: the SHA-256 of its file, when it was first seen, and the most CPU and memory of it."""

    sha256: str
    began: float
    cpu: float = 0.0
    megabytes: float = 0.0


def _open_file(pid: int) -> str:
    """Return the SHA-256 of the regular file that a process has open."""
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        if stat.S_ISREG(descriptor.stat().st_mode):
            return sha256(descriptor.read_bytes()).hexdigest()
    raise FileNotFoundError


@dataclass
class Watch:
    """`peaks`: most megabytes of resident memory by process. `cpu`: (time, seconds of CPU) by process of a
    pool, those of its own children included. `ends`: children of `up` that were replaced, by name. `rises`:
    (time, process of a pool, megabytes) when the most that it or a child of it ever took had grown.
    `decoders`: those that a pool's processes share, by number."""

    up: Up
    peaks: dict[str, float] = field(default_factory=dict)
    cpu: dict[int, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    ends: list[str] = field(default_factory=list)
    rises: list[tuple[float, int, float]] = field(default_factory=list)
    decoders: dict[int, Decoder] = field(default_factory=dict)
    _highest: dict[int, float] = field(default_factory=dict)
    _pids: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Take one sample."""
        run = self.up.run["pids"]
        for name, pid in run.items():
            if self._pids.get(name, pid) != pid:
                self.ends.append(name)
        self._pids = dict(run)
        now = time.time()
        for name, pid in run.items():
            if name == "postgres":
                continue
            with suppress(psutil.Error):
                main = psutil.Process(pid)
                if name != "up":
                    self._peak(name, pid)
                for child in main.children():
                    if FORKS in child.cmdline():
                        self._peak(name, child.pid)
                        for decoder in child.children():
                            self._look_at_decoder(f"{name} (decoder)", decoder, now)
                    elif name != "up":
                        self._look_at(name, child, now)

    def _look_at(self, name: str, child: psutil.Process, now: float) -> None:
        with suppress(psutil.Error):
            times = child.cpu_times()
            seconds = times.user + times.system + times.children_user + times.children_system
            self._peak(name, child.pid, child.pid)
            for grandchild in child.children(recursive=True):
                with suppress(psutil.Error):
                    more = grandchild.cpu_times()
                    seconds += more.user + more.system + more.children_user + more.children_system
                    self._peak(f"{name} (decoder)", grandchild.pid, child.pid)
            self.cpu[child.pid].append((now, seconds))

    def _look_at_decoder(self, name: str, process: psutil.Process, now: float) -> None:
        with suppress(psutil.Error, OSError):
            if (decoder := self.decoders.get(process.pid)) is None:
                decoder = self.decoders[process.pid] = Decoder(_open_file(process.pid), now)
            times = process.cpu_times()
            decoder.cpu = max(decoder.cpu, times.user + times.system)
            decoder.megabytes = max(decoder.megabytes, self._peak(name, process.pid))

    def _peak(self, name: str, pid: int, holder: int = 0) -> float:
        megabytes = 0.0
        with suppress(OSError, IndexError, ValueError):
            text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
            megabytes = int(text.partition("VmHWM:")[2].split()[0]) / 1024
            self.peaks[name] = max(self.peaks.get(name, 0), megabytes)
            if holder and megabytes > self._highest.get(pid, 0):
                self._highest[pid] = megabytes
                self.rises.append((time.time(), holder, megabytes))
        return megabytes

    def cpu_between(self, pid: int, began: float, ended: float) -> float:
        """Return the seconds of CPU that a process took in this time, as sampled; 0 if it was not seen."""
        samples = self.cpu.get(pid, [])
        if not samples:
            return 0.0
        first = samples[max(0, bisect_left(samples, (began, 0.0)) - 1)]
        last = samples[min(len(samples) - 1, bisect_left(samples, (ended, 0.0)))]
        return last[1] - first[1]


@contextmanager
def watched(up: Up) -> Iterator[Watch]:
    """Sample until the block ends."""
    watch, over = Watch(up), threading.Event()

    def run() -> None:
        while not over.wait(PERIOD):
            with suppress(OSError, ValueError, KeyError):
                watch.look()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join(10)
