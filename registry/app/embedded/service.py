"""A long-running child of the supervisor. It is restarted if it ends or sends no heartbeat, and given up if
it ends repeatedly."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from registry.app.commands import main
from registry.app.embedded import child
from registry.app.embedded.errors import ChildFailed

QUICK: Final = 15.0
"""Run time in seconds below which an end counts as quick."""
GIVE_UP: Final = 5
"""Quick ends in a row after which the supervisor stops trying."""
MUTE: Final = 180.0
"""Seconds without a heartbeat after which a child counts as dead, if it sent one before. Workers send one
every five seconds."""
PAUSE: Final = 10.0
"""Seconds between two checks above which this process itself was paused, and its children perhaps too."""


@dataclass
class Service:
    """A child. `name`: also the name of its log. `arguments`: of the `fakeprint` command. `patience`: seconds
    for a clean stop. `descriptors`: returns those that it keeps, at each start. `sign`: the heartbeat file
    that it touches, if any."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    patience: float = 10.0
    descriptors: Callable[[], tuple[int, ...]] = tuple
    sign: Path | None = None
    process: child.Forked | None = None
    quick_ends: int = 0
    started: float = 0.0
    again_at: float = field(default=0.0)
    first: int | None = None
    last_sign: int | None = None
    last_sign_at: float = 0.0
    checked_at: float = 0.0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def start(self) -> None:
        if self.sign is not None:
            with suppress(OSError):  # a file of an earlier process, perhaps of another user
                self.sign.unlink(missing_ok=True)
        # A handler that raised between the fork and the assignment would leave the child to nobody.
        with self.log.open("ab") as log, child.undisturbed():
            command = partial(main, list(self.arguments), prog_name="fakeprint")
            self.process = child.fork(self.name, command, log=log, descriptors=self.descriptors())
        self.started = time.monotonic()
        self.first, self.last_sign, self.last_sign_at = self._sign(), None, self.started

    def attend(self) -> str | None:
        """Restart the child after a growing pause if it ended. Kill it if its heartbeat stopped. Return a
        message for the user, if any.

        Raises `Unavailable` (code `child_failed`) at the fifth quick end in a row.
        """
        now = time.monotonic()
        if self.process is None:
            if now >= self.again_at:
                self.start()
            return None
        status = self.process.poll()
        if status is None:
            return self._end_mute(now)
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

    def _end_mute(self, now: float) -> str | None:
        signed = self._sign()
        if signed == self.first or signed != self.last_sign or now - self.checked_at > PAUSE:
            self.last_sign, self.last_sign_at = signed, now
        self.checked_at = now
        if now - self.last_sign_at < MUTE:
            return None
        self.last_sign_at = now
        _kill_session(self.pid)
        return f"{self.name} sent no heartbeat for {MUTE:g} s; killing it. See {self.log}."

    def _sign(self) -> int | None:
        """Return the time of the last heartbeat, by the file's clock; None if there was none."""
        try:
            return self.sign.stat().st_mtime_ns if self.sign is not None else None
        except OSError:
            return None

    def request_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """Wait for the requested stop. Then send SIGQUIT (Celery's cold shutdown), then SIGKILL."""
        if self.process is not None:
            if not child.wait_until(self._has_ended, seconds=self.patience):
                child.end(self.process, [(signal.SIGQUIT, 5.0)])
            _kill_session(self.pid)
        self.process = None

    def kill(self) -> None:
        """Kill it and all its child processes now."""
        if self.process is not None and self.process.poll() is None:
            _kill_session(self.pid)

    def _has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def last_words(self) -> str:
        """Return the last error in its log, else its last line, at most 300 characters."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4000))
            lines = [
                line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()
            ]
        errors = [line for line in lines if line.startswith("error [")]
        return (errors or lines or ["its log is empty."])[-1][:300]


def _kill_session(leader: int | None) -> None:
    """Kill the remaining processes of a child's session: pool processes of a killed worker."""
    with suppress(ProcessLookupError):
        if leader is not None:
            os.killpg(leader, signal.SIGKILL)


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
