"""A deployment that keeps no media keeps none, though all its processes are killed in the middle of it."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psutil
import pytest

from tests.support.media import clips as media
from tests.support.record import traces
from tests.support.service import servers as services
from tests.support.service import up

pytestmark = pytest.mark.slow(45)

WINDOW = 64
"""Bytes looked for together, never there by chance."""


def windows(content: bytes, count: int = 24) -> dict[str, bytes]:
    """Stretches of a file from its middle: heads and tails of containers are alike."""
    places = random.Random(1).sample(range(len(content) // 4, len(content) * 3 // 4), count)  # noqa: S311
    return {f"at {place}": content[place : place + WINDOW] for place in places}


def kill(started: up.Up) -> None:
    """Everything at once, the database included."""
    family = [psutil.Process(started.process.pid), *started.family()]
    for item in family:
        with suppress(psutil.NoSuchProcess):
            item.suspend()
    for item in family:
        with suppress(psutil.NoSuchProcess):
            item.kill()
    started.process.wait(services.PATIENCE)
    assert up.gone(family, 10) == []


@contextmanager
def half_sent(started: up.Up, key: str, content: bytes) -> Iterator[None]:
    """An upload of which all but the last bytes were sent."""
    place = urlsplit(started.url)
    head = b'--b\r\nContent-Disposition: form-data; name="fake"; filename="a.mp4"\r\n\r\n'
    length = len(head) + len(content) + 1000
    with socket.create_connection((str(place.hostname), int(place.port or 0))) as sending:
        sending.sendall(
            f"POST /v1/entries HTTP/1.1\r\nHost: {place.netloc}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n".encode()
        )
        sending.sendall(head + content)
        yield


def client(started: up.Up, key: str) -> httpx2.Client:
    return httpx2.Client(base_url=started.url, headers={"Authorization": f"Bearer {key}"}, timeout=60)


def test_no_media_is_left_anywhere_after_all_was_killed(tmp_path: Path) -> None:
    with services.open_temporary_folder("hash-only") as folder:
        temporary = tmp_path / "tmp"
        temporary.mkdir(mode=0o777)
        settings = {"FAKEPRINT_KEEP_MEDIA": "false", "TMPDIR": str(temporary)}
        fake = media.clip(tmp_path / "fake.mp4", seconds=8, size=(480, 360), rate=10).read_bytes()
        other = media.clip(tmp_path / "other.mp4", seconds=3, size=(320, 240), rate=10).read_bytes()
        broken = other[: len(other) // 2]
        needles = windows(fake) | windows(other)
        data = folder / "data"

        def left() -> list[tuple[str, str]]:
            places = [traces.files(item, item.name) for item in (data, data / "postgres", temporary)]
            return traces.found(needles, places)

        def uploaded() -> list[Path]:
            return [path for path in (data / "blobs").rglob("*") if path.is_file()]

        with up.running(data, "--workers", "1", **settings) as started:
            key = (data / "admin.key").read_text().strip()
            with client(started, key) as service:
                sent = service.post("/v1/entries", data={"title": "Fake"}, files={"fake": ("a.mp4", fake)})
            assert sent.status_code == 201, sent.text
            entry = sent.json()["entry_id"]
            assert left(), "while the job waits its media is there, and found"
            with half_sent(started, key, other):
                kill(started)
        # What is left is a folder of videohash's, which links to the medium: the next start removes it.
        stayed = traces.files(temporary, "temporary", links=False)
        assert not traces.found(needles, [stayed])

        with up.running(data, "--workers", "1", **settings) as started, client(started, key) as service:
            failing = service.post("/v1/entries", data={"title": "Broken"}, files={"fake": ("b.mp4", broken)})

            def status(entry_id: str) -> str:
                return str(service.get(f"/v1/entries/{entry_id}").json()["status"])

            services.wait_until(lambda: status(entry) == "matchable", 120)
            services.wait_until(lambda: status(failing.json()["entry_id"]) == "failed", 120)
            services.wait_until(lambda: not uploaded(), 60)
            with suppress(TimeoutError):
                services.wait_until(lambda: not left(), 60)
            assert left() == []
            waiting = {"Prefer": "wait=60"}
            response = service.post("/v1/lookups", files={"file": ("c.mp4", fake)}, headers=waiting)
            assert response.json()["verdict"] == "known_fake", response.text
            up.hurry(started)
        assert left() == []
        assert uploaded() == []
        assert [path for path in temporary.rglob("*") if path.is_file()] == []
