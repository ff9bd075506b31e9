"""The Python client against a stub that misbehaves; blocking and asynchronous must do the same."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from importlib import resources
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import psutil
import pytest

from fakeprint import (
    AsyncClient,
    Call,
    Client,
    ClientError,
    FileError,
    NotInstalled,
    NotYet,
    Retries,
    ServiceError,
    Unreachable,
    fingerprint,
    fingerprinting,
)
from fakeprint.calls import PlainBody
from tests.support.service import servers as services
from tests.support.service.stub_service import Stub, html, ok, problem

FAST = Retries(first=0.001, longest=0.01)
ANSWER = {"lookup_id": "L", "verdict": "no_match", "matches": []}
Asked = Callable[[Any], Any]


def blocking(url: str, ask: str, *values: Any, **named: Any) -> Any:
    with Client(url, "secret", retries=FAST) as client:
        answer = getattr(client, ask)(*values, **named)
        return list(answer) if ask == "look_up_many" else answer


def awaited(url: str, ask: str, *values: Any, **named: Any) -> Any:
    async def run() -> Any:
        async with AsyncClient(url, "secret", retries=FAST) as client:
            if ask == "look_up_many":
                return [item async for item in client.look_up_many(*values, **named)]
            return await getattr(client, ask)(*values, **named)

    return asyncio.run(run())


both = pytest.mark.parametrize("call", [blocking, awaited])


def lines(*values: Mapping[str, Any]) -> tuple[int, dict[str, str], bytes]:
    body = b"".join(json.dumps(row).encode() + b"\n" for row in values)
    return 200, {"content-type": "application/x-ndjson"}, body


@both
def test_a_hash_lookup_sends_the_key(call: Any) -> None:
    with Stub([ok(ANSWER)]).running() as stub:
        assert call(stub.url, "look_up_hash", "pdq.1", "ab" * 32, bank="b")["verdict"] == "no_match"
    method, path, headers, body = stub.seen[0]
    assert (method, path, headers["authorization"]) == ("POST", "/v1/lookups", "Bearer secret")
    assert json.loads(body) == {"type": "hash", "algorithm": "pdq.1", "value": "ab" * 32, "bank": "b"}


@both
def test_transient_errors_are_retried(call: Any) -> None:
    busy = problem(503, "busy")
    with Stub([busy, None, problem(429, "rate_limited"), ok(ANSWER)]).running() as stub:
        assert call(stub.url, "look_up_sha256", "0" * 64)["lookup_id"] == "L"
    assert len(stub.seen) == 4


@both
def test_trying_again_is_bounded_and_refusals_stand(call: Any) -> None:
    with Stub([problem(503, "busy")] * 9).running() as stub, pytest.raises(ServiceError) as caught:
        call(stub.url, "banks")
    assert (caught.value.code, len(stub.seen)) == ("busy", 4)
    refused = problem(403, "forbidden", next_step="Ask for a role.", role="lookup")
    with Stub([refused]).running() as stub, pytest.raises(ServiceError) as caught:
        call(stub.url, "entry", "e")
    error = caught.value
    assert isinstance(error, ClientError)
    assert (error.status, error.code, error.next_step) == (403, "forbidden", "Ask for a role.")
    assert error.extra == {"role": "lookup"}


@both
@pytest.mark.parametrize("answer", [html(200), html(502), ok(["a list"]), (302, {"location": "/"}, b"{}")])
def test_a_stranger_is_named_so(call: Any, answer: Any) -> None:
    with Stub([answer]).running() as stub, pytest.raises(Unreachable):
        call(stub.url, "banks")


@both
def test_nobody_there(call: Any) -> None:
    with pytest.raises(Unreachable):
        call(f"http://127.0.0.1:{services.free_port()}", "banks")


@both
def test_a_file_is_sent_and_waited_for(call: Any, tmp_path: Path) -> None:
    file = tmp_path / "clip é.mp4"
    file.write_bytes(b"0123456789" * 1000)
    queued = ok({"lookup_id": "L", "status": "queued"}, 202)
    with Stub([None, queued, queued, ok(ANSWER)]).running() as stub:
        assert call(stub.url, "look_up_file", file, wait=30)["verdict"] == "no_match"
    first, second, third, fourth = stub.seen
    assert file.read_bytes() in first[3]
    assert file.read_bytes() in second[3]
    assert second[2]["prefer"] == "wait=30"
    assert [third[1], fourth[1]] == ["/v1/lookups/L"] * 2


@both
def test_a_lookup_longer_than_the_wait_names_its_url(call: Any, tmp_path: Path) -> None:
    file = tmp_path / "long.mp4"
    file.write_bytes(b"x")
    queued = ok({"lookup_id": "L", "status": "queued"}, 202)
    with Stub([queued] * 9).running() as stub, pytest.raises(NotYet) as caught:
        call(stub.url, "look_up_file", file, wait=0)
    assert caught.value.said["lookup_id"] == "L"
    with Stub([queued]).running() as stub, pytest.raises(NotYet):
        call(stub.url, "lookup", "L")


@both
def test_an_entry_is_registered_and_waited_for(call: Any, tmp_path: Path) -> None:
    fake = tmp_path / "f.mp4"
    fake.write_bytes(b"fake")
    payload = {"title": "Ünïcode", "references": [{"url": "https://e.example"}]}
    with Stub([ok({"entry_id": "E"}, 201)]).running() as stub:
        assert call(stub.url, "register", [fake], originals=[str(fake)], **payload)["entry_id"] == "E"
    body = stub.seen[0][3]
    assert body.count(b'name="fake"') == body.count(b'name="original"') == 1
    assert "Ünïcode".encode() in body
    assert json.dumps(payload["references"]).encode() in body
    with Stub([ok({"status": "pending"}), ok({"status": "matchable"})]).running() as stub:
        assert call(stub.url, "wait_matchable", "E")["status"] == "matchable"
    with Stub([ok({"status": "pending"})] * 9).running() as stub, pytest.raises(NotYet):
        call(stub.url, "wait_matchable", "E", seconds=0)


@both
def test_documents_go_as_json_and_not_beside_files(call: Any) -> None:
    with Stub([ok({"entry_id": "E"}, 201)]).running() as stub:
        call(stub.url, "register", [{"version": 1}], title="T")
    assert json.loads(stub.seen[0][3]) == {"title": "T", "fakes": [{"version": 1}], "originals": []}
    with pytest.raises(TypeError):
        call("http://127.0.0.1:9", "register", [{"version": 1}, "file.mp4"])


@both
def test_a_batch_goes_on_where_it_was_cut_off(call: Any) -> None:
    """Once by an error of the service, once by the line; and a bad question has its own error."""
    first = lines({"line": 1, "verdict": "no_match"}, {"line": 2, "error": {"code": "unavailable"}})
    second = lines({"line": 1, "error": {"code": "bad_hash"}})
    third = lines({"line": 1, "verdict": "related"}, {"line": 2, "verdict": "no_match"})
    questions = [{"type": "hash", "value": value} for value in "abcd"]
    with Stub([first, problem(503, "busy"), second, third]).running() as stub:
        got = call(stub.url, "look_up_many", iter(questions))
    assert [item["line"] for item in got] == [1, 2, 3, 4]
    assert [item.get("verdict") or item["error"]["code"] for item in got] == [
        *("no_match", "bad_hash", "related", "no_match")
    ]
    sent_values = [[json.loads(line)["value"] for line in seen[3].splitlines()] for seen in stub.seen]
    assert sent_values == [list("abcd"), list("bcd"), list("bcd"), list("cd")]


@both
def test_a_batch_that_nobody_may_ask_any_more(call: Any) -> None:
    ended = {"line": 2, "error": {"code": "unauthenticated", "status": 401, "detail": "Revoked."}}
    answers = lines({"line": 1, "verdict": "no_match"}, ended)
    with Stub([answers]).running() as stub, pytest.raises(ServiceError) as caught:
        call(stub.url, "look_up_many", [{"a": 1}, {"a": 2}])
    assert (caught.value.code, caught.value.status) == ("unauthenticated", 401)
    with Stub([None] * 9).running() as stub, pytest.raises(ClientError):
        call(stub.url, "look_up_many", [{"a": 1}])
    assert len(stub.seen) == 4


@both
def test_many_lookups_are_sent_in_several_requests(call: Any) -> None:
    answers = [lines(*({"line": n + 1} for n in range(count))) for count in (1000, 1000, 1)]
    with Stub([*answers]).running() as stub:
        got = call(stub.url, "look_up_many", ({"n": n} for n in range(2001)))
    assert [item["line"] for item in got] == list(range(1, 2002))


@both
def test_a_batch_honours_retry_after_and_reports_the_services_error(call: Any) -> None:
    with Stub([problem(429, "rate_limited")] * 9).running() as stub, pytest.raises(ServiceError) as caught:
        call(stub.url, "look_up_many", [{"a": 1}])
    assert (caught.value.code, len(stub.seen)) == ("rate_limited", 4)


@both
def test_a_batch_that_comes_line_by_line_is_not_given_up(call: Any) -> None:
    answers = [lines({"line": 1, "verdict": "no_match"}) for _ in range(9)]
    with Stub([*answers]).running() as stub:
        got = call(stub.url, "look_up_many", [{"n": n} for n in range(9)])
    assert [item["line"] for item in got] == list(range(1, 10))


@both
def test_more_answers_than_questions_are_a_strangers(call: Any) -> None:
    with Stub([lines({"line": 1}, {"line": 2})]).running() as stub, pytest.raises(Unreachable):
        call(stub.url, "look_up_many", [{"a": 1}])


@both
def test_requests_that_may_have_arrived_are_not_repeated_if_not_idempotent(call: Any) -> None:
    made = Call("POST", "/v1/webhooks", open=lambda: PlainBody({"json": {}}), once=True)
    with Stub([None] * 9).running() as stub, pytest.raises(Unreachable):
        call(stub.url, "request", made)
    assert len(stub.seen) == 1
    with Stub([problem(503, "busy"), ok({"a": 1})]).running() as stub:
        assert call(stub.url, "request", made) == {"a": 1}


class Opened(AsyncClient):
    """Keeps count of the answers that are open."""

    async def open_answers(self) -> int:
        pool = self._http._transport._pool  # type: ignore[attr-defined]
        return sum(not item.is_idle() for item in pool.connections)


def test_a_stream_that_is_left_early_leaves_no_connection() -> None:
    answers = lines(*({"line": n + 1} for n in range(1000)))

    async def run(stub: Stub) -> int:
        async with Opened(stub.url, "secret", retries=FAST) as client:
            async with aclosing(client.look_up_many({"n": n} for n in range(1000))) as found:
                assert (await anext(found))["line"] == 1
            return await client.open_answers()

    with Stub([answers]).running() as stub:
        assert asyncio.run(run(stub)) == 0
    with Stub([answers]).running() as stub, Client(stub.url, "secret", retries=FAST) as client:
        stream = client.look_up_many({"n": n} for n in range(1000))
        assert next(iter(stream))["line"] == 1
        stream.close()  # type: ignore[attr-defined]
        pool = client._http._transport._pool  # type: ignore[attr-defined]
        assert all(item.is_idle() for item in pool.connections)


def test_a_call_that_is_cancelled_closes_its_file(tmp_path: Path) -> None:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"x" * 1000)

    async def run(url: str) -> None:
        async with AsyncClient(url, retries=FAST) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await client.look_up_file(file)

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asyncio.run(run(f"http://127.0.0.1:{deaf.getsockname()[1]}"))
    opened = [entry.path for entry in psutil.Process().open_files()]
    assert str(file) not in opened


def test_questions_are_taken_as_they_are_asked() -> None:
    """Not more than one request's are held: a stream of any length fits into memory."""
    asked = 0

    def questions() -> Iterator[Mapping[str, Any]]:
        nonlocal asked
        for n in range(10_000):
            asked += 1
            yield {"n": n}

    answers = [lines(*({"line": n + 1} for n in range(1000))) for _ in range(10)]
    with Stub([*answers]).running() as stub, Client(stub.url, retries=FAST) as client:
        for line in client.look_up_many(questions()):
            assert asked - line["line"] <= 1001
    assert asked == 10_000


@both
@pytest.mark.parametrize("as_given", [str, Path], ids=["text", "path"])
def test_a_path_is_a_text_or_a_path(call: Any, tmp_path: Path, as_given: Callable[[Path], Any]) -> None:
    clip, document = tmp_path / "clip.mp4", tmp_path / "clip.json"
    clip.write_bytes(b"the clip")
    document.write_text('{"version": 1}')
    with Stub([ok(ANSWER), ok({"entry_id": "E"}, 201), ok(ANSWER)]).running() as stub:
        call(stub.url, "look_up_file", as_given(clip))
        call(stub.url, "register", as_given(clip), originals=as_given(clip))
        call(stub.url, "look_up_document", as_given(document))
    file, entry, asked = (seen[3] for seen in stub.seen)
    assert b"the clip" in file
    assert entry.count(b"the clip") == 2
    assert json.loads(asked) == {"type": "document", "document": {"version": 1}}


@both
def test_a_file_that_cannot_be_read_has_a_code_and_a_next_step(call: Any, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    (tmp_path / "text.json").write_text("no JSON")
    os.mkfifo(tmp_path / "pipe")
    for code, path in (
        ("missing_path", tmp_path / "missing.mp4"),
        ("missing_path", str(tmp_path / "missing.mp4")),
        ("missing_path", "a\0b"),
        ("missing_path", "x" * 5000),
        ("is_a_directory", str(tmp_path)),
        ("not_media", tmp_path / "pipe"),
    ):
        for ask in ("look_up_file", "register", "look_up_document"):
            with pytest.raises(FileError) as caught:
                call(nowhere, ask, path)
            assert isinstance(caught.value, ClientError)
            assert (caught.value.code, bool(caught.value.next_step)) == (code, True)
    with pytest.raises(FileError) as caught:
        call(nowhere, "look_up_document", tmp_path / "text.json")
    assert caught.value.code == "bad_json"


def test_fingerprint_names_the_extra_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    with pytest.raises(FileError, match="missing_path"):
        fingerprint(tmp_path / "missing.mp4")
    monkeypatch.setattr(fingerprinting, "entry_points", lambda **_: ())
    with pytest.raises(NotInstalled, match=r"pip install 'fakeprint\[workers,sscd\]'"):
        fingerprint(str(clip))
    point = EntryPoint("document", "workers_that_are_not_there:make", fingerprinting.GROUP)
    monkeypatch.setattr(fingerprinting, "entry_points", lambda **_: (point,))
    with pytest.raises(NotInstalled, match="workers_that_are_not_there"):
        fingerprint(clip)


def test_its_types_are_for_others_too() -> None:
    """PEP 561: a type checker reads the annotations of an installed package only where it says so."""
    assert resources.files("fakeprint").joinpath("py.typed").is_file()


def test_it_is_light() -> None:
    """Importing it brings httpx2, and nothing of the service."""
    program = "import sys, fakeprint; print(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {"numpy", "psycopg", "fastapi", "celery", "pydantic", "cryptography"}
    assert heavy & set(json.loads(done.stdout.replace("'", '"'))) == set()
