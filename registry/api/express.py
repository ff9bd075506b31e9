"""The short way to the answer for one hash: what is asked most, thousands of times a second, by machines.

It answers what it understands at a glance. All else, and whatever is wrong, goes on to the routes with the
same body, and they have the words for it. They would answer the very same, with several times the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, NamedTuple
from uuid import UUID

import orjson
from starlette.datastructures import State
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import logs
from registry.actions.answer_hashes import answer_hash_of, together
from registry.actions.authenticate import authenticate, digest
from registry.api import problems
from registry.api.access import LONGEST_KEY
from registry.api.answers import shown
from registry.api.bodies import JSON
from registry.api.gate import TINY
from registry.api.responses import Json
from registry.domain.caller import Caller
from registry.errors import FakeprintError, TooMany, Unavailable
from registry.store.pool import QUICK

PATH: Final = "/v1/lookups"
MOST_KEYS: Final = 1_000
"""Keys whose caller is remembered: to know its allowance, never instead of asking whether the key works."""

_JSON: Final = JSON.encode()
_BEARER: Final = b"bearer "
_FIELDS: Final = {"type", "algorithm", "value"}


class Route(NamedTuple):
    """Stands in metrics and logs for the route that would have been taken."""

    path: str = PATH


_ROUTE: Final = Route()


class Express:
    """ASGI middleware before the routes of an application, whose state it shares."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._callers: dict[bytes, UUID] = {}
        self._threads = ThreadPoolExecutor(QUICK, thread_name_prefix="express")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        messages = await _messages(receive)
        question = _question(messages)
        answered = None if question is None else await self._answered(scope, key, *question)
        if answered is None:
            await self._app(scope, _again(messages, receive), send)
            return
        scope["route"] = _ROUTE
        await answered(scope, receive, send)

    async def _answered(self, scope: Scope, key: str, algorithm: str, value: str) -> Response | None:
        """The response, or None where the routes have to find it."""
        state: State = scope["app"].state
        known = digest(key)
        try:
            if known not in self._callers:
                self._remember(known, await self._run(authenticate, state.service, key))
            async with state.allowance.turn(self._callers[known], len(value)):
                caller, found = await self._run(answer_hash_of, state.service, key, algorithm, value)
        except (TooMany, Unavailable) as error:
            return problems.respond(error, scope["state"]["request_id"])
        except FakeprintError:
            self._callers.pop(known, None)
            return None
        logs.bind(caller_id=str(caller.caller_id))
        state.instruments.looked_up("hash", found)
        return Json(shown(found, caller))

    async def _run[**P, T](self, act: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        """What an action answers, in one of few threads: as many as there are connections for it."""
        within = partial(copy_context().run, act, *given, **named)
        return await asyncio.get_running_loop().run_in_executor(self._threads, within)

    def _remember(self, known: bytes, caller: Caller) -> None:
        if len(self._callers) >= MOST_KEYS:
            del self._callers[next(iter(self._callers))]
        self._callers[known] = caller.caller_id


def _key(scope: Scope) -> str | None:
    """The API key of what may be a lookup of a hash: a short body of JSON, without a query string."""
    if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST" or scope["query_string"]:
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != _JSON or not length.isdigit() or int(length) > TINY or b"content-encoding" in headers:
        return None
    given = headers.get(b"authorization", b"")
    if given[:7].lower() != _BEARER or len(given) > LONGEST_KEY:
        return None
    return given[7:].strip().decode("latin-1")


async def _messages(receive: Receive) -> list[Message]:
    """What comes until the body is whole, or the client has left."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """The messages once more, then what comes after them."""
    left = iter(messages)

    async def receive_again() -> Message:
        message = next(left, None)
        return await receive() if message is None else message

    return receive_again


def _question(messages: list[Message]) -> tuple[str, str] | None:
    """Algorithm and value of a lookup of a hash in all banks."""
    try:
        asked = orjson.loads(b"".join(message.get("body", b"") for message in messages))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(asked, dict) or asked.keys() != _FIELDS or asked["type"] != "hash":
        return None
    algorithm, value = asked["algorithm"], asked["value"]
    if not isinstance(value, str) or not isinstance(algorithm, str) or not together(algorithm, value):
        return None
    return algorithm, value
