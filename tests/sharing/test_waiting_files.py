"""Requests that wait until a worker has read their file: what they keep meanwhile, and for how long."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import Request

from registry.core.errors.http import Busy
from registry.core.http.upload_space import UploadSpace
from registry.core.net import outbound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.sharing.fact_checking import api as fact_checking
from registry.sharing.hma import model as hma
from registry.sharing.hma.api import configuration, files
from registry.sharing.soft_binding import api as soft_binding
from registry.sharing.soft_binding.schemas import AssetReference
from tests.support.media import drawn
from tests.support.service.file_server import serving
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed
from tests.support.takedown import endpoints
from tests.support.takedown.endpoints import endpoint, says

Ask = Callable[[Request, Service, Caller, str], Awaitable[Any]]


async def _facts(request: Request, service: Service, caller: Caller, url: str) -> None:
    await fact_checking._looked_up(request, service, caller, url, 60)


async def _hashes(request: Request, service: Service, caller: Caller, url: str) -> None:
    types = hma.Selection.read("vpdq", hma.QUICK)
    await files.hashes_at(request, service, caller, files.Address(url, "video"), types)


async def _content(request: Request, service: Service, caller: Caller, url: str) -> None:
    await soft_binding.by_content(request, service, caller)


@pytest.mark.parametrize("ask", [_facts, _hashes, _content])
def test_a_waiting_request_keeps_no_second_copy_and_ends_with_its_client(
    service: Service, owner: Caller, tmp_path: Path, ask: Ask
) -> None:
    (tmp_path / "a.mp4").write_bytes(b"a file")
    here = replace(service, settings=service.settings.model_copy(update={"fetch_private": True}))
    kept: list[int] = []
    body: list[dict[str, object]] = [{"type": "http.request", "body": b"a file"}]

    async def receive() -> dict[str, object]:
        if ask is _content and body:
            return body.pop()
        kept.append(_open_unnamed())
        return {"type": "http.disconnect"}

    request = _request(receive, Counted(at_once=1, most=9), owner)
    before = _open_unnamed()
    began = time.monotonic()
    with serving(tmp_path) as address, pytest.raises(Busy):
        asyncio.run(asyncio.wait_for(_run(ask(request, here, owner, f"{address}/a.mp4")), 20))
    assert time.monotonic() - began < 15
    assert kept[-1] == before


def test_a_file_by_reference_is_one_lookup(
    service: Service, owner: Caller, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = endpoints.certificate()
    monkeypatch.setattr(outbound, "_trusted", lambda _url: made.client)
    here = replace(service, settings=service.settings.model_copy(update={"fetch_private": True}))
    admission = Counted(at_once=1, most=9)

    async def receive() -> dict[str, object]:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    def work() -> None:
        while not recorder.sent:
            time.sleep(0.02)
        job = claimed(service, recorder)
        fingerprint = drawn.clip(f"unknown {uuid4()}")
        answer_file(service, job, ReadFile(fingerprint, 1.0))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    with endpoint(says(200, b"a file", Content_Type="video/mp4"), made.server) as there:
        body = AssetReference(
            referenceUrl=there.url("/a.mp4", "localhost"), assetLength=6, assetType="video/mp4"
        )
        asked = soft_binding.by_reference(_request(receive, admission, owner), here, owner, body)
        answered = asyncio.run(asyncio.wait_for(asked, 20))
    assert bytes(answered.body) == b'{"matches":[]}'
    assert admission.turns == 1
    worker.join(20)


def test_a_comparison_of_hashes_is_one_lookup(owner: Caller) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    admission = Counted(at_once=1, most=9)
    compared = configuration.compare(_request(receive, admission, owner), owner, {"pdq": ["0" * 64] * 2})
    assert bytes(asyncio.run(compared).body) == b'{"pdq":[true,{"distance":0}]}'
    assert admission.turns == 1


class Counted(Admission):
    """Counts the lookups that a caller pays."""

    turns = 0

    @asynccontextmanager
    async def turn(self, caller_id: UUID, size: int) -> AsyncIterator[None]:
        self.turns += 1
        async with super().turn(caller_id, size):
            yield


def _request(receive: Callable[[], Awaitable[Any]], admission: Admission, caller: Caller) -> Request:
    instruments = SimpleNamespace(looked_up=lambda *_: None)
    space = UploadSpace()
    state = SimpleNamespace(admission=admission, stopping=False, instruments=instruments, upload_space=space)
    headers = [(b"content-type", b"video/mp4")]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    request = Request(scope | {"app": SimpleNamespace(state=state)}, receive)
    request.state.caller = caller
    return request


async def _run(asked: Awaitable[Any]) -> None:
    await asked


def _open_unnamed() -> int:
    """Return how many temporary files without a name this process has open."""
    links = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            links.append(str(descriptor.readlink()))
        except OSError:
            continue
    return sum(link.startswith(tempfile.gettempdir()) and "deleted" in link for link in links)
