"""One long-running child of the supervisor: started again when it ends or says no longer that it lives, given
up when it keeps ending."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from registry.app.embedded import child
from registry.app.embedded.errors import ChildFailed

FAKEPRINT: Final = (sys.executable, "-P", "-c", "from registry.app.commands import main; main()")
"""-P: a folder called `registry` where the user happens to stand must not be imported."""
QUICK: Final = 15.0
"""Seconds: a child that ends sooner has hardly begun."""
GIVE_UP: Final = 5
"""Quick ends in a row after which the supervisor stops trying."""
MUTE: Final = 180.0
"""Seconds without a sign of life after which a child that gave some counts as dead; workers do every five."""
PAUSE: Final = 10.0
"""Seconds between two looks after which this process itself stood still, and its children may have too."""


@dataclass
class Service:
    """`name` (also of its log), the `fakeprint` command it runs, what it inherits and needs to end well, and
    the file that it touches as long as it lives, where it has one."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str]
    patience: float = 10.0
    descriptors: tuple[int, ...] = ()
    sign: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    quick_ends: int = 0
    started: float = 0.0
    again_at: float = field(default=0.0)
    first: int | None = None
    signed: int | None = None
    heard: float = 0.0
    looked: float = 0.0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def start(self) -> None:
        if self.sign is not None:
            with suppress(OSError):  # an earlier one's, which this one may not be able to touch
                self.sign.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            command = [*FAKEPRINT, *self.arguments]
            self.process = child.spawn(
                command, log=log, environment=self.environment, descriptors=self.descriptors
            )
        self.started = time.monotonic()
        self.first, self.signed, self.heard = self._sign(), None, self.started

    def attend(self) -> str | None:
        """Restart the child if it ended, after a growing pause, kill it if it no longer says that it
        lives; returns what a person should know, once.

        Raises `Unavailable` (code `child_failed`) at the fifth quick end in a row.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            return self._end_mute(self.process.pid, now)
        self.process = None
        self.quick_ends = self.quick_ends + 1 if now - self.started < QUICK else 1
        if self.quick_ends >= GIVE_UP:
            raise ChildFailed(
                f"`fakeprint {' '.join(self.arguments)}` ended {GIVE_UP} times in a row: {self.last_words()}",
                next_step=f"See {self.log}.",
            )
        pause = 0.5 * 2 ** (self.quick_ends - 1)
        self.again_at = now + pause
        return f"{self.name} ended ({_reason(status)}); starting it again in {pause:g} s. See {self.log}."

    def _end_mute(self, pid: int, now: float) -> str | None:
        signed = self._sign()
        if signed == self.first or signed != self.signed or now - self.looked > PAUSE:
            self.signed, self.heard = signed, now
        self.looked = now
        if now - self.heard < MUTE:
            return None
        self.heard = now
        _kill_session(pid)
        return f"{self.name} has said nothing for {MUTE:g} s; ending it. See {self.log}."

    def _sign(self) -> int | None:
        """When the child last said that it lives, by the file's clock; None: it never did."""
        try:
            return self.sign.stat().st_mtime_ns if self.sign is not None else None
        except OSError:
            return None

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait for the end that was asked for; SIGQUIT (Celery's cold shutdown), then SIGKILL if it fails."""
        if self.process is not None:
            if not child.wait_until(self._has_ended, seconds=self.patience):
                child.end(self.process, [(signal.SIGQUIT, 5.0)])
            _kill_session(self.process.pid)
        self.process = None

    def kill(self) -> None:
        """End it and all it started, now."""
        if self.process is not None and self.process.poll() is None:
            _kill_session(self.process.pid)

    def _has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def last_words(self) -> str:
        """The last error it printed, else its last line; at most 300 characters."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4000))
            lines = [
                line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()
            ]
        errors = [line for line in lines if line.startswith("error [")]
        return (errors or lines or ["it said nothing."])[-1][:300]


def _kill_session(leader: int) -> None:
    """Kill what is left of a child's session: the pool processes of a worker that was killed."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
