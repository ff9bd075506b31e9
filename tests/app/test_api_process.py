"""The API as a process: ready or not and why, measured, started on our schema alone, stopped gently."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from registry.core.settings import Settings
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

pytestmark = pytest.mark.slow(88)

API_MEBIBYTES = 200
"""Most memory of one API process."""
GRACE_SECONDS: Final[int] = Settings.model_fields["grace_seconds"].default


def test_it_lives_and_is_ready(api: Api) -> None:
    with api.client(None) as probe:
        assert probe.get("/health/live").json() == {"live": True}
        ready = probe.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert all(check == {"ok": True, "detail": None} for check in ready.json()["checks"].values())


def test_it_takes_little_memory(api: Api, admin: httpx2.Client) -> None:
    for number in range(20):
        document = drawn.clip(f"memory {number}")
        payload = {"type": "sha256", "sha256": document.media.sha256}
        assert admin.post("/v1/lookups", json=payload).status_code == 200
    assert psutil.Process(api.pid).memory_info().rss < API_MEBIBYTES << 20


def test_metrics_count_requests(admin: httpx2.Client) -> None:
    before = admin.get("/metrics").text
    admin.post("/v1/lookups", json={"type": "sha256", "sha256": "ef" * 32})
    admin.get("/no/such/address")
    admin.post("/v1/lookups", files={"file": ("a", b"measured")}, headers={"Prefer": "respond-async"})
    text = admin.get("/metrics")
    assert text.headers["content-type"].startswith("text/plain")
    after = text.text

    def grew(name: str) -> float:
        return _value(after, name) - _value(before, name)

    assert grew('fakeprint_lookups_total{input="sha256",verdict="no_match"}') == 1
    assert grew('fakeprint_lookups_total{input="file",verdict="queued"}') == 1
    assert grew('fakeprint_http_requests_total{method="POST",route="/v1/lookups",status="200"}') == 1
    assert grew('fakeprint_http_requests_total{method="GET",route="(none)",status="404"}') == 1
    assert grew('fakeprint_http_request_seconds_count{route="/v1/lookups"}') == 2
    assert grew('fakeprint_lookup_stage_seconds_count{input="sha256",stage="candidates"}') == 1
    assert _value(after, 'fakeprint_jobs_open{queue="interactive"}') >= 1
    assert _value(after, 'fakeprint_jobs_oldest_seconds{queue="interactive"}') > 0
    assert "no/such/address" not in after


def _value(text: str, name: str) -> float:
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@pytest.fixture
def alone(database_url: str, tmp_path: Path) -> Iterator[Api]:
    """An API that the test may end."""
    with processes.running(database_url, tmp_path) as started:
        yield started


def test_without_its_database_the_process_lives_and_names_the_missing_part(tmp_path: Path) -> None:
    with (
        services.postgres() as server,
        server.clone() as url,
        processes.running(url, tmp_path) as api,
        api.client(api.key) as client,
    ):
        assert client.get("/v1/banks").status_code == 200
        server.cluster.stop()
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.headers["retry-after"]
        assert ready.json()["ready"] is False
        assert ready.json()["checks"]["database"]["ok"] is False
        assert "database" in ready.json()["checks"]["database"]["detail"]
        refused = client.get("/v1/banks")
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        assert refused.headers["retry-after"]
        assert client.get("/health/live").status_code == 200
        server.cluster.start()
        services.wait_until(lambda: client.get("/health/ready").status_code == 200, 20)
        assert client.get("/v1/banks").status_code == 200


def _serve(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        processes.command("serve", *arguments),
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _environment(database_url: str, folder: Path) -> dict[str, str]:
    return processes.variables(Settings(database_url=database_url, data=folder))


def test_it_does_not_start_without_a_database(tmp_path: Path) -> None:
    ended = _serve(_environment("", tmp_path))
    assert ended.returncode == 1
    assert "error [no_database_url]" in ended.stderr


def test_it_does_not_start_on_a_database_that_does_not_answer(tmp_path: Path) -> None:
    url = f"postgresql://nobody@127.0.0.1:{services.free_port()}/none"
    ended = _serve(_environment(url, tmp_path))
    assert ended.returncode == 1
    assert "error [database_unavailable]" in ended.stderr


def test_it_does_not_start_on_a_database_that_was_not_migrated(
    embedded_postgres: services.PostgresServer, tmp_path: Path
) -> None:
    with embedded_postgres.empty() as url:
        ended = _serve(_environment(url, tmp_path))
    assert ended.returncode == 1
    assert "error [not_migrated]" in ended.stderr
    assert "fakeprint migrate" in ended.stderr


def test_it_does_not_start_on_a_port_that_is_taken(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = _serve(_environment(database_url, tmp_path), "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert "error [cannot_listen]" in ended.stderr


def test_shutdown_answers_open_requests_first(alone: Api) -> None:
    answers: list[httpx2.Response] = []

    def wait() -> None:
        with alone.client(alone.key) as client:
            files = {"file": ("a.mp4", b"waits for a worker")}
            answers.append(client.post("/v1/lookups", files=files, headers={"Prefer": "wait=50"}))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(1.0)
    began = time.monotonic()
    os.kill(alone.pid, signal.SIGTERM)
    waiting.join(20)
    services.wait_until(lambda: not _runs(alone.pid), 20)
    assert time.monotonic() - began < GRACE_SECONDS
    assert [answered.status_code for answered in answers] == [202]


def _runs(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_an_upload_that_stalls_does_not_hold_the_end_up_for_long(alone: Api) -> None:
    place = urlsplit(alone.url)
    head = (
        f"POST /v1/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {alone.key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3000000\r\n\r\n"
    )
    with socket.create_connection((str(place.hostname), place.port or 80)) as stalled:
        stalled.sendall(head.encode())
        time.sleep(0.5)
        began = time.monotonic()
        os.kill(alone.pid, signal.SIGTERM)
        services.wait_until(lambda: not _runs(alone.pid), 30)
    assert time.monotonic() - began < 4 * GRACE_SECONDS
    assert alone.blobs() == []


def _slowly(seconds: float) -> Iterator[bytes]:
    """A form with a file that takes so long to be sent."""
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    for _ in range(int(seconds / 0.25)):
        time.sleep(0.25)
        yield bytes(1000)
    yield b"\r\n--x--\r\n"


@pytest.mark.parametrize(
    ("workers", "grace", "answered"), [("1", 120, True), ("2", 120, True), ("1", 2, False)]
)
def test_an_upload_that_has_begun_is_answered_within_the_grace(
    database_url: str, tmp_path: Path, workers: str, grace: int, answered: bool
) -> None:
    sent = {"Prefer": "respond-async", "Content-Type": "multipart/form-data; boundary=x"}
    status = 0
    with (
        processes.running(database_url, tmp_path, "--workers", workers, grace_seconds=grace) as api,
        api.client(api.key) as client,
    ):
        ending = threading.Timer(1.0, os.kill, (api.pid, signal.SIGTERM))
        ending.start()
        with suppress(httpx2.TransportError):
            status = client.post("/v1/lookups", content=_slowly(6.0), headers=sent).status_code
        services.wait_until(lambda: not _runs(api.pid), 20)
        assert len(api.blobs()) == answered
    assert (status == 202) is answered


def test_several_processes_share_a_port_and_their_metrics(database_url: str, tmp_path: Path) -> None:
    with processes.running(database_url, tmp_path, "--workers", "2") as api:
        children = {child.pid for child in psutil.Process(api.pid).children()}
        for _ in range(20):
            with api.client(api.key) as client:
                assert client.get("/v1/banks").status_code == 200
        with api.client(api.key) as client:
            text = client.get("/metrics").text
        banks = 'fakeprint_http_requests_total{method="GET",route="/v1/banks",status="200"}'
        assert _value(text, banks) == 20
        os.kill(api.pid, signal.SIGTERM)
        services.wait_until(lambda: not _runs(api.pid), 20)
        assert not any(_runs(pid) for pid in children)
