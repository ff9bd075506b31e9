"""What a file is made of, and what is done to it: fields changed, parts removed, repeated and cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Final, Literal

Order = Literal["big", "little"]
MOST_REPEATED: Final = 200_000
"""Most bytes that repeating one part may add to a file."""


@dataclass(frozen=True, slots=True)
class Field:
    """An unsigned integer of `width` bytes at byte `at`."""

    name: str
    at: int
    width: int
    order: Order = "big"

    def value(self, data: bytes) -> int:
        return int.from_bytes(data[self.at : self.at + self.width], self.order)

    def written(self, data: bytes, value: int) -> bytes:
        """Return the file with `value` in this field, modulo its width."""
        raw = (value % (1 << 8 * self.width)).to_bytes(self.width, self.order)
        return data[: self.at] + raw + data[self.at + self.width :]


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `end`: a box, an element, a chunk, a packet or a segment."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shape:
    """`mend`: recomputes checksums and counts that would hide a change, or returns the file as it is."""

    fields: Sequence[Field]
    parts: Sequence[Part]
    mend: Callable[[bytes], bytes] = bytes


Change = tuple[str, Callable[[], bytes]]
"""What is done, as a part of a file name, and the function that does it."""


def values(field: Field, data: bytes) -> Iterator[tuple[str, int]]:
    """Yield the values that readers get wrong: none, most, the sign, off by one, beyond the file."""
    now, most = field.value(data), (1 << 8 * field.width) - 1
    yield from (("0", 0), ("1", 1), ("max", most), ("signed", most >> 1), ("negative", (most >> 1) + 1))
    yield from (("less", now - 1), ("more", now + 1), ("double", now * 2), ("end", len(data)))
    if field.width > 1:
        yield from (("byte", 255), ("large", 1 << (8 * field.width - 4)))


def changes(data: bytes, shape: Shape) -> Iterator[Change]:
    """Yield every systematic change: each field at each value, each part changed in each way."""
    for field in shape.fields:
        for name, value in values(field, data):
            yield f"{field.name}-{name}", partial(_set, data, shape, field, value)
    for number, part in enumerate(shape.parts):
        for name, change in PARTS.items():
            other = shape.parts[(number + 1) % len(shape.parts)]
            yield f"{part.name}-{name}", partial(_done, shape, partial(change, data, part, other))


def _set(data: bytes, shape: Shape, field: Field, value: int) -> bytes:
    return shape.mend(field.written(data, value))


def _done(shape: Shape, change: Callable[[], bytes]) -> bytes:
    return shape.mend(change())


def drawn(data: bytes, shape: Shape, random: Random) -> tuple[str, bytes]:
    """Return a change drawn at random, of a field, of a part, or of bytes anywhere, and the changed file."""
    way = random.random()
    if shape.fields and way < 0.6:
        field = random.choice(shape.fields)
        name, value = random.choice(list(values(field, data)))
        if random.random() < 0.3:
            name, value = "any", random.getrandbits(8 * field.width)
        return f"{field.name}-{name}", shape.mend(field.written(data, value))
    if shape.parts and way < 0.85:
        part, other = random.choice(shape.parts), random.choice(shape.parts)
        name = random.choice(list(PARTS))
        return f"{part.name}-{name}", shape.mend(PARTS[name](data, part, other))
    raw = bytearray(data)
    for _ in range(random.randint(1, 8)):
        raw[random.randrange(len(raw))] = random.getrandbits(8)
    return "bytes", shape.mend(bytes(raw))


def _removed(data: bytes, part: Part, _other: Part) -> bytes:
    return data[: part.start] + data[part.end :]


def _repeated(data: bytes, part: Part, _other: Part) -> bytes:
    body = data[part.start : part.end]
    return data[: part.end] + body * min(1000, MOST_REPEATED // max(1, len(body))) + data[part.end :]


def _cut(data: bytes, part: Part, _other: Part) -> bytes:
    return data[: (part.start + part.end) // 2]


def _overlaid(data: bytes, part: Part, other: Part) -> bytes:
    body = data[other.start : other.end][: part.end - part.start]
    return data[: part.start] + body + data[part.start + len(body) :]


def _nested(data: bytes, part: Part, _other: Part) -> bytes:
    middle = (part.start + part.end) // 2
    return data[:middle] + data[part.start : part.end] + data[middle:]


def _zeroed(data: bytes, part: Part, _other: Part) -> bytes:
    kept = min(8, part.end - part.start)
    return data[: part.start + kept] + bytes(part.end - part.start - kept) + data[part.end :]


def _filled(data: bytes, part: Part, _other: Part) -> bytes:
    kept = min(8, part.end - part.start)
    return data[: part.start + kept] + b"\xff" * (part.end - part.start - kept) + data[part.end :]


PARTS: Final[dict[str, Callable[[bytes, Part, Part], bytes]]] = {
    "removed": _removed,
    "repeated": _repeated,
    "cut": _cut,
    "overlaid": _overlaid,
    "nested": _nested,
    "zeroed": _zeroed,
    "filled": _filled,
}
