"""The error handlers: every error becomes an RFC 9457 problem document with a stable code."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Route

from registry.core.errors import BadInput, FakeprintError, MethodNotAllowed, NotFound, TooMany
from registry.core.http.responses import Problem

LOGGER = logging.getLogger(__name__)

RETRY_SECONDS: Final = 2
"""Retry-After of a 503. The database pool refills and the broker reconnects within that time."""
METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
CHALLENGE: Final = 'Bearer realm="fakeprint"'

_ROUTERS: Final[Mapping[int, FakeprintError]] = {
    400: BadInput("The request cannot be understood."),
    404: NotFound("There is nothing at this address.", next_step=MethodNotAllowed.step),
    405: MethodNotAllowed("This address does not take that method."),
}
"""The router's own errors."""


def install(app: FastAPI, routes: Sequence[Route]) -> None:
    """Register the handlers for our errors, the framework's and the router's. `edge` handles bugs.

    A path without parameters, such as `/v1/callers/me`, takes only its own methods, and not those of
    `/v1/callers/{caller_id}` too. `routes` are all that the application takes.
    """
    app.add_exception_handler(FakeprintError, _fakeprint_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, partial(_router, routes))
    templates = [route for route in routes if route.param_convertors]
    for path in {route.path for route in routes if not route.param_convertors}:
        if any(template.path_regex.match(path) for template in templates):
            others = sorted(METHODS.difference(_methods(routes, path)))
            app.router.routes.insert(0, Route(path, _refuse, methods=others))


async def _refuse(_request: Request) -> Problem:
    raise HTTPException(405)


def respond(error: FakeprintError, request_id: str) -> Problem:
    """Return the problem document of an error, with the headers of its status."""
    headers = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    if error.status == 503:
        headers["Retry-After"] = str(error.extra.get("retry_after", RETRY_SECONDS))
    if error.status == 408:
        headers["Connection"] = "close"
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_after)
    return Problem(error.problem() | instance(request_id), status_code=error.status, headers=headers)


def internal(request_id: str) -> Problem:
    """Return the answer to a bug: it holds only the request id, which the log explains."""
    return respond(bug(), request_id)


def bug() -> FakeprintError:
    """Return an error without details."""
    return FakeprintError(
        "The service failed to answer; this is a bug.",
        next_step="Tell whoever runs it the request id; its log says what happened.",
    )


def instance(request_id: str) -> dict[str, str]:
    """Return `instance` and `request_id` of a problem document."""
    return {"instance": f"urn:fakeprint:request:{request_id}", "request_id": request_id}


def bad_input(error: ValidationError | RequestValidationError, *, place: str = "") -> BadInput:
    """Turn all validation errors of a model into one error: field names and requirements, but no values."""
    faults = [
        {
            # Unknown field names and tags come from the caller and may have any length.
            "where": ".".join(str(step)[:50] for step in (place, *_location(fault)) if step != ""),
            "message": fault["msg"][:200],
        }
        for fault in error.errors()[:20]
    ]
    return faulty(faults or [{"where": "the request", "message": "is not valid"}])


def _location(fault: Mapping[str, Any]) -> Sequence[str | int]:
    """Return where a fault is: the field of a JSON body alone, or for example `query` and a name."""
    steps: Sequence[str | int] = fault["loc"]
    return steps[1:] if steps[:1] == ("body",) else steps


def faulty(
    faults: list[dict[str, str]], next_step: str = "GET /openapi.json shows what is taken."
) -> BadInput:
    """Return one error for all faults, each with `where` and `message`."""
    first = faults[0]
    message = f"{first['where']}: {first['message']}."
    return BadInput(message, next_step=next_step, extra={"errors": faults})


async def _fakeprint_error(request: Request, error: Exception) -> Problem:
    assert isinstance(error, FakeprintError)  # noqa: S101 - registered for this class only
    if error.status >= 500:
        fields = {"code": error.code, "reason": error.message, "cause": error.__cause__}
        LOGGER.warning("answered %d", error.status, extra=fields)
    return respond(error, request.state.request_id)


async def _invalid(request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    return respond(bad_input(error), request.state.request_id)


async def _router(routes: Sequence[Route], request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    known_error = _ROUTERS.get(error.status_code)
    phrase = HTTPStatus(error.status_code).phrase
    body = (known_error or BadInput(phrase)).problem()
    if known_error is None:
        body |= {"title": phrase, "status": error.status_code}
    headers = dict(error.headers or {})
    if error.status_code == 405 and (methods := _methods(routes, request.scope["path"])):
        headers["Allow"] = ", ".join(methods)
    return Problem(body | instance(request.state.request_id), status_code=error.status_code, headers=headers)


def _methods(routes: Sequence[Route], path: str) -> list[str]:
    """Return the methods that an address takes. Starlette's router names those of one route only."""
    matching = [route for route in routes if route.path_regex.match(path)]
    own = [route for route in matching if route.path == path] or matching
    return sorted({method for route in own for method in route.methods or ()})
