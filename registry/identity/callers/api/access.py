"""Authentication and permissions of API requests. `app.state.permissions` is the table of permissions."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Final, override
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from registry.core import logs
from registry.core.errors import BadInput, Unauthenticated
from registry.core.http.received import JsonRequest
from registry.core.service import Service
from registry.identity.callers.model import Caller, Permission
from registry.identity.callers.service.keys import authenticate, digest
from registry.identity.organizations.service.operator import require_operator

LONGEST_KEY: Final = 512
"""Characters. Our keys have 46, so a longer value is refused without a query."""


async def service_of(request: Request) -> Service:
    """Return the process's service."""
    service: Service = request.app.state.service
    return service


class Route(APIRoute):
    """An operation. The caller is authenticated and its roles are checked, then the JSON body is read, then
    FastAPI validates the parameters."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            permission: Permission = request.app.state.permissions[self.operation_id]
            if permission.key:
                request.state.caller = await _authenticate(request)
                await _require_permission(request, permission)
            return await handle(await JsonRequest.read(request) if self.body_field else request)

        return handled


async def _authenticate(request: Request) -> Caller:
    """Return the caller by `Authorization: Bearer KEY` or `X-API-Key`, and bind its id to the log lines.

    Raises `Unauthenticated`; `BadInput` for a query string with a NUL, which PostgreSQL's text cannot hold.
    """
    key = key_of(request)
    caller = await run_in_threadpool(authenticate, request.app.state.service, key)
    # Not in the thread: log fields that a thread binds are lost to the rest of the request.
    note_key_use(request, key, caller)
    return caller


def note_key_use(request: Request, key: str, caller: Caller) -> None:
    """Note the use of the key, and bind the caller to the log lines. Raises `BadInput` for a query string
    with a NUL."""
    request.app.state.used_keys.note(digest(key))
    logs.bind(caller_id=str(caller.caller_id))
    if b"\0" in unquote_to_bytes(request.url.query):
        raise BadInput("The query string holds a NUL character.")


async def _require_permission(request: Request, permission: Permission) -> None:
    """Raise `Forbidden` (`forbidden`, `not_operator`) if the caller lacks the permission."""
    permission.require(request.state.caller)
    if permission.operator:
        await run_in_threadpool(_require_operator, request.app.state.service, request.state.caller)


async def _caller_of(request: Request) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _require_operator(service: Service, caller: Caller) -> None:
    with service.pool.transaction() as connection:
        require_operator(connection, caller)


def key_of(request: Request) -> str:
    """Return the API key of a request. Raises `Unauthenticated` if there is none, or it is too long."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
    if not key:
        key = _key_as_elsewhere(request)
    if not key:
        key = _key_of_this_machine(request)
    if not key:
        raise Unauthenticated(
            "No API key was sent.", next_step="Send `Authorization: Bearer KEY` (or `X-API-Key: KEY`)."
        )
    if len(key) > LONGEST_KEY:
        raise Unauthenticated("The value sent is not an API key.")
    return key


def _key_as_elsewhere(request: Request) -> str:
    """Return the key from where clients of ThreatExchange and of StopNCII send it, on their paths only."""
    path = request.scope["path"]
    if path.startswith("/threatexchange/"):
        return request.query_params.get("access_token", "").partition("|")[2].strip()
    return request.headers.get("x-functions-key", "").strip() if path.startswith("/stopncii/") else ""


def _key_of_this_machine(request: Request) -> str:
    """Return FAKEPRINT_HMA_KEY for clients of Hasher-Matcher-Actioner on this machine, which send no key.
    Requests that came through a proxy or from a browser do not get it."""
    service: Service = request.app.state.service
    if not service.settings.hma_key or not request.scope["path"].startswith(_HMA):
        return ""
    address = request.client.host if request.client else ""
    host = request.headers.get("host", "").lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    is_local = address in _LOOPBACK and name in _LOOPBACK | {"localhost"}
    return service.settings.hma_key if is_local and not _FOREIGN_HEADERS & {*request.headers.keys()} else ""


_HMA: Final = ("/h/", "/m/", "/c/")
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FOREIGN_HEADERS: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
    | {"origin", "referer", "sec-fetch-site"}
)
"""Headers of proxies and of browsers. Not `sec-fetch-mode`: Node's `fetch` sends it with every request."""

ServiceOf = Annotated[Service, Depends(service_of)]
CallerOf = Annotated[Caller, Depends(_caller_of)]
"""The authenticated caller of a `Route`."""
