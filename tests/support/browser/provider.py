"""A small OpenID provider on this machine. It signs in one person without a prompt."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "fakeprint-tests"


@dataclass
class Provider:
    """The person who signs in (`subject`). `claims` replace the correct claims of the tokens."""

    url: str
    subject: str = "somebody-4711"
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """Authorization requests, by the code that was issued."""

    def authorize(self, given: dict[str, str]) -> str:
        """Return the URL to which the browser is redirected."""
        code = f"code-{len(self.asked)}"
        self.asked[code] = given
        return (
            given["redirect_uri"] + "?" + urlencode({"code": code, "state": given["state"], "iss": self.url})
        )

    def token(self, given: dict[str, str]) -> dict[str, Any] | None:
        """Return the tokens for a code, once, if the client has the verifier."""
        begun = self.asked.pop(given["code"], None)
        if begun is None or create_s256_code_challenge(given["code_verifier"]) != begun["code_challenge"]:
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": self.subject, "nonce": begun["nonce"], "iat": now}
        claims |= {"exp": now + 60} | self.claims
        signed = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": signed}


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.provider = provider  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    @property
    def _provider(self) -> Provider:
        found: Provider = self.server.provider  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        url = self._provider.url
        address = urlsplit(self.path)
        if address.path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            self._say({"issuer": url} | {name: url + path for name, path in places.items()})
        elif address.path == "/keys":
            self._say({"keys": [self._provider.key.as_dict(private=False)]})
        elif address.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self._provider.authorize(_flat(address.query)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._say({}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        token = self._provider.token(_flat(body))
        self._say(token or {"error": "invalid_grant"}, 200 if token else 400)

    def _say(self, said: dict[str, Any], status: int = 200) -> None:
        raw = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _flat(query: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(query).items()}
