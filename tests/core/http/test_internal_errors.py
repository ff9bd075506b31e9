"""A bug is answered without a word about it, and explained in the log."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from registry.app.api.app import create_app
from registry.core import logs
from registry.core.errors import Conflict, Unavailable
from registry.core.settings import Settings


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure(Settings(), stream=stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("uvicorn.access").disabled = False


@pytest.fixture
def app() -> FastAPI:
    """The application with addresses that go wrong; none of them needs its service."""
    made = create_app(Settings())

    @made.get("/bug/{name}")
    def bug(name: str) -> None:
        raise RuntimeError(f"the secret of {name}")

    @made.get("/half")
    def half() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            yield b"half an answer"
            raise RuntimeError("and no more")

        return StreamingResponse(pieces())

    @made.get("/busy")
    def busy() -> None:
        raise Unavailable("Too busy.", next_step="Try again.")

    @made.get("/conflict")
    def conflict() -> None:
        raise Conflict.of_code("taken", "It is taken.", extra={"by": "somebody"})

    return made


def _get(app: FastAPI, path: str, **headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def _lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_internal_error_reveals_nothing(app: FastAPI, log: io.StringIO) -> None:
    answered = _get(app, "/bug/madam", **{"X-Request-Id": "r-1"})
    assert answered.status_code == 500
    assert answered.headers["content-type"] == "application/problem+json"
    assert answered.headers["x-request-id"] == "r-1"
    assert answered.json()["code"] == "internal"
    assert answered.json()["instance"] == "urn:fakeprint:request:r-1"
    assert "secret" not in answered.text
    assert "RuntimeError" not in answered.text
    bug, access = _lines(log)
    assert bug["exception"].endswith("builtins.RuntimeError"), "where and what, not what it says"
    assert "secret of madam" not in bug["exception"]
    assert bug["request_id"] == access["request_id"] == "r-1"
    assert (access["status"], access["route"]) == (500, "/bug/{name}")


def test_half_an_answer_is_broken_off(app: FastAPI, log: io.StringIO) -> None:
    with pytest.raises(RuntimeError, match="no more"):
        _get(app, "/half")
    assert [line["level"] for line in _lines(log)] == ["ERROR", "INFO"]


def test_a_503_has_retry_after(app: FastAPI, log: io.StringIO) -> None:
    answered = _get(app, "/busy")
    assert answered.status_code == 503
    assert int(answered.headers["retry-after"]) > 0
    assert answered.json()["next_step"] == "Try again."
    assert _lines(log)[0]["code"] == "unavailable"


def test_an_error_keeps_its_code_and_its_fields(app: FastAPI, log: io.StringIO) -> None:
    answered = _get(app, "/conflict")
    assert answered.status_code == 409
    assert answered.json() | {"request_id": "", "instance": ""} == {
        "type": "urn:fakeprint:error:taken",
        "title": Conflict.title,
        "status": 409,
        "detail": "It is taken.",
        "code": "taken",
        "next_step": "Read its current state again, then decide what to do.",
        "by": "somebody",
        "request_id": "",
        "instance": "",
    }
    assert answered.headers["cache-control"] == "no-store"


def test_addresses_of_strangers_do_not_add_to_the_metrics(app: FastAPI, log: io.StringIO) -> None:
    for path in ("/a", "/b", "/v1/c"):
        assert _get(app, path).status_code == 404
    assert {line["route"] for line in _lines(log)} == {"(none)"}
