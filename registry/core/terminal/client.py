"""The command line's wrapper of `fakeprint`: it applies the deadline and turns problems into our
errors.

A request that may have arrived is retried only if a repetition is harmless: reads, lookups, registration of
files. Creating a key, a webhook or a dispute is not repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import httpx2

import fakeprint as library
from fakeprint.calls import Call, PlainBody
from registry.core.errors import FakeprintError, Forbidden, NotFound
from registry.core.errors.terminal import ServiceUnreachable, TimedOut
from registry.core.terminal import problems
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.endpoint import Endpoint
from registry.core.terminal.problems import Reply

PAGE: Final = 200
"""Rows of a page of most lists, at most."""


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `build` makes the body anew for each attempt (a file is read again from its start). `once`:
    do not retry if the request may have arrived."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    build: Callable[[], Mapping[str, Any]] = dict
    once: bool = False


class Client:
    """A client of one service. Thread-safe. Use it as a context manager."""

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
        """Raise early, before any work, if the service is unreachable or does not know the key."""
        try:
            self.get("/v1/banks")
        except (Forbidden, NotFound):
            return

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """GET a JSON answer. Raises the service's error, or `Unavailable` (`service_unreachable`)."""
        return self.call(Request("GET", path, params))

    def fetch(self, path: str) -> bytes:
        """GET an answer that is not JSON. Raises the service's error, or `Unavailable`
        (`service_unreachable`)."""
        response = self._send(Request("GET", path))
        if response.status_code != 200:
            problems.reply_of(response, self.endpoint.url)
        return response.content

    def send(
        self, request: str, fields: Mapping[str, Any] | None = None, *, again: bool = False
    ) -> dict[str, Any]:
        """Send a request such as `PATCH /v1/webhooks/ID`, and return its answer.

        `fields` go into the query of GET and DELETE, else into the JSON body. `again`: repeating a POST is
        harmless.
        """
        method, _, path = request.partition(" ")
        values = dict(fields or {})
        if method in {"GET", "DELETE"}:
            return self.call(
                Request(method, path, {name: _text(value) for name, value in values.items()})
            ).body
        once = method == "POST" and not again
        return self.call(Request(method, path, build=lambda: {"json": values}, once=once)).body

    def every(
        self, path: str, name: str, params: Mapping[str, Any] | None = None, *, page: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """Yield all rows of a paged list, which an answer holds under `name`."""
        after: str | None = ""
        while after is not None:
            answer = self.send(
                f"GET {path}", {**(params or {}), "limit": page} | ({"after": after} if after else {})
            )
            yield from answer[name]
            after = answer["next"]

    def listed(
        self, path: str, name: str, params: Mapping[str, Any], limit: int | None = None
    ) -> dict[str, Any]:
        """Return the first `limit` rows of a paged list, or all, under `name`, and `next`: null if there are
        no more."""
        rows: list[Any] = []
        after: str | None = ""
        while after is not None and (limit is None or len(rows) < limit):
            size = PAGE if limit is None else min(PAGE, limit - len(rows))
            page = self.send(f"GET {path}", {**params, "limit": size} | ({"after": after} if after else {}))
            rows += page[name]
            after = page["next"]
        return {name: rows, "next": after}

    def call(self, request: Request) -> Reply:
        """Send a request. Retry after a pause if the service is busy or the connection breaks.

        Raises the service's error (a `FakeprintError` with its code), `Unavailable` (`service_unreachable`),
        `TimedOut`, or `BadInput` (`not_fakeprint`: another program answers at that address).
        """
        return problems.reply_of(self._send(request), self.endpoint.url)

    def _send(self, request: Request) -> httpx2.Response:
        call = Call(
            request.method,
            request.path,
            request.params,
            request.headers,
            lambda: PlainBody(request.build()),
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
        if isinstance(error, httpx2.TimeoutException) and self.deadline.passed:
            return self._late()
        if isinstance(error, httpx2.TimeoutException):
            problem, step = "does not answer", "See its logs, or try again later."
        else:
            problem, step = "cannot be reached", "Is it running? `fakeprint up` starts it."
        return ServiceUnreachable(f"The service at {url} {problem}.", next_step=step)

    def _late(self) -> TimedOut:
        seconds = self.deadline.seconds
        return TimedOut(
            f"The service did not answer {'in time' if seconds is None else f'within {seconds:g} s'}."
        )


def _text(value: Any) -> Any:
    """Return a value of a query as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
