"""Each way to send a file: its caller has a share of the disk, and a client that vanishes leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.types import ASGIApp, Message

from registry.app.web import whole
from registry.core.http.upload_space import UploadSpace
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import create_caller

ROLES: Final = ["lookup", "register", "hma"]
FORM: Final = "multipart/form-data; boundary=b"


def part(name: str) -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.mp4"\r\n\r\n'.encode()


SURFACES: Final = {
    "lookup": ("/v1/lookups", FORM, part("file")),
    "registration": ("/v1/entries", FORM, part("fake")),
    "HMA's hash": ("/h/hash", FORM, part("photo")),
    "HMA's lookup": ("/m/lookup", FORM, part("video")),
    "C2PA": ("/c2pa/v1/matches/byContent", "video/mp4", b""),
    "console": ("/console/lookup/file", FORM, part("file")),
}
"""Path, content type and the beginning of the body."""
SIZE: Final = 3 << 20


@dataclass
class Connection:
    """An upload whose client sends what a test tells it, and what was answered."""

    app: ASGIApp
    key: str
    path: str
    content_type: str
    announced: int | None = SIZE
    sent: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    answer: dict[str, Any] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def start(self) -> Connection:
        length = {} if self.announced is None else {"content-length": str(self.announced)}
        headers = {"authorization": f"Bearer {self.key}", "content-type": self.content_type, **length}
        scope = {
            "type": "http",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "root_path": "",
            "query_string": b"",
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self.task = asyncio.create_task(self._run(scope))
        return self

    async def _run(self, scope: dict[str, Any]) -> None:
        await self.app(scope, self.sent.get, self._answered)

    async def _answered(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answer = {"status": message["status"], "headers": dict(message["headers"])}

    def send(self, body: bytes) -> None:
        self.sent.put_nowait({"type": "http.request", "body": body, "more_body": True})

    async def vanish(self) -> None:
        self.sent.put_nowait({"type": "http.disconnect"})
        assert self.task
        await self.task

    async def answered(self) -> dict[str, Any]:
        assert self.task
        await self.task
        return self.answer


@dataclass
class World:
    app: ASGIApp
    space: UploadSpace
    keys: list[str]


Test = Callable[[World], Awaitable[None]]


@pytest.fixture
def run(service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch) -> Callable[[Test], None]:
    """Run steps against the whole application, where a caller may have four MiB open, an organization seven,
    and all together ten. `keys`: two of one organization, one of another."""
    limited = partial(UploadSpace, of_caller=4 << 20, of_organization=7 << 20, total=10 << 20)
    monkeypatch.setattr("registry.app.api.app.UploadSpace", limited)
    keys = [
        create_caller(service, owner, organization=organization, name=f"{n}", roles=ROLES).key
        for n, organization in enumerate(("agency", "agency", "university"))
    ]

    async def steps(test: Test) -> None:
        app = whole(service.settings)
        async with app.router.lifespan_context(app):
            await test(World(app, app.state.upload_space, keys))

    def runner(test: Test) -> None:
        asyncio.run(asyncio.wait_for(steps(test), 60))

    return runner


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.01)


def unnamed_files() -> int:
    """Return how many files without a name this process has open."""
    targets = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return sum(target.endswith("(deleted)") for target in targets)


API: Final = [name for name in SURFACES if name != "console"]


@pytest.mark.parametrize("surface", API)
def test_a_callers_uploads_are_bounded(run: Callable[[Test], None], surface: str) -> None:
    path, content_type, _ = SURFACES[surface]

    async def test(world: World) -> None:
        def uploading(key: str, announced: int | None = SIZE) -> Connection:
            return Connection(world.app, key, path, content_type, announced).start()

        first, second, third = world.keys
        held = uploading(first)
        await until(lambda: world.space.held == SIZE)
        refused = await uploading(first).answered()
        assert refused["status"] == 429
        assert int(refused["headers"][b"retry-after"]) >= 1
        # Another caller still gets in, and another organization; the second time its organization is full.
        mate = uploading(second)
        await until(lambda: world.space.held == 2 * SIZE)
        assert (await uploading(second).answered())["status"] == 429
        foreign = uploading(third)
        await until(lambda: world.space.held == 3 * SIZE)
        for connection in (held, mate, foreign):
            await connection.vanish()
        assert world.space.held == 0

    run(test)


@pytest.mark.parametrize("surface", API)
def test_a_client_that_vanishes_leaves_no_file(run: Callable[[Test], None], surface: str) -> None:
    """It announces no length, and what it has sent is counted as it comes."""
    path, content_type, begin = SURFACES[surface]

    async def test(world: World) -> None:
        before = unnamed_files()
        held = Connection(world.app, world.keys[0], path, content_type, None).start()
        held.send(begin + bytes(SIZE))
        await until(lambda: world.space.held == SIZE)
        await until(lambda: unnamed_files() == before + 1)
        await held.vanish()
        assert world.space.held == 0
        assert unnamed_files() == before
        # Of two, the one that grows beyond the share is refused, whatever it still sends.
        held = Connection(world.app, world.keys[0], path, content_type).start()
        await until(lambda: world.space.held == SIZE)
        growing = Connection(world.app, world.keys[0], path, content_type, None).start()
        growing.send(begin + bytes(SIZE))
        assert (await growing.answered())["status"] == 429
        await held.vanish()
        assert world.space.held == 0

    run(test)


@pytest.mark.parametrize("surface", API)
def test_a_file_too_large_is_refused_before_it_is_read(run: Callable[[Test], None], surface: str) -> None:
    path, content_type, _ = SURFACES[surface]

    async def test(world: World) -> None:
        large = Connection(world.app, world.keys[0], path, content_type, 1 << 50).start()
        assert (await large.answered())["status"] == 413
        assert world.space.held == 0

    run(test)


@pytest.mark.slow
def test_the_console_reads_no_more_of_a_stranger(run: Callable[[Test], None]) -> None:
    """Who is not signed in shares a place with their address."""
    path, content_type, _ = SURFACES["console"]

    async def test(world: World) -> None:
        first = Connection(world.app, "", path, content_type).start()
        await until(lambda: world.space.held == SIZE)
        second = await Connection(world.app, "", path, content_type).start().answered()
        assert second["status"] == 429
        await first.vanish()
        assert world.space.held == 0

    run(test)


def test_a_caller_has_two_imports_at_once(run: Callable[[Test], None]) -> None:
    """Each of its bodies may take hours, and all callers together have four."""

    async def test(world: World) -> None:
        def importing(key: str) -> Connection:
            return Connection(world.app, key, "/v1/imports", "text/csv", None).start()

        held = [importing(world.keys[0]) for _ in range(2)]
        limit = world.app.state.importing  # type: ignore[attr-defined]
        await until(lambda: sum(limit._held.values()) == 2)
        assert (await importing(world.keys[0]).answered())["status"] == 429
        mate = importing(world.keys[1])
        await until(lambda: sum(limit._held.values()) == 3)
        for connection in (*held, mate):
            await connection.vanish()
        assert not limit._held

    run(test)
