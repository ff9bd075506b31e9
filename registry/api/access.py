"""Who calls, and may they? The service and the caller of a request, as dependencies."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from registry import logs
from registry.actions.authenticate import authenticate
from registry.actions.service import Service
from registry.domain.caller import Caller
from registry.errors import BadInput, Unauthenticated

LONGEST_KEY: Final = 512
"""Longer ones are nobody's; ours have 46 characters."""


async def service_of(request: Request) -> Service:
    """The process's service."""
    service: Service = request.app.state.service
    return service


async def authenticated(request: Request) -> Caller:
    """The caller of this request, by `Authorization: Bearer KEY` or `X-API-Key`; bound into its log lines.

    Raises `Unauthenticated`; `BadInput` for a query string with a NUL, which PostgreSQL's text cannot hold.
    """
    key = key_of(request)
    caller = await run_in_threadpool(authenticate, request.app.state.service, key)
    # Asynchronous, since what a thread binds is lost to the rest of the request.
    logs.bind(caller_id=str(caller.caller_id))
    if b"\0" in unquote_to_bytes(request.url.query):
        raise BadInput("The query string holds a NUL character.")
    return caller


def caller_with(role: str) -> Callable[[Caller], Awaitable[Caller]]:
    """A dependency for callers with `role`. It runs before the body is read. Raises `Forbidden`."""

    async def entitled(caller: Annotated[Caller, Depends(authenticated)]) -> Caller:
        caller.require(role)
        return caller

    return entitled


def key_of(request: Request) -> str:
    """The API key that a request shows. Raises `Unauthenticated` where it shows none, or what is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
    if not key:
        raise Unauthenticated(
            "No API key was sent.", next_step="Send `Authorization: Bearer KEY` (or `X-API-Key: KEY`)."
        )
    if len(key) > LONGEST_KEY:
        raise Unauthenticated("What was sent is no API key.")
    return key


ServiceOf = Annotated[Service, Depends(service_of)]
AnyCaller = Annotated[Caller, Depends(authenticated)]
LookupCaller = Annotated[Caller, Depends(caller_with("lookup"))]
RegisterCaller = Annotated[Caller, Depends(caller_with("register"))]
FacesCaller = Annotated[Caller, Depends(caller_with("faces"))]
AdminCaller = Annotated[Caller, Depends(caller_with("admin"))]
