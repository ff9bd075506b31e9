"""A stub of a service that misbehaves, to test what a client retries, raises and sends."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import override

PROBLEM = "application/problem+json"


@dataclass
class Stub:
    """Answers each request with the next of `answers`: (status, headers, body), or None to drop the
    connection."""

    answers: list[tuple[int, dict[str, str], bytes] | None]
    url: str = ""
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[Stub]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                stub.seen.append((self.command, self.path, headers, body))
                answer = stub.answers.pop(0)
                self.close_connection = True
                if answer is None:
                    return
                status, extra, content = answer
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                # Otherwise the next request may use a connection that is closing.
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _answer  # noqa: N815 - names of the standard library

            @override
            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def ok(body: object, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "application/json", **headers}, json.dumps(body).encode()


def problem(status: int, code: str, **more: object) -> tuple[int, dict[str, str], bytes]:
    body = {"type": "urn:x", "title": "T", "status": status, "detail": "What is wrong.", "code": code, **more}
    return status, {"content-type": PROBLEM}, json.dumps(body).encode()


def html(status: int) -> tuple[int, dict[str, str], bytes]:
    return status, {"content-type": "text/html"}, b"<h1>gateway</h1>"
