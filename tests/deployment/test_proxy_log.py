"""What the proxy of compose.yaml writes down, by a real Caddy: no key and no word that opens something,
neither whom somebody looked for nor who that was."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.support.service import servers as services
from tests.support.takedown.endpoints import endpoint, says

pytestmark = pytest.mark.slow

CADDYFILE: Final = Path(__file__).parents[2] / "deploy" / "Caddyfile"
SECRET: Final = "geheim"
ASKED: Final = {
    f"/threatexchange/v1/1/?access_token=1%7C{SECRET}&limit=5": "/threatexchange/v1/1/",
    f"/console/entries?person={SECRET}&text=Ada+{SECRET}": "/console/entries",
    f"/console/invitations/{SECRET}": "/console/invitations",
    f"/console/invitations/{SECRET}/?back=%2F{SECRET}": "/console/invitations",
    f"/console/invitations%2F{SECRET}": "/console/invitations",
    f"/console/sign-in?back=%2Finvitations%2F{SECRET}": "/console/sign-in",
    f"/h/hash?url=https://example.com/{SECRET}?x={SECRET}": "/h/hash",
    "/v1/accounts/5/invitation": "/v1/accounts/5/invitation",
}
"""What is asked, and what is written of it."""
HEADERS: Final = {
    **dict.fromkeys(("X-API-Key", "X-Functions-Key", "X-Forwarded-For", "User-Agent"), SECRET),
    "Authorization": f"Bearer {SECRET}",
    "Cookie": f"fakeprint_session={SECRET}",
    "Referer": f"https://registry.example/console/entries?person={SECRET}",
}


@dataclass(frozen=True)
class Proxy:
    """One that runs; it has written all once it has ended."""

    url: str
    log: Path

    def lines(self, logger: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [line for line in found if line.get("logger", "").startswith(logger)]


@contextmanager
def _proxy(folder: Path, api: int) -> Iterator[Proxy]:
    """By deploy/Caddyfile, before an API at this port of this machine."""
    port, text = services.free_port(), CADDYFILE.read_text("utf-8")
    instead = {"\n:8000 {": f"\n:{port} {{", " api:8000 {": f" 127.0.0.1:{api} {{"}
    for said, put in (instead | {"lb_try_duration 5s": "lb_try_duration 500ms"}).items():
        assert text.count(said) == 1, said
        text = text.replace(said, put)
    made, log = folder / "Caddyfile", folder / "log"
    made.write_text(text, "utf-8")
    command = ["caddy", "run", "--config", str(made), "--adapter", "caddyfile"]
    places = {f"XDG_{name}_HOME": str(folder) for name in ("DATA", "CONFIG")}
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=os.environ | places)
    try:
        services.wait_until(lambda: _listens(port), 30)
        yield Proxy(f"http://127.0.0.1:{port}", log)
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _statuses(proxy: Proxy) -> set[int]:
    with httpx2.Client(base_url=proxy.url, headers=HEADERS, trust_env=False, timeout=30) as client:
        return {client.get(target).status_code for target in ASKED}


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "the API is away"])
def test_access_logs_contain_no_secret(answers: bool, tmp_path: Path) -> None:
    there = {"Location": f"/console/sign-in?back={SECRET}", "Set-Cookie": f"fakeprint_session={SECRET}"}
    with endpoint(says(303, b"", **there)) as api:
        with _proxy(tmp_path, api.port if answers else services.free_port()) as proxy:
            assert _statuses(proxy) == {303 if answers else 502}
        received = [item.target for item in api.received]
    assert received == (list(ASKED) if answers else []), "what is passed on is whole"
    written = proxy.lines("http.log.access")
    assert [line["request"]["uri"] for line in written] == list(ASKED.values())
    assert {line["status"] for line in written} == {303 if answers else 502}
    failed = proxy.lines("http.log.error")
    assert [line["request"]["uri"] for line in failed] == ([] if answers else list(ASKED.values()))
    for item in (*written, *failed):
        assert {"remote_ip", "remote_port", "client_ip", "headers"} & set(item["request"]) == set()
        assert "resp_headers" not in item
    assert SECRET not in proxy.log.read_text("utf-8")
