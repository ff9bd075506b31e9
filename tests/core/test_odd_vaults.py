"""Whatever answers in place of Vault: keys become unavailable, and the token goes nowhere else."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import trustme

from registry.core.crypto import kms as module
from registry.core.crypto.kms import Kms, open_kms
from registry.core.errors import Unavailable

SECRET = bytes(range(32))
PLAIN = json.dumps({"data": {"ciphertext": "vault:v1:x", "plaintext": base64.b64encode(SECRET).decode()}})


class Server(ThreadingHTTPServer):
    """Answers with `status`, `body` and `headers`; not while it is `silent`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.body, self.headers = 200, PLAIN, {"Content-Type": "application/json"}
        self.silent = False
        self.go_on = threading.Event()
        self.seen: list[tuple[str, str | None]] = []

    def kms(self, token: str = "", scheme: str = "vault+http") -> Kms:
        found = open_kms(f"{scheme}://127.0.0.1:{self.server_port}/transit/x", token)
        assert found
        return found


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        server = self.server
        server.seen.append((self.path, self.headers["X-Vault-Token"]))
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        if server.silent:
            server.go_on.wait(30)
            return  # who asked has gone
        self.send_response(server.status)
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body.encode())

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[Server]:
    with Server() as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.go_on.set()
            server.shutdown()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as found:
        yield found


def refused(kms: Kms) -> str:
    with pytest.raises(Unavailable) as caught:
        kms.unwrap(b"vault:v1:x")
    assert caught.value.code == "keys_unavailable"
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, "{}"),
        (200, "[]"),
        (200, "null"),
        (200, "<html>"),
        (200, "[" * 100_000),
        (200, '{"data": null}'),
        (200, '{"data": {"plaintext": null}}'),
        (200, '{"data": {"plaintext": 5}}'),
        (200, '{"data": {"plaintext": "a"}}'),
        (200, '{"data": {"plaintext": "####"}}'),
        (204, ""),
        (403, "[]"),
        (500, "<html>"),
    ],
)
def test_an_odd_answer_makes_keys_unavailable(server: Server, status: int, body: str) -> None:
    assert server.kms().unwrap(b"vault:v1:x") == SECRET
    server.status, server.body = status, body
    refused(server.kms())


@pytest.mark.parametrize("token", ["hidden\u0142", "hidden\nhidden"])
def test_an_odd_token_makes_keys_unavailable_and_is_not_shown(server: Server, token: str) -> None:
    assert "hidden" not in refused(server.kms(token))


def test_the_token_goes_to_the_named_address_alone(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as other:
        server.status, server.headers = 307, {"Location": f"http://127.0.0.1:{other.server_port}/x"}
        refused(server.kms("token"))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{other.server_port}")
        monkeypatch.setenv("VAULT_TOKEN", "of somebody else")
        server.status, server.headers = 200, {}
        assert server.kms("line\n").unwrap(b"x") == SECRET
        assert server.kms("").unwrap(b"x") == SECRET
        assert other.seen == []
    path = "/v1/transit/decrypt/x"
    assert server.seen == [(path, "token"), (path, "line"), (path, None)]


def test_a_private_authority_is_named_by_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    named = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(named))
    with serving(context) as server:
        refused(server.kms("before", "vault+https"))
        monkeypatch.setenv("VAULT_CACERT", str(named))
        assert server.kms("token", "vault+https").unwrap(b"x") == SECRET
        monkeypatch.setenv("VAULT_CACERT", str(tmp_path / "missing"))
        refused(server.kms("after", "vault+https"))
        assert [token for _, token in server.seen] == ["token"]


def test_a_silent_vault_is_not_asked_again_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.1)
    monkeypatch.setattr(module, "PAUSE", 3_600)
    server.silent, kms = True, server.kms()
    refused(kms)
    assert "a moment ago" in refused(kms)
    assert len(server.seen) <= 1


def test_a_vault_that_answers_again_is_asked_again(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = server.kms()
    assert kms.unwrap(b"x") == SECRET
    monkeypatch.setattr(module, "SECONDS", 0)  # any failure counts as too late
    monkeypatch.setattr(module, "PAUSE", 0)
    server.status = 503
    refused(kms)
    server.status = 200
    monkeypatch.setattr(module, "SECONDS", 3_600)
    assert [kms.unwrap(b"x") for _ in range(2)] == [SECRET, SECRET]
