"""Read forms within limits: fields in memory, files on disk until the page has answered."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from registry.console.view import Sent, Typed
from registry.core.errors import BadInput, TooLarge
from registry.core.errors.http import BadMultipart
from registry.core.http import bodies
from registry.core.http.upload_space import UploadPlace
from registry.core.labels import file_label

MOST_FIELDS: Final = 2_000
MOST_FILES: Final = 50
SIGNED_FORM: Final = "kept"
"""The field that holds a form kept from an ended session. Only the token comes with it."""
SIGNED_FACTOR: Final = 2
"""Factor by which a kept form may be larger: it is encoded in base64, with escapes."""
_HOLDS_SIGNED_FORM: Final = re.compile(rb"(csrf=[\w-]{0,100}&)?kept=")
FORM: Final = "application/x-www-form-urlencoded"
FILES: Final = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class FilePart:
    """An uploaded file, on disk if large. Fields without a chosen file are left out."""

    field: str
    filename: str
    size: int
    spooled: BinaryIO

    def open(self) -> BinaryIO:
        """Return the file as a stream from its start. Closing it deletes it."""
        self.spooled.seek(0)
        return self.spooled

    def close(self) -> None:
        """Delete the file."""
        self.spooled.close()


def holds_files(request: Request) -> bool:
    """Return whether a form is sent as one that may hold files."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == FILES


async def receive(request: Request, *, most: int, most_files: int, place: UploadPlace | None = None) -> Sent:
    """Return the fields and files of a form. `most`: bytes of its fields; `most_files`: bytes of its files
    together, 0 for none; `place`: where its files are counted. A form that returns after signing in
    (`SIGNED_FORM`) may be larger. Raises `BadInput`, `TooLarge`, and like `UploadSpace.take`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FILES and most_files:
        return await _with_files(request, most, most + most_files, place)
    if kind not in {FORM, ""}:
        raise BadInput(f"A form is sent as {FILES if most_files else FORM} here.")
    raw = b"".join([chunk async for chunk in _bounded(request, SIGNED_FACTOR * most)])
    if len(raw) > most and not _HOLDS_SIGNED_FORM.match(raw):
        raise TooLarge(f"The form is larger than {most} bytes.")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise BadInput("The form cannot be read.") from None
    return Sent(_typed(pairs), ())


async def _with_files(request: Request, most: int, altogether: int, place: UploadPlace | None) -> Sent:
    parser = MultiPartParser(
        request.headers,
        _bounded(request, altogether, place),
        max_files=MOST_FILES,
        max_fields=MOST_FIELDS,
        max_part_size=most,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeError):
        raise BadMultipart("The form cannot be read.") from None
    pairs, files = [], []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            stream = value.file
            if value.filename and value.size:
                files.append(FilePart(name, file_label(value.filename), value.size, stream))
            else:
                stream.close()
        else:
            pairs.append((name, value))
    return Sent(_typed(pairs), tuple(files))


async def _bounded(request: Request, limit: int, place: UploadPlace | None = None) -> AsyncGenerator[bytes]:
    size = bodies.announced(request)
    if size <= limit and place is not None:
        place.hold(size)
    received = 0
    async for chunk in bodies.chunks(request, limit):
        received += len(chunk)
        if place is not None:
            place.hold(received)
        yield chunk


def _typed(pairs: list[tuple[str, str]]) -> Typed:
    return Typed(tuple((_clean(name), _clean(value).replace("\r\n", "\n")) for name, value in pairs))


def _clean(text: str) -> str:
    return text.replace("\0", "")


def token_of(typed: Typed, headers: Mapping[str, str]) -> str:
    """Return the form's token: from the field `csrf`, or from the header that scripts send."""
    return typed.text("csrf") or headers.get("x-csrf", "")
