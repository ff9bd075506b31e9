"""Which calls are retried, and after which delay."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import httpx2

from fakeprint.failures import Unreachable

BUSY: Final = frozenset({429, 503})
"""Statuses after which a retry may succeed."""
UNSENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
"""Errors that occur before anything is sent."""
LASTING: Final = (httpx2.LocalProtocolError, httpx2.UnsupportedProtocol, httpx2.InvalidURL)
"""Errors that a retry does not cure."""


@dataclass(frozen=True, slots=True)
class Retries:
    """The number of attempts and the delays between them, in seconds. The first delay is `first`. It doubles
    with each attempt, varies by 20 % at random, and is at most `longest`, also if `Retry-After` requests
    more."""

    attempts: int = 4
    first: float = 0.2
    longest: float = 5.0

    def after_answer(self, attempt: int, response: httpx2.Response) -> float | None:
        """Return the seconds until the next attempt, or None if the answer is final. `attempt` counts from
        1."""
        if response.status_code not in BUSY or attempt >= self.attempts:
            return None
        return min(max(self._pause(attempt), retry_after(response)), self.longest)

    def after_error(self, attempt: int, error: Exception, *, once: bool = False) -> float | None:
        """Return the seconds until the next attempt, or None if the error is final. `once`: do not repeat a
        request that may have arrived."""
        if attempt >= self.attempts or isinstance(error, LASTING):
            return None
        if once and not isinstance(error, UNSENT):
            return None
        return min(self._pause(attempt), self.longest)

    def after_cut(self, attempt: int, url: str, asked: float = 0.0) -> float:
        """Return the seconds until an interrupted batch is continued, at least the `asked` seconds that the
        service requested. Raises `Unreachable` after the last attempt."""
        if attempt >= self.attempts:
            raise Unreachable(f"The service at {url} repeatedly broke off a batch.")
        return min(max(self._pause(attempt), asked), self.longest)

    def _pause(self, attempt: int) -> float:
        return float(self.first * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def retry_after(response: httpx2.Response) -> float:
    """Return the seconds that the service requests to wait, or 0."""
    try:
        return max(0.0, float(response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
