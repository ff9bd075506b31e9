"""A file is fetched from an address that a stranger names: what may go wrong, and where it must not lead."""

from __future__ import annotations

import gzip
import io
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from registry.core.errors import BadInput, TooLarge
from registry.core.net import outbound
from registry.core.net.outbound import Network
from tests.support.takedown import endpoints
from tests.support.takedown.endpoints import endpoint, says

PIECE = b"x" * 1000


@contextmanager
def serving(answers: Mapping[str, bytes], *, drip: float = 0.0) -> Iterator[int]:
    """Answers each path with raw bytes; `drip`: seconds between bytes. The port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection:
            path = connection.recv(65536).split(b" ")[1].decode()
            raw = answers.get(path, b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
            try:
                for start in range(0, len(raw), 1 if drip else len(raw)):
                    connection.sendall(raw[start : start + 1] if drip else raw)
                    time.sleep(drip)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def to(location: str) -> bytes:
    return answer(b"", f"Location: {location}", status="302 Found")


def fetched(url: str, *, most: int = 10_000, seconds: float = 5.0, private: bool = True) -> tuple[str, bytes]:
    into = io.BytesIO()
    said = outbound.fetch(url, into, private=private, most=most, seconds=seconds)
    return said, into.getvalue()


def refused(url: str, **fields: float) -> str:
    with pytest.raises(BadInput) as caught:
        fetched(url, seconds=fields.get("seconds", 5.0))
    return caught.value.code


def test_a_file_comes_with_its_type_and_after_redirects() -> None:
    file = answer(PIECE, "Content-Type: image/png")
    with serving({"/a.png": file, "/b": to("/a.png"), "/%C3%B1.png?x=%201": file}) as port:
        here = f"http://127.0.0.1:{port}"
        assert fetched(f"{here}/a.png") == ("image/png", PIECE)
        assert fetched(f"{here}/b") == ("image/png", PIECE)
        assert fetched(f"{here}/ñ.png?x=%201") == ("image/png", PIECE)


def test_too_large_answers_are_not_read_completely() -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"3e8\r\n" + PIECE + b"\r\n"
    with serving(
        {"/big": answer(PIECE * 20), "/endless": endless + (b"3e8\r\n" + PIECE + b"\r\n") * 50}
    ) as port:
        for path in ("/big", "/endless"):
            with pytest.raises(TooLarge):
                fetched(f"http://127.0.0.1:{port}{path}")


def test_compressed_answers_are_stored_unchanged() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000)
    with serving({"/bomb": answer(bomb, "Content-Encoding: gzip")}) as port:
        assert fetched(f"http://127.0.0.1:{port}/bomb", most=20_000)[1] == bomb


def test_bytes_after_the_end_of_gzip_are_dropped() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[bytes]:
        yield gzip.compress(b"all there is")
        for number in range(1000):
            taken.append(number)
            yield b"0" * 65536

    with pytest.raises(ValueError, match="too long"):
        outbound._unpacked(pieces(), b"gzip", 1000)
    assert taken == [0]


def test_bytes_that_drip_end_at_the_deadline() -> None:
    with serving({"/slow": answer(PIECE)}, drip=0.02) as port:
        assert refused(f"http://127.0.0.1:{port}/slow", seconds=0.5) == "not_fetched"


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:6379/x"])
def test_a_redirect_to_another_scheme_leads_nowhere(location: str) -> None:
    with serving({"/": to(location)}) as port:
        assert refused(f"http://127.0.0.1:{port}/") == "bad_url"


def test_https_alone_is_fetched_where_only_that_is_allowed() -> None:
    made = endpoints.certificate()
    network = Network(trusted=made.client, https_only=True)

    def code(url: str) -> str:
        with pytest.raises(BadInput) as caught:
            outbound.fetch(url, io.BytesIO(), private=True, most=9999, network=network)
        return caught.value.code

    file = answer(PIECE, "Content-Type: image/png")
    with serving({"/a.png": file}) as port, endpoint(says(200, PIECE), made.server) as there:
        plain = f"http://127.0.0.1:{port}/a.png"
        into = io.BytesIO()
        outbound.fetch(there.url(host="localhost"), into, private=True, most=9999, network=network)
        assert into.getvalue() == PIECE
        assert code(plain) == "bad_url"
        there.answer = says(302, Location=plain)
        assert code(there.url(host="localhost")) == "bad_url"


def test_redirects_without_end() -> None:
    with serving({"/": to("/")}) as port:
        assert refused(f"http://127.0.0.1:{port}/") == "not_fetched"


def test_a_redirect_to_this_network_is_checked_as_the_first_address_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where one address of this machine stands for the internet, and another for what is inside."""
    monkeypatch.setattr(outbound, "is_public", lambda address: address == "127.0.0.1")
    with serving({"/": to("http://127.0.0.2:9/"), "/ok": answer(PIECE)}) as port:
        assert fetched(f"http://127.0.0.1:{port}/ok", private=False)[1] == PIECE
        with pytest.raises(BadInput) as caught:
            fetched(f"http://127.0.0.1:{port}/", private=False)
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://169.254.169.254/latest/", "http://[::ffff:127.0.0.1]/", "http://0/"]
)
def test_an_address_inside_is_refused(url: str) -> None:
    with pytest.raises(BadInput) as caught:
        fetched(url, private=False)
    assert caught.value.code == "address_refused"


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
def test_invalid_answers(raw: bytes) -> None:
    with serving({"/": raw or b"\r\n"}) as port:
        assert refused(f"http://127.0.0.1:{port}/") == "not_fetched"


@pytest.mark.parametrize("url", ["", "x", "http://", "http://[", "http://host:99999/", "//host/"])
def test_invalid_addresses(url: str) -> None:
    assert refused(url) == "bad_url"
