"""The short way to the answer for one hash: what is asked most, thousands of times a second, by machines.

It answers what it understands at a glance. All else, and whatever is wrong, goes on to the routes with the
same body, and they have the words for it. They would answer the very same, with several times the work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

import orjson
from fastapi import FastAPI
from starlette.datastructures import State
from starlette.types import Message, Receive, Scope, Send

from registry.core import logs
from registry.core.database.pool import QUICK
from registry.core.errors import FakeprintError, TooMany, Unavailable
from registry.core.http import problems
from registry.core.http.bodies import JSON
from registry.core.http.concurrency import TINY
from registry.core.http.edge import RAW_HEADER, STAMP, record, request_id_of
from registry.core.http.responses import Problem
from registry.core.http.thread_pool import ThreadPool
from registry.identity.callers.api.access import LONGEST_KEY
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, digest
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.service.hashes import answer_hash_of, together

LOGGER = logging.getLogger(__name__)

PATH: Final = "/v1/lookups"
MOST_KEYS: Final = 1_000
"""Keys whose caller is remembered: to know its rate limits, never instead of asking whether the key works."""

Answered = tuple[int, Sequence[tuple[bytes, bytes]], bytes]

_METHOD: Final = "POST"
_JSON: Final = JSON.encode()
_HEADERS: Final = [(b"content-type", _JSON)]
_STAMP: Final = [(name.lower().encode(), value.encode()) for name, value in STAMP.items()]
_BEARER: Final = b"bearer "
_FIELDS: Final = {"type", "algorithm", "value"}


class Express:
    """ASGI application around the whole of another, whose state it shares: what it answers itself passes
    through no layer of the framework."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._callers: dict[bytes, Caller] = {}
        self._hands = ThreadPool(QUICK, "express")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        messages = await _messages(receive)
        question = _question(messages)
        if question is None:
            await self._app(scope, _again(messages, receive), send)
            return
        request_id = request_id_of(scope)
        logs.bind(request_id=request_id)
        answered = await self._answered(request_id, key, *question)
        if answered is None:
            await self._app(scope, _again(messages, receive), send)
            return
        status, headers, body = answered
        head = [*headers, (b"content-length", b"%d" % len(body)), *_STAMP, (RAW_HEADER, request_id.encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
        state: State = self._app.state
        record(state.instruments.answered, PATH, _METHOD, status, time.perf_counter() - began)

    async def _answered(self, request_id: str, key: str, algorithm: str, value: str) -> Answered | None:
        """Status, headers and body of the response, or None where the routes have to find it."""
        state: State = self._app.state
        known = digest(key)
        try:
            if known not in self._callers:
                self._remember(known, await self._hands.run(authenticate, state.service, key))
            asking = self._callers[known]
            state.reconstruction.admit(asking, algorithm, value)
            async with state.rate_limits.turn(asking.caller_id, len(value)):
                caller, found = await self._hands.run(answer_hash_of, state.service, key, algorithm, value)
            self._callers[known] = caller
            answer = shown(found, caller)
            state.reconstruction.note(caller, algorithm, value, answer)
        except (TooMany, Unavailable) as error:
            return _problem(problems.respond(error, request_id))
        except FakeprintError:
            self._callers.pop(known, None)
            return None
        except Exception:
            LOGGER.exception("not answered because of a bug")
            return _problem(problems.internal(request_id))
        logs.bind(caller_id=str(caller.caller_id))
        state.used_keys.note(known)
        state.instruments.looked_up("hash", found)
        return 200, _HEADERS, orjson.dumps(answer)

    def _remember(self, known: bytes, caller: Caller) -> None:
        if len(self._callers) >= MOST_KEYS:
            del self._callers[next(iter(self._callers))]
        self._callers[known] = caller


def _problem(response: Problem) -> Answered:
    """The parts of a problem document."""
    headers = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    return response.status_code, headers, bytes(response.body)


def _key(scope: Scope) -> str | None:
    """The API key of what may be a lookup of a hash: a short body of JSON, without a query string."""
    if (
        scope["type"] != "http"
        or scope["path"] != PATH
        or scope["method"] != _METHOD
        or scope["query_string"]
    ):
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
