"""Streamed answers that stop when the caller's key stops working."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import override

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Send

from registry.core.errors import FakeprintError

log = logging.getLogger(__name__)


class Streamed(StreamingResponse):
    """Streams `pieces`. `still` is called before each piece and raises if the caller lost access. The
    connection then breaks, so the client sees that the answer is incomplete. Raises what the first piece
    raises, before the answer begins."""

    def __init__(self, pieces: Generator[bytes], still: Callable[[], object], media_type: str) -> None:
        self._pieces, self._still = pieces, still
        super().__init__(self._whole(next(pieces, b"")), media_type=media_type)

    @override
    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        except FakeprintError as error:
            log.warning("an answer was broken off", extra={"code": error.code})

    async def _whole(self, first: bytes) -> AsyncGenerator[bytes]:
        yield first
        async for piece in iterate_in_threadpool(self._asked()):
            yield piece

    def _asked(self) -> Iterator[bytes]:
        try:
            for piece in self._pieces:
                self._still()
                yield piece
        finally:
            self._pieces.close()
