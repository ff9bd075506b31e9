"""The command line's use of `registry.client`: within a deadline, and problems become our errors again.

What may have arrived is sent again only where twice does nothing more than once: reading, a lookup, the
registration of files. Not what makes a key, a webhook or a dispute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import httpx

from registry import client as library
from registry.client.calls import Call, Given
from registry.core.errors import FakeprintError, Forbidden, NotFound, Unavailable
from registry.core.terminal import problems
from registry.core.terminal.deadline import Deadline, TimedOut
from registry.core.terminal.endpoint import Endpoint
from registry.core.terminal.problems import Reply


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `build` makes the body anew for each attempt (a file is read again from its start). `once`:
    it is not sent again where it may have arrived."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    build: Callable[[], Mapping[str, Any]] = dict
    once: bool = False


class Client:
    """Talks to one service; safe to share between threads. Use it as a context manager."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        self.endpoint = endpoint
        self.deadline = deadline
        self._service = library.Client(endpoint.url, endpoint.key, limit=deadline.remaining)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._service.close()

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
        response = self._send(Request("GET", path))
        if response.status_code != 200:
            problems.reply_of(response, self.endpoint.url)
        return response.content

    def post(self, path: str, body: Mapping[str, Any], *, again: bool = False) -> Reply:
        """POST of a JSON object. `again`: twice does nothing more than once."""
        return self.call(Request("POST", path, build=lambda: {"json": body}, once=not again))

    def call(self, request: Request) -> Reply:
        """Send, and again after a pause where the service was too busy or the connection broke.

        Raises the service's error (a `FakeprintError` with its code), `Unavailable` (`service_unreachable`),
        `TimedOut`, or `BadInput` (`not_fakeprint`: somebody else answers at that address).
        """
        return problems.reply_of(self._send(request), self.endpoint.url)

    def _send(self, request: Request) -> httpx.Response:
        call = Call(
            request.method,
            request.path,
            request.params,
            request.headers,
            lambda: Given(request.build()),
            once=request.once,
        )
        try:
            return self._service.send(call)
        except library.NotYet as error:
            raise self._late() from error
        except library.Unreachable as error:
            raise self._unreachable(error.__cause__) from error

    def _unreachable(self, error: BaseException | None) -> FakeprintError:
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
