"""Files of the Hasher-Matcher-Actioner API, uploaded or fetched, until a worker has hashed them."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Self
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from registry.catalogue.media.api import Body, upload_place
from registry.catalogue.media.service.uploads import Part, Upload, uploads
from registry.core.errors import BadMedia, NotMedia
from registry.core.errors.http import Busy, NoFile
from registry.core.http import bodies, prefer
from registry.core.http.multipart import Layout
from registry.core.http.upload_space import held_file
from registry.core.net import outbound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.quotas.api.admission import Admission
from registry.jobs.service.queue import admit_work
from registry.sharing.hma import model as hma
from registry.sharing.hma.errors import UnknownContentType
from registry.sharing.hma.model import Selection
from registry.sharing.hma.service.signals import Content, cancel_hashing, get_hashing, queue_hashing

PATIENCE: Final = 60.0
"""Seconds that a request waits for its hashes without `Prefer: wait=…` ..."""
LONG_PATIENCE: Final = 900.0
"""... and if it names `vpdq`, for which the whole video is decoded."""
FIRST_PAUSE: Final = 0.02
LONGEST_PAUSE: Final = 0.5
FETCHES: Final = 8
"""Maximum files fetched at once, in a thread pool of their own, so that slow URLs do not block other work."""
OF_ONE: Final = 4
"""Maximum files fetched at once for one caller."""
TURN: Final = 10.0
"""Seconds that a fetch waits for its turn."""
MD5_ALONE: Final = frozenset({"video_md5"})
FILES: Final = {"photo": "an image, to be hashed", "video": "a video, to be hashed"}


def layout(*texts: str) -> Callable[[Service], Layout]:
    """Return the layout of a form: one file, in a part named by its content type, and texts."""

    def laid_out(service: Service) -> Layout:
        settings = service.settings
        return Layout(
            media=frozenset(FILES),
            documents=frozenset(),
            texts=frozenset(texts),
            media_bytes=settings.max_upload_bytes,
            memory_bytes=bodies.FORM_OVERHEAD,
        )

    return laid_out


def require_form(request: Request) -> None:
    """Raise `BadInput` (`no_file`) unless the body is a form."""
    if not request.headers.get("content-type", "").lower().startswith(bodies.FORM):
        raise NoFile("Missing multipart/form-data file upload", next_step=f"Send {bodies.FORM}.")


@dataclass(slots=True)
class Fetches:
    """Concurrency limits of fetches in one process."""

    all: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FETCHES))
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(FETCHES))
    of: dict[UUID, asyncio.Semaphore] = field(default_factory=dict)

    async def run[T](self, caller_id: UUID, fetch: Callable[[], T]) -> T:
        """Run `fetch` in a thread when its turn comes. Raises `Unavailable` (`busy`) after `TURN` seconds."""
        own = self.of.setdefault(caller_id, asyncio.Semaphore(OF_ONE))
        ends = time.monotonic() + TURN
        await _acquire(own, ends)
        try:
            await _acquire(self.all, ends)
            try:
                return await to_thread.run_sync(fetch, limiter=self.threads)
            finally:
                self.all.release()
        finally:
            own.release()


async def _acquire(turns: asyncio.Semaphore, ends: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, ends - time.monotonic())):
            await turns.acquire()
    except TimeoutError:
        raise Busy("Too many files are being fetched.", next_step="Send it again later.") from None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file and its Content-Type. `declared`: the content type that the caller stated."""

    file: BinaryIO
    content_type: str
    filename: str = ""
    declared: Content | None = None

    def open(self) -> BinaryIO:
        """Open the file from its beginning. May be called several times."""
        self.file.flush()
        copy = os.fdopen(os.dup(self.file.fileno()), "rb")
        copy.seek(0)
        return copy

    @contextmanager
    def upload(self, service: Service) -> Iterator[Upload]:
        """Store the file as a blob. The blob stays only if something needs it when the context ends."""
        with uploads(service, [self]) as (upload,):
            yield upload

    def content(self) -> Content:
        """Return the declared content type, else that of the Content-Type. Raises `BadInput`
        (`unknown_content_type`)."""
        return self.declared or content_of(self.content_type)


@dataclass(frozen=True, slots=True)
class Address:
    """The URL of a file, and the content type that the caller stated. `https_only`: http is refused, also
    after redirects."""

    url: str
    content: Content | None
    https_only: bool = False

    @classmethod
    def read(cls, url: str, content: str | None) -> Self:
        """Return an address. Raises `BadInput` (`unknown_content_type`)."""
        if not content:
            return cls(url, None)
        if content not in FILES:
            raise UnknownContentType(f"no such content_type: {content[:50]!r}")
        return cls(url, "photo" if content == "photo" else "video")


async def charge(request: Request, caller: Caller) -> None:
    """Count a file as one lookup of its caller. Raises as `Admission.turn`."""
    admission: Admission = request.app.state.admission
    async with admission.turn(caller.caller_id, 0):
        return


async def hashes_of(
    request: Request, service: Service, caller: Caller, body: Body, types: Selection, *, last: bool = True
) -> dict[str, str]:
    """Return the hashes of the one file of a form. `last`: nothing else needs the file, so it is deleted once
    it is stored for the worker. Raises `BadInput` (`no_file`, `unknown_signal_type`), `BadMedia`, `TooMany`,
    `Unavailable`."""
    form = body.form
    parts = [
        (content, part) for content in hma.CONTENTS for part in (form.media.get(content, []) if form else [])
    ]
    if len(parts) != 1:
        raise NoFile("Send exactly one part, named `photo` or `video`.")
    content: Content = "photo" if parts[0][0] == "photo" else "video"
    wanted = types.of(content)
    await charge(request, caller)
    if wanted == MD5_ALONE:
        return await run_in_threadpool(_md5, parts[0][1])

    def queued() -> UUID:
        with uploads(service, [parts[0][1]]) as (upload,):
            return queue_hashing(service, caller, upload, content)

    hashing_id = await run_in_threadpool(queued)
    if last and form is not None:
        form.close()
    return _only(await _hashed(request, service, caller, hashing_id, _patience(types)), wanted)


async def hashes_at(
    request: Request, service: Service, caller: Caller, address: Address, types: Selection
) -> dict[str, str]:
    """Return the hashes of the file at a URL. Raises as `outbound.fetch`, and as `hashes_of`."""
    with held_file(upload_place(request)) as file:
        fetched = await fetch_file(request, service, caller, address, file)
        return await hashes_in(request, service, caller, fetched, types, last=True)


async def fetch_file(
    request: Request,
    service: Service,
    caller: Caller,
    address: Address,
    file: BinaryIO,
    *,
    most: int | None = None,
) -> Fetched:
    """Fetch the file at a URL into `file`, of at most `most` bytes. Raises as `outbound.fetch`, `TooMany`,
    `Unavailable`."""
    await charge(request, caller)
    settings, state = service.settings, request.app.state
    if not hasattr(state, "fetches"):
        state.fetches = Fetches()
    fetches: Fetches = state.fetches

    def fetch() -> str:
        admit_work(service, "lookups", caller)  # before the file is fetched
        longest = min(most or settings.max_upload_bytes, settings.max_upload_bytes)
        network = outbound.Network(https_only=address.https_only)
        private = settings.fetch_private
        return outbound.fetch(address.url, file, private=private, most=longest, network=network)

    content_type = await fetches.run(caller.caller_id, fetch)
    return Fetched(file, content_type, declared=address.content)


async def hashes_in(
    request: Request,
    service: Service,
    caller: Caller,
    fetched: Fetched,
    types: Selection,
    *,
    last: bool = False,
) -> dict[str, str]:
    """Return the hashes of a fetched file. `last`: nothing else needs the file, so it is closed once it is
    stored for the worker. Raises as `hashes_of`."""
    kind = fetched.content()
    wanted = types.of(kind)
    if wanted == MD5_ALONE:
        return await run_in_threadpool(_md5, fetched)

    def queued() -> UUID:
        with fetched.upload(service) as upload:
            return queue_hashing(service, caller, upload, kind)

    hashing_id = await run_in_threadpool(queued)
    if last:
        fetched.file.close()
    return _only(await _hashed(request, service, caller, hashing_id, _patience(types)), wanted)


def _md5(part: Part) -> dict[str, str]:
    """Return the MD5 of a file. Nothing of it is decoded, so it need not be a video."""
    digest = hashlib.md5(usedforsecurity=False)
    with part.open() as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return {"video_md5": digest.hexdigest()}


def _only(signals: dict[str, str], wanted: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in signals.items() if name in wanted}


def content_of(content_type: str) -> Content:
    """Return the content type that a Content-Type stands for. Raises `BadInput` (`unknown_content_type`)."""
    kind = content_type.partition("/")[0].strip().lower()
    if kind not in {"image", "video"}:
        raise UnknownContentType(f"The URL has {content_type[:50]!r}, which is neither an image nor a video.")
    return "photo" if kind == "image" else "video"


def _patience(types: Selection) -> float:
    return LONG_PATIENCE if "vpdq" in (types.named or ()) else PATIENCE


async def _hashed(
    request: Request, service: Service, caller: Caller, hashing_id: UUID, seconds: float
) -> dict[str, str]:
    """Wait for a worker, at most `seconds` or what `Prefer` names, and return the hashes. If the client
    disconnects, cancel the hashing."""
    patience = prefer.patience(request.headers.getlist("prefer"))
    deadline = time.monotonic() + (patience.seconds if patience.applied else seconds)
    pause = FIRST_PAUSE
    while True:
        hashing = await run_in_threadpool(get_hashing, service, caller, hashing_id)
        if hashing.status == "done":
            return hashing.signals or {}
        if hashing.status == "failed":
            raise BadMedia.of_code(hashing.error_code or NotMedia.code, hashing.error_message or "")
        remaining = deadline - time.monotonic()
        if remaining <= 0 or await request.is_disconnected():
            await run_in_threadpool(cancel_hashing, service, caller, hashing_id)
            raise Busy("The file is not hashed yet.", next_step="Send it again later.")
        await asyncio.sleep(min(pause, remaining))
        pause = min(pause * 1.5, LONGEST_PAUSE)
