"""A small client of the HTTP API: problems become our errors again, and what may be repeated is.

Every call here may be repeated: reading is, a lookup changes nothing, and registering the same file in a
bank twice is one asset.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx

from registry import __version__
from registry.cli import problems
from registry.cli.deadline import Deadline, TimedOut
from registry.cli.endpoint import Endpoint
from registry.cli.problems import Reply
from registry.errors import FakeprintError, Forbidden, NotFound, Unavailable

ATTEMPTS: Final = 4
FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
BUSY: Final = frozenset({429, 503})
"""Statuses of what may be answered a little later."""
READ_SECONDS: Final = 120.0
CONNECT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `build` makes the body anew for each attempt (a file is read again from its start)."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    build: Callable[[], Mapping[str, Any]] = dict


class Client:
    """Talks to one service; safe to share between threads. Use it as a context manager."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        self.endpoint = endpoint
        self.deadline = deadline
        self._http = httpx.Client(
            base_url=endpoint.url,
            headers={"Accept": "application/json", "User-Agent": f"fakeprint/{__version__}"}
            | ({"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}),
            # A proxy set for the internet must not be asked for this machine.
            trust_env=not endpoint.loopback,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def check(self) -> None:
        """Raise early, before any work, where the service is not there or does not know the key."""
        try:
            self.get("/v1/banks")
        except (Forbidden, NotFound):
            return

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """GET. Raises the service's own error, or `Unavailable` (`service_unreachable`)."""
        return self.call(Request("GET", path, params))

    def fetch(self, path: str) -> bytes:
        """GET of what is no JSON. Raises the service's error, or `Unavailable` (`service_unreachable`)."""
        try:
            response = self._send(Request("GET", path))
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if response.status_code != 200:
            problems.reply_of(response, self.endpoint.url)
        return response.content

    def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """POST of a JSON object."""
        return self.call(Request("POST", path, build=lambda: {"json": body}))

    def call(self, request: Request) -> Reply:
        """Send, and again after a pause where the service was too busy or the connection broke.

        Raises the service's error (a `FakeprintError` with its code), `Unavailable` (`service_unreachable`),
        `TimedOut`, or `BadInput` (`not_fakeprint`: somebody else answers at that address).
        """
        for attempt in range(1, ATTEMPTS + 1):
            pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
            try:
                response = self._send(request)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                failure = self._unreachable(error)
                if attempt == ATTEMPTS or not _may_pass(error):
                    raise failure from error
            else:
                if response.status_code not in BUSY or attempt == ATTEMPTS:
                    return problems.reply_of(response, self.endpoint.url)
                pause = max(pause, problems.retry_after(response))
            if self.deadline.remaining(LONGEST_PAUSE) < min(pause, LONGEST_PAUSE):
                raise self._late()
            time.sleep(min(pause, LONGEST_PAUSE))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _send(self, request: Request) -> httpx.Response:
        limit = max(0.05, self.deadline.remaining(READ_SECONDS))
        return self._http.request(
            request.method,
            request.path,
            params=request.params,
            headers=request.headers,
            timeout=httpx.Timeout(limit, connect=min(CONNECT_SECONDS, limit)),
            **request.build(),
        )

    def _unreachable(self, error: Exception) -> FakeprintError:
        url = self.endpoint.url
        if isinstance(error, httpx.TimeoutException) and self.deadline.passed:
            return self._late()
        if isinstance(error, httpx.TimeoutException):
            said, step = "does not answer", "See its logs, or try again later."
        else:
            said, step = "cannot be reached", "Is it running? `fakeprint up` starts it."
        return Unavailable(f"The service at {url} {said}.", code="service_unreachable", next_step=step)

    def _late(self) -> TimedOut:
        seconds = self.deadline.seconds
        return TimedOut(
            f"The service did not answer {'in time' if seconds is None else f'within {seconds:g} s'}."
        )


def _may_pass(error: Exception) -> bool:
    """Whether the next attempt may fare better."""
    lasting = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)
    return not isinstance(error, lasting)
