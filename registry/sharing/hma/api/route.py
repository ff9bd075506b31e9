"""The routes of the Hasher-Matcher-Actioner API: errors have HMA's statuses and its field `message`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, override

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError

from registry.catalogue.banks.errors import BankExists
from registry.core.errors import FakeprintError, NotFound, UnsupportedContentType
from registry.core.errors.http import BadJson
from registry.core.http import bodies, received
from registry.core.http.problems import bad_input
from registry.identity.callers.api.access import Route
from registry.sharing.hma.errors import HmaBankExists, Unprocessable


class HmaRoute(Route):
    """A route whose problems have `message` beside the fields of RFC 9457, and HMA's statuses.

    Parameters and bodies that are not valid are 422, and a path that is not valid 404. A name that is taken
    is 403.
    """

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as invalid:
                raise _with_message(_invalid(invalid)) from invalid
            except BankExists as error:
                raise _with_message(HmaBankExists(error.message)) from error
            except FakeprintError as error:
                if self.body_field and isinstance(error, BadJson | UnsupportedContentType):
                    raise _with_message(_unprocessable(error)) from error
                raise _with_message(error) from error.__cause__

        return handled


def _invalid(invalid: RequestValidationError) -> FakeprintError:
    if any(fault["loc"][:1] == ("path",) for fault in invalid.errors()):
        return NotFound("There is nothing at this address.")
    return _unprocessable(bad_input(invalid))


def _unprocessable(error: FakeprintError) -> Unprocessable:
    return Unprocessable.of_code(error.code, error.message, next_step=error.next_step, extra=error.extra)


def _with_message[Error: FakeprintError](error: Error) -> Error:
    error.extra["message"] = error.message
    return error


async def _object(request: Request) -> dict[str, Any]:
    bodies.content_type(request, bodies.JSON)
    return bodies.parse_object(await bodies.read_body(request, received.MOST_BYTES))


JsonObject = Annotated[dict[str, Any], Depends(_object)]
"""A JSON body with any fields."""
