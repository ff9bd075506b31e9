"""The time limit of a command (`--timeout`)."""

from __future__ import annotations

import time
from collections.abc import Iterator

from registry.core.errors.terminal import TimedOut


class Deadline:
    """A point in time that ends the command. `seconds` None: no limit."""

    def __init__(self, seconds: float | None) -> None:
        self._ends = None if seconds is None else time.monotonic() + seconds
        self.seconds = seconds

    def remaining(self, at_most: float) -> float:
        """Return the seconds left, at most `at_most`; never negative."""
        if self._ends is None:
            return at_most
        return max(0.0, min(at_most, self._ends - time.monotonic()))

    def end(self) -> None:
        """End the deadline now."""
        self._ends = time.monotonic()

    @property
    def passed(self) -> bool:
        return self.remaining(1.0) <= 0.0

    def check(self, failure: str, *, next_step: str | None = None) -> None:
        """Raise `TimedOut` if the deadline has passed; `failure` names what was not reached."""
        if self.passed:
            limit = "in time" if self.seconds is None else f"within {self.seconds:g} s"
            raise TimedOut(f"{failure} {limit}.", next_step=next_step)

    def pauses(self, first: float = 0.2, longest: float = 2.0) -> Iterator[None]:
        """Yield and sleep alternately, from `first` to `longest` seconds each; stops at the deadline."""
        pause = first
        while True:
            yield
            seconds = self.remaining(pause)
            if seconds <= 0.0:
                return
            time.sleep(seconds)
            pause = min(longest, pause * 1.5)
