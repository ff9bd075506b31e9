"""Messages between a process and the walled one that works for it: five bytes of head, then JSON.

What a walled process sends is as foreign as the file that it reads: it is bounded and checked by type, and it
is never code.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from pydantic import ConfigDict, TypeAdapter

Kind = Literal["call", "progress", "item", "done", "error"]
_KINDS: Final[tuple[Kind, ...]] = ("call", "progress", "item", "done", "error")
_HEAD: Final = struct.Struct("<BI")
SHARE: Final = struct.Struct("<d")
"""Body of `progress`: the share of the work that is done."""
LARGEST: Final = 256 << 20
"""Most bytes of a message. A document of four hours has 31 MB."""
_JSON: Final = ConfigDict(
    ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="constants", extra="forbid"
)


class BadMessage(Exception):
    """The other side sent something that is no message."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the work: code, message, next step, and fields of the problem document.

    `missing`: the module that is not installed.
    """

    code: str
    message: str
    next_step: str | None = None
    extra: dict[str, Any] | None = None
    missing: str | None = None


def send(to: socket.socket, kind: Kind, body: bytes = b"") -> None:
    """Send a message. Raises `OSError` if the other side is gone."""
    to.sendall(_HEAD.pack(_KINDS.index(kind), len(body)))
    to.sendall(body)


def receive(source: socket.socket) -> tuple[Kind, bytes] | None:
    """Return the next message; None if the other side is gone. Raises `BadMessage`, and `TimeoutError` if
    none has begun in the socket's time."""
    head = _exactly(source, _HEAD.size)
    if head is None:
        return None
    kind, size = _HEAD.unpack(head)
    if kind >= len(_KINDS) or size > LARGEST:
        raise BadMessage
    body = _exactly(source, size)
    return None if body is None else (_KINDS[kind], body)


def _exactly(source: socket.socket, size: int) -> bytes | None:
    pieces: list[bytes] = []
    while size:
        try:
            piece = source.recv(min(size, 1 << 20))
        except ConnectionError:
            return None
        if not piece:
            return None
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def encode(value: object, kind: Any) -> bytes:
    """Return a value of this type as JSON. Bytes are base64; numbers survive unchanged."""
    return _adapter(kind).dump_json((value,))


def decode(raw: bytes, kind: Any) -> Any:
    """Return the value. Raises `BadMessage` if it is none of this type."""
    try:
        return _adapter(kind).validate_json(raw)[0]
    except ValueError as error:
        raise BadMessage from error


def prepare(*kinds: Any) -> None:
    """Make what checks these types, which takes up to 60 ms."""
    for kind in kinds:
        _adapter(kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(tuple[kind], config=_JSON)  # the configuration reaches dataclasses in a tuple alone


def messages(source: socket.socket) -> Iterator[tuple[Kind, bytes]]:
    """Yield messages until the other side is gone."""
    while (found := receive(source)) is not None:
        yield found
