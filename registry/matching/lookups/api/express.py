"""Fast path for lookups of one hash, the most frequent request: thousands a second, from machines.

It answers well-formed lookups of a hash in all banks. Everything else, including every malformed request,
is passed to the routes with the same body. The routes give the same answers at several times the cost.
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
"""Most API keys whose caller is cached. The cache only finds rate limits; each request checks the key."""

Answered = tuple[int, Sequence[tuple[bytes, bytes]], bytes]

_METHOD: Final = "POST"
_JSON: Final = JSON.encode()
_HEADERS: Final = [(b"content-type", _JSON)]
_STAMP: Final = [(name.lower().encode(), value.encode()) for name, value in STAMP.items()]
_BEARER: Final = b"bearer "
_FIELDS: Final = {"type", "algorithm", "value"}


class Express:
    """ASGI application around another one, whose state it shares. Its own answers bypass the framework."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._callers: dict[bytes, Caller] = {}
        self._threads = ThreadPool(QUICK, "express")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        messages = await _messages(receive)
        question = _question(messages)
        if question is None:
            await self._app(scope, _replayed(messages, receive), send)
            return
        request_id = request_id_of(scope)
        logs.bind(request_id=request_id)
        answered = await self._answered(request_id, key, *question)
        if answered is None:
            await self._app(scope, _replayed(messages, receive), send)
            return
        status, headers, body = answered
        head = [*headers, (b"content-length", b"%d" % len(body)), *_STAMP, (RAW_HEADER, request_id.encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})
        state: State = self._app.state
        record(state.instruments.answered, PATH, _METHOD, status, time.perf_counter() - began)

    async def _answered(self, request_id: str, key: str, algorithm: str, value: str) -> Answered | None:
        """Return status, headers and body of the response. None: the routes have to answer."""
        state: State = self._app.state
        key_digest = digest(key)
        try:
            if key_digest not in self._callers:
                self._remember(key_digest, await self._threads.run(authenticate, state.service, key))
            recorded = self._callers[key_digest]
            state.reconstruction.admit(recorded, algorithm, value)
            async with state.admission.turn(recorded.caller_id, len(value)):
                caller, full_answer = await self._threads.run(
                    answer_hash_of, state.service, key, algorithm, value
                )
            self._callers[key_digest] = caller
            answer = shown(full_answer, caller)
            state.reconstruction.note(caller, algorithm, value, answer)
        except (TooMany, Unavailable) as error:
            return _problem(problems.respond(error, request_id))
        except FakeprintError:
            self._callers.pop(key_digest, None)
            return None
        except Exception:
            LOGGER.exception("a lookup of a hash failed because of a bug")
            return _problem(problems.internal(request_id))
        logs.bind(caller_id=str(caller.caller_id))
        state.used_keys.note(key_digest)
        state.instruments.looked_up("hash", full_answer)
        return 200, _HEADERS, orjson.dumps(answer)

    def _remember(self, key_digest: bytes, caller: Caller) -> None:
        if len(self._callers) >= MOST_KEYS:
            del self._callers[next(iter(self._callers))]
        self._callers[key_digest] = caller


def _problem(response: Problem) -> Answered:
    """Return status, headers and body of a problem document."""
    headers = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
    return response.status_code, headers, bytes(response.body)


def _key(scope: Scope) -> str | None:
    """Return the API key of a request that may be a lookup of a hash: a short JSON body and no query
    string."""
    if (
        scope["type"] != "http"
        or scope["path"] != PATH
        or scope["method"] != _METHOD
        or scope["query_string"]
    ):
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if len(headers) < len(scope["headers"]):
        return None  # of headers that are sent twice the router reads the first
    length = headers.get(b"content-length", b"")
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind != _JSON or not length.isdigit() or int(length) > TINY or b"content-encoding" in headers:
        return None
    authorization = headers.get(b"authorization", b"")
    if authorization[:7].lower() != _BEARER or len(authorization) > LONGEST_KEY:
        return None
    return authorization[7:].strip().decode("latin-1")


async def _messages(receive: Receive) -> list[Message]:
    """Receive messages until the body is complete or the client has disconnected."""
    messages: list[Message] = []
    while not messages or messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    """Return a `receive` that replays these messages, and then continues with new ones."""
    pending = iter(messages)

    async def receive_replayed() -> Message:
        message = next(pending, None)
        return await receive() if message is None else message

    return receive_replayed


def _question(messages: list[Message]) -> tuple[str, str] | None:
    """Return algorithm and value of a lookup of one hash in all banks. None for any other request."""
    try:
        body = orjson.loads(b"".join(message.get("body", b"") for message in messages))
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict) or body.keys() != _FIELDS or body["type"] != "hash":
        return None
    algorithm, value = body["algorithm"], body["value"]
    if not isinstance(value, str) or not isinstance(algorithm, str) or not together(algorithm, value):
        return None
    return algorithm, value
