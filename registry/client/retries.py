"""What is tried again, and after how long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

import httpx

from registry.client.failures import Unreachable

BUSY: Final = frozenset({429, 503})
"""Statuses of what may be answered a little later."""
UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""Errors before anything was sent."""
LASTING: Final = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)
"""Errors that another attempt does not mend."""


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a call is made at most, and the seconds between: `first`, doubled each time, with a fifth
    of chance, up to `longest`, which also bounds what `Retry-After` asks for."""

    attempts: int = 4
    first: float = 0.2
    longest: float = 5.0

    def after_answer(self, attempt: int, response: httpx.Response) -> float | None:
        """Seconds until the next attempt; None: the answer stands. `attempt` counts from 1."""
        if response.status_code not in BUSY or attempt >= self.attempts:
            return None
        return min(max(self._pause(attempt), retry_after(response)), self.longest)

    def after_error(self, attempt: int, error: Exception, *, once: bool = False) -> float | None:
        """Seconds until the next attempt; None: the error stands. `once`: what may have arrived is not sent
        again."""
        if attempt >= self.attempts or isinstance(error, LASTING):
            return None
        if once and not isinstance(error, UNSENT):
            return None
        return min(self._pause(attempt), self.longest)

    def after_cut(self, attempt: int, url: str, asked: float = 0.0) -> float:
        """Seconds until a batch that was cut off goes on, `asked` by the service at least. Raises
        `Unreachable` after the last attempt."""
        if attempt >= self.attempts:
            raise Unreachable(f"The service at {url} broke a batch off again and again.")
        return min(max(self._pause(attempt), asked), self.longest)

    def _pause(self, attempt: int) -> float:
        return float(self.first * 2 ** (attempt - 1) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def retry_after(response: httpx.Response) -> float:
    """Seconds that the service asks to wait; 0 where it does not say."""
    try:
        return max(0.0, float(response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
