"""The client against a stub that misbehaves: what is repeated, what is raised, what is sent."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.core.errors import BadInput, FakeprintError, Forbidden, TooLarge, Unauthenticated, Unavailable
from registry.core.errors.terminal import TimedOut
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.endpoint import Endpoint
from registry.core.terminal.upload import Part, send
from tests.support.service import servers as services
from tests.support.service.stub_service import Stub, html, ok, problem


def client_of(url: str, seconds: float | None = None) -> Client:
    return Client(Endpoint(url, "secret"), Deadline(seconds))


def raised(answer: tuple[int, dict[str, str], bytes]) -> FakeprintError:
    with Stub([answer]).running() as stub, client_of(stub.url) as client:
        with pytest.raises(FakeprintError) as caught:
            client.get("/v1/banks")
        return caught.value


def test_the_key_is_sent_as_a_bearer() -> None:
    with Stub([ok({"banks": []})]).running() as stub, client_of(stub.url) as client:
        assert client.get("/v1/banks").body == {"banks": []}
    assert stub.seen[0][2]["authorization"] == "Bearer secret"


@pytest.mark.slow
def test_a_busy_service_and_a_broken_line_are_tried_again() -> None:
    busy, many = problem(503, "unavailable"), problem(429, "too_many_requests")
    with Stub([busy, None, many, ok({"done": True})]).running() as stub, client_of(stub.url) as client:
        assert client.send("POST /v1/lookups", {"a": 1}, again=True) == {"done": True}
    assert len(stub.seen) == 4
    assert {body for *_, body in stub.seen} == {b'{"a":1}'}


def test_creating_requests_are_not_repeated_after_they_may_have_arrived() -> None:
    with (
        Stub([None] * 9).running() as stub,
        client_of(stub.url) as client,
        pytest.raises(Unavailable) as caught,
    ):
        client.send("POST /v1/webhooks", {"url": "https://hooks.example"})
    assert (caught.value.code, len(stub.seen)) == ("service_unreachable", 1)


@pytest.mark.slow
def test_trying_again_is_bounded() -> None:
    busy = Stub([problem(503, "busy_now")] * 9)
    with busy.running() as stub, client_of(stub.url) as client, pytest.raises(Unavailable) as caught:
        client.get("/v1/banks")
    assert caught.value.code == "busy_now"
    assert len(stub.seen) == 4


def test_a_problem_becomes_the_error_it_was() -> None:
    error = raised(problem(413, "too_many_parts", next_step="Send fewer.", limit=3))
    assert isinstance(error, TooLarge)
    assert (error.code, error.message, error.next_step) == ("too_many_parts", "What is wrong.", "Send fewer.")
    assert error.extra == {"limit": 3}
    assert isinstance(raised(problem(401, "unauthenticated")), Unauthenticated)
    assert isinstance(raised(problem(403, "forbidden")), Forbidden)
    assert raised(problem(418, "teapot")).code == "teapot"


def test_a_server_that_is_not_fakeprint_is_reported() -> None:
    assert raised(html(200)).code == "not_fakeprint"
    assert raised(html(404)).code == "not_fakeprint"
    assert raised((302, {"location": "/login"}, b"{}")).code == "not_fakeprint"
    assert raised(ok(["a list"])).code == "not_fakeprint"
    assert raised(html(502)).code == "unavailable"


@pytest.mark.slow
def test_a_service_that_does_not_run() -> None:
    url = f"http://127.0.0.1:{services.free_port()}"
    with client_of(url) as client, pytest.raises(Unavailable) as caught:
        client.get("/v1/banks")
    assert caught.value.code == "service_unreachable"
    assert url in caught.value.message
    assert "fakeprint up" in (caught.value.next_step or "")


def test_a_silent_service_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        client = client_of(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.5)
        with client, pytest.raises(TimedOut):
            client.get("/v1/banks")
    assert time.monotonic() - started < 60


def test_local_requests_bypass_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with Stub([ok({})]).running() as stub, client_of(stub.url) as client:
        assert client.get("/v1/banks").status == 200


def upload(url: str, path: Path, advance: Callable[[float, str], None]) -> str:
    with client_of(url) as client:
        part = Part("fake", str(path), client.deadline)
        send(client, "/v1/entries", [part], {"title": "T"}, advance)
        return part.sha256


def test_a_file_is_sent_whole_again_after_a_broken_line(tmp_path: Path) -> None:
    file = tmp_path / 'na\n"me\udcff😀.mp4'
    file.write_bytes(b"0123456789" * 20_000)
    shares: list[float] = []
    with Stub([None, ok({"entry_id": "e"})]).running() as stub:
        digest = upload(stub.url, file, lambda share, _doing: shares.append(share))
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert max(shares) == 1.0
    for _, _, headers, body in stub.seen:
        assert file.read_bytes() in body
        assert len(body) == int(headers["content-length"])
        assert b'name="title"' in body
        # httpx2 escapes quotes and backslashes as browsers do.
        assert "na\\\\n%22me\\\\xff😀.mp4".encode() in body


def test_a_refusal_while_a_large_file_is_sent_is_read(tmp_path: Path) -> None:
    """The service says 413 and hangs up without reading on; the reason still arrives."""
    file = tmp_path / "large.mp4"
    file.write_bytes(bytes(30_000_000))
    status, _, body = problem(413, "too_large")

    def refuse(server: socket.socket) -> None:
        line, _ = server.accept()
        with line:
            line.recv(1000)
            head = f"HTTP/1.1 {status} No\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            line.sendall(head.encode() + body)
            line.shutdown(socket.SHUT_WR)
            time.sleep(0.3)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=refuse, args=(server,))
        thread.start()
        with pytest.raises(TooLarge) as caught:
            upload(f"http://127.0.0.1:{server.getsockname()[1]}", file, lambda _share, _doing: None)
        thread.join()
    assert caught.value.code == "too_large"


def test_a_file_that_shrinks_while_it_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "shrinking.mp4"
    file.write_bytes(bytes(1_000_000))

    def shrink(_share: float, _doing: str) -> None:
        file.write_bytes(b"x")

    with Stub([ok({})] * 4).running() as stub, pytest.raises(BadInput) as caught:
        upload(stub.url, file, shrink)
    assert caught.value.code == "file_changed"


@pytest.mark.slow
def test_a_file_waits_until_there_is_room_or_the_deadline_is_nearer(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"media")
    full = problem(503, "queue_full", retry_after=0.01)
    messages: list[str] = []
    with Stub([*[full] * 8, ok({"entry_id": "1"}, 201)]).running() as stub, client_of(stub.url) as client:
        part = Part("fake", str(tmp_path / "a.mp4"), client.deadline)
        reply = send(client, "/v1/entries", [part], {}, lambda _share, doing: messages.append(doing))
    assert (reply.status, len(stub.seen)) == (201, 9)
    assert messages.count("waiting for room") == 2
    assert all(b"media" in body for *_, body in stub.seen)
    late = problem(503, "queue_full", retry_after=3600)
    with Stub([late] * 4).running() as stub, client_of(stub.url, 60) as client:
        part = Part("fake", str(tmp_path / "a.mp4"), client.deadline)
        with pytest.raises(Unavailable) as caught:
            send(client, "/v1/entries", [part], {}, lambda _share, _doing: None)
    assert (caught.value.code, len(stub.seen)) == ("queue_full", 4)
