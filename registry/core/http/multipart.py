"""Streaming multipart parser: media goes to disk, text and documents to bounded memory.

The name of a part decides its kind. A file name is only a label, never a path.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from registry.core.errors import BadInput, TooLarge
from registry.core.errors.http import BadMultipart, DuplicatePart, TooManyParts, UnknownPart
from registry.core.http.body_memory import Reservation
from registry.core.http.upload_space import Spool, UploadPlace
from registry.core.labels import file_label

MAX_PARTS: Final = 1000
MAX_HEADER_BYTES: Final = 16_384
"""Enough for any file name that a file system allows, in any encoding."""
WRITE_BYTES: Final = 1 << 20
"""Media is written by a thread in pieces of this size, so that the disk never delays other requests."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts that a form may have: `media` and `documents` any number of times, `texts` once each.

    `media_bytes` limits one media part, `memory_bytes` all other parts together.
    """

    media: frozenset[str]
    documents: frozenset[str]
    texts: frozenset[str]
    media_bytes: int
    memory_bytes: int

    def names(self) -> frozenset[str]:
        return self.media | self.documents | self.texts


@dataclass(frozen=True, slots=True)
class MediaPart:
    """A media part; `filename` is a label (at most 255 characters, no control characters)."""

    filename: str
    size: int
    start: int
    spool: Spool

    def open(self) -> BinaryIO:
        """Open its bytes as a stream."""
        return self.spool.open(self.start, self.size)


@dataclass(frozen=True, slots=True)
class Form:
    """A parsed form. Close it when the request is answered."""

    texts: dict[str, str] = field(default_factory=dict)
    documents: dict[str, list[bytes]] = field(default_factory=dict)
    media: dict[str, list[MediaPart]] = field(default_factory=dict)
    spool: Spool = field(default_factory=Spool)

    def close(self) -> None:
        """Delete the media."""
        self.spool.close()


async def read(
    content_type: str,
    chunks: AsyncIterator[bytes],
    layout: Layout,
    place: Reservation | None = None,
    admit: Callable[[], None] | None = None,
    disk: UploadPlace | None = None,
) -> Form:
    """Read the form in a request's body. Memory for texts and documents is reserved in `place`, disk for
    media in `disk`, which the form gives back when it is closed. `admit` is called once, in a thread, when
    the first media part begins; it raises if the service has no capacity.

    Raises what `admit` raises, `BadInput` (`bad_multipart`, `unknown_part`, `duplicate_part`), `TooLarge`
    (also `too_many_parts`), `Unavailable` (`spool_unavailable`), and like `BodyMemory.take` and
    `UploadSpace.take`. Nothing of the body is kept then.
    """
    form = Form(spool=Spool(disk))
    reader = _Reader(form, layout, place)
    try:
        parser = _parser(content_type, reader)
        async for chunk in chunks:
            _feed(parser, chunk)
            if admit is not None and reader.has_media:
                await run_in_threadpool(admit)
                admit = None
            if disk is not None:
                disk.hold(reader.media_bytes)
            if reader.waiting_bytes >= WRITE_BYTES:
                await run_in_threadpool(form.spool.append, reader.take_waiting())
        reader.finish()
        if reader.waiting_bytes:
            await run_in_threadpool(form.spool.append, reader.take_waiting())
    except BaseException:
        form.close()
        raise
    return form


def _parser(content_type: str, reader: _Reader) -> MultipartParser:
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        raise BadMultipart("The multipart body names no boundary.")
    try:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.header_end,
                "on_headers_finished": reader.headers_finished,
                "on_part_data": reader.data,
                "on_part_end": reader.end,
                "on_end": reader.all_read,
            },
            max_header_size=MAX_HEADER_BYTES,
        )
    except FormParserError as error:
        raise _malformed(error) from error


def _feed(parser: MultipartParser, chunk: bytes) -> None:
    try:
        parser.write(chunk)
    except FormParserError as error:
        raise _malformed(error) from error


def _malformed(error: FormParserError) -> BadInput:
    return BadMultipart(f"The multipart body is malformed: {error}.")


@dataclass(slots=True)
class _Part:
    start: int
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    disposition: str = ""
    name: str = ""
    filename: str = ""
    size: int = 0
    held: bytearray = field(default_factory=bytearray)


class _Reader:
    """Builds parts from the parser's callbacks."""

    def __init__(self, form: Form, layout: Layout, place: Reservation | None) -> None:
        self.waiting_bytes = 0
        self.has_media = False
        self._form = form
        self._layout = layout
        self._place = place
        self._waiting: list[bytes] = []
        self._media_bytes = 0
        self._memory_bytes = 0
        self._parts = 0
        self._part = _Part(0)
        self._complete = False

    @property
    def media_bytes(self) -> int:
        """Return the bytes of all media so far."""
        return self._media_bytes

    def take_waiting(self) -> list[bytes]:
        """Return the media that was read but not yet written."""
        pieces, self._waiting, self.waiting_bytes = self._waiting, [], 0
        return pieces

    def begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise TooManyParts(f"The form has more than {MAX_PARTS} parts.")
        self._part = _Part(self._media_bytes)

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def header_end(self) -> None:
        part = self._part
        if part.header.lower() == b"content-disposition":
            part.disposition = part.value.decode("latin-1")
        part.header.clear()
        part.value.clear()

    def headers_finished(self) -> None:
        part, layout = self._part, self._layout
        options = parse_options_header(part.disposition)[1]
        part.name = options.get(b"name", b"").decode("utf-8", "replace")
        part.filename = file_label(options.get(b"filename", b"").decode("utf-8", "replace"))
        if part.name not in layout.names():
            raise UnknownPart(
                f"The form has an unknown part {part.name[:50]!r}.",
                next_step=f"It may have {_listed(layout.names())}.",
            )
        if part.name in self._form.texts:
            raise DuplicatePart(f"The part `{part.name}` comes twice.")
        self.has_media |= part.name in layout.media

    def data(self, data: bytes, start: int, end: int) -> None:
        part, layout, size = self._part, self._layout, end - start
        part.size += size
        if part.name in layout.media:
            if part.size > layout.media_bytes:
                raise too_large(layout.media_bytes)
            self._waiting.append(data[start:end])
            self.waiting_bytes += size
            self._media_bytes += size
            return
        self._memory_bytes += size
        if self._memory_bytes > layout.memory_bytes:
            raise TooLarge(f"The parts that are not media hold more than {layout.memory_bytes} bytes.")
        if self._place is not None:
            self._place.hold(self._memory_bytes)
        part.held += data[start:end]

    def end(self) -> None:
        part, form = self._part, self._form
        if part.name in self._layout.media:
            media = MediaPart(part.filename, part.size, part.start, form.spool)
            form.media.setdefault(part.name, []).append(media)
        elif part.name in self._layout.documents:
            form.documents.setdefault(part.name, []).append(bytes(part.held))
        else:
            form.texts[part.name] = _text(part)

    def all_read(self) -> None:
        self._complete = True

    def finish(self) -> None:
        """Raise if the body ended too early."""
        if not self._complete:
            raise BadMultipart("The multipart body ends before its last boundary.")


def too_large(limit: int) -> TooLarge:
    """Return the error for media above the limit."""
    return TooLarge(
        f"The media is larger than {limit} bytes.",
        next_step="Hash it where it lies and send that: `fakeprint register --hash-only`.",
    )


def _text(part: _Part) -> str:
    try:
        text = part.held.decode("utf-8")
    except UnicodeDecodeError:
        raise BadMultipart(f"The part `{part.name}` is not UTF-8.") from None
    if "\0" in text:
        raise BadMultipart(f"The part `{part.name}` holds a NUL character.")
    return text


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
