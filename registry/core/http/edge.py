"""The outermost middleware: request id, log line and metrics of each request, and the last handler for
bugs."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.core import logs, tracing
from registry.core.http import problems

LOGGER = logging.getLogger(__name__)

HEADER: Final = "X-Request-Id"
RAW_HEADER: Final = HEADER.lower().encode()
STAMP: Final = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of every answer that does not set its own. Answers depend on the key and on recent registrations,
so they must not be cached."""
NO_ROUTE: Final = "(none)"
"""Route name for URLs that match no route, so that strangers cannot add values to the metrics."""
ABORTED: Final = 499
"""Status logged if the client disconnected before it had sent everything. Nothing is answered."""

_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_SLASHES: Final = re.compile(rb"/{2,}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
Answered = Callable[[str, str, int, float], None]
"""Counts a request: its route, method, status and seconds."""


class Edge:
    """ASGI middleware around the whole app.

    `scope["state"]["request_id"]` is the caller's id if it is well formed, else a new one. It is returned in
    a header and bound to all log lines. An unhandled exception is logged with its traceback and answered as
    `internal`, without details.
    """

    def __init__(self, app: ASGIApp, answered: Answered) -> None:
        self._app = app
        self._answered = answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _merge_slashes(scope)
        request_id = request_id_of(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status, seconds = 0, 0.0
        began = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status, seconds
            if message["type"] == "http.response.start":
                status = message["status"]
                if _is_stream(message):
                    seconds = time.perf_counter() - began
                _stamp(message, request_id)
            await send(message)

        about = {"fakeprint.request_id": request_id}
        with (
            logs.bound(request_id=request_id),
            tracing.span("request", kind="server", parent=_traceparent(scope), attributes=about) as span,
        ):
            try:
                await self._app(scope, receive, send_with_id)
            except ClientDisconnect:
                status = ABORTED
            except Exception:
                LOGGER.exception("not answered because of a bug")
                if status:
                    # The answer has begun: only breaking the connection shows that it is incomplete.
                    raise
                await problems.internal(request_id)(scope, receive, send_with_id)
            finally:
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                took = seconds or time.perf_counter() - began
                record(self._answered, route, scope["method"], status or 500, took)
                if span is not None:
                    _describe(span, route, scope["method"], status or 500)


def _is_stream(message: Message) -> bool:
    """Return whether an answer is a stream of events. It stays open for minutes by design, so the time until
    it begins is what counts."""
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message.get("headers", ())
    )


def _merge_slashes(scope: Scope) -> None:
    """Merge doubled slashes in the path. Clients with a trailing slash in their base URL send them, and many
    drop the body of a redirected POST. Escaped slashes (%2F) stay."""
    raw: bytes = scope.get("raw_path") or b""
    if b"//" in raw:
        scope["raw_path"] = _SLASHES.sub(b"/", raw)
        scope["path"] = unquote(scope["raw_path"].decode("latin-1"))


def _traceparent(scope: Scope) -> str | None:
    """Return the caller's `traceparent`, if tracing is on."""
    if not tracing.on():
        return None
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)


def _describe(span: Any, route: str, method: str, status: int) -> None:
    """Name the span by the route's template: URLs hold ids and other data."""
    method = method if method in _METHODS else "OTHER"
    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)


def record(answered: Answered, route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request and log it."""
    method = method if method in _METHODS else "OTHER"
    answered(route, method, status, seconds)
    # Health checks come every few seconds and carry no information.
    quiet = route.startswith("/health/") and status < 400
    level = logging.DEBUG if quiet else logging.INFO
    if LOGGER.isEnabledFor(level):
        line: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        LOGGER.log(level, "%s %s %d", method, route, status, extra=line)


def request_id_of(scope: Scope) -> str:
    """Return the caller's request id if it is well formed, else a new one."""
    request_id = next((value for name, value in scope["headers"] if name == RAW_HEADER), b"").decode(
        "latin-1"
    )
    return request_id if _WELL_FORMED.match(request_id) else uuid4().hex


def _stamp(message: Message, request_id: str) -> None:
    headers = MutableHeaders(scope=message)
    headers[HEADER] = request_id
    for name, value in STAMP.items():
        headers.setdefault(name, value)
