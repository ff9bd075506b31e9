"""The routes of the Hasher-Matcher-Actioner API: errors also have HMA's field `message`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, override

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError

from registry.core.errors import FakeprintError
from registry.core.http import bodies, received
from registry.core.http.problems import bad_input
from registry.identity.callers.api.access import Route


class HmaRoute(Route):
    """A route whose problems have `message` beside the fields of RFC 9457."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as invalid:
                raise _with_message(bad_input(invalid)) from invalid
            except FakeprintError as error:
                raise _with_message(error) from error.__cause__

        return handled


def _with_message[Error: FakeprintError](error: Error) -> Error:
    error.extra["message"] = error.message
    return error


async def _object(request: Request) -> dict[str, Any]:
    bodies.content_type(request, bodies.JSON)
    return bodies.parse_object(await bodies.read_body(request, received.MOST_BYTES))


JsonObject = Annotated[dict[str, Any], Depends(_object)]
"""A JSON body with any fields."""
